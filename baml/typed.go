// Generic shapes over the untyped calls and streams.

package baml

import (
	"context"
	"iter"
	"runtime"
)

// Call runs a function to its end and gives its answer as a Go value.
func Call[T any](
	ctx context.Context, r *Runtime, function string, args any, options ...Option,
) (T, error) {
	var answer T
	final, err := r.Call(ctx, function, args, alone(options)...)
	if err != nil {
		return answer, err
	}
	err = final.Decode(&answer)
	return answer, err
}

// Update is one step of a streamed answer.
type Update[T any] struct {
	// Value is the answer so far; what is not there yet is zero. Unless it is final, it holds until
	// the next step of the loop and is to be read only: what grows goes on in the same memory.
	// Clone makes a copy that stays. Texts and what pointers point to stay as they are.
	Value T
	// IsFinal marks the last update, whose value is the answer.
	IsFinal bool
	// Attempt counts tries from 1; a higher one than before means that the answer began anew.
	Attempt int
}

// Updates streams a function: partial values as they come, then the final one with IsFinal set. An
// error comes last. There is no handle: leaving the loop aborts the call at once.
func Updates[T any](
	ctx context.Context, r *Runtime, function string, args any, options ...Option,
) iter.Seq2[Update[T], error] {
	return func(yield func(Update[T], error) bool) {
		stream, err := StreamOf[T](ctx, r, function, args, alone(options)...)
		if err != nil {
			yield(Update[T]{}, err)
			return
		}
		// However the loop is left, by a panic too, the call ends here.
		defer stream.Close()
		stream.update(ctx, yield)
	}
}

// TypedStream is a Stream whose values have a Go type.
type TypedStream[T any] struct{ *Stream }

// StreamOf starts a call whose values have a Go type.
func StreamOf[T any](
	ctx context.Context, r *Runtime, function string, args any, options ...Option,
) (TypedStream[T], error) {
	stream, err := r.Stream(ctx, function, args, options...)
	return TypedStream[T]{stream}, err
}

// Partials goes through the partial values as Stream.Partials does. A value that does not fit T is
// an error in the loop, which may go on after it. Each value holds until the next step of the loop,
// as that of an Update does.
func (s TypedStream[T]) Partials() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var follower follower[T]
		for partial, err := range s.Stream.Partials() {
			var value T
			if err == nil {
				value, err = follower.follow(partial.content)
			}
			if !yield(value, err) {
				return
			}
		}
	}
}

// Updates goes through the partial values as Partials does, each with the number of its attempt,
// then gives the final one with IsFinal set. An error ends it. Leaving the loop leaves the stream
// running; the context ends the waiting for the final value only.
func (s TypedStream[T]) Updates(ctx context.Context) iter.Seq2[Update[T], error] {
	return func(yield func(Update[T], error) bool) { s.update(ctx, yield) }
}

func (s TypedStream[T]) update(ctx context.Context, yield func(Update[T], error) bool) {
	reader := s.Stream.read(context.Background())
	defer reader.leave()
	// On the heap: thousands wait here, each on a stack of its own.
	follower := new(follower[T])
	for {
		partial, err := reader.next()
		if partial == nil && err == nil {
			break
		}
		if !yieldPartial(follower, partial, err, yield) {
			return
		}
	}
	final, err := s.Stream.Final(ctx)
	update := Update[T]{IsFinal: err == nil}
	if err == nil {
		update.Attempt = final.Attempt
		err = final.Decode(&update.Value)
	}
	yield(update, err)
}

// yieldPartial tells whether the loop goes on.
func yieldPartial[T any](
	follower *follower[T], partial *Partial, err error, yield func(Update[T], error) bool,
) bool {
	update := Update[T]{}
	if err == nil {
		update.Attempt = partial.Attempt
		update.Value, err = follower.follow(partial.content)
	}
	return yield(update, err) && err == nil
}

// Final waits for the end and returns the final value, as Stream.Final does.
func (s TypedStream[T]) Final(ctx context.Context) (T, error) {
	var answer T
	final, err := s.Stream.Final(ctx)
	if err != nil {
		return answer, err
	}
	err = final.Decode(&answer)
	return answer, err
}

// Parse reads a model's text as the answer of a function.
func Parse[T any](r *Runtime, function, text string, options ...Option) (T, error) {
	var answer T
	defer runtime.KeepAlive(r)
	parsed, err := r.parse(function, text, false, options)
	if err != nil {
		return answer, err
	}
	err = parsed.decode(&answer)
	return answer, err
}
