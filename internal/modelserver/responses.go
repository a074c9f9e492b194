// The OpenAI Responses format.
package modelserver

type responses struct {
	*answer
	sequence *int
}

func newResponses(a *answer) responses { return responses{a, new(int)} }

// start holds the members of a response object up to the model.
func (r responses) start(finish *string) object {
	status, reason := "incomplete", ""
	if finish != nil {
		reason = *finish
	}
	if reason == "completed" || reason == "failed" {
		status = reason
	}
	var completedAt, failure, incomplete any
	switch {
	case reason == "completed":
		completedAt = 1700000001
	case reason == "failed":
		code, message := "server_error", "fake failure"
		if fail := r.step.Fail; fail != nil {
			code = either(fail.Code, code, 500, "", "")
			message = either(fail.Message, message, 500, "", "")
		}
		failure = obj("code", code, "message", message)
	case finish != nil:
		incomplete = obj("reason", reason)
	}
	return obj(
		"id", "resp_1", "object", "response", "created_at", 1700000000, "status", status,
		"background", r.body.or("background", false), "completed_at", completedAt, "error", failure,
		"incomplete_details", incomplete, "instructions", r.body.or("instructions", nil),
		"max_output_tokens", r.body.or("max_output_tokens", nil),
		"max_tool_calls", r.body.or("max_tool_calls", nil), "model", r.model,
	)
}

// rest holds the members after the output: they echo the request or its defaults.
func (r responses) rest(tier string) object {
	body, reasoning, text := r.body, r.body.inner("reasoning"), r.body.inner("text")
	return obj(
		"parallel_tool_calls", body.or("parallel_tool_calls", true),
		"previous_response_id", body.or("previous_response_id", nil),
		"prompt_cache_key", body.or("prompt_cache_key", nil),
		"prompt_cache_retention", body.or("prompt_cache_retention", nil),
		"reasoning", obj(
			"effort", reasoning.or("effort", nil), "summary", reasoning.or("summary", nil),
		),
		"safety_identifier", body.or("safety_identifier", nil), "service_tier", tier,
		"store", body.or("store", true), "temperature", body.or("temperature", 1),
		"text", obj(
			"format", text.or("format", obj("type", "text")),
			"verbosity", text.or("verbosity", "medium"),
		),
		"tool_choice", body.or("tool_choice", "auto"), "tools", body.or("tools", []any{}),
		"top_logprobs", body.or("top_logprobs", 0), "top_p", body.or("top_p", 1),
		"truncation", body.or("truncation", "disabled"),
	)
}

func responsesUsage(u *Usage) object {
	return obj(
		"input_tokens", u.In, "input_tokens_details", obj(
			"cached_tokens", orZero(u.Cached), "cache_write_tokens", orZero(u.CacheWrite),
		),
		"output_tokens", u.Out,
		"output_tokens_details", obj("reasoning_tokens", orZero(u.Reasoning)),
		"total_tokens", u.In+u.Out,
	)
}

func textPart(text string) object {
	return obj("type", "output_text", "annotations", []any{}, "logprobs", []any{}, "text", text)
}

func summaryPart(text string) object { return obj("type", "summary_text", "text", text) }

func reasoningItem(summary ...object) object {
	return obj("id", "rs_1", "type", "reasoning", "summary", append([]object{}, summary...))
}

// message is the finished output item and its only part.
func (r responses) message(finish *string) (item, part object) {
	status := "incomplete"
	if finish != nil && *finish == "completed" {
		status = "completed"
	}
	part = textPart(r.step.text())
	if r.step.Refusal != nil {
		part = obj("type", "refusal", "refusal", *r.step.Refusal)
	}
	return obj(
		"id", "msg_1", "type", "message", "status", status, "content", []object{part},
		"role", "assistant",
	), part
}

func (r responses) whole() object { return r.finished(r.finish()) }

func (r responses) finished(finish *string) object {
	failed := finish != nil && *finish == "failed"
	output := []object{}
	if thinking, ok := r.thinking(); ok {
		output = append(output, reasoningItem(summaryPart(thinking)))
	}
	if !failed {
		item, _ := r.message(finish)
		output = append(output, item)
	}
	made := r.start(finish).with("output", output).join(r.rest("default"))
	if usage := r.step.usage(); failed {
		made = made.with("usage", nil)
	} else if usage != nil {
		made = made.with("usage", responsesUsage(usage))
	}
	return made.with("user", r.body.or("user", nil), "metadata", r.body.or("metadata", object{})).
		merge(r.step.Meta)
}

// numbered is an event with the next sequence number.
func (r responses) numbered(name string, pairs ...any) []byte {
	number := *r.sequence
	*r.sequence++
	return r.event(name, append([]any{"sequence_number", number}, pairs...)...)
}

