//! Credentials of clouds: the searches that `baml-provider` describes, driven; tokens asked for and
//! kept.
//!
//! Invariants: a search waits for no step longer than the step says; what is kept is thrown away
//! when it expires; services of the machine itself are never asked through a proxy.

use std::io::Read;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use baml_provider::{
    AwsKeys, AwsOptions, Cloud, Distance, Fetch, GoogleFound, GoogleOptions, Header, HttpOptions,
    ProviderError, ResolvedClient, Step, Token, TokenRequest,
};

use crate::call::of_provider;
use crate::connector::Route;
use crate::error::{Error, ErrorKind, Stage};
use crate::transport::{Errand, Transport, told};

/// Bytes of a credentials file, or of an answer that holds credentials.
const CREDENTIALS_BYTES_MAX: usize = 1024 * 1024;
/// What was read from a file is read again after so long.
const FILE_SECONDS: u64 = 60;
/// A token is not used in its last moments.
const TOKEN_MARGIN_SECONDS: u64 = 60;

/// Finds what the client's requests need to be built: a region, a project.
pub async fn complete(transport: &Transport, client: &mut ResolvedClient) -> Result<(), Error> {
    let name = client.name().clone();
    let result = match client.cloud_mut() {
        Cloud::None | Cloud::Azure(_) => Ok(()),
        Cloud::Aws(aws) => find_region(transport, aws, &name).await,
        Cloud::Google(google) => find_google(transport, google, &name).await,
    };
    result.map_err(|error| error.at(Stage::Build).of_client(name.as_str()))
}

async fn find_region(transport: &Transport, aws: &mut AwsOptions, name: &str) -> Result<(), Error> {
    let Some(mut search) = aws.search_region(name) else { return Ok(()) };
    let found = drive(transport, |answer| search.step(answer)).await?;
    aws.provide(found.map_err(|problem| of_provider(&problem))?);
    Ok(())
}

async fn find_google(
    transport: &Transport,
    google: &mut GoogleOptions,
    name: &str,
) -> Result<(), Error> {
    let Some(mut search) = google.search(name) else { return Ok(()) };
    let ask = || async move {
        let found = drive(transport, |answer| search.step(answer)).await?;
        let found = found.map_err(|problem| of_provider(&problem))?;
        let holds = match &found {
            GoogleFound::Token { token, .. } => token.expires_in_seconds,
            GoogleFound::Credentials(_) => FILE_SECONDS + TOKEN_MARGIN_SECONDS,
        };
        Ok((found, Some(until(holds))))
    };
    let found = match google.cache_key() {
        Some(key) => transport.machines.get(key, ask).await?,
        None => ask().await?.0,
    };
    google.provide(found);
    Ok(())
}

/// When something is no longer used that was granted for so long.
fn until(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds.saturating_sub(TOKEN_MARGIN_SECONDS))
}

/// The keys that a request to AWS is signed with.
pub async fn aws_keys(
    transport: &Transport,
    aws: &AwsOptions,
    name: &str,
) -> Result<AwsKeys, Error> {
    if let Some(keys) = &aws.keys {
        return Ok(keys.clone());
    }
    let mut search = aws.search_keys(name);
    let ask = || async move {
        let found = drive(transport, |answer| search.step(answer)).await?;
        let found = found.map_err(|problem| of_provider(&problem))?;
        let Some(found) = found.keys else {
            return Err(Error::internal("a search for AWS keys that found none"));
        };
        let holds = match found.expires_at {
            Some(at) => at.saturating_sub(now_seconds()),
            None => FILE_SECONDS + TOKEN_MARGIN_SECONDS,
        };
        Ok((found.keys, Some(until(holds))))
    };
    transport.lent.get(aws.cache_key(), ask).await
}

/// The token that a request to Google Cloud carries.
pub async fn google_token(transport: &Transport, client: &ResolvedClient) -> Result<String, Error> {
    let Cloud::Google(google) = client.cloud() else {
        return Err(Error::internal("a Google token for a client that is not on Google Cloud"));
    };
    if let Some(token) = &google.machine_token {
        return Ok(token.access_token.reveal().to_owned());
    }
    let Some(credentials) = &google.credentials else {
        return Err(Error::internal("a Google token without credentials"));
    };
    let ask = || credentials.token_request(client.name(), now_seconds());
    token(transport, client, credentials.cache_key(), ask).await
}

/// The token that a request to Azure carries.
pub async fn entra_token(transport: &Transport, client: &ResolvedClient) -> Result<String, Error> {
    let Cloud::Azure(entra) = client.cloud() else {
        return Err(Error::internal("an Entra token for a client that is not on Azure"));
    };
    token(transport, client, entra.cache_key(), || Ok(entra.token_request())).await
}

