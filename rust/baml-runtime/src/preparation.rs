//! What has to be fetched before a request can be sent: media; and the signature. Credentials come
//! from `credentials`.
//!
//! Invariant: an address of media is checked before it is looked up, and every address that it
//! leads to.

use std::time::Duration;

use baml_prompt::Message;
use baml_provider::{
    Cloud, Delivery, Header, HttpRequest, MediaFetch, ResolvedClient, Signing, SigningScope,
    aws_signature, media_fetches, replace_media,
};
use bytes::Bytes;

use crate::call::of_provider;
use crate::credentials;
use crate::error::{Error, Stage};
use crate::transport::Transport;

/// Bytes of one medium.
pub const MEDIA_BYTES_MAX: usize = 50 * 1024 * 1024;
/// The time for one medium, headers to end.
const MEDIA_SECONDS: u64 = 60;

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
    credentials::complete(transport, client).await
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
        let keys = credentials::aws_keys(transport, aws, client.name()).await?;
        let time = amazon_time(credentials::now_seconds());
        let scope = SigningScope { region: &region, service: "bedrock", time: &time };
        aws_signature::sign(&mut request, &body, &keys, scope);
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
    let token = match request.signing {
        Signing::GoogleToken => credentials::google_token(transport, client).await?,
        Signing::EntraToken => credentials::entra_token(transport, client).await?,
        Signing::None | Signing::AwsSigV4 { .. } => return Ok(request),
    };
    let value = format!("Bearer {token}");
    request.set_header(Header { name: "authorization".into(), value, secret: true });
    Ok(request)
}

async fn download(transport: &Transport, fetch: &MediaFetch) -> Result<Vec<u8>, Error> {
    transport.policy().check(&fetch.url).map_err(|problem| of_provider(&problem))?;
    let failed = |problem: &str| {
        let message = format!("cannot fetch {} from {}: {problem}", fetch.kind.as_str(), fetch.url);
        Error::transport(false, message).at(Stage::Build)
    };
    let work = transport.fetch_medium(&fetch.url, MEDIA_BYTES_MAX);
    match tokio::time::timeout(Duration::from_secs(MEDIA_SECONDS), work).await {
        Ok(result) => result.map_err(|problem| failed(&problem.0)),
        Err(_) => Err(failed(&format!("it took longer than {MEDIA_SECONDS} s"))),
    }
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
