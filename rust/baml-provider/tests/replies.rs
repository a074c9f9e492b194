//! Streams of every provider, as their services send them: what is read, and that no cut of the
//! bytes changes it. The streams are written out here, so each one can be seen with its reading.

mod clients;

use baml_provider::{
    Decoder, Event, FailureKind, ProviderFailure, ResolvedClient, Usage, decode_whole,
};
use clients::client;

fn read(client: &ResolvedClient, pieces: &[&[u8]]) -> Vec<Event> {
    let mut decoder = Decoder::new(client);
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(piece, &mut events);
    }
    decoder.finish(&mut events);
    events
}

/// Reads a stream whole, then cut at every byte and byte by byte: the events are the same.
fn stream(provider: &str, bytes: &[u8]) -> Vec<Event> {
    let client = client(provider, &[]);
    let whole = read(&client, &[bytes]);
    for cut in 0..=bytes.len() {
        assert_eq!(read(&client, &[&bytes[..cut], &bytes[cut..]]), whole, "cut at {cut}");
    }
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(read(&client, &single), whole, "byte by byte");
    whole
}

fn text(text: &str) -> Event {
    Event::Text(text.to_owned())
}

fn usage(input: u64, output: u64, cached: Option<u64>) -> Event {
    Event::Usage(Usage {
        input_tokens: Some(input),
        output_tokens: Some(output),
        cached_input_tokens: cached,
    })
}

fn failure(event: &Event) -> &ProviderFailure {
    match event {
        Event::Failure(failure) => failure,
        other => panic!("not a failure: {other:?}"),
    }
}

#[test]
fn openai_stream_gives_text_reasoning_usage_and_end() {
    let bytes = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"\u{e4}\u{1f980}\"},\"finish_reason\":null}]}\n\n\
        data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
        data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,\
        \"prompt_tokens_details\":{\"cached_tokens\":2}}}\n\ndata: [DONE]\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"late\"}}]}\n\n";
    assert_eq!(
        stream("openai", bytes.as_bytes()),
        [
            Event::Reasoning("hm".into()),
            text("\u{e4}\u{1f980}"),
            Event::Finish("stop".into()),
            usage(3, 4, Some(2)),
            Event::End,
        ]
    );
}

#[test]
fn openai_error_in_the_middle_is_told_and_reading_goes_on() {
    let bytes = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n\
        data: {\"error\":{\"message\":\"boom\",\"code\":500}}\n\ndata: {no json\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n\n";
    let events = stream("openai-generic", bytes.as_bytes());
    assert_eq!(events[0], text("a"));
    assert_eq!(failure(&events[1]).message, "boom");
    assert_eq!(failure(&events[1]).code.as_deref(), Some("500"));
    assert_eq!(failure(&events[2]).kind, FailureKind::Unreadable);
    assert_eq!(events[3..], [Event::Resumed, text("b")]);
    assert_eq!(events.len(), 5, "no end marker came");
}

#[test]
fn streams_that_say_nothing_fail_once() {
    for bytes in ["", "data: [DONE]\n\n", "<html>hi</html>", ": ping\n\n", "\"error\""] {
        let events = stream("openai-generic", bytes.as_bytes());
        let failures = events.iter().filter(|event| matches!(event, Event::Failure(_)));
        assert_eq!(failures.count(), 1, "{bytes}");
        assert_eq!(failure(events.last().expect("one")).kind, FailureKind::Silent);
    }
}

#[test]
fn responses_stream_gives_text_reasoning_usage_and_end() {
    let bytes =
        b"event: response.created\ndata: {\"type\":\"response.created\",\"response\":{}}\n\n\
        data: {\"type\":\"response.reasoning_summary_text.delta\",\"delta\":\"hm\"}\n\n\
        data: {\"type\":\"response.output_text.delta\",\"delta\":\"a\"}\n\n\
        data: {\"type\":\"response.function_call_arguments.delta\",\"delta\":{\"x\":1}}\n\n\
        data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\
        \"usage\":{\"input_tokens\":5,\"output_tokens\":6,\
        \"input_tokens_details\":{\"cached_tokens\":0}}}}\n\n";
    assert_eq!(
        stream("openai-responses", bytes),
        [
            Event::Reasoning("hm".into()),
            text("a"),
            Event::Finish("completed".into()),
            usage(5, 6, Some(0)),
            Event::End,
        ]
    );
}

#[test]
fn responses_answer_is_the_first_part_streamed_or_told_at_the_end() {
    let bytes =
        b"data: {\"type\":\"response.output_text.delta\",\"output_index\":1,\"delta\":\"a\"}\n\n\
        data: {\"type\":\"response.output_text.delta\",\"output_index\":2,\"delta\":\"b\"}\n\n\
        data: {\"type\":\"response.output_text.delta\",\"output_index\":1,\"delta\":\"c\"}\n\n";
    assert_eq!(stream("openai-responses", bytes), [text("a"), text("c")]);
    let bytes = b"data: {\"type\":\"response.completed\",\"response\":{\"output\":[\
        {\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"whole\"}]}]}}\n\n";
    assert_eq!(stream("openai-responses", bytes), [Event::Answer("whole".into()), Event::End]);
}

#[test]
fn openai_pieces_of_another_choice_are_not_mixed_in() {
    let bytes = b"data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"}},\
        {\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n\
        data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"c\"}}]}\n\n";
    assert_eq!(stream("openai", bytes), [text("a")]);
}

