// The Bedrock converse format and its frames (AWS event stream): length, headers, payload, CRC.
package modelserver

import (
	"encoding/binary"
	"hash/crc32"
)

type bedrock struct{ *answer }

// frameOverhead is what a frame holds besides headers and payload.
const frameOverhead = 16

// headerIsString is the type byte of a header whose value is text.
const headerIsString = 7

type frameHeader struct{ name, value string }

// frame is one message of an AWS event stream.
func frame(headers []frameHeader, payload []byte) []byte {
	var head []byte
	for _, header := range headers {
		head = append(head, byte(len(header.name)))
		head = append(head, header.name...)
		head = append(head, headerIsString)
		head = binary.BigEndian.AppendUint16(head, uint16(len(header.value)))
		head = append(head, header.value...)
	}
	total := frameOverhead + len(head) + len(payload)
	made := make([]byte, 0, total)
	made = binary.BigEndian.AppendUint32(made, uint32(total))
	made = binary.BigEndian.AppendUint32(made, uint32(len(head)))
	made = binary.BigEndian.AppendUint32(made, crc32.ChecksumIEEE(made))
	made = append(made, head...)
	made = append(made, payload...)
	return binary.BigEndian.AppendUint32(made, crc32.ChecksumIEEE(made))
}

func awsUsage(u *Usage) object {
	made := obj("inputTokens", u.In, "outputTokens", u.Out, "totalTokens", u.In+u.Out)
	if u.Cached != nil {
		made = made.with(
			"cacheReadInputTokens", *u.Cached, "cacheWriteInputTokens", orZero(u.CacheWrite),
		)
	}
	return made
}

func (b bedrock) whole() object {
	content := []object{}
	if thinking, ok := b.thinking(); ok {
		text := obj("text", thinking, "signature", signature)
		content = append(content, obj("reasoningContent", obj("reasoningText", text)))
	}
	text := b.step.text()
	if b.step.Refusal != nil {
		text = *b.step.Refusal
	}
	content = append(content, obj("text", text))
	made := obj(
		"metrics", obj("latencyMs", 5),
		"output", obj("message", obj("content", content, "role", "assistant")),
		"stopReason", orNull(b.finish()),
	)
	if usage := b.step.usage(); usage != nil {
		made = made.with("usage", awsUsage(usage))
	}
	return made.merge(b.step.Meta)
}

// named is an event frame; its member p is the padding that the service adds.
func (b bedrock) named(name string, value object) []byte {
	return frame([]frameHeader{
		{":event-type", name}, {":content-type", "application/json"}, {":message-type", "event"},
	}, compact(value.with("p", paddingAlphabet[:5+len(name)])))
}

func (b bedrock) index() int {
	if b.step.Reasoning != nil {
		return 1
	}
	return 0
}

func (b bedrock) delta(index int, delta object) []byte {
	return b.named("contentBlockDelta", obj("contentBlockIndex", index, "delta", delta))
}

func (b bedrock) head() [][]byte {
	events := [][]byte{b.named("messageStart", obj("role", "assistant"))}
	if b.step.Reasoning != nil {
		for _, thought := range b.step.Reasoning {
			events = append(events, b.delta(0, obj("reasoningContent", obj("text", thought))))
		}
		events = append(events,
			b.delta(0, obj("reasoningContent", obj("signature", signature))),
			b.named("contentBlockStop", obj("contentBlockIndex", 0)),
		)
	}
	if b.step.Refusal != nil {
		events = append(events, b.piece(*b.step.Refusal))
	}
	return events
}

func (b bedrock) piece(text string) []byte { return b.delta(b.index(), obj("text", text)) }

func (b bedrock) tail() [][]byte {
	events := [][]byte{b.named("contentBlockStop", obj("contentBlockIndex", b.index()))}
	if finish := b.finish(); finish != nil {
		events = append(events, b.named("messageStop", obj("stopReason", *finish)))
	}
	if usage := b.step.usage(); usage != nil {
		events = append(events, b.named("metadata", obj(
			"metrics", obj("latencyMs", 5), "usage", awsUsage(usage),
		)))
	}
	return events
}

func (b bedrock) fail() [][]byte {
	status := b.failStatus()
	name := b.step.Fail.Code
	if name == "" {
		name = awsEventErrors[status]
	}
	if name == "" {
		name = "internalServerException"
	}
	body := b.failBody()
	if status == 424 {
		body = body.with("originalStatusCode", 500, "originalMessage", b.failMessage())
	}
	return [][]byte{frame([]frameHeader{
		{":exception-type", name}, {":content-type", "application/json"},
		{":message-type", "exception"},
	}, compact(body))}
}
