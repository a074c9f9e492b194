//! Properties of decoders: any bytes end in events and never in a panic, and no cut changes them.
//!
//! Streams are made of pieces that providers send, pieces that nobody should send, and noise.

mod clients;

use baml_provider::{Decoder, Event, decode_whole};
use clients::client;
use proptest::prelude::*;

const PROVIDERS: [&str; 5] =
    ["openai", "openai-responses", "anthropic", "google-ai", "aws-bedrock"];

const PIECES: [&str; 23] = [
    "data: {\"choices\":[{\"delta\":{\"content\":\"\u{e4}\u{1f980}\"}}]}",
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}",
    "data: {\"type\":\"response.output_text.delta\",\"delta\":\"x\"}",
    "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}",
    "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"y\"}}",
    "data: {\"type\":\"message_stop\"}",
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"z\"}]},\"finishReason\":\"STOP\"}]}",
    "data: {\"error\":{\"message\":\"boom\"}}",
    "data: {\"choices\":[{\"delta\":{\"content\":[{\"type\":\"text\",\"text\":\"p\"}]}}]}",
    "{\"error\":\"boom\"}",
    "[{\"candidates\":[{\"finishReason\":\"STOP\"}]}",
    "\n,\n{}]",
    "error: {\"message\":\"boom\"}",
    "data: [DONE]",
    "data: {",
    "data:",
    "event: error",
    ": comment",
    "\n",
    "\r",
    "\r\n\r\n",
    "\n\n",
    "\u{feff}",
];

fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(&PIECES[..]).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn read(provider: &str, pieces: &[&[u8]]) -> Vec<Event> {
    let mut decoder = Decoder::new(&client(provider, &[]));
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(piece, &mut events);
    }
    decoder.finish(&mut events);
    events
}

fn cut(bytes: &[u8], mut places: Vec<prop::sample::Index>) -> Vec<&[u8]> {
    places.truncate(8);
    let mut ends: Vec<usize> = places.iter().map(|place| place.index(bytes.len() + 1)).collect();
    ends.extend([0, bytes.len()]);
    ends.sort_unstable();
    ends.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

proptest! {
    #[test]
    fn any_cut_of_any_stream_gives_the_same_events(
        bytes in stream(),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        for provider in PROVIDERS {
            prop_assert_eq!(read(provider, &cut(&bytes, places.clone())), read(provider, &[&bytes]));
        }
    }

    #[test]
    fn any_body_ends_in_a_reply_or_a_failure(bytes in stream(), status in 100_u16..600) {
        for provider in PROVIDERS {
            let outcome = decode_whole(&client(provider, &[]), status, &bytes);
            prop_assert!(outcome.is_err() || (200..300).contains(&status));
        }
    }
}
