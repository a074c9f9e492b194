// With the tag bamlwire_gc every use of a handle collects garbage first: an owner that was let go a
// moment too early is collected before its handle reaches the library, and the call fails.

//go:build bamlwire_gc

package bindings

import (
	"reflect"
	"runtime"
)

// guarded is a copy of the table whose functions collect garbage before they do their work.
func guarded(table *Table) *Table {
	copied := *table
	fields := reflect.ValueOf(&copied).Elem()
	for at := range fields.NumField() {
		field := fields.Field(at)
		if field.Kind() != reflect.Func || field.Type().NumIn() == 0 {
			continue
		}
		function := reflect.ValueOf(field.Interface())
		field.Set(reflect.MakeFunc(field.Type(), func(arguments []reflect.Value) []reflect.Value {
			runtime.GC()
			// What the collection found to be gone is cleaned up by another goroutine.
			runtime.Gosched()
			return function.Call(arguments)
		}))
	}
	return &copied
}
