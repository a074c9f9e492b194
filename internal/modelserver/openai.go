// The OpenAI chat completions format, with the differences of Azure.
package modelserver

type openAI struct{ *answer }

var safe = obj(
	"hate", safeSeverity, "self_harm", safeSeverity, "sexual", safeSeverity, "violence",
	safeSeverity,
)

var safeSeverity = obj("filtered", false, "severity", "safe")

var promptFilters = []object{obj("prompt_index", 0, "content_filter_results", safe)}

func openAIUsage(u *Usage) object {
	made := obj("prompt_tokens", u.In, "completion_tokens", u.Out, "total_tokens", u.In+u.Out)
	if u.Cached != nil {
		details := obj("cached_tokens", *u.Cached, "audio_tokens", 0)
		if u.CacheWrite != nil {
			details = details.with("cache_write_tokens", *u.CacheWrite)
		}
		made = made.with("prompt_tokens_details", details)
	}
	return made.with("completion_tokens_details", obj(
		"reasoning_tokens", orZero(u.Reasoning), "audio_tokens", 0,
		"accepted_prediction_tokens", 0, "rejected_prediction_tokens", 0,
	))
}

func (o openAI) whole() object {
	thinking, thinks := o.thinking()
	var content any = o.step.text()
	if o.step.Refusal != nil {
		content = nil
	}
	message := obj("role", "assistant", "content", content).
		withIf(thinks, "reasoning_content", thinking).
		with("refusal", orNull(o.step.Refusal), "annotations", []any{})
	choice := obj("index", 0, "message", message, "logprobs", nil, "finish_reason",
		orNull(o.finish())).
		withIf(o.isAzure(), "content_filter_results", safe)
	made := obj(
		"id", "chatcmpl-1", "object", "chat.completion", "created", 1700000000, "model", o.model,
		"choices", []object{choice},
	)
	if usage := o.step.usage(); usage != nil {
		made = made.with("usage", openAIUsage(usage))
	}
	if o.isAzure() {
		made = made.with("prompt_filter_results", promptFilters)
	} else {
		made = made.with("service_tier", "default")
	}
	return made.with("system_fingerprint", "fp_1").merge(o.step.Meta)
}

// asked tells whether the request wants the usage event.
func (o openAI) asked() bool { return o.body.inner("stream_options").truthy("include_usage") }

// hides tells whether pieces carry a padding that hides their length.
func (o openAI) hides() bool {
	shown := o.body.inner("stream_options")["include_obfuscation"]
	return !o.isAzure() && string(shown) != "false"
}

func (o openAI) chunk(choices []object, usage *Usage, extra object) []byte {
	made := obj(
		"id", "chatcmpl-1", "object", "chat.completion.chunk", "created", 1700000000, "model",
		o.model,
	).withIf(!o.isAzure(), "service_tier", "default").
		with("system_fingerprint", "fp_1", "choices", choices)
	if usage != nil {
		made = made.with("usage", openAIUsage(usage))
	} else if o.asked() {
		made = made.with("usage", nil)
	}
	return o.data(made.join(extra).merge(o.step.Meta))
}

// delta is one event with one choice; shown is the text whose length the padding hides.
func (o openAI) delta(delta object, shown string, finish *string) []byte {
	choice := obj("index", 0, "delta", delta, "logprobs", nil, "finish_reason", orNull(finish))
	if o.isAzure() {
		filters := object{}
		if finish == nil && (len(delta) == 0 || delta[0].key != "role") {
			filters = safe
		}
		choice = choice.with("content_filter_results", filters)
	}
	var extra object
	if o.hides() {
		extra = obj("obfuscation", padding(shown))
	}
	return o.chunk([]object{choice}, nil, extra)
}

func (o openAI) head() [][]byte {
	var events [][]byte
	if o.isAzure() && (o.step.Filters == nil || *o.step.Filters) {
		events = append(events, o.data(obj(
			"choices", []any{}, "created", 0, "id", "", "model", "", "object", "",
			"prompt_filter_results", promptFilters,
		)))
	}
	if o.step.RoleFirst == nil || *o.step.RoleFirst {
		role := obj("role", "assistant", "content", "", "refusal", nil)
		events = append(events, o.delta(role, "", nil))
	}
	for _, thought := range o.step.Reasoning {
		events = append(events, o.delta(obj("reasoning_content", thought), "", nil))
	}
	if refusal := o.step.Refusal; refusal != nil {
		events = append(events, o.delta(obj("refusal", *refusal), *refusal, nil))
	}
	return events
}

func (o openAI) piece(text string) []byte { return o.delta(obj("content", text), text, nil) }

func (o openAI) tail() [][]byte {
	var events [][]byte
	if finish := o.finish(); finish != nil {
		events = append(events, o.delta(object{}, "", finish))
	}
	if usage := o.step.usage(); usage != nil && (o.asked() || !o.step.UsageIfAsked) {
		var extra object
		if o.hides() {
			extra = obj("obfuscation", "")
		}
		events = append(events, o.chunk([]object{}, usage, extra))
	}
	return append(events, o.data("[DONE]"))
}

func (o openAI) fail() [][]byte { return [][]byte{o.data(o.failBody())} }