// hidden ends the members of a delta with the padding, unless the request declined it.
func (r responses) hidden(pairs []any, text string) []any {
	if string(r.body.inner("stream_options")["include_obfuscation"]) == "false" {
		return pairs
	}
	return append(pairs, "obfuscation", padding(text))
}

// at names the text's place: the item, its index and its part.
func (r responses) at(pairs ...any) []any {
	index := 0
	if r.step.Reasoning != nil {
		index = 1
	}
	place := []any{"item_id", "msg_1", "output_index", index, "content_index", 0}
	return append(place, pairs...)
}

func (r responses) head() [][]byte {
	completed := "completed"
	base := r.start(&completed).with("output", []any{}).join(r.rest("auto")).with(
		"usage", nil, "user", r.body.or("user", nil), "metadata", r.body.or("metadata", object{}),
	)
	for i := range base {
		switch base[i].key {
		case "status":
			base[i].value = "in_progress"
		case "completed_at":
			base[i].value = nil
		}
	}
	events := [][]byte{
		r.numbered("response.created", "response", base),
		r.numbered("response.in_progress", "response", base),
	}
	events = append(events, r.reasoningEvents()...)
	empty := textPart("")
	if r.step.Refusal != nil {
		empty = obj("type", "refusal", "refusal", "")
	}
	index := 0
	if r.step.Reasoning != nil {
		index = 1
	}
	events = append(events,
		r.numbered("response.output_item.added", "output_index", index, "item", obj(
			"id", "msg_1", "type", "message", "status", "in_progress", "content", []any{},
			"role", "assistant",
		)),
		r.numbered("response.content_part.added", r.at("part", empty)...),
	)
	if refusal := r.step.Refusal; refusal != nil {
		pairs := r.hidden(r.at("delta", *refusal), *refusal)
		events = append(events, r.numbered("response.refusal.delta", pairs...))
	}
	return events
}

func (r responses) reasoningEvents() [][]byte {
	all, thinks := r.thinking()
	if !thinks {
		return nil
	}
	at := func(pairs ...any) []any {
		return append([]any{"item_id", "rs_1", "output_index", 0, "summary_index", 0}, pairs...)
	}
	events := [][]byte{
		r.numbered("response.output_item.added", "output_index", 0, "item", reasoningItem()),
		r.numbered("response.reasoning_summary_part.added", at("part", summaryPart(""))...),
	}
	for _, thought := range r.step.Reasoning {
		pairs := r.hidden(at("delta", thought), thought)
		events = append(events, r.numbered("response.reasoning_summary_text.delta", pairs...))
	}
	item := reasoningItem(summaryPart(all))
	return append(events,
		r.numbered("response.reasoning_summary_text.done", at("text", all)...),
		r.numbered("response.reasoning_summary_part.done", at("part", summaryPart(all))...),
		r.numbered("response.output_item.done", "output_index", 0, "item", item),
	)
}

func (r responses) piece(text string) []byte {
	pairs := r.hidden(r.at("delta", text, "logprobs", []any{}), text)
	return r.numbered("response.output_text.delta", pairs...)
}

func (r responses) tail() [][]byte {
	finish := r.finish()
	whole := r.finished(finish)
	if finish != nil && *finish == "failed" {
		return [][]byte{r.numbered("response.failed", "response", whole)}
	}
	item, part := r.message(finish)
	var events [][]byte
	if refusal := r.step.Refusal; refusal != nil {
		events = append(events, r.numbered("response.refusal.done", r.at("refusal", *refusal)...))
	} else {
		pairs := r.at("text", r.step.text(), "logprobs", []any{})
		events = append(events, r.numbered("response.output_text.done", pairs...))
	}
	index := 0
	if r.step.Reasoning != nil {
		index = 1
	}
	events = append(events,
		r.numbered("response.content_part.done", r.at("part", part)...),
		r.numbered("response.output_item.done", "output_index", index, "item", item),
	)
	switch {
	case finish == nil:
	case *finish == "completed":
		events = append(events, r.numbered("response.completed", "response", whole))
	default:
		events = append(events, r.numbered("response.incomplete", "response", whole))
	}
	return events
}

func (r responses) fail() [][]byte {
	status, message := r.failStatus(), r.failMessage()
	known := openAIErrors[status]
	if r.step.Fail.How == "failed" {
		failed := "failed"
		copied := *r.answer
		fail := *r.step.Fail
		fail.Message = message
		copied.step.Fail = &fail
		whole := responses{&copied, r.sequence}.finished(&failed)
		return [][]byte{r.numbered("response.failed", "response", whole)}
	}
	code := r.step.Fail.Code
	if code == "" {
		if named, ok := known.code.(string); ok {
			code = named
		} else {
			code = either("", known.kind, status, "invalid_request_error", "server_error")
		}
	}
	return [][]byte{r.numbered("error", "code", code, "message", message, "param", nil)}
}
