// Fuzz targets of what reads the library's JSON and raw replies; FuzzDecode and FuzzChanges, for the
// wire form, stand beside their tests. The inputs given here run in every go test.

package baml

import (
	"encoding/json"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bamlwire/bamlwire/baml/internal/wiretest"
	"github.com/bamlwire/bamlwire/bindings"
)

func FuzzError(f *testing.F) {
	f.Add([]byte(`{"kind":"http","message":"m","status":429,"attempts":[{"client":"C","kind":"http","status":429}]}`), int32(5))
	f.Add([]byte(`{"kind":"aborted","message":"by the caller"}`), int32(4))
	f.Add([]byte(`{"kind":7,"reasons":[{"path":"a","message":"b"}]}`), int32(9))
	f.Add([]byte(`not JSON`), int32(-3))
	f.Add([]byte(``), int32(8))
	f.Fuzz(func(t *testing.T, problem []byte, status int32) {
		failure := errorFrom(problem, bindings.Status(status), "F")
		require.NotEmpty(t, failure.Error())
		require.NotEmpty(t, failure.Kind)
		require.NotEmpty(t, failure.Function)
		require.Equal(t, failure.Kind == ErrorAborted, errors.Is(failure, ErrAborted))
		_ = failure.IsRetryable()
		_, err := json.Marshal(failure)
		require.NoError(t, err)
	})
}

func FuzzInfo(f *testing.F) {
	plain := func(text string) []byte { return append([]byte{0, 0}, text...) }
	f.Add(plain(`{"start_ms":1700000000000,"attempts":[{"client":"C","status":200,"selected":true}],"usage":{"input_tokens":3}}`))
	f.Add(plain(`{"start_ms":"x","duration_ms":-9223372036854775808,"raw_reply":7}`))
	f.Add(plain(`[`))
	f.Add([]byte("\x02ab\x02\x00\x00\x0e\x01\x02\x08\x00\x00\x00\x02ab\x05\"{\"attempts\":[]}"))
	f.Fuzz(func(t *testing.T, packed []byte) {
		info := packedInfo(packed).parsed(map[string]any{"a": 1})
		require.Equal(t, map[string]any{"a": 1}, info.Tags)
		if len(packed) > 2 && packed[0] == 0 && packed[1] == 0 {
			require.Equal(t, string(packed[2:]), string(info.Detail))
		}
		_, _ = info.Start(), info.Duration()
		attempt, found := info.Selected()
		require.True(t, found || len(attempt.Client) == 0)
	})
}

func FuzzRaw(f *testing.F) {
	first := (&wiretest.Writer{}).Varint(1).Raw("Ada").Raw("she").Bytes
	f.Add(first, (&wiretest.Writer{}).Varint(1).Raw(" L").Raw("").Bytes)
	f.Add(first, (&wiretest.Writer{}).Varint(2).Raw("new").Raw("").Bytes)
	f.Add(first, []byte{1, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, one, two []byte) {
		raw := &rawReply{}
		for _, message := range [][]byte{one, two} {
			before := raw.shown
			raw.grow(&bindings.Table{
				StreamRaw: func(_ uint64, attempt uint32, from, reasoningFrom uint64) ([]byte, bindings.Status) {
					require.Equal(t, raw.attempt, attempt)
					require.Equal(t, uint64(len(raw.shown.Text)), from)
					require.Equal(t, uint64(len(raw.shown.Reasoning)), reasoningFrom)
					return message, bindings.StatusOK
				},
			}, 1)
			after := raw.shown
			if after.Attempt == before.Attempt {
				require.Equal(t, before.Text, after.Text[:len(before.Text)])
				require.Equal(t, before.Reasoning, after.Reasoning[:len(before.Reasoning)])
			}
		}
	})
}

func FuzzLogEntry(f *testing.F) {
	f.Add([]byte(`{"time_us":1,"level":"info","message":"m","attributes":[["n",9007199254740993],["o",{"a":[null]}],[3,4]]}`))
	f.Add([]byte(`{"level":"warn","attributes":[[]]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var entry logEntry
		if json.Unmarshal(text, &entry) != nil {
			return
		}
		entry.hand(slog.DiscardHandler)
		for _, pair := range entry.Attributes {
			_ = attributeValue(pair[1]).String()
		}
	})
}

func FuzzMedia(f *testing.F) {
	f.Add([]byte(`{"$media":"image","url":"http://x/y.png","media_type":"image/png"}`))
	f.Add([]byte(`{"$media":"pdf","base64":"QUJD"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var media Media
		if json.Unmarshal(text, &media) != nil {
			return
		}
		written, err := json.Marshal(media)
		require.NoError(t, err)
		var again Media
		require.NoError(t, json.Unmarshal(written, &again))
		rewritten, err := json.Marshal(again)
		require.NoError(t, err)
		require.Equal(t, string(written), string(rewritten))
	})
}
