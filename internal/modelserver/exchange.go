// How one exchange is played: the step's delays, hangs, cuts and pieces, in the order of time.
package modelserver

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// errOver ends an exchange early: the client is gone or the server stops.
var errOver = errors.New("exchange over")

const (
	cutDelay        = 5 * time.Millisecond
	wholeCutDelay   = 10 * time.Millisecond
	packetDelay     = time.Millisecond
	statusLowest    = 200
	statusHighest   = 999
	statusForBroken = 500
)

// exchangeWriter writes one answer. It lives as long as the handler.
type exchangeWriter struct {
	server   *Server
	exchange *Exchange
	answer   *answer
	w        http.ResponseWriter
	ctx      context.Context
	conn     *connection
	flush    func() error
	isCut    bool
	// due is when the next piece is to go out.
	due time.Time
}

// outcome tells who ended the exchange, and when.
func (x *exchangeWriter) outcome() (string, time.Time) {
	now := time.Now()
	if x.isCut {
		return ClosedServerCut, now
	}
	if x.ctx.Err() == nil {
		return ClosedFinished, now
	}
	if x.server.isStopping.Load() {
		return ClosedServerCut, now
	}
	if x.conn != nil {
		if at := x.conn.closedAt.Load(); at != nil {
			return ClosedByClient, *at
		}
	}
	return ClosedByClient, now
}

func (x *exchangeWriter) run() {
	step := &x.answer.step
	if x.sleep(milliseconds(step.HeadDelay)) != nil {
		return
	}
	switch {
	case step.Hang != nil && step.Hang.Where == HangAccept:
		x.hang()
	case step.Disconnect != nil && step.Disconnect.After == -1:
		x.reset()
	case x.badStatus() != 0:
		x.writeStatus(x.badStatus())
	case step.Raw != nil, step.RawBytes != nil:
		x.writeRaw()
	case x.answer.stream:
		// The only error is errOver: outcome tells it from the context.
		_ = x.writeStream()
	default:
		x.writeWhole()
	}
}

// badStatus is the HTTP error that answers instead of a completion, 0 for none.
func (x *exchangeWriter) badStatus() int {
	step := &x.answer.step
	status := 0
	switch {
	case step.Status != 0 && step.Status != http.StatusOK:
		status = step.Status
	case step.Fail != nil && !x.answer.stream:
		status = x.answer.failStatus()
	default:
		return 0
	}
	if status < statusLowest || status > statusHighest {
		return statusForBroken
	}
	return status
}

func (x *exchangeWriter) header(contentType string, more map[string]string) {
	header := x.w.Header()
	header.Set("Content-Type", contentType)
	for _, set := range []map[string]string{more, x.answer.step.Headers} {
		for name, value := range set {
			header.Set(name, value)
		}
	}
}

func (x *exchangeWriter) writeStatus(status int) {
	a := x.answer
	var body []byte
	if a.step.Body == nil {
		made := any(errorBody(a.format, status, "", ""))
		if a.step.Fail != nil {
			made = errorBody(a.format, status, a.step.Fail.Message, a.step.Fail.Code)
		}
		if a.format == Gemini && a.stream && a.isArray() {
			made = []any{made}
		}
		body = compact(made)
		if kind := awsErrors[status]; a.format == Bedrock && kind != "" {
			x.w.Header().Set("X-Amzn-Errortype", kind)
		}
	} else {
		var text string
		if json.Unmarshal(a.step.Body, &text) == nil {
			body = []byte(text)
		} else {
			body = compact(a.step.Body)
		}
	}
	x.header(jsonType(a.format), idHeaders(a.format))
	x.w.WriteHeader(status)
	_ = x.put(body)
}

func (x *exchangeWriter) writeRaw() {
	kind := x.answer.step.ContentType
	switch {
	case kind != "":
	case x.answer.stream:
		kind = "text/event-stream"
	default:
		kind = "application/json"
	}
	step := &x.answer.step
	body := step.RawBytes
	if step.Raw != nil {
		body = []byte(*step.Raw)
	}
	x.header(kind, nil)
	if step.Gzip {
		var packed bytes.Buffer
		writer := gzip.NewWriter(&packed)
		// Writing to memory cannot fail.
		_, _ = writer.Write(body)
		_ = writer.Close()
		body = packed.Bytes()
		x.w.Header().Set("Content-Encoding", "gzip")
	}
	x.w.WriteHeader(http.StatusOK)
	_ = x.put(body)
}

func (x *exchangeWriter) writeWhole() {
	step := &x.answer.step
	body := compact(x.answer.wire().whole())
	x.header(jsonType(x.answer.format), idHeaders(x.answer.format))
	if step.Hang != nil && step.Hang.Where == HangHeaders {
		x.w.WriteHeader(http.StatusOK)
		_ = x.flush()
		x.hang()
		return
	}
	x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	x.w.WriteHeader(http.StatusOK)
	if step.FirstDelay > 0 {
		_ = x.flush()
		if x.sleep(milliseconds(step.FirstDelay)) != nil {
			return
		}
	}
	if step.Disconnect != nil {
		_ = x.put(body[:len(body)/2])
		_ = x.sleep(wholeCutDelay)
		x.reset()
		return
	}
	_ = x.put(body)
}

