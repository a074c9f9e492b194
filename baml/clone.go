// Copies of typed values that share nothing which grows.

package baml

import "reflect"

// cloneDepthMax bounds a copy; values are not that deep, but types with cycles of pointers can be.
const cloneDepthMax = 1_000

// Clone is a deep copy: lists, maps and what pointers point to are made anew. A typed partial of
// Updates or Partials holds until the next step of the loop; its clone holds for ever and may be
// given to other goroutines. Unexported fields, functions and channels are copied as they are.
func Clone[T any](value T) T {
	var copied T
	clone(reflect.ValueOf(&copied).Elem(), reflect.ValueOf(&value).Elem(), cloneDepthMax)
	return copied
}

// clone makes to, which is addressable, a deep copy of from.
func clone(to, from reflect.Value, depth int) {
	to.Set(from)
	if depth == 0 {
		return
	}
	switch from.Kind() {
	case reflect.Pointer, reflect.Interface:
		clonePointed(to, from, depth)
	case reflect.Slice:
		cloneSlice(to, from, depth)
	case reflect.Array:
		for index := range from.Len() {
			clone(to.Index(index), from.Index(index), depth-1)
		}
	case reflect.Map:
		cloneMap(to, from, depth)
	case reflect.Struct:
		for index := range from.NumField() {
			if from.Type().Field(index).IsExported() {
				clone(to.Field(index), from.Field(index), depth-1)
			}
		}
	}
}

func clonePointed(to, from reflect.Value, depth int) {
	if from.IsNil() {
		return
	}
	pointed := reflect.New(from.Elem().Type())
	clone(pointed.Elem(), from.Elem(), depth-1)
	if from.Kind() == reflect.Pointer {
		to.Set(pointed)
	} else {
		to.Set(pointed.Elem())
	}
}

func cloneSlice(to, from reflect.Value, depth int) {
	if from.IsNil() {
		return
	}
	items := reflect.MakeSlice(from.Type(), from.Len(), from.Len())
	for index := range from.Len() {
		clone(items.Index(index), from.Index(index), depth-1)
	}
	to.Set(items)
}

func cloneMap(to, from reflect.Value, depth int) {
	if from.IsNil() {
		return
	}
	entries := reflect.MakeMapWithSize(from.Type(), from.Len())
	for each := from.MapRange(); each.Next(); {
		value := reflect.New(from.Type().Elem()).Elem()
		clone(value, each.Value(), depth-1)
		entries.SetMapIndex(each.Key(), value)
	}
	to.Set(entries)
}
