// Package baml runs BAML functions: .baml files in, typed values out, streamed, and cancelled for
// sure.
//
//	runtime, err := baml.Load("baml_src")
//	...
//	defer runtime.Close()
//	arguments := baml.Args{"text": text}
//	for update, err := range baml.Updates[Resume](ctx, runtime, "ExtractResume", arguments) {
//		...
//	}
//
// A Runtime holds one project. Its functions are run by Call (answer at once), by Updates (a loop
// over the growing answer, aborted when left) or by Stream (a handle with Partials, Final, Cancel
// and Close). Losing interest in any way ends the call and closes the provider's connection:
// Cancel, Close, a context that is done, a Tripwire shared by several calls, a loop over Updates
// that is left, the Runtime closed, or a handle forgotten and garbage collected.
//
// Answers are read into Go structs whose json tags name the BAML fields, into a Value if the type
// is not known, or by a type's own UnmarshalBAML. Strings of an answer share its memory.
//
// Importing the package does nothing; the environment is read when a call needs it.
package baml
