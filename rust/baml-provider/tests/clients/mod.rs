//! Clients for tests, made without a project.

use baml_provider::{ProviderError, ResolvedClient};
use baml_schema::{Client, OptionValue};

/// A client of a provider with what it cannot do without, and these options.
pub(crate) fn try_client(
    provider: &str,
    options: &[(&str, OptionValue)],
    env: &[(&str, &str)],
) -> Result<ResolvedClient, ProviderError> {
    let client = Client {
        name: "C".into(),
        provider: provider.into(),
        retry_policy: None,
        options: options.iter().map(|(key, value)| ((*key).into(), value.clone())).collect(),
        span: Default::default(),
    };
    let env = |name: &str| {
        env.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    };
    ResolvedClient::resolve(&client, &env)
}

/// A client that is known to be right.
pub(crate) fn client(provider: &str, options: &[(&str, OptionValue)]) -> ResolvedClient {
    let mut all = vec![("model", OptionValue::String("m".into()))];
    match provider {
        "openai-generic" => all.push(("base_url", OptionValue::String("http://h/v1".into()))),
        "aws-bedrock" => all.push(("region", OptionValue::String("r".into()))),
        "ollama" => {}
        "azure-openai" => all.extend([
            ("base_url", OptionValue::String("http://h".into())),
            ("api_key", OptionValue::String("sk-secret".into())),
        ]),
        _ => all.push(("api_key", OptionValue::String("sk-secret".into()))),
    }
    all.extend(options.iter().map(|(key, value)| (*key, value.clone())));
    try_client(provider, &all, &[]).expect("a client")
}
