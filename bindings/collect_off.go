// Without the tag bamlwire_gc the table is used as it is.

//go:build !bamlwire_gc

package bindings

func guarded(table *Table) *Table { return table }
