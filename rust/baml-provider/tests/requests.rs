//! Requests where no record speaks: errors that say what to do, secrets that stay secret, media
//! that must be fetched first, and options that cannot replace the prompt.

mod clients;

use std::sync::Arc;

use baml_prompt::{Message, Part};
use baml_provider::{
    Cloud, Delivery, Directory, ProviderError, Registry, ResolvedClient, Signing, build_request,
    media_fetches, replace_media,
};
use baml_schema::{Media, MediaKind, MediaSource, OptionValue, Schema};
use clients::{client, try_client};
use indexmap::IndexMap;
use serde_json::json;

fn message(role: &str, parts: Vec<Part>) -> Message {
    let metadata = IndexMap::new();
    Message { role: role.into(), allow_duplicate_role: false, metadata, parts }
}

fn user(text: &str) -> Vec<Message> {
    vec![message("user", vec![Part::Text(text.into())])]
}

fn picture(url: &str, mime: Option<&str>) -> Part {
    let (kind, source) = (MediaKind::Image, MediaSource::Url(url.into()));
    Part::Media(Arc::new(Media { kind, source, mime: mime.map(Into::into) }))
}

fn text(text: &str) -> OptionValue {
    OptionValue::String(text.into())
}

fn map(entries: &[(&str, OptionValue)]) -> OptionValue {
    OptionValue::Map(entries.iter().map(|(key, value)| ((*key).into(), value.clone())).collect())
}

const LEAVES: [&str; 8] = [
    "openai",
    "openai-generic",
    "openai-responses",
    "ollama",
    "openrouter",
    "anthropic",
    "google-ai",
    "aws-bedrock",
];

#[test]
fn secrets_are_sent_but_never_shown() {
    for provider in LEAVES {
        let client = client(provider, &[]);
        let request = build_request(&client, &user("hi"), Delivery::Stream).expect("built");
        let sent = request.headers.iter().any(|header| header.value.contains("sk-secret"));
        let keyless = ["openai-generic", "ollama", "aws-bedrock"].contains(&provider);
        assert_eq!(sent, !keyless, "{provider}");
        assert!(!format!("{client:?} {request:?}").contains("sk-secret"), "{provider}");
        assert!(!request.body.to_string().contains("sk-secret"), "{provider}");
    }
    let headers = map(&[("X-Api-Token", text("hush")), ("X-Plain", text("open"))]);
    let client = client("openai-generic", &[("headers", headers)]);
    let shown = format!("{:?}", build_request(&client, &user("hi"), Delivery::Whole));
    assert!(shown.contains("open") && !shown.contains("hush"), "{shown}");
}

#[test]
fn a_variable_that_is_not_set_is_named_with_client_and_option() {
    let env = |name: &str| OptionValue::Env(name.into());
    let missing =
        |options: &[(&str, OptionValue)]| match try_client("openai", options, &[("SET", "x")])
            .expect_err("not set")
        {
            ProviderError::MissingVariable { variable, client, option } => {
                assert_eq!(client, "C");
                (variable.to_string(), option)
            }
            other => panic!("{other}"),
        };
    let key = ("api_key", env("SET"));
    let nested = map(&[("X-One", env("NOPE"))]);
    let list = OptionValue::List(vec![env("SET"), env("GONE")]);
    assert_eq!(missing(&[]), ("OPENAI_API_KEY".into(), "api_key".into()));
    assert_eq!(
        missing(&[key.clone(), ("headers", nested)]),
        ("NOPE".into(), "headers.X-One".into())
    );
    assert_eq!(missing(&[key, ("stop", list)]), ("GONE".into(), "stop[1]".into()));
    let error = try_client("anthropic", &[("model", text("m"))], &[]).expect_err("not set");
    let said = error.to_string();
    assert!(said.contains("`ANTHROPIC_API_KEY`") && said.contains("`C`"), "{said}");
}

#[test]
fn a_header_of_ones_own_makes_the_default_key_needless() {
    let headers = map(&[("Authorization", text("Basic zz"))]);
    let client = try_client("openai", &[("headers", headers)], &[]).expect("no key needed");
    let request = build_request(&client, &user("hi"), Delivery::Whole).expect("built");
    assert_eq!(request.header("authorization"), Some("Basic zz"));
}

