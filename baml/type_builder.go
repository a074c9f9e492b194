// Types made at run time. Only the form is made here; the runtime judges it.

package baml

import "encoding/json"

// TypeBuilder extends the types of the sources for a call: properties for @@dynamic classes, values
// for @@dynamic enums, new classes and enums, or BAML text. The operations are carried out in the
// order of the calls. The zero value is empty and ready; it is not safe for concurrent building.
type TypeBuilder struct {
	operations []json.RawMessage
	err        error
}

// Type is a type in a TypeBuilder.
type Type struct{ form any }

// MarshalJSON writes the type as the runtime reads it.
func (t Type) MarshalJSON() ([]byte, error) { return json.Marshal(t.form) }

// StringType is string.
func StringType() Type { return Type{"string"} }

// IntType is int.
func IntType() Type { return Type{"int"} }

// FloatType is float.
func FloatType() Type { return Type{"float"} }

// BoolType is bool.
func BoolType() Type { return Type{"bool"} }

// NullType is null.
func NullType() Type { return Type{"null"} }

// LiteralType is one string, int or bool.
func LiteralType(value any) Type { return Type{map[string]any{"literal": value}} }

// ListType is a list of items.
func ListType(item Type) Type { return Type{map[string]any{"list": item}} }

// MapType is a map.
func MapType(key, value Type) Type { return Type{map[string]any{"map": []Type{key, value}}} }

// OptionalType is the type or null.
func OptionalType(inner Type) Type { return Type{map[string]any{"optional": inner}} }

// UnionType is any of the types.
func UnionType(members ...Type) Type { return Type{map[string]any{"union": members}} }

// ClassType names a class.
func ClassType(name string) Type { return Type{map[string]any{"class": name}} }

// EnumType names an enum.
func EnumType(name string) Type { return Type{map[string]any{"enum": name}} }

// Describe holds what may be said of a property or value beside its name.
type Describe struct {
	Description string
	Alias       string
	Skip        bool
}

// AddProperty adds a property to a class.
func (b *TypeBuilder) AddProperty(class, name string, kind Type, said ...Describe) *TypeBuilder {
	return b.add(map[string]any{"op": "property", "class": class, "name": name, "type": kind}, said)
}

// RemoveProperty takes back a property that this builder added.
func (b *TypeBuilder) RemoveProperty(class, name string) *TypeBuilder {
	return b.add(map[string]any{"op": "remove_property", "class": class, "name": name}, nil)
}

// AddClass makes a class.
func (b *TypeBuilder) AddClass(name string) *TypeBuilder {
	return b.add(map[string]any{"op": "class", "name": name}, nil)
}

// AddEnum makes an enum.
func (b *TypeBuilder) AddEnum(name string) *TypeBuilder {
	return b.add(map[string]any{"op": "enum", "name": name}, nil)
}

// AddValue adds a value to an enum.
func (b *TypeBuilder) AddValue(enum, value string, said ...Describe) *TypeBuilder {
	return b.add(map[string]any{"op": "value", "enum": enum, "name": value}, said)
}

// AddBAML adds BAML text: classes, enums, and `dynamic class` or `dynamic enum` blocks.
func (b *TypeBuilder) AddBAML(text string) *TypeBuilder {
	return b.add(map[string]any{"op": "baml", "source": text}, nil)
}

// AddOperation adds an operation in the form in which it crosses to the runtime.
func (b *TypeBuilder) AddOperation(operation json.RawMessage) *TypeBuilder {
	b.operations = append(b.operations, operation)
	return b
}

func (b *TypeBuilder) add(operation map[string]any, said []Describe) *TypeBuilder {
	for _, words := range said {
		if words.Description != "" {
			operation["description"] = words.Description
		}
		if words.Alias != "" {
			operation["alias"] = words.Alias
		}
		if words.Skip {
			operation["skip"] = true
		}
	}
	text, err := json.Marshal(operation)
	if err != nil && b.err == nil {
		b.err = invalidBecause("type builder", err)
	}
	b.operations = append(b.operations, text)
	return b
}