/// A token that is kept, or a new one.
async fn token(
    transport: &Transport,
    client: &ResolvedClient,
    key: String,
    ask: impl FnOnce() -> Result<TokenRequest, ProviderError>,
) -> Result<String, Error> {
    let fetch = || async move {
        let request = ask().map_err(|problem| of_provider(&problem))?;
        let token = fetch_token(transport, client, request).await?;
        let text = token.access_token.reveal().to_owned();
        Ok((text, Some(until(token.expires_in_seconds))))
    };
    transport.tokens.get(key, fetch).await
}

async fn fetch_token(
    transport: &Transport,
    client: &ResolvedClient,
    request: TokenRequest,
) -> Result<Token, Error> {
    let name = client.name().as_str();
    let kind = Header {
        name: "content-type".to_owned(),
        value: "application/x-www-form-urlencoded".to_owned(),
        secret: false,
    };
    let errand = Errand {
        method: "POST",
        url: &request.url,
        headers: &[kind],
        body: request.form.reveal().to_owned().into(),
        http: client.http(),
    };
    let heard = transport.fetch(Route::Far, errand, CREDENTIALS_BYTES_MAX).await;
    let (status, body) = heard.map_err(|trouble| {
        let message = format!("no token was granted: {}", told(trouble));
        Error::transport(true, message).of_client(name)
    })?;
    let token = Token::parse(name, &body);
    if (200..300).contains(&status) {
        return token.map_err(|problem| of_provider(&problem));
    }
    let said = token.err().map(|problem| problem.to_string()).unwrap_or_default();
    let body = String::new();
    let kind = ErrorKind::Http { status, body, request_id: None, retry_after: None };
    Err(Error::new(kind, format!("status {status}: {said}")).of_client(name))
}

/// Does what a search asks for until it is over.
async fn drive<T>(
    transport: &Transport,
    mut step: impl FnMut(Option<&[u8]>) -> Step<T>,
) -> Result<T, Error> {
    let mut answer: Option<Vec<u8>> = None;
    loop {
        answer = match step(answer.as_deref()) {
            Step::Done(outcome) => return Ok(outcome),
            Step::Read(path) => {
                let read = tokio::task::spawn_blocking(move || read_bounded(&path));
                read.await.ok().flatten()
            }
            Step::Fetch(fetch) => {
                let limit = Duration::from_millis(fetch.timeout_ms());
                let answer = ask(transport, fetch);
                tokio::time::timeout(limit, answer).await.ok().flatten()
            }
        };
    }
}

/// The body of an answer with status 200; everything else counts as no answer.
async fn ask(transport: &Transport, fetch: Fetch) -> Option<Vec<u8>> {
    let route = match fetch.distance {
        Distance::Near => Route::Near,
        Distance::Far => Route::Far,
    };
    let errand = Errand {
        method: fetch.method,
        url: &fetch.url,
        headers: &fetch.headers,
        body: fetch.form.as_ref().map(|form| form.reveal().to_owned()).unwrap_or_default().into(),
        http: &HttpOptions::default(),
    };
    match transport.fetch(route, errand, CREDENTIALS_BYTES_MAX).await {
        Ok((200, body)) => Some(body),
        _ => None,
    }
}

