//! The cases of `rust/testdata/prompt`: a project, arguments, and the messages or the error.
//!
//! A text part stands as a string, a medium as `{"image": "its URL"}`.

use std::path::Path;

use baml_prompt::{ClientContext, Message, Part, PromptContext, convert_arguments, render};
use baml_schema::MediaSource;
use baml_syntax::SourceMap;
use baml_testkit::Case;
use indexmap::IndexMap;
use serde_json::{Value as Json, json};

#[test]
fn cases_give_their_messages() {
    let mut count = 0;
    for folder in ["hostile", "limits"] {
        let folder = Path::new("../testdata/prompt").join(folder);
        for entry in std::fs::read_dir(&folder).expect("the folder of cases") {
            let path = entry.expect("a case").path();
            let text = std::fs::read_to_string(&path).expect("a case is text");
            check(&Case { path, ..Case::parse(&text) });
            count += 1;
        }
    }
    assert!(count >= 13, "only {count} cases were found");
}

fn check(case: &Case) {
    let path = case.path.display();
    match (got(case), case.opt_section("error")) {
        (Ok(messages), None) => {
            let got = Json::Array(messages.iter().map(as_json).collect());
            assert_eq!(got, case.json("messages.json"), "{path}");
        }
        (Err(error), Some(expected)) => assert_eq!(error, expected.trim_end(), "{path}"),
        (got, _) => panic!("{path}: {got:?}"),
    }
}

fn got(case: &Case) -> Result<Vec<Message>, String> {
    let mut sources = SourceMap::default();
    for (name, text) in case.sources() {
        sources.add(name, text);
    }
    let (schema, diagnostics) = baml_schema::check(&sources);
    let function = schema.functions.values().next();
    let function = function.unwrap_or_else(|| panic!("{}: {diagnostics:?}", case.path.display()));
    let args = convert_arguments(&schema, &function.params, &case.json("args.json"))
        .map_err(|error| error.to_string())?;
    let roles = ["system", "user", "assistant"].map(Into::into).to_vec();
    let client = ClientContext {
        default_role: "system".into(),
        allowed_roles: roles,
        ..ClientContext::default()
    };
    let context = PromptContext { client, tags: IndexMap::new() };
    render(&schema, function, &args, &context).map_err(|error| error.to_string())
}

fn as_json(message: &Message) -> Json {
    let part = |part: &Part| match part {
        Part::Text(text) => json!(**text),
        Part::Media(media) => match &media.source {
            MediaSource::Url(text) | MediaSource::Base64(text) => {
                json!({ media.kind.as_str(): **text })
            }
        },
    };
    json!({ "role": *message.role, "parts": message.parts.iter().map(part).collect::<Vec<_>>() })
}
