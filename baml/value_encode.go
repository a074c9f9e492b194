// How a Value becomes bytes of the wire form, so that it can be decoded into a Go type.

package baml

import (
	"math"
	"slices"

	"github.com/bamlwire/bamlwire/baml/internal/wire"
)

func appendValue(out []byte, value Value) []byte {
	switch value.kind {
	case KindBool:
		return append(out, byte(wire.False)+value.flag)
	case KindInt:
		return wire.AppendInt(append(out, byte(wire.Int)), int64(value.bits))
	case KindFloat:
		return wire.AppendFloat(append(out, byte(wire.Float)), math.Float64frombits(value.bits))
	case KindString:
		return wire.AppendString(append(out, byte(wire.String)), value.text)
	case KindList:
		out = wire.AppendCount(append(out, byte(wire.List)), value.node.count())
		for index := range value.node.count() {
			out = appendValue(out, value.node.item(index))
		}
		return out
	case KindMap:
		return appendEntries(append(out, byte(wire.Map)), value.node)
	case KindClass:
		out = wire.AppendName(append(out, byte(wire.Class)), value.node.name)
		return appendEntries(out, value.node)
	case KindEnum:
		out = wire.AppendName(append(out, byte(wire.Enum)), value.node.name)
		return wire.AppendName(out, value.text)
	case KindChecked:
		return appendChecked(out, value.node)
	case KindStated:
		out = appendValue(append(out, byte(wire.Stated)), value.node.items[0])
		return append(out, value.flag)
	case KindMedia:
		return appendMedia(append(out, byte(wire.Media)), value.node.media)
	default:
		return append(out, byte(wire.Null))
	}
}

func appendEntries(out []byte, entries *node) []byte {
	out = wire.AppendCount(out, entries.count())
	for index, name := range entries.names {
		out = appendValue(wire.AppendName(out, name), entries.item(index))
	}
	return out
}

func appendChecked(out []byte, checked *node) []byte {
	out = appendValue(append(out, byte(wire.Checked)), checked.items[0])
	out = wire.AppendCount(out, len(checked.checks))
	for _, check := range checked.checks {
		out = wire.AppendString(wire.AppendName(out, check.Name), check.Expression)
		if check.Passed {
			out = append(out, 1)
		} else {
			out = append(out, 0)
		}
	}
	return out
}

func appendMedia(out []byte, media *Media) []byte {
	out = append(out, byte(max(slices.Index(mediaKinds[:], media.Kind), 0)))
	if media.Base64 != "" {
		out = wire.AppendString(append(out, 1), media.Base64)
	} else {
		out = wire.AppendString(append(out, 0), media.URL)
	}
	if media.MediaType == "" {
		return append(out, 0)
	}
	return wire.AppendString(append(out, 1), media.MediaType)
}
