//! What has to be read or fetched before a request can be sent: media, credentials, tokens; and the
//! signature.
//!
//! Invariants: an address of media is checked before it is looked up, and every address that it leads
//! to; nothing is kept but tokens, and those until they expire.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use baml_prompt::Message;
use baml_provider::{
    AddressPolicy, Cloud, Delivery, GoogleCredentials, GoogleSource, Header, HttpRequest,
    MediaFetch, ResolvedClient, Signing, SigningScope, Token, aws_signature, media_fetches,
    replace_media,
};
use bytes::Bytes;

use crate::call::of_provider;
use crate::error::{Error, ErrorKind, Stage};
use crate::transport::Transport;

/// Bytes of one medium.
pub const MEDIA_BYTES_MAX: usize = 50 * 1024 * 1024;
/// The time for one medium, headers to end.
const MEDIA_SECONDS: u64 = 60;
/// Bytes of a credentials file.
const CREDENTIALS_BYTES_MAX: u64 = 1024 * 1024;
/// A token is not used in its last moments.
const TOKEN_MARGIN_SECONDS: u64 = 60;

/// Downloads media and reads credentials, as far as the client needs them.
pub async fn prepare(
    transport: &Transport,
    client: &mut ResolvedClient,
    messages: &mut [Message],
) -> Result<(), Error> {
    for fetch in media_fetches(client, messages) {
        let bytes = download(transport, &fetch).await?;
        replace_media(messages, &fetch, &bytes)
            .map_err(|problem| Error::invalid(problem.to_string()).at(Stage::Build))?;
    }
    read_google_credentials(client).await
}

/// The request as it goes out, with the bytes of its body.
pub async fn finished_request(
    transport: &Transport,
    client: &ResolvedClient,
    messages: &[Message],
    delivery: Delivery,
) -> Result<(HttpRequest, Bytes), Error> {
    let mut request = unsigned_request(transport, client, messages, delivery).await?;
    let body = Bytes::from(request.body.to_string());
    if let Signing::AwsSigV4 { region } = request.signing.clone() {
        let Cloud::Aws(aws) = client.cloud() else {
            return Err(Error::internal("an AWS signature for a client that is not on AWS"));
        };
        let Some(keys) = &aws.keys else {
            let message = "no AWS keys: set access_key_id and secret_access_key, or \
                AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
            return Err(Error::invalid(message).of_client(client.name().as_str()));
        };
        let time = amazon_time(now_seconds());
        let scope = SigningScope { region: &region, service: "bedrock", time: &time };
        aws_signature::sign(&mut request, &body, keys, scope);
    }
    Ok((request, body))
}

/// The request with its token, if it needs one, and without an AWS signature.
pub async fn unsigned_request(
    transport: &Transport,
    client: &ResolvedClient,
    messages: &[Message],
    delivery: Delivery,
) -> Result<HttpRequest, Error> {
    let mut request = baml_provider::build_request(client, messages, delivery)
        .map_err(|problem| of_provider(&problem))?;
    if request.signing == Signing::GoogleToken {
        let token = google_token(transport, client).await?;
        let value = format!("Bearer {token}");
        request.set_header(Header { name: "authorization".into(), value, secret: true });
    }
    Ok(request)
}