func (x *exchangeWriter) writeStream() error {
	step := &x.answer.step
	x.header(x.answer.streamType(), idHeaders(x.answer.format))
	if x.w.Header().Get("Cache-Control") == "" {
		x.w.Header().Set("Cache-Control", "no-cache")
	}
	x.w.WriteHeader(http.StatusOK)
	_ = x.flush()
	if step.Hang != nil && step.Hang.Where == HangHeaders {
		return x.hang()
	}
	if err := x.sleep(milliseconds(step.FirstDelay)); err != nil {
		return err
	}
	wire, pieces := x.answer.wire(), step.pieces()
	if step.Glue {
		return x.put(x.glued(wire, pieces))
	}
	if err := x.putAll(wire.head()); err != nil {
		return err
	}
	for i := 0; i <= len(pieces); i++ {
		if ended, err := x.before(i, len(pieces), wire); ended || err != nil {
			return err
		}
		if i == len(pieces) {
			break
		}
		if err := x.writePiece(i, pieces[i], wire); err != nil {
			return err
		}
	}
	delay := step.Delay
	if step.EndDelay != nil {
		delay = *step.EndDelay
	}
	if err := x.pace(milliseconds(delay)); err != nil {
		return err
	}
	if step.NoDone {
		return nil
	}
	return x.putAll(wire.tail())
}

// before plays what happens before piece i; ended tells that nothing more follows.
func (x *exchangeWriter) before(i, count int, wire wire) (ended bool, err error) {
	step := &x.answer.step
	for _, inject := range step.Inject {
		if inject.At != i {
			continue
		}
		if err := x.put([]byte(inject.Raw)); err != nil {
			return true, err
		}
		if err := x.pace(milliseconds(step.Delay)); err != nil {
			return true, err
		}
	}
	if cut := step.Disconnect; cut != nil && cut.After == i {
		pause := milliseconds(step.Delay)
		if pause == 0 {
			pause = cutDelay
		}
		_ = x.sleep(pause)
		x.isCut = true
		if cut.How != "fin" {
			x.reset()
		}
		return true, nil
	}
	if step.Fail != nil && min(step.Fail.After, count) == i {
		return true, x.putAll(wire.fail())
	}
	if step.Hang != nil && step.Hang.Where == HangPieces && step.Hang.Pieces == i {
		return true, x.hang()
	}
	return false, nil
}

func (x *exchangeWriter) writePiece(i int, piece Piece, wire wire) error {
	delay := 0.0
	if i > 0 {
		delay = x.answer.step.Delay
	}
	if piece.Delay != nil {
		delay = *piece.Delay
	}
	if err := x.pace(milliseconds(delay)); err != nil {
		return err
	}
	text := piece.Text
	if x.answer.step.Stamp {
		now := strconv.FormatInt(time.Now().UnixMicro(), 10)
		text = strings.ReplaceAll(text, StampMark, now)
	}
	if err := x.put(wire.piece(text)); err != nil {
		return err
	}
	x.server.update(x.exchange, func() { x.exchange.Pieces++ })
	return nil
}

// glued is the whole body as one write.
func (x *exchangeWriter) glued(wire wire, pieces []Piece) []byte {
	step := &x.answer.step
	stop := -1
	if step.Fail != nil {
		stop = min(step.Fail.After, len(pieces))
	}
	parts := wire.head()
	for i := 0; i <= len(pieces); i++ {
		for _, inject := range step.Inject {
			if inject.At == i || (i == len(pieces) && inject.At > i) {
				parts = append(parts, []byte(inject.Raw))
			}
		}
		if i == stop {
			parts = append(parts, wire.fail()...)
			break
		}
		if i < len(pieces) {
			parts = append(parts, wire.piece(pieces[i].Text))
		}
	}
	if !step.NoDone && stop < 0 {
		parts = append(parts, wire.tail()...)
	}
	x.server.update(x.exchange, func() { x.exchange.Pieces = len(pieces) })
	var body []byte
	for _, part := range parts {
		body = append(body, part...)
	}
	return body
}

func (x *exchangeWriter) putAll(parts [][]byte) error {
	for _, part := range parts {
		if err := x.put(part); err != nil {
			return err
		}
	}
	return nil
}

// put writes and flushes, in packets when the step says so.
func (x *exchangeWriter) put(body []byte) error {
	size := len(body)
	if x.answer.step.Packet > 0 {
		size = x.answer.step.Packet
	}
	for start := 0; start < len(body); start += size {
		if x.ctx.Err() != nil {
			return errOver
		}
		part := body[start:min(start+size, len(body))]
		if _, err := x.w.Write(part); err != nil {
			return errOver
		}
		if x.flush() != nil {
			return errOver
		}
		x.server.mutex.Lock()
		x.exchange.Bytes += int64(len(part))
		x.server.mutex.Unlock()
		if x.answer.step.Packet > 0 {
			if err := x.sleep(packetDelay); err != nil {
				return err
			}
		}
	}
	return nil
}

// pace waits until so long after the last piece was due: what the server is late by is not added
// up.
func (x *exchangeWriter) pace(pause time.Duration) error {
	if x.due.IsZero() {
		x.due = time.Now()
	}
	x.due = x.due.Add(pause)
	return x.sleep(time.Until(x.due))
}

// sleep waits, unless the client goes away or the server stops.
func (x *exchangeWriter) sleep(pause time.Duration) error {
	if pause <= 0 {
		if x.ctx.Err() != nil {
			return errOver
		}
		return nil
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-x.ctx.Done():
	case <-x.server.stopped:
		x.isCut = true
	}
	return errOver
}

// hang waits for the client to go away.
func (x *exchangeWriter) hang() error {
	select {
	case <-x.ctx.Done():
	case <-x.server.stopped:
		x.isCut = true
	}
	return errOver
}

// reset cuts the connection with a TCP reset.
func (x *exchangeWriter) reset() {
	x.isCut = true
	if raw, _, err := http.NewResponseController(x.w).Hijack(); err == nil {
		if conn, ok := raw.(*connection); ok {
			conn.reset()
			return
		}
		_ = raw.Close()
	}
}
