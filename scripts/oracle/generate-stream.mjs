#!/usr/bin/env node
// Makes up stream cases: what servers send, and what they should not, for every provider.
//
//   node generate-stream.mjs DIR [--seed N] [--count M]     writes DIR/made.baml, DIR/made.jsonl and the policies
//   node baml-oracle.mjs record-stream DIR                  what the official runtime does with them
//
// The same seed makes the same cases. What they are made of is below, one function a family; a case is named
// family-seed-number-provider. The format is that of conformance/stream/README.md. Who closes first, once all was said, is
// chance where the body comes in one go or in many packets: `server` is not compared there.
import fs from 'node:fs'
import path from 'node:path'
import { awsFrame } from './fakellm.mjs'

// one random stream a case (mulberry32), so that a case does not depend on those before it
function dice(seed) {
  let a = seed >>> 0
  const next = () => { a = (a + 0x6D2B79F5) >>> 0; let t = a; t = Math.imul(t ^ t >>> 15, t | 1); t ^= t + Math.imul(t ^ t >>> 7, t | 61); return ((t ^ t >>> 14) >>> 0) / 4294967296 }
  const d = { next, int: n => Math.floor(next() * n), chance: p => next() < p, pick: list => list[Math.floor(next() * list.length)] }
  d.some = (list, n) => { const rest = [...list], out = []; while (out.length < n && rest.length) out.push(rest.splice(d.int(rest.length), 1)[0]); return out }
  return d
}

const FORMATS = { 'openai-generic': 'openai', openai: 'openai', ollama: 'openai', openrouter: 'openai', 'azure-openai': 'openai', 'openai-responses': 'responses', anthropic: 'anthropic', 'google-ai': 'gemini', 'vertex-ai': 'gemini', 'aws-bedrock': 'bedrock' }
const PROVIDERS = Object.keys(FORMATS)
const named = provider => provider.replace(/-/g, '_').replace(/^./, c => c.toUpperCase())

function access(provider, route, more = '') {
  if (provider === 'aws-bedrock') return `endpoint_url env.FAKE_${route}\nregion "us-east-1"\naccess_key_id "AKIAFAKE"\nsecret_access_key "fake"\nmodel "anthropic.claude-x"\n${more}`
  const key = provider === 'vertex-ai' ? 'query_params {\nkey "k"\n}\nproject_id "p"' : 'api_key "k"'
  return `base_url env.FAKE_${route}\n${key}\n${provider === 'azure-openai' ? 'api_version "v"\n' : ''}model "m-1"\n${more}`
}
const client = (name, provider, options, policy = '') => `client<llm> ${name} {\nprovider ${provider}\n${policy ? `retry_policy ${policy}\n` : ''}options {\n${options}\n}\n}\n`
const TYPES = 'class Ship {\nname string\nn int?\n}\nclass Fleet {\ntitle string\nships Ship[]\nnote string?\n}\n'
const RETURNS = { F: 'Ship', T: 'string', L: 'Fleet' }
const functions = name => Object.entries(RETURNS).map(([key, type]) => `function ${key}${name}(x: string) -> ${type} {\nclient ${name}\nprompt #"Describe {{ x }}. {{ ctx.output_format }}"#\n}\n`).join('')
const project = () => TYPES + PROVIDERS.map(p => client(named(p), p, access(p, 'A')) + functions(named(p))).join('')

// ---------------------------------------------------------------- what is said
const WORDS = ['Vasa', 'Älvsnabben', '東京', 'Ship 🚢', 'a "quoted" word', 'line\nbreak', 'tab\t', 'é', '{brace}', '', 'null', '100', '\u2028']
function answer(d, kind) {
  const ship = () => ({ name: d.pick(WORDS), n: d.chance(.2) ? null : d.int(1000) })
  if (kind === 'T') return d.some(WORDS, 1 + d.int(6)).join(' ') || 'x'
  const value = kind === 'F' ? ship() : { title: d.pick(WORDS), ships: Array.from({ length: d.int(5) }, ship), ...(d.chance(.5) ? { note: d.pick(WORDS) } : {}) }
  const text = JSON.stringify(value, null, d.pick([0, 1, 2]))
  return d.pick([text, text, 'Here it is:\n' + text, '```json\n' + text + '\n```', text + '\nDone.', 'The answer {x} is\n```\n' + text + '\n```\nbye'])
}
function cut(d, text, most = 8) {
  const signs = [...text], pieces = [], n = 1 + d.int(most)
  for (let i = 0; i < n && signs.length; i++) pieces.push(signs.splice(0, i === n - 1 ? signs.length : Math.max(1, d.int(2 * Math.ceil(signs.length / (n - i))))).join(''))
  if (signs.length) pieces.push(signs.join(''))
  if (d.chance(.2)) pieces.splice(d.int(pieces.length + 1), 0, '')
  return pieces
}

