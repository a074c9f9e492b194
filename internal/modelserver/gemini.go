// The format of Google AI and Vertex.
package modelserver

type gemini struct{ *answer }

func modality(tokens int) []object {
	return []object{obj("modality", "TEXT", "tokenCount", tokens)}
}

// usage is the usage of one event; only the last one counts the answer.
func (g gemini) usage(isLast bool) object {
	u := g.step.usage()
	if u == nil {
		return nil
	}
	made := obj("promptTokenCount", u.In)
	total := u.In
	if isLast {
		made = made.with("candidatesTokenCount", u.Out)
		total += u.Out + orZero(u.Reasoning)
	}
	made = made.with("totalTokenCount", total)
	if isLast && u.Cached != nil {
		made = made.with("cachedContentTokenCount", *u.Cached)
	}
	made = made.withIf(g.isVertex(), "trafficType", "ON_DEMAND").
		with("promptTokensDetails", modality(u.In))
	if isLast && u.Cached != nil {
		made = made.with("cacheTokensDetails", modality(*u.Cached))
	}
	made = made.withIf(isLast && g.isVertex(), "candidatesTokensDetails", modality(u.Out))
	if u.Reasoning != nil {
		made = made.with("thoughtsTokenCount", *u.Reasoning)
	}
	return obj("usageMetadata", made)
}

// rest ends an event or a whole answer.
func (g gemini) rest() object {
	return obj("modelVersion", g.model).
		withIf(g.isVertex(), "createTime", "2023-11-14T22:13:20.000000Z").
		with("responseId", "g1")
}

// blocked is the candidate of a refusal: no content.
func (g gemini) blocked() object {
	var made object
	if finish := g.finish(); finish != nil {
		made = obj("finishReason", *finish)
	}
	return made.with("finishMessage", *g.step.Refusal, "index", 0, "safetyRatings", []object{obj(
		"category", "HARM_CATEGORY_DANGEROUS_CONTENT", "probability", "HIGH", "blocked", true,
	)})
}

// ended is a candidate with its finish reason.
func (g gemini) ended(parts []object) object {
	made := obj("content", obj("parts", parts, "role", "model"))
	if finish := g.finish(); finish != nil && *finish != "" {
		made = made.with("finishReason", *finish)
	}
	return made
}

func (g gemini) whole() object {
	var candidate object
	if g.step.Refusal != nil {
		candidate = g.blocked()
	} else {
		thinking, thinks := g.thinking()
		parts := []object{}
		if thinks {
			parts = append(parts, obj("text", thinking, "thought", true))
		}
		text := obj("text", g.step.text()).withIf(thinks, "thoughtSignature", signature)
		candidate = g.ended(append(parts, text))
		if g.isVertex() {
			candidate = candidate.with("avgLogprobs", -0.1)
		} else {
			candidate = candidate.with("index", 0)
		}
	}
	return obj("candidates", []object{candidate}).join(g.usage(true)).join(g.rest()).
		merge(g.step.Meta)
}

func (g gemini) send(value object) []byte {
	if g.isArray() {
		return append(indented(value), ",\r\n"...)
	}
	return g.data(value)
}

func (g gemini) end(value object) []byte {
	if g.isArray() {
		return append(indented(value), "\n]"...)
	}
	return g.data(value)
}

func (g gemini) part(part object) []byte {
	candidate := obj("content", obj("parts", []object{part}, "role", "model")).
		withIf(!g.isVertex(), "index", 0)
	return g.send(obj("candidates", []object{candidate}).join(g.usage(false)).join(g.rest()))
}

func (g gemini) head() [][]byte {
	var events [][]byte
	if g.isArray() {
		events = append(events, []byte("["))
	}
	for _, thought := range g.step.Reasoning {
		events = append(events, g.part(obj("text", thought, "thought", true)))
	}
	return events
}

func (g gemini) piece(text string) []byte { return g.part(obj("text", text)) }

func (g gemini) tail() [][]byte {
	var candidate object
	if g.step.Refusal != nil {
		candidate = g.blocked()
	} else {
		_, thinks := g.thinking()
		text := obj("text", "").withIf(thinks, "thoughtSignature", signature)
		candidate = g.ended([]object{text}).withIf(!g.isVertex(), "index", 0)
	}
	last := obj("candidates", []object{candidate}).join(g.usage(true)).join(g.rest())
	return [][]byte{g.end(last)}
}

func (g gemini) fail() [][]byte { return [][]byte{g.end(g.failBody())} }
