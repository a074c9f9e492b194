// Writing the parts of a value, the reverse of Cursor.
//
// Names are always written out: a reader must accept that, and no table is needed.
package wire

import (
	"encoding/binary"
	"math"
)

// AppendInt appends a zigzag number.
func AppendInt(out []byte, number int64) []byte {
	return binary.AppendUvarint(out, uint64(number<<1)^uint64(number>>63))
}

// AppendFloat appends eight bytes.
func AppendFloat(out []byte, number float64) []byte {
	return binary.LittleEndian.AppendUint64(out, math.Float64bits(number))
}

// AppendCount appends how many parts follow.
func AppendCount(out []byte, count int) []byte {
	return binary.AppendUvarint(out, uint64(count))
}

// AppendString appends a length and the bytes.
func AppendString(out []byte, text string) []byte {
	return append(AppendCount(out, len(text)), text...)
}

// AppendName appends a name as one not told before.
func AppendName(out []byte, name string) []byte {
	return AppendString(append(out, 0), name)
}