// ---------------------------------------------------------------- events of each format, with what services vary
const makers = {
  openai(d, pieces) {
    const base = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1700000000, model: 'm-1', ...(d.chance(.3) ? { system_fingerprint: 'fp', service_tier: 'default' } : {}), ...(d.chance(.1) ? { provider: 'Other' } : {}) }
    const chunk = (choices, more = {}) => ({ data: { ...base, choices, ...more } })
    const delta = (delta, more = {}) => chunk([{ index: 0, delta, finish_reason: null, ...(d.chance(.2) ? { logprobs: null } : {}), ...more }])
    const out = []
    if (d.chance(.6)) out.push(delta({ role: 'assistant', content: d.pick(['', null]), ...(d.chance(.3) ? { refusal: null } : {}) }))
    if (d.chance(.2)) for (const key of [d.pick(['reasoning_content', 'reasoning'])]) out.push(delta({ [key]: 'hm ' }), delta({ content: null, [key]: 'so' }))
    for (const piece of pieces) out.push(delta(d.chance(.1) ? { role: 'assistant', content: piece } : { content: piece }))
    if (d.chance(.1)) out.splice(1 + d.int(out.length), 0, delta({}))
    if (d.chance(.12)) out.splice(d.int(out.length + 1), 0, delta({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a"' } }] }), delta({ content: null, tool_calls: [{ index: 0, function: { arguments: ': 1}' } }] }))
    if (d.chance(.05)) out.splice(d.int(out.length + 1), 0, chunk([{ index: 1, delta: { content: 'OTHER' }, finish_reason: null }]))
    if (d.chance(.05)) out.splice(d.int(out.length + 1), 0, delta({ function_call: { name: 'f', arguments: '' } }))
    if (d.chance(.05)) out.splice(d.int(out.length + 1), 0, chunk([]))
    const usage = counts(d, { in: 'prompt_tokens', out: 'completion_tokens', total: 'total_tokens', cached: ['prompt_tokens_details', 'cached_tokens'], more: { completion_tokens_details: { reasoning_tokens: 2 } } })
    const place = d.pick(['apart', 'apart', 'finish', 'every', 'none', 'null', 'first'])
    const finish = d.pick(['stop', 'stop', 'stop', 'length', 'tool_calls', 'content_filter', 'eos', 'STOP', null])
    if (d.chance(.9)) out.push(chunk([{ index: 0, delta: d.pick([{}, { content: null }, { content: '' }]), finish_reason: finish }], place === 'finish' ? { usage } : {}))
    if (place === 'every') for (const e of out) e.data.usage = usage
    if (place === 'first' && out.length) out[0].data.usage = usage
    if (place === 'null') for (const e of out) e.data.usage = null
    if (place === 'apart') out.push(chunk([], { usage }))
    return { events: out, end: [{ data: '[DONE]' }] }
  },
  responses(d, pieces) {
    let n = 0
    const event = (type, more) => ({ event: type, data: { type, ...more, sequence_number: n++ } })
    const response = status => ({ id: 'resp_1', object: 'response', created_at: 1700000000, model: 'm-1', status, output: [], error: null, incomplete_details: null, parallel_tool_calls: true, tool_choice: 'auto', tools: [], metadata: {} })
    const place = { item_id: 'msg_1', output_index: 0, content_index: 0 }
    const out = [event('response.created', { response: response('in_progress') })]
    if (d.chance(.7)) out.push(event('response.in_progress', { response: response('in_progress') }))
    if (d.chance(.3)) { out.push(event('response.output_item.added', { output_index: 0, item: { id: 'rs_1', type: 'reasoning', summary: [] } }), event('response.reasoning_summary_text.delta', { item_id: 'rs_1', output_index: 0, summary_index: 0, delta: 'hm' }), event('response.output_item.done', { output_index: 0, item: { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] } })); place.output_index = 1 }
    if (d.chance(.15)) out.push(event('response.output_item.added', { output_index: place.output_index, item: { id: 'fc_1', type: 'function_call', status: 'in_progress', arguments: '', call_id: 'c', name: 'f' } }), event('response.function_call_arguments.delta', { item_id: 'fc_1', output_index: place.output_index, delta: '{}' }))
    if (d.chance(.15)) out.push(event('response.web_search_call.in_progress', { item_id: 'ws_1', output_index: 0 }))
    out.push(event('response.output_item.added', { output_index: place.output_index, item: { id: 'msg_1', type: 'message', status: 'in_progress', role: 'assistant', content: [] } }), event('response.content_part.added', { ...place, part: { type: 'output_text', text: '', annotations: [], logprobs: [] } }))
    for (const delta of pieces) out.push(event('response.output_text.delta', { ...place, delta, logprobs: [], ...(d.chance(.2) ? { obfuscation: 'xyz' } : {}) }))
    const text = pieces.join('')
    if (d.chance(.2)) out.push(event('response.output_text.annotation.added', { ...place, annotation_index: 0, annotation: { type: 'url_citation', url: 'http://u', title: 't', start_index: 0, end_index: 1 } }))
    out.push(event('response.output_text.done', { ...place, text, logprobs: [] }))
    const message = { id: 'msg_1', type: 'message', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text, annotations: [], logprobs: [] }] }
    out.push(event('response.output_item.done', { output_index: place.output_index, item: message }))
    const usage = d.chance(.15) ? null : { input_tokens: d.int(99), output_tokens: d.int(99), total_tokens: 9, input_tokens_details: { cached_tokens: d.pick([0, 0, 5]) }, output_tokens_details: { reasoning_tokens: 1 } }
    const cutShort = d.chance(.2)
    out.push(event(cutShort ? 'response.incomplete' : 'response.completed', { response: { ...response(cutShort ? 'incomplete' : 'completed'), output: [message], usage, ...(cutShort ? { incomplete_details: { reason: d.pick(['max_output_tokens', 'content_filter']) } } : {}) } }))
    return { events: out, end: d.chance(.2) ? [{ data: '[DONE]' }] : [] }
  },
  anthropic(d, pieces) {
    const event = (type, more = {}) => ({ event: type, data: { type, ...more } })
    const cache = d.chance(.4) ? { cache_creation_input_tokens: d.int(9), cache_read_input_tokens: d.int(9) } : {}
    const input = d.int(50)
    const out = [event('message_start', { message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm-1', content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: input, output_tokens: 1, ...cache, ...(d.chance(.3) ? { service_tier: 'standard', cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 } } : {}) } } })]
    let index = 0
    if (d.chance(.7)) out.push(event('ping'))
    if (d.chance(.3)) { out.push(event('content_block_start', { index, content_block: { type: 'thinking', thinking: '', ...(d.chance(.5) ? { signature: '' } : {}) } }), event('content_block_delta', { index, delta: { type: 'thinking_delta', thinking: 'hm' } }), event('content_block_delta', { index, delta: { type: 'signature_delta', signature: 'sig' } }), event('content_block_stop', { index })); index++ }
    if (d.chance(.1)) { out.push(event('content_block_start', { index, content_block: { type: 'redacted_thinking', data: 'xxx' } }), event('content_block_stop', { index })); index++ }
    out.push(event('content_block_start', { index, content_block: { type: 'text', text: '', ...(d.chance(.1) ? { citations: null } : {}) } }))
    for (const text of pieces) out.push(event('content_block_delta', { index, delta: { type: 'text_delta', text } }))
    if (d.chance(.1)) out.push(event('content_block_delta', { index, delta: { type: 'citations_delta', citation: { type: 'char_location', cited_text: 'c', document_index: 0, document_title: 't', start_char_index: 0, end_char_index: 1 } } }))
    out.push(event('content_block_stop', { index }))
    if (d.chance(.15)) { index++; out.push(event('content_block_start', { index, content_block: { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} } }), event('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: '{"a": 1}' } }), event('content_block_stop', { index })) }
    if (d.chance(.08)) { index++; out.push(event('content_block_start', { index, content_block: { type: 'text', text: '' } }), event('content_block_delta', { index, delta: { type: 'text_delta', text: ' and more' } }), event('content_block_stop', { index })) }
    out.push(event('message_delta', { delta: { stop_reason: d.pick(['end_turn', 'end_turn', 'max_tokens', 'stop_sequence', 'tool_use', 'pause_turn', 'refusal', 'model_context_window_exceeded']), stop_sequence: d.pick([null, null, '###']), ...(d.chance(.1) ? { container: null } : {}) }, usage: { input_tokens: input, output_tokens: 1 + d.int(99), ...cache, ...(d.chance(.1) ? { server_tool_use: { web_search_requests: 0 } } : {}) } }))
    return { events: out, end: [event('message_stop')] }
  },
  gemini(d, pieces) {
    const meta = { promptTokenCount: d.int(50), totalTokenCount: 60, ...(d.chance(.3) ? { cachedContentTokenCount: d.int(9) } : {}), ...(d.chance(.3) ? { promptTokensDetails: [{ modality: 'TEXT', tokenCount: 3 }] } : {}), ...(d.chance(.3) ? { thoughtsTokenCount: 4 } : {}) }
    const event = (parts, more = {}) => ({ data: { candidates: [{ content: { parts, role: 'model' }, ...(d.chance(.8) ? { index: 0 } : {}), ...more }], usageMetadata: meta, ...(d.chance(.8) ? { modelVersion: 'm-1' } : {}), ...(d.chance(.5) ? { responseId: 'r' } : {}) } })
    const out = []
    if (d.chance(.25)) out.push(event([{ text: 'hm', thought: true }]))
    for (const text of pieces) out.push(event(d.chance(.1) ? [{ text }, { text: '' }] : d.chance(.1) ? [{ text, thoughtSignature: 'c2ln' }] : [{ text }]))
    if (d.chance(.1)) out.push(event([{ functionCall: { name: 'f', args: { a: 1 } } }]))
    if (d.chance(.05)) out.push(event([{ executableCode: { language: 'PYTHON', code: '1' } }]))
    const finish = d.pick(['STOP', 'STOP', 'MAX_TOKENS', 'SAFETY', 'RECITATION', 'OTHER', 'MALFORMED_FUNCTION_CALL'])
    const last = { ...meta, candidatesTokenCount: 1 + d.int(99) }
    if (out.length && d.chance(.6)) { const e = out[out.length - 1].data; e.candidates[0].finishReason = finish; e.usageMetadata = last } else out.push({ data: { ...event([{ text: '' }]).data, candidates: [d.pick([{ content: { parts: [{ text: '' }], role: 'model' }, finishReason: finish, index: 0 }, { content: { role: 'model' }, finishReason: finish, index: 0 }, { finishReason: finish, index: 0 }])], usageMetadata: last } })
    if (d.chance(.2)) for (const e of out) e.data.candidates[0].safetyRatings = [{ category: 'HARM_CATEGORY_HATE_SPEECH', probability: 'NEGLIGIBLE' }]
    if (d.chance(.1)) out[0].data.candidates[0].citationMetadata = { citationSources: [] }
    if (d.chance(.1)) out[out.length - 1].data.candidates[0].groundingMetadata = {}
    return { events: out, end: [] }
  },
  bedrock(d, pieces) {
    const event = (event, data) => ({ event, data }), out = [event('messageStart', { role: 'assistant' })]
    let contentBlockIndex = 0
    if (d.chance(.25)) { out.push(event('contentBlockDelta', { contentBlockIndex, delta: { reasoningContent: { text: 'hm' } } }), event('contentBlockDelta', { contentBlockIndex, delta: { reasoningContent: { signature: 'sig' } } }), event('contentBlockStop', { contentBlockIndex })); contentBlockIndex++ }
    for (const text of pieces) out.push(event('contentBlockDelta', { contentBlockIndex, delta: { text }, ...(d.chance(.3) ? { p: 'abcd' } : {}) }))
    out.push(event('contentBlockStop', { contentBlockIndex }))
    if (d.chance(.15)) { contentBlockIndex++; out.push(event('contentBlockStart', { contentBlockIndex, start: { toolUse: { toolUseId: 't', name: 'f' } } }), event('contentBlockDelta', { contentBlockIndex, delta: { toolUse: { input: '{}' } } }), event('contentBlockStop', { contentBlockIndex })) }
    out.push(event('messageStop', { stopReason: d.pick(['end_turn', 'end_turn', 'max_tokens', 'stop_sequence', 'tool_use', 'guardrail_intervened', 'content_filtered']), ...(d.chance(.2) ? { additionalModelResponseFields: {} } : {}) }))
    if (d.chance(.85)) out.push(event('metadata', { usage: { inputTokens: d.int(50), outputTokens: d.int(50), totalTokens: 9, ...(d.chance(.3) ? { cacheReadInputTokens: d.int(9), cacheWriteInputTokens: 0 } : {}) }, metrics: { latencyMs: 12 } }))
    if (d.chance(.1)) out.push(event('newEvent', { x: 1 }))
    return { events: out, end: [] }
  }
}
function counts(d, names) {
  const usage = { [names.in]: d.int(99), [names.out]: d.int(99), [names.total]: d.int(99) }
  if (d.chance(.5)) usage[names.cached[0]] = { [names.cached[1]]: d.pick([0, 7, null]), ...(d.chance(.3) ? { audio_tokens: 0 } : {}) }
  if (d.chance(.2)) usage[names.cached[0]] = null
  return d.chance(.4) ? { ...usage, ...names.more } : usage
}

// ---------------------------------------------------------------- the bytes of a stream
const plainStyle = { eol: '\n', space: ' ', named: true }
function sse(d, events, style = plainStyle) {
  const { eol } = style, out = []
  for (const e of events) {
    if (style.noise) for (let i = d.int(3); i > 0; i--) out.push(d.pick([`: keep-alive${eol}${eol}`, `:${eol}`, `id: 7${eol}`, `retry: 3000${eol}`, eol, `x-other: 1${eol}`, `: a${eol}: b${eol}${eol}`]))
    const text = typeof e.data === 'string' ? e.data : JSON.stringify(e.data, null, style.pretty ? 1 : 0)
    if (e.event && (style.named || d.chance(.5))) out.push(`event:${style.space}${e.event}${eol}`)
    else if (style.wrong && d.chance(.3)) out.push(`event: ${d.pick(['message', 'x', 'completion'])}${eol}`)
    if (style.idFirst) out.push(`id:${d.int(99)}${eol}`)
    out.push(text.split('\n').map(line => `data:${style.space}${line}${eol}`).join(''), style.idLast ? `id: 1${eol}` : '', eol)
    if (style.blank) out.push(eol.repeat(d.int(3)))
  }
  let text = out.join('')
  if (style.unfinished) text = text.slice(0, -eol.length * d.pick([1, 2]))
  return (style.mark ? '\ufeff' : '') + text
}
const frames = events => Buffer.concat(events.map(e => awsFrame(e.headers ?? { ':event-type': e.event, ':content-type': 'application/json', ':message-type': 'event' }, typeof e.data === 'string' ? e.data : JSON.stringify(e.data))))
const isFramed = provider => FORMATS[provider] === 'bedrock'
function rawStep(d, provider, events, style, more = {}) {
  if (isFramed(provider)) return { raw_base64: frames(events).toString('base64'), ctype: 'application/vnd.amazon.eventstream', ...more }
  return { raw: sse(d, events, style), ctype: d.pick(['text/event-stream', 'text/event-stream; charset=utf-8']), ...more }
}
const oneCall = (d, provider, kind, step, more = {}) => ({ baml: 'made.baml', function: kind + named(provider), args: { x: d.pick(['a ship', 'ünï', '']) }, match: 'final', ...(step.raw !== undefined || step.raw_base64 !== undefined || step.packet ? { ignore: ['server'] } : {}), scenario: { routes: { a: [step] } }, ...more })

// ---------------------------------------------------------------- families
const families = {
  // right events in an odd but legal dress
  dress(d, provider) {
    const kind = d.pick('FTL'), made = makers[FORMATS[provider]](d, cut(d, answer(d, kind)))
    const style = { eol: d.pick(['\n', '\r\n', '\r']), space: d.pick([' ', '']), named: d.chance(.7) }
    for (const key of d.some(['noise', 'pretty', 'idFirst', 'idLast', 'blank', 'unfinished'], d.int(3))) style[key] = true
    return oneCall(d, provider, kind, rawStep(d, provider, [...made.events, ...(d.chance(.85) ? made.end : [])], style, d.chance(.3) ? { packet: 1 + d.int(40) } : {}))
  },
  // a server that takes its time: every partial counts
  paced(d, provider) {
    const kind = d.pick('FTL'), step = { chunks: cut(d, answer(d, kind), 5), delay: 90, first_delay: 60 }
    if (d.chance(.3)) step.reasoning = ['hm ', 'so']
    if (d.chance(.3)) step.usage = d.pick([null, { in: 3, out: 4 }, { in: 30, out: 4, cached: 10 }, { in: 1, out: 2, cached: 3, cache_write: 4, reasoning: 5 }])
    if (d.chance(.3)) step.packet = 1 + d.int(60)
    const c = oneCall(d, provider, kind, step)
    delete c.match
    return c
  },
  // whole replies
  whole(d, provider) {
    const kind = d.pick('FTL'), step = { text: answer(d, kind) }
    if (d.chance(.5)) step.usage = d.pick([null, { in: 3, out: 4 }, { in: 30, out: 4, cached: 10 }, { in: 1, out: 2, cached: 0, cache_write: 4, reasoning: 5 }])
    if (d.chance(.3)) step.finish = d.pick(['length', 'max_tokens', 'MAX_TOKENS', 'SAFETY', 'tool_calls', 'content_filter', 'incomplete', 'stop', null, ''])
    if (d.chance(.2)) step.reasoning = ['hm ', 'so']
    if (d.chance(.1)) step.refusal = d.pick(['no', ''])
    if (d.chance(.2)) step.headers = d.pick([{ 'content-type': 'text/plain' }, { 'content-type': 'application/octet-stream' }, { 'x-request-id': 'r1' }, { 'content-type': 'application/json; charset=latin1' }])
    return oneCall(d, provider, kind, step, { mode: 'call' })
  },
  // an event that is missing, doubled, moved, or of another form
  bent(d, provider) {
    const kind = d.pick('FT'), made = makers[FORMATS[provider]](d, cut(d, answer(d, kind))), events = [...made.events, ...made.end]
    for (let i = 1 + d.int(2); i > 0 && events.length > 1; i--) {
      const at = d.int(events.length)
      switch (d.int(6)) {
        case 0: events.splice(at, 1); break
        case 1: events.splice(at, 0, events[at]); break
        case 2: events.splice(d.int(events.length), 0, ...events.splice(at, 1)); break
        case 3: events.splice(at, 0, { event: 'x', data: d.pick([{}, [], 'null', '""', '1', { type: 'unheard_of' }, { object: 'x' }]) }); break
        default: if (typeof events[at].data === 'object') events[at] = { ...events[at], data: bend(d, events[at].data) }
      }
    }
    return oneCall(d, provider, kind, rawStep(d, provider, events, plainStyle))
  },
  // a whole reply of which a part is missing or of another form
  bent_whole(d, provider) {
    const kind = d.pick('FT'), body = bend(d, wholeBody(FORMATS[provider], answer(d, kind), d))
    return oneCall(d, provider, kind, { raw: JSON.stringify(body), ctype: 'application/json' }, { mode: 'call' })
  },
  // what a provider says of its own trouble, anywhere
  trouble(d, provider) {
    const kind = d.pick('FT'), made = makers[FORMATS[provider]](d, cut(d, answer(d, kind))), all = [...made.events, ...made.end]
    const at = d.int(all.length + 1), bad = troubleOf(d, provider), rest = d.chance(.6) ? [] : all.slice(at)
    return oneCall(d, provider, kind, rawStep(d, provider, [...all.slice(0, at), bad, ...rest], plainStyle))
  },
  // statuses, with bodies of every kind
  status(d, provider) {
    const status = d.pick([201, 202, 204, 206, 301, 302, 303, 304, 307, 400, 401, 402, 403, 404, 405, 408, 409, 413, 415, 418, 422, 424, 429, 451, 498, 499, 500, 501, 502, 503, 504, 520, 524, 529, 598])
    const body = d.pick([undefined, '', 'plain text', '<html><body>502</body></html>', '{"error":', '"a string"', '17', 'null', [], { error: 'text' }, { error: { message: 'm', type: 't', code: 7, param: null } }, { message: 'no' }, { detail: 'd' }, { detail: [{ loc: ['a'], msg: 'm' }] }, { errors: ['x'] }, [{ error: { code: 400, message: 'm', status: 'INVALID_ARGUMENT' } }], 'é東'.repeat(50), ' {"error": {"message": "spaces"}} \n'])
    const step = { status, ...(body === undefined ? {} : { body }), headers: d.pick([{}, {}, { 'content-type': 'text/html' }, { 'retry-after': '1' }, { 'x-request-id': 'r' }]) }
    return oneCall(d, provider, 'F', step, d.chance(.4) ? { mode: 'call' } : {})
  },
  // a right body under another name, or one that is none
  content(d, provider) {
    const kind = d.pick('FT'), made = makers[FORMATS[provider]](d, cut(d, answer(d, kind))), stream = sse(d, [...made.events, ...made.end])
    const whole = JSON.stringify(wholeBody(FORMATS[provider], answer(d, kind), d))
    const raw = d.pick([stream, whole, stream.slice(0, d.int(stream.length)), whole.slice(0, d.int(whole.length)), '', ' ', '\n\n', 'hello', '<html>no</html>', 'null', '[]', '{}', '"x"', 'data: [DONE]\n\n', 'data:\n\n', ': nothing\n\n', '\u0000\u0001'])
    const ctype = d.pick(['text/event-stream', 'application/json', 'text/plain', 'application/x-ndjson', 'text/html', 'application/vnd.amazon.eventstream'])
    return oneCall(d, provider, kind, { raw, ctype, ...(d.chance(.2) ? { gzip: true } : {}) }, d.chance(.4) ? { mode: 'call' } : {})
  },
  // compressed bodies
  gzip(d, provider) {
    const kind = d.pick('FTL'), made = makers[FORMATS[provider]](d, cut(d, answer(d, kind)))
    const call = d.chance(.4), step = call ? { raw: JSON.stringify(wholeBody(FORMATS[provider], answer(d, kind), d)), ctype: 'application/json' } : rawStep(d, provider, [...made.events, ...made.end], plainStyle)
    return oneCall(d, provider, kind, { ...step, gzip: true }, call ? { mode: 'call' } : {})
  },
  // strategies in each other, over servers that fail in their ways
  policy(d) {
    const counts = { leaf: 0, policy: 0, strategy: 0 }, routes = {}, parts = []
    const policy = () => {
      const name = `P${++counts.policy}`
      parts.push(`retry_policy ${name} {\nmax_retries ${d.int(3)}\n${d.pick(['', `strategy {\ntype constant_delay\ndelay_ms ${10 * d.int(6)}\n}`, `strategy {\ntype exponential_backoff\ndelay_ms ${10 + d.int(20)}\nmultiplier ${d.pick(['1.5', '2.0'])}\nmax_delay_ms 100\n}`])}\n}\n`)
      return name
    }
    const node = depth => {
      const retry = d.chance(.35) ? policy() : ''
      if (depth === 0 || counts.leaf > 2 || d.chance(.3)) {
        const route = 'ABCD'[counts.leaf++ % 4], provider = d.pick(['openai-generic', 'openai', 'anthropic', 'google-ai', 'openai-responses'])
        routes[route.toLowerCase()] ??= Array.from({ length: 1 + d.int(3) }, () => leafStep(d))
        parts.push(client(`L${counts.leaf}`, provider, access(provider, route), retry))
        return `L${counts.leaf}`
      }
      const name = `S${++counts.strategy}`, members = Array.from({ length: 1 + d.int(3) }, () => node(depth - 1)), kind = d.pick(['fallback', 'fallback', 'round-robin'])
      parts.push(client(name, kind, `strategy [${members.join(', ')}]${kind === 'round-robin' ? `\nstart ${d.int(members.length)}` : ''}`, retry))
      return name
    }
    const start = node(3)
    parts.push(TYPES, `function Go(x: string) -> Ship {\nclient ${start}\nprompt #"{{ x }}"#\n}\n`)
    return { baml: null, source: parts.join(''), function: 'Go', args: { x: 'a' }, match: 'final', ignore: ['gaps_ms'], limit_ms: 20000, scenario: { routes }, ...(d.chance(.3) ? { mode: 'call' } : {}), ...(d.chance(.25) ? { repeat: 3 } : {}) }
  },
  // time limits
  limit(d, provider) {
    const limits = d.pick([['request_timeout_ms', 'accept'], ['request_timeout_ms', 'headers'], ['request_timeout_ms', 2], ['time_to_first_token_timeout_ms', 'headers'], ['idle_timeout_ms', 1], ['idle_timeout_ms', 0], ['time_to_first_token_timeout_ms', 1]])
    const [name, hang] = limits, value = 150 + 50 * d.int(3)
    const step = { chunks: cut(d, answer(d, 'T'), 4), delay: 60, hang: hang === 'accept' || hang === 'headers' ? hang : Math.min(hang, 1) }
    const more = name === 'time_to_first_token_timeout_ms' && hang === 1 || hang === 0 ? `http {\n${name} ${value}\nrequest_timeout_ms 900\n}` : `http {\n${name} ${value}\n}`
    const source = TYPES + client('C', provider, access(provider, 'A', more)) + 'function Go(x: string) -> string {\nclient C\nprompt #"{{ x }}"#\n}\n'
    return { baml: null, source, function: 'Go', args: { x: 'a' }, match: 'final', scenario: { routes: { a: [step] } }, ...(d.chance(.3) && name === 'request_timeout_ms' && typeof hang === 'string' ? { mode: 'call' } : {}) }
  },
  // finish reasons that a client accepts or not
  finish(d, provider) {
    const reasons = ['stop', 'STOP', 'length', 'end_turn', 'max_tokens', 'completed', 'incomplete', 'MAX_TOKENS', 'tool_use']
    const list = d.some(reasons, 1 + d.int(3)).map(r => JSON.stringify(r)).join(', '), rule = d.pick(['allow', 'deny'])
    const source = TYPES + client('C', provider, access(provider, 'A', `finish_reason_${rule}_list [${list}]`), 'P') + 'retry_policy P {\nmax_retries 1\nstrategy {\ntype constant_delay\ndelay_ms 10\n}\n}\nfunction Go(x: string) -> Ship {\nclient C\nprompt #"{{ x }}"#\n}\n'
    const step = { text: answer(d, 'F'), chunk: 6, ...(d.chance(.7) ? { finish: d.pick([...reasons, null, '']) } : {}) }
    return { baml: null, source, function: 'Go', args: { x: 'a' }, match: 'final', scenario: { routes: { a: [step] } }, ...(d.chance(.4) ? { mode: 'call' } : {}) }
  },
  // the connection breaks, or the caller loses interest
  broken(d, provider) {
    const kind = d.pick('FT'), step = { chunks: cut(d, answer(d, kind), 5), delay: 30 }, n = step.chunks.length
    if (d.chance(.6)) step.disconnect = { after: d.pick([-1, 0, 1, n]), how: d.pick(['reset', 'fin']) }
    else if (d.chance(.5)) step.fail = { after: d.int(n + 1), status: d.pick([400, 429, 500, 503, 529]), message: 'busy', how: d.pick(['error', 'failed']) }
    else step.no_done = true
    return oneCall(d, provider, kind, step, d.chance(.2) ? { mode: 'call' } : {})
  }
}
function leafStep(d) {
  return d.pick([
    () => ({ text: '{"name": "Vasa", "n": 1}', chunk: 8 }), () => ({ text: 'no ship' }), () => ({ status: d.pick([408, 409, 429, 500, 502, 503, 529]) }), () => ({ status: d.pick([500, 503]), body: 'x' }),
    () => ({ raw: d.pick(['', 'junk', '{}', 'data: [DONE]\n\n']) }), () => ({ disconnect: { after: -1, how: 'reset' } }), () => ({ chunks: ['{"name": "Va', 'sa"'], delay: 20, disconnect: { after: 1, how: d.pick(['reset', 'fin']) } }),
    () => ({ chunks: ['{"name":', ' "Vasa"}'], delay: 20, fail: { after: 1, status: 500, message: 'busy' } }), () => ({ text: '{"name": "Kalmar", "n": 2}' })
  ])()
}
function troubleOf(d, provider) {
  const error = d.pick([{ message: 'busy', type: 'server_error', code: 'busy' }, { message: 'busy', code: 529 }, 'busy', { type: 'overloaded_error', message: 'Overloaded' }, { code: 503, message: 'busy', status: 'UNAVAILABLE' }])
  switch (FORMATS[provider]) {
    case 'anthropic': return { event: 'error', data: d.pick([{ type: 'error', error }, { type: 'error', error, request_id: 'r' }]) }
    case 'responses': return d.pick([{ event: 'error', data: { type: 'error', code: 'c', message: 'busy', param: null, sequence_number: 9 } }, { event: 'response.failed', data: { type: 'response.failed', response: { id: 'r', object: 'response', created_at: 1, model: 'm-1', status: 'failed', output: [], error: { code: 'server_error', message: 'busy' } } } }, { data: { error } }])
    case 'bedrock': return { data: { message: 'busy' }, headers: { ':exception-type': d.pick(['throttlingException', 'internalServerException', 'modelStreamErrorException', 'validationException', 'serviceUnavailableException']), ':content-type': 'application/json', ':message-type': 'exception' } }
    default: return d.pick([{ data: { error } }, { data: { error } }, { event: 'error', data: { error } }, { data: '{"broken' }, { data: 'not json' }])
  }
}
function wholeBody(format, text, d) {
  const usage = d.int(90)
  switch (format) {
    case 'openai': return { id: 'c', object: 'chat.completion', created: 1700000000, model: 'm-1', choices: [{ index: 0, message: { role: 'assistant', content: text, refusal: null }, logprobs: null, finish_reason: 'stop' }], usage: { prompt_tokens: usage, completion_tokens: 2, total_tokens: 9, prompt_tokens_details: { cached_tokens: 1 } } }
    case 'responses': return { id: 'r', object: 'response', created_at: 1700000000, model: 'm-1', status: 'completed', error: null, incomplete_details: null, output: [{ type: 'reasoning', id: 'rs', summary: [] }, { type: 'message', id: 'm', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text, annotations: [] }] }], usage: { input_tokens: usage, output_tokens: 2, total_tokens: 9, input_tokens_details: { cached_tokens: 1 }, output_tokens_details: { reasoning_tokens: 0 } } }
    case 'anthropic': return { id: 'm', type: 'message', role: 'assistant', model: 'm-1', content: [{ type: 'text', text }], stop_reason: 'end_turn', stop_sequence: null, usage: { input_tokens: usage, output_tokens: 2, cache_read_input_tokens: 1 } }
    case 'gemini': return { candidates: [{ content: { parts: [{ text }], role: 'model' }, finishReason: 'STOP', index: 0 }], usageMetadata: { promptTokenCount: usage, candidatesTokenCount: 2, totalTokenCount: 9 }, modelVersion: 'm-1' }
    default: return { output: { message: { role: 'assistant', content: [{ text }] } }, stopReason: 'end_turn', usage: { inputTokens: usage, outputTokens: 2, totalTokens: 9 }, metrics: { latencyMs: 1 } }
  }
}
// one field of a value, anywhere, goes or becomes something else
function bend(d, value) {
  const copy = structuredClone(value), places = []
  const walk = (node, depth) => { for (const key of Object.keys(node)) { places.push([node, key]); if (node[key] && typeof node[key] === 'object' && depth < 7) walk(node[key], depth + 1) } }
  walk(copy, 0)
  if (!places.length) return copy
  const [node, key] = d.pick(places)
  if (d.chance(.35)) { if (Array.isArray(node)) node.splice(key, 1); else delete node[key] }
  else node[key] = d.pick([null, null, '', 'text', 0, -1, 1.5, 12345678901, true, [], {}, [{}], ['x'], { text: 'x' }, [{ type: 'text', text: 'part' }]])
  return copy
}

// ---------------------------------------------------------------- the cases
const WEIGHTS = { dress: 20, paced: 8, whole: 8, bent: 14, bent_whole: 8, trouble: 8, status: 10, content: 8, gzip: 3, policy: 14, limit: 4, finish: 5, broken: 6 }
const WITHOUT_PROVIDER = new Set(['policy'])
function build(seed, count) {
  const bag = Object.entries(WEIGHTS).flatMap(([name, weight]) => Array(weight).fill(name)), cases = [], files = { 'made.baml': project() }
  for (let n = 0; n < count; n++) {
    const d = dice(seed * 1000003 + n * 7919), family = d.pick(bag), provider = d.pick(PROVIDERS)
    const id = `${family.replace('_', '-')}-${seed}-${n}${WITHOUT_PROVIDER.has(family) ? '' : `-${provider}`}`
    const { source, ...c } = families[family](d, provider)
    if (source) files[c.baml = `${id}.baml`] = source
    cases.push({ id, ...c })
  }
  return { cases, files }
}

const args = process.argv.slice(2), opt = (name, normal) => { const i = args.indexOf(name); return i < 0 ? normal : +args.splice(i, 2)[1] }
const seed = opt('--seed', 1), count = opt('--count', 200), dir = args[0]
if (!dir || Number.isNaN(seed) || Number.isNaN(count)) { process.stderr.write('usage: node generate-stream.mjs DIR [--seed N] [--count M]\n'); process.exit(2) }
const { cases, files } = build(seed, count)
fs.mkdirSync(dir, { recursive: true })
for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(dir, name), text)
fs.writeFileSync(path.join(dir, 'made.jsonl'), cases.map(c => JSON.stringify(c) + '\n').join(''))
console.log(`${cases.length} cases in ${path.join(dir, 'made.jsonl')}`)
