//! A provider's stream: any bytes in any pieces end in events, and the pieces do not matter.

#![no_main]

use baml_provider::{Decoder, Environment, ResolvedClient};
use libfuzzer_sys::fuzz_target;

struct Keys;

impl Environment for Keys {
    fn get(&self, _name: &str) -> Option<String> {
        Some("key".to_owned())
    }
}

const PROVIDERS: [&str; 5] =
    ["openai", "anthropic", "google-ai", "openai-responses", "aws-bedrock"];

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (which, step, bytes) = input;
    let name = PROVIDERS[which as usize % PROVIDERS.len()];
    let Ok(client) = ResolvedClient::shorthand(name, "m", &Keys) else { return };
    let mut whole = Vec::new();
    let mut decoder = Decoder::new(&client);
    decoder.push(bytes, &mut whole);
    decoder.finish(&mut whole);
    let mut pieces = Vec::new();
    let mut decoder = Decoder::new(&client);
    for piece in bytes.chunks(usize::from(step % 16) + 1) {
        decoder.push(piece, &mut pieces);
    }
    decoder.finish(&mut pieces);
    let text = |events: &[_]| format!("{events:?}");
    if !text(&whole).contains("Text") {
        assert_eq!(text(&whole), text(&pieces));
    }
});
