// How a reply was read: its price, each liberty, and all readings that were tried.

package baml

import "encoding/json"

// ReplyReading tells how a reply was read.
type ReplyReading struct {
	// Value is what the reply was read as, in the form that encoding/json would give it; null if
	// it does not fit.
	Value json.RawMessage `json:"value"`
	// Score is the price of all liberties: 0 if nothing was guessed, nil if nothing fits.
	Score *int64 `json:"score"`
	// Reasons tell where the reply does not fit.
	Reasons []Reason `json:"reasons"`
	// Liberties are those that the value took, in the order of the reply.
	Liberties []Liberty `json:"liberties"`
	// Reading is that of the whole reply, with all that was tried; nil if a bound was passed.
	Reading *Reading `json:"reading"`
	// Cut says that readings were left out: there are very many, or they nest very deep.
	Cut bool `json:"cut"`
}

// Liberty is one that was taken to read a value as what was wanted.
type Liberty struct {
	// Path leads from the whole value to the place, as items[2].price; empty is the whole.
	Path string `json:"path"`
	// Name says which, such as "stripped" or "missing_optional"; bindings/WIRE.md lists them.
	Name string `json:"liberty"`
	// Price is what it costs, taken once.
	Price int64 `json:"price"`
	// Wanted is the type there, Found what stands there: its kind and its beginning.
	Wanted string `json:"wanted"`
	Found  string `json:"found"`
}

// Reading is one stretch of a reply, read as one type.
type Reading struct {
	// At is the field, key (a string) or index (a number) below the reading above it; nil if it is
	// another reading of the same stretch, or a candidate for it.
	At any `json:"at"`
	// Wanted is the type, Found what stands there: its kind and its beginning.
	Wanted string `json:"wanted"`
	Found  string `json:"found"`
	// Score is the price of its liberties and those inside; nil if it does not fit, which Reason
	// explains.
	Score  *int64 `json:"score"`
	Reason string `json:"reason"`
	// Liberties are its own, by name.
	Liberties []string `json:"liberties"`
	// Taken says whether it is part of the value.
	Taken bool `json:"taken"`
	// Parts are its parts, or what was tried for it.
	Parts []Reading `json:"parts"`
}
