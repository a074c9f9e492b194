// What of a packed record is read, and what is refused.

package baml

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bamlwire/bamlwire/baml/internal/wire"
	"github.com/bamlwire/bamlwire/baml/internal/wiretest"
)

// packed is a record of a reply, one attempt, and its events.
func packed(reply string, count uint64, events *wiretest.Writer) packedInfo {
	const text = `{"raw_reply":,"events":[]}`
	const replyPlace, eventsPlace = 13, 24
	head := (&wiretest.Writer{}).Raw(reply).Varint(2).Varint(replyPlace).Byte(partReply)
	head = head.Varint(eventsPlace).Byte(partEvents).Varint(count).Raw(string(events.Bytes))
	return append(head.Bytes, text...)
}

func TestInfo_packed_events_are_those_that_were_packed(t *testing.T) {
	writer := func() *wiretest.Writer { return &wiretest.Writer{} }
	// What differs from the event before: all, then one byte in the middle, then nothing.
	events := writer().Varint(0).Varint(0).Varint(0).Raw(`a"c`)
	events = events.Varint(0).Varint(1).Varint(1).Raw("\n").Varint(0).Varint(2).Varint(1).Raw("")
	text, err := packed("", 3, events).text()
	require.NoError(t, err)
	require.JSONEq(t, `{"raw_reply":"","events":["a\"c","a\nc","a\nc"]}`, string(text))

	// A piece between two texts, one in the same shape, one with another end.
	reply := "so \"it\"\n\x01 was é"
	events = writer().Varint(2).Varint(0).Varint(0).Raw(`{"d":"`).Varint(0).Varint(3).Raw(`"}`)
	events = events.Varint(7<<1 | 1)
	events = events.Varint(2).Varint(6).Varint(1).Raw("").Varint(10).Varint(4).Raw(`" `)
	text, err = packed(reply, 3, events).text()
	require.NoError(t, err)
	var told struct {
		Reply  string   `json:"raw_reply"`
		Events []string `json:"events"`
	}
	require.NoError(t, json.Unmarshal(text, &told))
	require.Equal(t, reply, told.Reply)
	require.Equal(t, []string{
		`{"d":"so "}`, `{"d":"\"it\"\n\u0001 "}`, `{"d":"was " }`,
	}, told.Events)
}

func TestInfo_packed_badly_is_refused(t *testing.T) {
	writer := func() *wiretest.Writer { return &wiretest.Writer{} }
	for name, bad := range map[string]packedInfo{
		"more of the event before than there is": packed("", 1,
			writer().Varint(0).Varint(1).Varint(0).Raw("")),
		"a piece beyond the reply": packed("ab", 1,
			writer().Varint(2).Varint(0).Varint(0).Raw("").Varint(1).Varint(2).Raw("")),
		"a piece in a shape beyond the reply": packed("ab", 1, writer().Varint(3<<1|1)),
		"an unknown event":                    packed("ab", 1, writer().Varint(4)),
		"too few events":                      packed("ab", 2, writer().Varint(1)),
		"too many events":                     packed("ab", 0, writer().Varint(1)),
		"an unknown part":                     writer().Raw("").Varint(1).Varint(0).Byte(2).Bytes,
		"a part beyond the text":              writer().Raw("").Varint(1).Varint(9).Byte(0).Bytes,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bad.text()
			require.ErrorIs(t, err, wire.ErrMalformed)
		})
	}
}
