//! The JSON that a caller of the C ABI gives: configurations and requests. Nothing is sent.

use std::sync::LazyLock;

use baml_runtime::{Bell, Runtime};
use serde_json::{Value as Json, json};

struct Mute;

impl Bell for Mute {
    fn ring(&self) {}
}

const PROJECT: &str = r##"
class Person {
  name string
  photo image?
  boss Person?
  tags string[]
  extra map<string, int | Mood>
  @@dynamic
}
enum Mood {
  Good
  Bad
  @@dynamic
}
client<llm> Local {
  provider openai-generic
  options {
    base_url env.MODEL_URL
    model "m"
  }
}
client<llm> Turns {
  provider round-robin
  options {
    strategy [Local, "anthropic/claude"]
  }
}
function Describe(person: Person, text: string, mood: Mood?, n: int | float) -> Person {
  client Turns
  prompt #"{{ _.role("user") }}{{ person }} {{ text }} {{ mood }} {{ n }} {{ ctx.output_format }}"#
}
"##;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let config = json!({"files": {"main.baml": PROJECT}, "worker_threads": 1});
    Runtime::new(config.to_string().as_bytes(), Box::new(Mute)).expect("a project without errors")
});

/// Any configuration ends in a runtime, which describes itself, or an error that can be told.
pub fn config(bytes: &[u8]) {
    match Runtime::new(bytes, Box::new(Mute)) {
        Ok(runtime) => {
            runtime.describe().expect("it is loaded");
            runtime.names().expect("it is loaded");
        }
        Err(problem) => drop(problem.to_json().to_string()),
    }
}

/// Any request ends in a prompt and a value, each in JSON, or an error that can be told.
pub fn request(bytes: &[u8]) {
    for answer in [RUNTIME.prompt(bytes), RUNTIME.parse(bytes)] {
        match answer {
            Ok(answer) if answer.first() == Some(&0) => {} // the wire form was asked for
            Ok(answer) if answer.is_empty() => {}
            Ok(answer) => drop(serde_json::from_slice::<Json>(&answer).expect("JSON")),
            Err(problem) => drop(problem.to_json().to_string()),
        }
    }
}
