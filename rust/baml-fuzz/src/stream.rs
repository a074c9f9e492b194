//! What providers send: HTTP/1.1, server-sent events, frames of an event stream, whole replies.

use baml_provider::{Decoder, Environment, Event, ResolvedClient, decode_whole};
use baml_runtime::http1::{Malformed, read_head};

use crate::choices;

struct Keys;

impl Environment for Keys {
    fn get(&self, _name: &str) -> Option<String> {
        Some("key".to_owned())
    }
}

const PROVIDERS: [&str; 5] =
    ["openai", "anthropic", "google-ai", "openai-responses", "aws-bedrock"];

fn client_of(name: &str) -> ResolvedClient {
    ResolvedClient::shorthand(name, "m", &Keys).expect("a client with a key and a model")
}

/// The events of bytes in pieces of `size`, with neighbouring texts joined: where a text is cut is
/// no matter.
fn decoded(client: &ResolvedClient, bytes: &[u8], size: usize) -> Vec<String> {
    let mut events = Vec::new();
    let mut decoder = Decoder::new(client);
    for piece in bytes.chunks(size) {
        decoder.push(piece, &mut events);
    }
    decoder.finish(&mut events);
    let mut told: Vec<String> = Vec::new();
    let mut text = String::new();
    for event in events {
        if let Event::Text(more) = event {
            text += &more;
            continue;
        }
        if !text.is_empty() {
            told.push(std::mem::take(&mut text));
        }
        told.push(format!("{event:?}"));
    }
    told.push(text);
    told
}

fn same_in_pieces(name: &str, bytes: &[u8], step: usize) {
    let client = client_of(name);
    let whole = decoded(&client, bytes, bytes.len().max(1));
    assert_eq!(whole, decoded(&client, bytes, step % 16 + 1), "{name}");
}

/// Any bytes in any pieces end in events, and the pieces do not matter.
pub fn events(bytes: &[u8]) {
    let Some((which, step, bytes)) = choices(bytes) else { return };
    same_in_pieces(PROVIDERS[which % PROVIDERS.len()], bytes, step);
}

/// Any bytes as an answer in HTTP/1.1, cut anywhere: the same head and the same body, and what is
/// the body's was among what was sent, in its order.
pub fn http(bytes: &[u8]) {
    let Some((_, step, bytes)) = choices(bytes) else { return };
    let whole = answered(bytes, bytes.len().max(1));
    let pieces = answered(bytes, step % 16 + 1);
    assert_eq!(whole, pieces);
    let mut left = bytes.iter();
    assert!(whole.1.iter().all(|byte| left.any(|sent| sent == byte)));
}

/// The status of an answer, the body as far as it came, and how it stands.
type Answered = (Option<u16>, Vec<u8>, Result<(bool, bool), Malformed>);

fn answered(bytes: &[u8], size: usize) -> Answered {
    let mut pieces = bytes.chunks(size);
    let (mut got, mut looked_at) = (Vec::new(), 0);
    let found = loop {
        let Some(piece) = pieces.next() else { return (None, Vec::new(), Ok((false, false))) };
        got.extend_from_slice(piece);
        match read_head(&got, looked_at) {
            Ok(None) => looked_at = got.len(),
            Ok(Some(found)) => break found,
            Err(problem) => return (None, Vec::new(), Err(problem)),
        }
    };
    let (head, length) = found;
    let (status, mut reader) = (Some(head.status), head.body);
    let (mut body, ahead) = (Vec::new(), got.split_off(length));
    for piece in std::iter::once(ahead.as_slice()).chain(pieces) {
        let mut piece = piece.to_vec();
        match reader.read(&mut piece) {
            Ok(kept) => body.extend_from_slice(&piece[..kept]),
            Err(problem) => return (status, body, Err(problem)),
        }
    }
    let (excess, kept) = (reader.has_excess(), head.is_kept);
    (status, body, reader.close().map(|()| (kept, excess)))
}

/// Any JSON as the data of events, and as a whole reply of any status.
pub fn provider(bytes: &[u8]) {
    const STATUS: [u16; 4] = [200, 400, 429, 503];
    let Some((which, step, bytes)) = choices(bytes) else { return };
    let name = PROVIDERS[which % PROVIDERS.len()];
    let _ = decode_whole(&client_of(name), STATUS[step % STATUS.len()], bytes);
    if name == "aws-bedrock" {
        let kinds = ["contentBlockDelta", "messageStop", "metadata", "throttlingException"];
        let frame = frame(b"event", kinds[step % kinds.len()].as_bytes(), bytes);
        return same_in_pieces(name, &frame, step);
    }
    let mut stream = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        stream.extend_from_slice(b"data: ");
        stream.extend_from_slice(line);
        stream.extend_from_slice(b"\n\n");
    }
    same_in_pieces(name, &stream, step);
}

/// Any frames whose checksums hold, cut anywhere: each line of the input is one, of the kind that
/// stands before its first colon.
pub fn eventstream(bytes: &[u8]) {
    let Some((flips, step, bytes)) = choices(bytes) else { return };
    let mut stream = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let cut = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, payload) = line.split_at(cut);
        let kind: &[u8] = if name.ends_with(b"xception") { b"exception" } else { b"event" };
        stream.extend(frame(kind, name, payload.get(1..).unwrap_or_default()));
    }
    if flips & 1 != 0 {
        // A byte that is not what it was.
        let at = (flips >> 1) * stream.len() / 128;
        stream[at] ^= flips as u8;
    }
    same_in_pieces("aws-bedrock", &stream, step);
}

/// A frame: total length, length of the headers, checksum of both, headers, payload, checksum.
fn frame(kind: &[u8], name: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut headers = Vec::new();
    let named: &[u8] = if kind == b"event" { b":event-type" } else { b":exception-type" };
    for (key, value) in [(b":message-type".as_slice(), kind), (named, name)] {
        const STRING: u8 = 7;
        headers.push(key.len() as u8);
        headers.extend_from_slice(key);
        headers.push(STRING);
        headers.extend_from_slice(&(value.len() as u16).to_be_bytes());
        headers.extend_from_slice(&value[..value.len() % (1 << 16)]);
    }
    let number = |length: usize| (length as u32).to_be_bytes();
    let mut frame = Vec::new();
    frame.extend_from_slice(&number(16 + headers.len() + payload.len()));
    frame.extend_from_slice(&number(headers.len()));
    frame.extend_from_slice(&checksum(&frame).to_be_bytes());
    frame.extend_from_slice(&headers);
    frame.extend_from_slice(payload);
    frame.extend_from_slice(&checksum(&frame).to_be_bytes());
    frame
}

/// CRC-32 as of IEEE 802.3.
fn checksum(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0xEDB8_8320;
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        let mixed = sum ^ u32::from(*byte);
        (0..8).fold(mixed, |sum, _| (sum >> 1) ^ (POLYNOMIAL & (sum & 1).wrapping_neg()))
    })
}