#[test]
fn responses_failure_is_told_with_its_event() {
    let bytes = b"data: {\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\
        \"error\":{\"code\":\"server_error\",\"message\":\"boom\"}}}\n\n\
        data: {\"type\":\"error\",\"code\":\"c\",\"message\":\"m\",\"param\":null}\n\n";
    let events = stream("openai-responses", bytes);
    assert_eq!(failure(&events[0]).message, "boom");
    assert_eq!(failure(&events[0]).code.as_deref(), Some("server_error"));
    assert!(failure(&events[0]).raw.starts_with("{\"type\":\"response.failed\""));
    assert_eq!(failure(&events[1]).message, "m");
}

#[test]
fn anthropic_stream_reads_the_figures_of_an_old_delta_too() {
    let bytes = b"event: message_start\ndata: {\"type\":\"message_start\",\"message\":\
        {\"usage\":{\"input_tokens\":9,\"output_tokens\":1,\"cache_read_input_tokens\":4}}}\n\n\
        event: ping\ndata: {\"type\":\"ping\"}\n\n\
        data: {\"type\":\"content_block_delta\",\"index\":0,\
        \"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n\
        data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}\n\n\
        data: {\"type\":\"new_thing\"}\n\n\
        data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\
        \"usage\":{\"output_tokens\":7}}\n\n\
        event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    let late = Usage { output_tokens: Some(7), ..Usage::default() };
    assert_eq!(
        stream("anthropic", bytes),
        [
            usage(9, 1, Some(4)),
            Event::Reasoning("hm".into()),
            text("a"),
            Event::Finish("end_turn".into()),
            Event::Usage(late),
            Event::End,
        ]
    );
    let mut total = Usage { input_tokens: Some(9), output_tokens: Some(1), ..Usage::default() };
    total.update(late);
    assert_eq!((total.input_tokens, total.output_tokens), (Some(9), Some(7)));
}

#[test]
fn google_stream_needs_no_usage_and_keeps_thoughts_apart() {
    let bytes = b"data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hm\",\
        \"thought\":true},{\"text\":\"a\"},{\"text\":\"b\"}]}}]}\r\n\r\n\
        data: {\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\":\
        {\"promptTokenCount\":1,\"candidatesTokenCount\":2}}\r\n\r\n";
    assert_eq!(
        stream("google-ai", bytes),
        [
            Event::Reasoning("hm".into()),
            text("a"),
            text("b"),
            Event::Finish("STOP".into()),
            usage(1, 2, None),
            Event::End,
        ]
    );
    let blocked = b"data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\n\n";
    assert_eq!(failure(&stream("google-ai", blocked)[0]).code.as_deref(), Some("SAFETY"));
}

