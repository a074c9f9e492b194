// callRequest, what crosses the line for a call, as JSON.

package baml

import (
	"encoding/json"
)

// callRequest holds what a call asks; the members that have no value are left out.
type callRequest struct {
	Function string
	Args     json.RawMessage
	Env      map[string]string
	Tags     map[string]any
	Client   string
	Registry *ClientRegistry
	Types    []json.RawMessage
	Mode     string
	Form     string
	Partials string
	Text     *string
	Partial  bool
	Explain  bool
}

// request writes the call as JSON.
func (r *runtimeCore) request(call *callRequest, args any, options *callOptions) ([]byte, error) {
	call.Args = json.RawMessage("{}")
	if args != nil {
		text, err := json.Marshal(args)
		if err != nil {
			return nil, invalidCall(call.Function, "arguments", err)
		}
		if string(text) != "null" {
			call.Args = text
		}
	}
	call.Env = r.environment(options.env)
	call.Tags = options.tags
	call.Client = options.client
	call.Registry = options.registry
	if options.types != nil {
		if options.types.err != nil {
			return nil, options.types.err
		}
		call.Types = options.types.operations
	}
	text, err := call.appendJSON(make([]byte, 0, len(call.Args)+requestBytes))
	if err != nil {
		return nil, invalidCall(call.Function, "options", err)
	}
	return text, nil
}

// requestBytes is what most requests take beside their arguments.
const requestBytes = 512

// appendJSON writes member by member: encoding/json would take more stack than waiting for the
// answer does, and the stack of each of thousands that wait would keep that size.
func (c *callRequest) appendJSON(out []byte) ([]byte, error) {
	out = appendText(append(out, `{"function":`...), c.Function)
	out = append(append(out, `,"args":`...), c.Args...)
	out = c.appendEnv(out)
	for _, member := range [...]struct{ name, text string }{
		{"client", c.Client}, {"mode", c.Mode}, {"form", c.Form}, {"partials", c.Partials},
	} {
		if member.text != "" {
			out = appendText(appendMember(out, member.name), member.text)
		}
	}
	if c.Text != nil {
		out = appendText(appendMember(out, "text"), *c.Text)
	}
	if c.Partial {
		out = append(out, `,"partial":true`...)
	}
	if c.Explain {
		out = append(out, `,"explain":true`...)
	}
	out, err := c.appendAdditions(out)
	return append(out, '}'), err
}

func (c *callRequest) appendEnv(out []byte) []byte {
	if len(c.Env) == 0 {
		return out
	}
	out = append(appendMember(out, "env"), '{')
	isFirst := true
	for name, value := range c.Env {
		if !isFirst {
			out = append(out, ',')
		}
		isFirst = false
		out = appendText(append(appendText(out, name), ':'), value)
	}
	return append(out, '}')
}

// appendAdditions writes what few calls have.
func (c *callRequest) appendAdditions(out []byte) ([]byte, error) {
	for _, member := range [...]struct {
		name    string
		value   any
		isThere bool
	}{
		{"tags", c.Tags, len(c.Tags) > 0},
		{"client_registry", c.Registry, c.Registry != nil},
		{"type_builder", c.Types, len(c.Types) > 0},
	} {
		if !member.isThere {
			continue
		}
		text, err := json.Marshal(member.value)
		if err != nil {
			return nil, err
		}
		out = append(appendMember(out, member.name), text...)
	}
	return out, nil
}

func appendMember(out []byte, name string) []byte {
	return append(append(append(out, `,"`...), name...), `":`...)
}

func invalidCall(function, what string, cause error) *Error {
	failure := invalidBecause(what, cause)
	failure.Function = function
	return failure
}
