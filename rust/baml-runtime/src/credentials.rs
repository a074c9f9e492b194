//! Credentials of clouds: the searches that `baml-provider` describes, driven; tokens asked for and
//! kept.
//!
//! Invariants: a search waits for no step longer than the step says; what is kept is thrown away
//! when it expires; services of the machine itself are never asked through a proxy.

use std::io::Read;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use baml_provider::{
    AwsKeys, AwsOptions, Cloud, Distance, Fetch, GoogleOptions, HttpOptions, ProviderError,
    ResolvedClient, Step, Token, TokenRequest,
};

use crate::call::of_provider;
use crate::error::{Error, ErrorKind, Stage};
use crate::transport::Transport;

/// Bytes of a credentials file, or of an answer that holds credentials.
const CREDENTIALS_BYTES_MAX: usize = 1024 * 1024;
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
    let found = drive(transport, |answer| search.step(answer)).await?;
    google.provide(found.map_err(|problem| of_provider(&problem))?);
    Ok(())
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
    let cached = aws.cache_key();
    if let Some(keys) = transport.lent_keys(&cached) {
        return Ok(keys);
    }
    let mut search = aws.search_keys(name);
    let found = drive(transport, |answer| search.step(answer)).await?;
    let found = found.map_err(|problem| of_provider(&problem))?;
    let Some(found) = found.keys else {
        return Err(Error::internal("a search for AWS keys that found none"));
    };
    if let Some(expires_at) = found.expires_at {
        let holds = expires_at.saturating_sub(now_seconds() + TOKEN_MARGIN_SECONDS);
        let until = Instant::now() + Duration::from_secs(holds);
        transport.keep_lent_keys(cached, found.keys.clone(), until);
    }
    Ok(found.keys)
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
    if let Some(token) = transport.token(&key) {
        return Ok(token);
    }
    let request = ask().map_err(|problem| of_provider(&problem))?;
    let token = fetch_token(transport, client, request).await?;
    let holds = token.expires_in_seconds.saturating_sub(TOKEN_MARGIN_SECONDS);
    let text = token.access_token.reveal().to_owned();
    transport.keep_token(key, text.clone(), Instant::now() + Duration::from_secs(holds));
    Ok(text)
}

async fn fetch_token(
    transport: &Transport,
    client: &ResolvedClient,
    request: TokenRequest,
) -> Result<Token, Error> {
    let name = client.name().as_str();
    let http = transport.client_for(client.http())?;
    let sent = http
        .post(&request.url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(request.form.reveal().to_owned())
        .send()
        .await;
    let unheard = |problem: reqwest::Error| {
        let causes = crate::transport::causes(&problem);
        let message = format!("no token was granted: {causes}");
        Error::transport(true, message).of_client(name)
    };
    let response = sent.map_err(unheard)?;
    let status = response.status().as_u16();
    let body = read_answer(response).await.map_err(unheard)?;
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
                tokio::time::timeout(limit, answer).await.unwrap_or(Ok(None))?
            }
        };
    }
}

/// The body of an answer with status 200; everything else counts as no answer.
async fn ask(transport: &Transport, fetch: Fetch) -> Result<Option<Vec<u8>>, Error> {
    let client = match fetch.distance {
        Distance::Near => transport.near_client()?,
        Distance::Far => transport.client_for(&HttpOptions::default())?,
    };
    let Ok(method) = reqwest::Method::from_bytes(fetch.method.as_bytes()) else { return Ok(None) };
    let mut request = client.request(method, &fetch.url);
    for header in &fetch.headers {
        request = request.header(&header.name, &header.value);
    }
    if let Some(form) = &fetch.form {
        request = request.body(form.reveal().to_owned());
    }
    match request.send().await {
        Ok(response) if response.status().as_u16() == 200 => Ok(read_answer(response).await.ok()),
        _ => Ok(None),
    }
}

async fn read_answer(mut response: reqwest::Response) -> reqwest::Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = CREDENTIALS_BYTES_MAX.saturating_sub(body.len());
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() >= CREDENTIALS_BYTES_MAX {
            break;
        }
    }
    Ok(body)
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