#[test]
fn whole_replies_of_every_provider_are_read() {
    let cases: &[(&str, &str)] = &[
        (
            "openai",
            r#"{"choices":[{"message":{"content":"t"},"finish_reason":"stop"}],
            "usage":{"prompt_tokens":1,"completion_tokens":2}}"#,
        ),
        (
            "openai-responses",
            r#"{"status":"stop",
            "output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"r"}]},
            {"type":"message","content":[{"type":"output_text","text":"t"},
            {"type":"output_text","text":"second"}]}],
            "usage":{"input_tokens":1,"output_tokens":2}}"#,
        ),
        (
            "anthropic",
            r#"{"type":"message","stop_reason":"stop","content":[
            {"type":"thinking","thinking":"r"},{"type":"text","text":"t"},
            {"type":"text","text":"second"}],"usage":{"input_tokens":1,"output_tokens":2}}"#,
        ),
        (
            "google-ai",
            r#"{"candidates":[{"content":{"parts":[{"text":"r","thought":true},
            {"text":"t"}]},"finishReason":"stop"}],
            "usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2}}"#,
        ),
        (
            "aws-bedrock",
            r#"{"output":{"message":{"content":[{"text":"t"}]}},
            "stopReason":"stop","usage":{"inputTokens":1,"outputTokens":2}}"#,
        ),
    ];
    for (provider, body) in cases {
        let reply = decode_whole(&client(provider, &[]), 200, body.as_bytes());
        let reply = reply.unwrap_or_else(|failure| panic!("{provider}: {failure:?}"));
        assert_eq!(reply.text, "t", "{provider}");
        assert_eq!(reply.finish_reason.as_deref(), Some("stop"), "{provider}");
        assert_eq!(reply.usage.input_tokens, Some(1), "{provider}");
        assert_eq!(reply.usage.output_tokens, Some(2), "{provider}");
    }
}

#[test]
fn whole_reply_with_an_empty_delta_beside_it_is_its_message() {
    let body = br#"{"model":"sonar","choices":[{"finish_reason":"stop",
        "message":{"role":"assistant","content":"t"},"delta":{"role":"assistant","content":""}}]}"#;
    let reply = decode_whole(&client("openai-generic", &[]), 200, body).expect("a reply");
    assert_eq!(reply.text, "t");
}

#[test]
fn whole_replies_that_are_none_say_why() {
    let client = client("openai", &[]);
    let html = decode_whole(&client, 200, b"<html>").expect_err("not JSON");
    assert_eq!((html.kind, html.raw.as_str()), (FailureKind::Unreadable, "<html>"));
    let empty = decode_whole(&client, 200, b"{\"choices\":[]}").expect_err("no choice");
    assert_eq!(empty.kind, FailureKind::Unexpected);
    let none = br#"{"model":"m","choices":[]}"#;
    let none = decode_whole(&client, 200, none).expect_err("no choice");
    assert_eq!(none.kind, FailureKind::NoAnswer);
    let denied = br#"{"error":{"message":"no","type":"t","code":"c"}}"#;
    let denied = decode_whole(&client, 401, denied).expect_err("refused");
    assert_eq!((denied.message.as_str(), denied.code.as_deref()), ("no", Some("c")));
    let plain = decode_whole(&client, 500, b"plain").expect_err("refused");
    assert_eq!(plain.message, "plain");
    let silent = decode_whole(&client, 502, b"").expect_err("refused");
    assert_eq!(silent.message, "status 502 without a message");
}

#[test]
fn whole_replies_without_text_are_none_or_the_call_of_a_tool() {
    let read = |provider, body: &str| decode_whole(&client(provider, &[]), 200, body.as_bytes());
    let tool = r#"{"output":{"message":{"content":[{"toolUse":{"name":"f"}}]}}}"#;
    assert_eq!(read("aws-bedrock", tool).expect_err("no text").kind, FailureKind::NoAnswer);
    let untyped = r#"{"output":[{"type":"message","content":[{"text":"t"}]}]}"#;
    let untyped = read("openai-responses", untyped).expect_err("a part of no type");
    assert_eq!(untyped.kind, FailureKind::Unexpected);
    let call = r#"{"type":"function_call","name":"f","arguments":"{\"a\":1}","call_id":"c"}"#;
    let message = r#"{"type":"message","content":[{"type":"output_text","text":"t"}]}"#;
    let first = read("openai-responses", &format!(r#"{{"output":[{call},{message}]}}"#));
    assert_eq!(first.expect("a reply").text, call);
    let second = read("openai-responses", &format!(r#"{{"output":[{message},{call}]}}"#));
    assert_eq!(second.expect("a reply").text, "t");
}

#[test]
fn raw_events_are_told_as_they_came_and_counted_always() {
    let client = client("openai", &[]);
    let mut decoder = Decoder::new(&client);
    let (mut events, mut raw) = (Vec::new(), Vec::new());
    let mut note = |name: &str, data: &str, _: &[Event]| {
        raw.push((name.to_owned(), data.to_owned()));
    };
    let bytes = b"event: e\ndata: {\"choices\":[]}\n\n: note\n\n";
    decoder.push_noting(bytes, &mut events, &mut note);
    assert_eq!(raw, [("e".to_owned(), "{\"choices\":[]}".to_owned())]);
    decoder.push(bytes, &mut events);
    assert_eq!(decoder.events_seen(), 2);
    assert!(!decoder.is_ended());
}