#[test]
fn no_option_replaces_the_prompt() {
    for (provider, option, pointer) in [
        ("openai", "messages", "/messages/0/content/0/text"),
        ("openai-generic", "messages", "/messages/0/content"),
        ("openai-responses", "input", "/input/0/content/0/text"),
        ("anthropic", "messages", "/messages/0/content/0/text"),
        ("google-ai", "contents", "/contents/0/parts/0/text"),
    ] {
        let client = client(provider, &[(option, text("forged"))]);
        let request = build_request(&client, &user("mine"), Delivery::Whole).expect("built");
        assert_eq!(request.body.pointer(pointer), Some(&json!("mine")), "{provider}");
    }
}

#[test]
fn entra_credentials_of_azure_are_used_and_never_sent_in_the_body() {
    let mut options = vec![("base_url", text("http://h")), ("client_secret", text("hu&sh"))];
    let error = try_client("azure-openai", &options, &[]).expect_err("half").to_string();
    assert!(error.contains("tenant_id is missing") && !error.contains("hu&sh"), "{error}");
    options.extend([("tenant_id", text("t")), ("client_id", text("c"))]);
    let env = [("AZURE_AUTHORITY_HOST", "http://127.0.0.1:1/")];
    let client = try_client("azure-openai", &options, &env).expect("no key needed");
    let request = build_request(&client, &user("hi"), Delivery::Whole).expect("built");
    assert_eq!(request.signing, Signing::EntraToken);
    assert!(!request.body.to_string().contains("hu&sh") && request.header("api-key").is_none());
    let Cloud::Azure(entra) = client.cloud() else { panic!("not Azure") };
    let token = entra.token_request();
    assert_eq!(token.url, "http://127.0.0.1:1/t/oauth2/v2.0/token");
    assert_eq!(
        token.form.reveal(),
        "grant_type=client_credentials&client_id=c&client_secret=hu%26sh\
         &scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default"
    );
    assert!(!format!("{entra:?} {token:?} {request:?}").contains("hu"));
}

#[test]
fn media_are_fetched_before_a_request_is_built() {
    let client = client("google-ai", &[]);
    let mut messages = vec![message(
        "user",
        vec![
            Part::Text("see".into()),
            picture("https://h/a.png", None),
            picture("gs://b/a.png", None),
            picture("data:image/gif;base64,R0lGODk=", None),
        ],
    )];
    let fetches = media_fetches(&client, &messages);
    assert_eq!(fetches.len(), 1);
    assert_eq!((fetches[0].message, fetches[0].part, &*fetches[0].url), (0, 1, "https://h/a.png"));
    assert!(build_request(&client, &messages, Delivery::Whole).is_err(), "not fetched yet");
    replace_media(&mut messages, &fetches[0], b"\x89PNG\r\n\x1a\n").expect("no type declared");
    assert!(media_fetches(&client, &messages).is_empty());
    let request = build_request(&client, &messages, Delivery::Whole).expect("built");
    assert_eq!(
        request.body["contents"][0]["parts"],
        json!([
            { "text": "see" },
            { "inline_data": { "mime_type": "image/png", "data": "iVBORw0KGgo=" } },
            { "file_data": { "file_uri": "gs://b/a.png" } },
            { "inline_data": { "mime_type": "image/gif", "data": "R0lGODk=" } },
        ])
    );
}

#[test]
fn fetched_media_of_another_type_are_refused() {
    let client = client("google-ai", &[]);
    let mut messages =
        vec![message("user", vec![picture("https://h/a?sig=s", Some("image/jpeg"))])];
    let fetches = media_fetches(&client, &messages);
    let error = replace_media(&mut messages, &fetches[0], b"%PDF-1.4").expect_err("refused");
    let said = error.to_string();
    assert!(said.contains("image/jpeg") && said.contains("application/pdf"), "{said}");
    assert!(!said.contains("sig=s"), "{said}");
}

