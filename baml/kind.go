// The kinds of values.

package baml

// Kind says what a Value is.
type Kind uint8

// The kinds of values.
const (
	KindNull Kind = iota
	KindBool
	KindInt
	KindFloat
	KindString
	KindList
	KindMap
	KindClass
	KindEnum
	KindChecked
	KindStated
	KindMedia
)

var kindNames = [...]string{
	"null", "bool", "int", "float", "string", "list", "map", "class", "enum",
	"checked value", "value with state", "media",
}

// String names the kind.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown kind"
}
