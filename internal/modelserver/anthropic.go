// The Anthropic messages format.
package modelserver

type anthropic struct{ *answer }

func anthropicCache(u *Usage) object {
	if u == nil || u.Cached == nil {
		return nil
	}
	return obj(
		"cache_creation_input_tokens", orZero(u.CacheWrite), "cache_read_input_tokens", *u.Cached,
	)
}

func anthropicUsage(u *Usage, out int, reasoning *int) object {
	made := obj("input_tokens", u.In).join(anthropicCache(u))
	if u.Cached != nil {
		made = made.with("cache_creation", obj(
			"ephemeral_5m_input_tokens", orZero(u.CacheWrite), "ephemeral_1h_input_tokens", 0,
		))
	}
	made = made.with("output_tokens", out)
	if reasoning != nil {
		made = made.with("output_tokens_details", obj("thinking_tokens", *reasoning))
	}
	return made.with("service_tier", "standard")
}

// stop holds the members that say why the model stopped.
func (a anthropic) stop() object {
	finish := a.finish()
	var sequence any
	if a.finishIs("stop_sequence") {
		sequence = "###"
		if a.step.StopSequence != nil {
			sequence = *a.step.StopSequence
		}
	}
	made := obj("stop_reason", orNull(finish), "stop_sequence", sequence)
	if a.step.Refusal != nil {
		made = made.with("stop_details", obj(
			"type", "refusal", "category", nil, "explanation", *a.step.Refusal,
		))
	}
	return made
}

func (a anthropic) whole() object {
	content := []object{}
	if thinking, ok := a.thinking(); ok {
		content = append(content, obj("type", "thinking", "thinking", thinking, "signature",
			signature))
	}
	if text := a.step.text(); a.step.Refusal == nil || text != "" {
		content = append(content, obj("type", "text", "text", text))
	}
	made := obj(
		"id", "msg_1", "type", "message", "role", "assistant", "model", a.model, "content", content,
	).join(a.stop())
	if usage := a.step.usage(); usage != nil {
		made = made.with("usage", anthropicUsage(usage, usage.Out, usage.Reasoning))
	}
	return made.merge(a.step.Meta)
}

// isBlank tells a refusal without any text: it has no text block.
func (a anthropic) isBlank() bool { return a.step.Refusal != nil && len(a.step.pieces()) == 0 }

func (a anthropic) index() int {
	if a.step.Reasoning != nil {
		return 1
	}
	return 0
}

func (a anthropic) delta(index int, delta object) []byte {
	return a.event("content_block_delta", "index", index, "delta", delta)
}

func (a anthropic) head() [][]byte {
	usage := obj("input_tokens", 0, "output_tokens", 0)
	if u := a.step.usage(); u != nil {
		usage = anthropicUsage(u, 1, nil)
	}
	events := [][]byte{a.event("message_start", "message", obj(
		"id", "msg_1", "type", "message", "role", "assistant", "model", a.model, "content", []any{},
		"stop_reason", nil, "stop_sequence", nil, "usage", usage,
	))}
	thinks := a.step.Reasoning != nil
	if thinks {
		block := obj("type", "thinking", "thinking", "", "signature", "")
		events = append(events,
			a.event("content_block_start", "index", 0, "content_block", block), a.event("ping"),
		)
		for _, thought := range a.step.Reasoning {
			events = append(events, a.delta(0, obj("type", "thinking_delta", "thinking", thought)))
		}
		events = append(events,
			a.delta(0, obj("type", "signature_delta", "signature", signature)),
			a.event("content_block_stop", "index", 0),
		)
	}
	if !a.isBlank() {
		block := obj("type", "text", "text", "")
		events = append(events,
			a.event("content_block_start", "index", a.index(), "content_block", block),
		)
	}
	if !thinks {
		events = append(events, a.event("ping"))
	}
	return events
}

func (a anthropic) piece(text string) []byte {
	return a.delta(a.index(), obj("type", "text_delta", "text", text))
}

func (a anthropic) tail() [][]byte {
	var events [][]byte
	if !a.isBlank() {
		events = append(events, a.event("content_block_stop", "index", a.index()))
	}
	if a.finish() != nil {
		events = append(events,
			a.event("message_delta", "delta", a.stop(), "usage", a.lastUsage()),
		)
	}
	return append(events, a.event("message_stop"))
}

func (a anthropic) lastUsage() object {
	usage := a.step.usage()
	counted := usage
	if counted == nil {
		counted = &Usage{}
	}
	if a.step.OldDelta {
		return obj("output_tokens", counted.Out)
	}
	made := obj("input_tokens", counted.In).join(anthropicCache(usage)).
		with("output_tokens", counted.Out)
	if counted.Reasoning != nil {
		made = made.with("output_tokens_details", obj("thinking_tokens", *counted.Reasoning))
	}
	return made
}

func (a anthropic) fail() [][]byte {
	line := "event: error" + a.eol() + "data: " + string(compact(a.failBody())) + a.eol() + a.eol()
	return [][]byte{[]byte(line)}
}