async fn download(transport: &Transport, fetch: &MediaFetch) -> Result<Vec<u8>, Error> {
    let policy = AddressPolicy::default();
    policy.check(&fetch.url).map_err(|problem| of_provider(&problem))?;
    let failed = |problem: &str| {
        let message = format!("cannot fetch {} from {}: {problem}", fetch.kind.as_str(), fetch.url);
        Error::new(ErrorKind::Transport { connecting: false }, message).at(Stage::Build)
    };
    let work = async {
        let client = transport.media_client()?;
        let sent = client.get(&*fetch.url).send().await;
        let mut response = sent.map_err(|problem| failed(&crate::transport::causes(&problem)))?;
        if !response.status().is_success() {
            return Err(failed(&format!("status {}", response.status().as_u16())));
        }
        let mut bytes = Vec::new();
        loop {
            let chunk = response.chunk().await;
            let chunk = chunk.map_err(|problem| failed(&crate::transport::causes(&problem)))?;
            let Some(chunk) = chunk else { return Ok(bytes) };
            if bytes.len() + chunk.len() > MEDIA_BYTES_MAX {
                return Err(failed(&format!("it is longer than {MEDIA_BYTES_MAX} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
    };
    match tokio::time::timeout(Duration::from_secs(MEDIA_SECONDS), work).await {
        Ok(result) => result,
        Err(_) => Err(failed(&format!("it took longer than {MEDIA_SECONDS} s"))),
    }
}

async fn read_google_credentials(client: &mut ResolvedClient) -> Result<(), Error> {
    let name = client.name().clone();
    let Cloud::Google(google) = client.cloud_mut() else { return Ok(()) };
    if google.credentials.is_some() || google.key_in_query {
        return Ok(());
    }
    let refuse = |problem: String| {
        Error::invalid(format!("credentials of client `{name}`: {problem}"))
            .at(Stage::Build)
            .of_client(name.as_str())
    };
    let path = match &google.source {
        GoogleSource::Text(_) => return Ok(()),
        GoogleSource::File(path) => path.clone(),
        GoogleSource::SystemDefault => {
            let message = "none were given: set options.credentials, \
                GOOGLE_APPLICATION_CREDENTIALS or GOOGLE_APPLICATION_CREDENTIALS_CONTENT";
            return Err(refuse(message.to_owned()));
        }
    };
    let read = tokio::task::spawn_blocking({
        let path = path.clone();
        move || read_bounded(&path)
    });
    let text = match read.await {
        Ok(text) => text.map_err(|problem| refuse(format!("{path} cannot be read: {problem}")))?,
        Err(_) => return Err(Error::internal("the reading of a credentials file ended early")),
    };
    google.provide(&name, &text).map_err(|problem| of_provider(&problem))
}

fn read_bounded(path: &str) -> std::io::Result<String> {
    use std::io::Read;
    let mut text = String::new();
    std::fs::File::open(path)?.take(CREDENTIALS_BYTES_MAX).read_to_string(&mut text)?;
    Ok(text)
}

async fn google_token(transport: &Transport, client: &ResolvedClient) -> Result<String, Error> {
    let Cloud::Google(google) = client.cloud() else {
        return Err(Error::internal("a Google token for a client that is not on Google Cloud"));
    };
    let Some(credentials) = &google.credentials else {
        return Err(Error::internal("a Google token without credentials"));
    };
    let key = credentials.cache_key();
    if let Some(token) = transport.token(&key) {
        return Ok(token);
    }
    let token = fetch_token(transport, client, credentials).await?;
    let holds = token.expires_in_seconds.saturating_sub(TOKEN_MARGIN_SECONDS);
    let text = token.access_token.reveal().to_owned();
    transport.keep_token(key, text.clone(), Instant::now() + Duration::from_secs(holds));
    Ok(text)
}

async fn fetch_token(
    transport: &Transport,
    client: &ResolvedClient,
    credentials: &GoogleCredentials,
) -> Result<Token, Error> {
    let name = client.name().as_str();
    let request =
        credentials.token_request(name, now_seconds()).map_err(|problem| of_provider(&problem))?;
    let http = transport.client_for(client.http())?;
    let sent = http
        .post(&request.url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(request.form.reveal().to_owned())
        .send()
        .await;
    let failed = |status: u16, message: String| {
        let kind = match status {
            0 => ErrorKind::Transport { connecting: true },
            _ => {
                let body = String::new();
                ErrorKind::Http { status, body, request_id: None, retry_after: None }
            }
        };
        Error::new(kind, format!("no Google token was granted: {message}")).of_client(name)
    };
    let response = sent.map_err(|problem| failed(0, crate::transport::causes(&problem)))?;
    let status = response.status().as_u16();
    let body = response.bytes().await;
    let body = body.map_err(|problem| failed(0, crate::transport::causes(&problem)))?;
    if !(200..300).contains(&status) {
        return Err(failed(status, format!("status {status}")));
    }
    Token::parse(name, &body).map_err(|problem| of_provider(&problem))
}

fn now_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// `20150830T123600Z`, in UTC, by the proleptic Gregorian calendar.
fn amazon_time(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Years begin in March here, so that the leap day is the last of a year (Howard Hinnant).
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amazon_time_of_known_moments() {
        assert_eq!(amazon_time(0), "19700101T000000Z");
        assert_eq!(amazon_time(951_782_400), "20000229T000000Z");
        assert_eq!(amazon_time(1_440_938_160), "20150830T123600Z");
        assert_eq!(amazon_time(4_102_444_799), "20991231T235959Z");
    }
}