#[test]
fn media_that_a_provider_cannot_take_say_so_without_a_download() {
    for provider in ["openai", "openai-responses", "anthropic", "ollama"] {
        let source = MediaSource::Url("https://h/v.mp4".into());
        let media = Media { kind: MediaKind::Video, source, mime: None };
        let messages = vec![message("user", vec![Part::Media(Arc::new(media))])];
        let client = client(provider, &[]);
        assert!(media_fetches(&client, &messages).is_empty(), "{provider}");
        let error = build_request(&client, &messages, Delivery::Whole).expect_err("refused");
        assert!(error.to_string().contains("video"), "{provider}: {error}");
    }
}

#[test]
fn bedrock_is_sent_to_its_endpoint_and_wants_a_signature() {
    let options = [("endpoint_url", text("http://127.0.0.1:9/a/"))];
    let client = client("aws-bedrock", &options);
    let request = build_request(&client, &user("hi"), Delivery::Stream).expect("built");
    assert_eq!(request.url, "http://127.0.0.1:9/a/model/m/converse-stream");
    assert_eq!(request.signing, Signing::AwsSigV4 { region: "r".into() });
}

#[test]
fn registry_hides_clients_of_the_project_and_names_what_is_wrong() {
    let schema = Schema::default();
    let registry = Registry::read(&json!({
        "primary": "N",
        "clients": [
            { "name": "M", "provider": "ollama", "options": { "model": "one" } },
            { "name": "M", "provider": "ollama", "options": { "model": "two" } },
            { "name": "N", "provider": "fallback", "options": { "strategy": ["M", "ollama/x"] } },
            { "name": "L", "provider": "fallback", "options": { "strategy": ["L"] } },
            { "name": "K", "provider": "ollama", "retry_policy": "Gone" },
        ],
    }));
    let registry = registry.expect("good");
    let directory = Directory { schema: &schema, registry: &registry };
    let env = |_: &str| None;
    let leaf = directory.first_leaf("N", &env, 0).expect("a leaf");
    assert_eq!((leaf.name().as_str(), leaf.model()), ("M", Some("two")));
    let cycle = directory.first_leaf("L", &env, 0).expect_err("a cycle");
    assert!(cycle.to_string().contains("cycle"), "{cycle}");
    let unknown = directory.resolve("Nope", &env).expect_err("unknown");
    assert!(unknown.to_string().contains("K, L, M, N"), "{unknown}");
    let policy = directory.resolve("K", &env).expect_err("no such policy");
    assert!(policy.to_string().contains("`Gone`"), "{policy}");
    for broken in [json!([]), json!({ "primary": 1 }), json!({ "clients": [{ "name": "x" }] })] {
        assert!(Registry::read(&broken).is_err(), "{broken}");
    }
}

#[test]
fn bad_options_are_named_with_the_client() {
    type Case<'a> = (&'a str, &'a [(&'a str, OptionValue)], &'a str);
    let cases: &[Case<'_>] = &[
        ("openai", &[("http", map(&[("bogus", OptionValue::Int(1))]))], "bogus"),
        (
            "openai",
            &[("http", map(&[("idle_timeout_ms", OptionValue::Int(-1))]))],
            "idle_timeout_ms",
        ),
        ("openai", &[("base_url", text("not an address"))], "base_url"),
        ("openai", &[("base_url", text("ftp://h"))], "base_url"),
        ("openai", &[("default_role", text("boss"))], "boss"),
        ("openai", &[("supports_streaming", text("no"))], "supports_streaming"),
        ("openai", &[("client_response_type", text("x"))], "client_response_type"),
        ("aws-bedrock", &[("max_tokens", OptionValue::Int(5))], "max_tokens"),
        ("round-robin", &[("strategy", OptionValue::List(vec![]))], "strategy"),
    ];
    for (provider, extra, word) in cases {
        let mut options = extra.to_vec();
        if *provider == "aws-bedrock" {
            options.push(("model", text("m")));
        }
        let built = try_client(provider, &options, &[("OPENAI_API_KEY", "k"), ("AWS_REGION", "r")])
            .and_then(|client: ResolvedClient| {
                build_request(&client, &user("hi"), Delivery::Whole)
            });
        let error = built.expect_err(word).to_string();
        assert!(error.contains("`C`") && error.contains(word), "{provider} {word}: {error}");
    }
}