fn read_bounded(path: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(CREDENTIALS_BYTES_MAX as u64).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Seconds since 1970.
pub fn now_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use baml_schema::{Client, OptionValue};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::activity::Counters;

    /// A service on this machine that answers by `METHOD path`, and counts.
    struct Service {
        address: String,
        asked: Arc<AtomicUsize>,
    }

    async fn service(pages: &'static [(&'static str, &'static str)]) -> Service {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("127.0.0.1:{}", listener.local_addr().expect("bound").port());
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                let mut head = Vec::new();
                while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                    let mut piece = [0; 1024];
                    match socket.read(&mut piece).await {
                        Ok(count) if count > 0 => head.extend_from_slice(&piece[..count]),
                        _ => break,
                    }
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let line = head.lines().next().unwrap_or_default();
                let page = pages.iter().find(|(start, _)| line.starts_with(*start));
                let (status, body) =
                    page.map_or(("404 Not Found", ""), |(_, body)| ("200 OK", *body));
                let length = body.len();
                let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n");
                let answer = format!("{head}connection: close\r\n\r\n{body}");
                let _ = socket.write_all(answer.as_bytes()).await;
            }
        });
        Service { address, asked }
    }

    fn client(provider: &str, options: &[(&str, &str)], env: &[(&str, &str)]) -> ResolvedClient {
        let text = |value: &str| OptionValue::String(value.into());
        let client = Client {
            name: "C".into(),
            provider: provider.into(),
            retry_policy: None,
            options: options.iter().map(|(key, value)| ((*key).into(), text(value))).collect(),
            span: baml_syntax::Span::default(),
        };
        let env: HashMap<&str, &str> = env.iter().copied().collect();
        let env = |name: &str| env.get(name).map(|value| (*value).to_owned());
        ResolvedClient::resolve(&client, &env).expect("a client")
    }

    fn transport() -> Transport {
        Transport::new(Arc::new(Counters::default()), baml_provider::AddressPolicy::default())
    }

    #[tokio::test]
    async fn instance_keys_are_fetched_once_and_kept() {
        let service = service(&[
            ("PUT /latest/api/token", "session"),
            (
                "GET /latest/meta-data/iam/security-credentials/role",
                r#"{"AccessKeyId":"LENT",
                "SecretAccessKey":"s","Token":"t","Expiration":"2999-01-01T00:00:00Z"}"#,
            ),
            ("GET /latest/meta-data/iam/security-credentials/", "role"),
        ])
        .await;
        let url = format!("http://{}", service.address);
        let env = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", url.as_str()), ("AWS_REGION", "r")];
        let client = client("aws-bedrock", &[("model", "m")], &env);
        let Cloud::Aws(aws) = client.cloud() else { panic!("not AWS") };
        let transport = transport();
        for _ in 0..2 {
            let keys = aws_keys(&transport, aws, "C").await.expect("lent");
            assert_eq!(keys.access_key_id, "LENT");
            assert_eq!(service.asked.load(Ordering::SeqCst), 3);
        }
    }

    /// A client whose tokens a service of the test grants.
    fn entra_client(service: &Service) -> ResolvedClient {
        let url = format!("http://{}/", service.address);
        let options = [
            ("base_url", "http://h"),
            ("tenant_id", "t"),
            ("client_id", "c"),
            ("client_secret", "hush"),
        ];
        client("azure-openai", &options, &[("AZURE_AUTHORITY_HOST", &url)])
    }

    #[tokio::test]
    async fn entra_tokens_are_fetched_once_and_kept() {
        let service = service(&[(
            "POST /t/oauth2/v2.0/token",
            r#"{"token_type":"Bearer","expires_in":3599,"access_token":"granted"}"#,
        )])
        .await;
        let client = entra_client(&service);
        let transport = transport();
        for _ in 0..2 {
            assert_eq!(entra_token(&transport, &client).await.expect("granted"), "granted");
            assert_eq!(service.asked.load(Ordering::SeqCst), 1);
        }
    }

    #[tokio::test]
    async fn answers_beyond_their_limit_grant_nothing() {
        let long = "x".repeat(CREDENTIALS_BYTES_MAX);
        let page = format!(r#"{{"expires_in":3599,"access_token":"granted","x":"{long}"}}"#);
        let pages = [("POST /t/oauth2/v2.0/token", &*Box::leak(page.into_boxed_str()))];
        let service = service(Box::leak(Box::new(pages))).await;
        let client = entra_client(&service);
        entra_token(&transport(), &client).await.expect_err("it was cut");
    }

    #[tokio::test]
    async fn machine_tokens_are_fetched_once_by_many_and_kept() {
        let service = service(&[
            ("GET /computeMetadata/v1/project/project-id", "p"),
            (
                "GET /computeMetadata/v1/instance/service-accounts/default/token",
                r#"{"access_token":"granted","expires_in":3599}"#,
            ),
        ])
        .await;
        let env = [("GCE_METADATA_HOST", service.address.as_str())];
        let transport = transport();
        let ask = || async {
            let mut client = client("vertex-ai", &[("model", "m"), ("location", "l")], &env);
            complete(&transport, &mut client).await.expect("a machine of Google");
            google_token(&transport, &client).await.expect("granted")
        };
        let all = futures_util::future::join_all((0..10).map(|_| ask())).await;
        assert!(all.iter().all(|token| token == "granted"));
        assert_eq!(ask().await, "granted");
        assert_eq!(service.asked.load(Ordering::SeqCst), 2, "one project, one token");
    }

    #[tokio::test]
    async fn machines_without_services_end_in_an_error_that_says_what_to_set() {
        let service = service(&[]).await;
        let env = [("GCE_METADATA_HOST", service.address.as_str())];
        let mut client = client("vertex-ai", &[("model", "m"), ("location", "l")], &env);
        let error = complete(&transport(), &mut client).await.expect_err("nothing there");
        assert!(error.to_string().contains("GOOGLE_APPLICATION_CREDENTIALS"), "{error}");
    }
}
