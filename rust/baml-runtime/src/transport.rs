//! The way to providers: connections, one exchange at a time.
//!
//! Invariants: dropping an exchange closes its socket (HTTP/1.1) or resets its stream (HTTP/2); no
//! redirect is followed, since it could carry credentials elsewhere; connections are kept for the
//! next call unless a client says otherwise.

use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::uri::Authority;
use tokio::io::ReadBuf;
use tokio::time::Sleep;

use baml_provider::{
    AddressPolicy, AwsKeys, GoogleFound, Header, HttpOptions, HttpRequest, ProviderError,
};

use crate::activity::{Counted, Counters, Running};
use crate::body::Body;
use crate::call::of_provider;
use crate::connector::{Route, Unreachable};
use crate::error::{Error, ErrorKind, TimeLimit};
use crate::http_client::{Answer, Ask, HttpClient, Trouble, add_credentials, address};
use crate::kept::Kept;

/// The time for a connection, where the client does not say.
const CONNECT_MS: u64 = 10_000;
/// The time for a whole exchange, where the client does not say.
const REQUEST_MS: u64 = 300_000;
/// Redirects that the address of a medium may take.
const REDIRECTS_MAX: usize = 5;
/// Bytes that are read at once. They lie on the stack of whoever reads: a stream that waits has no
/// buffer of its own.
pub const READ_BYTES: usize = 16 * 1024;

/// Headers that every request is given beside its own.
const HEADERS_MORE: usize = 3;

/// Room for what is read at once.
pub type Room = [MaybeUninit<u8>; READ_BYTES];

/// Such room, empty.
pub const fn room() -> Room {
    [const { MaybeUninit::uninit() }; READ_BYTES]
}

/// The connections of one runtime.
pub struct Transport {
    policy: AddressPolicy,
    client: HttpClient,
    /// Keys that were lent by AWS.
    pub lent: Kept<AwsKeys>,
    /// Tokens that were granted by Google and Microsoft.
    pub tokens: Kept<String>,
    /// What machines of Google offer.
    pub machines: Kept<GoogleFound>,
    counters: Arc<Counters>,
}

/// An exchange whose answer began.
pub struct Exchange {
    /// The HTTP status.
    pub status: u16,
    /// By which name the provider knows it.
    pub request_id: Option<String>,
    body: Body,
    limits: Limits,
    /// Wakes for the next limit, made when something is waited for; it may stand too early, and is
    /// moved then.
    alarm: Option<Pin<Box<Sleep>>>,
    _running: Running,
}

/// The time limits of one exchange.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    connect_ms: u64,
    /// When the whole exchange must be over.
    request: Option<(Instant, u64)>,
    /// From the headers to the first event.
    pub first_token_ms: Option<u64>,
    /// Between two events.
    pub idle_ms: Option<u64>,
    /// When the strategies around it run out of time.
    total: Option<(Instant, u64)>,
}

/// When a limit is reached.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    /// The moment.
    pub at: Instant,
    /// Which limit.
    pub limit: TimeLimit,
    /// How long it is.
    pub milliseconds: u64,
}

impl Limits {
    /// The limits of a client, from now on.
    pub fn new(http: &HttpOptions, total: Option<(Instant, u64)>) -> Self {
        let positive = |limit: Option<u64>| limit.filter(|limit| *limit > 0);
        let request = positive(Some(http.request_timeout_ms.unwrap_or(REQUEST_MS)));
        Self {
            connect_ms: http.connect_timeout_ms.unwrap_or(CONNECT_MS),
            request: request.map(|limit| (Instant::now() + Duration::from_millis(limit), limit)),
            first_token_ms: positive(http.first_token_timeout_ms),
            idle_ms: positive(http.idle_timeout_ms),
            total,
        }
    }

    /// Runs work within the limits of the whole exchange.
    pub async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let Some(first) = self.first(None) else { return work.await };
        match tokio::time::timeout_at(first.at.into(), work).await {
            Ok(result) => result,
            Err(_) => Err(timeout(first.limit, first.milliseconds)),
        }
    }

    /// The limit that is reached first: one of the whole exchange, or an extra one.
    fn first(&self, extra: Option<Deadline>) -> Option<Deadline> {
        let of =
            |limit| move |(at, milliseconds): (Instant, u64)| Deadline { at, limit, milliseconds };
        let request = self.request.map(of(TimeLimit::Request));
        let total = self.total.map(of(TimeLimit::Total));
        [extra, request, total].into_iter().flatten().min_by_key(|deadline| deadline.at)
    }
}

/// The error of a limit that was reached.
pub fn timeout(limit: TimeLimit, milliseconds: u64) -> Error {
    let what = match limit {
        TimeLimit::Connect => "no connection came about",
        TimeLimit::Request => "the exchange was not over",
        TimeLimit::FirstToken => "nothing came after the headers",
        TimeLimit::Idle => "nothing more came",
        TimeLimit::Total => "the attempts were not over",
        TimeLimit::Queue => "no other call ended",
    };
    let message = format!("{what} within {milliseconds} ms ({} timeout)", limit.name());
    Error::new(ErrorKind::Timeout { limit, milliseconds }, message)
}

impl Transport {
    /// No connection yet; media are fetched where `policy` lets them.
    pub fn new(counters: Arc<Counters>, policy: AddressPolicy) -> Self {
        Self {
            policy,
            client: HttpClient::default(),
            lent: Kept::default(),
            tokens: Kept::default(),
            machines: Kept::default(),
            counters,
        }
    }

    /// Sends a request, and waits for the answer's headers.
    pub async fn send(
        &self,
        ask: Box<Ask>,
        limits: Limits,
    ) -> Result<(Exchange, HeaderMap), Error> {
        let running = Running::new(&self.counters, Counted::Socket);
        // Without credentials: those were taken out of it.
        let host = ask.uri.authority().cloned();
        let host = host.unwrap_or_else(|| Authority::from_static("?"));
        // In a box of its own: each layer around it would make room for it once more.
        let sent = Box::pin(self.client.ask(ask));
        let sent = async { sent.await.map_err(|e| failure(e, &host, limits.connect_ms)) };
        let Answer { status, headers, body } = limits.within(sent).await?;
        let request_id = request_id(&headers);
        let exchange =
            Exchange { status, request_id, body, limits, alarm: None, _running: running };
        Ok((exchange, headers))
    }

    /// Asks a service for a short answer: its status, and the first `bytes_max` bytes of it. Who
    /// calls sets a limit of time.
    pub async fn fetch(
        &self,
        route: Route,
        request: Errand<'_>,
        bytes_max: usize,
    ) -> Result<(u16, Vec<u8>), Trouble> {
        let Errand { method, url, headers: lines, body, http } = request;
        let broken = |problem: String| Trouble::Broken(problem);
        let method = Method::from_bytes(method.as_bytes());
        let method = method.map_err(|problem| broken(problem.to_string()))?;
        let headers = headers(lines).map_err(|problem| broken(problem.message))?;
        let ask = ask(route, method, url, headers, body, http)?;
        let mut answer = self.client.ask(ask).await?;
        let mut bytes = Vec::new();
        while bytes.len() < bytes_max && read_on(&mut answer.body, &mut bytes).await? {}
        bytes.truncate(bytes_max);
        Ok((answer.status, bytes))
    }

    /// Fetches a medium, wherever it was moved to: checked addresses only. Longer ones than
    /// `bytes_max` are refused.
    pub async fn fetch_medium(
        &self,
        url: &str,
        bytes_max: usize,
    ) -> Result<Vec<u8>, MediumProblem> {
        let mut url = url.to_owned();
        for _ in 0..=REDIRECTS_MAX {
            let http = HttpOptions::default();
            let (headers, body) = (HeaderMap::new(), Bytes::new());
            let ask = ask(Route::Media, Method::GET, &url, headers, body, &http)?;
            let mut answer = self.client.ask(ask).await?;
            if let Some(next) = moved_to(&answer, &url) {
                self.policy.check(&next)?;
                url = next;
                continue;
            }
            if !(200..300).contains(&answer.status) {
                return Err(MediumProblem(format!("status {}", answer.status)));
            }
            let mut bytes = Vec::new();
            while read_on(&mut answer.body, &mut bytes).await? {
                if bytes.len() > bytes_max {
                    return Err(MediumProblem(format!("it is longer than {bytes_max} bytes")));
                }
            }
            return Ok(bytes);
        }
        Err(MediumProblem("too many redirects".to_owned()))
    }

    /// Which addresses media may be fetched from.
    pub fn policy(&self) -> &AddressPolicy {
        &self.policy
    }
}

/// A request to a provider whose body is `body`, as it is sent.
pub fn outgoing(request: &HttpRequest, body: Bytes, http: &HttpOptions) -> Result<Box<Ask>, Error> {
    let method = Method::from_bytes(request.method.as_bytes());
    let method = method.map_err(|_| Error::internal("a request without a method"))?;
    let headers = headers(&request.headers)?;
    ask(Route::Far, method, &request.url, headers, body, http)
        .map_err(|trouble| failure(trouble, &Authority::from_static("?"), 0))
}

fn ask(
    route: Route,
    method: Method,
    url: &str,
    mut headers: HeaderMap,
    body: Bytes,
    http: &HttpOptions,
) -> Result<Box<Ask>, Trouble> {
    let (uri, secret) = address(url)?;
    add_credentials(&mut headers, secret);
    Ok(Box::new(Ask {
        route,
        method,
        uri,
        headers,
        body,
        connect_ms: http.connect_timeout_ms.unwrap_or(CONNECT_MS),
        is_pooled: http.connection_pooling.unwrap_or(true),
    }))
}

/// What is asked of a service that is no model.
pub struct Errand<'a> {
    /// The method.
    pub method: &'a str,
    /// Where to.
    pub url: &'a str,
    /// The headers.
    pub headers: &'a [Header],
    /// The body; nothing is sent if it is empty.
    pub body: Bytes,
    /// Whose limits hold.
    pub http: &'a HttpOptions,
}

/// Why a medium was not fetched.
#[derive(Debug)]
pub struct MediumProblem(pub String);

impl From<Trouble> for MediumProblem {
    fn from(trouble: Trouble) -> Self {
        Self(told(trouble))
    }
}

impl From<ProviderError> for MediumProblem {
    fn from(problem: ProviderError) -> Self {
        Self(of_provider(&problem).message)
    }
}

/// Where an answer leads to, if it is a redirect.
fn moved_to(answer: &Answer, from: &str) -> Option<String> {
    let is_redirect = matches!(answer.status, 301 | 302 | 303 | 307 | 308);
    let place = answer.headers.get(http::header::LOCATION).filter(|_| is_redirect)?;
    let to = url::Url::parse(from).ok()?.join(place.to_str().ok()?).ok()?;
    Some(to.into())
}

/// Reads the next bytes of a body behind those that are there. False at its end.
async fn read_on(body: &mut Body, bytes: &mut Vec<u8>) -> Result<bool, Trouble> {
    let read = std::future::poll_fn(|context| {
        let mut room = room();
        let mut read = ReadBuf::uninit(&mut room);
        let outcome = ready!(body.poll_read(context, &mut read));
        bytes.extend_from_slice(read.filled());
        Poll::Ready(outcome.map(|()| !read.filled().is_empty()))
    });
    read.await.map_err(Trouble::Broken)
}

fn headers(lines: &[Header]) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::with_capacity(lines.len() + HEADERS_MORE);
    for header in lines.iter().filter(|header| header.name != "host") {
        let name = HeaderName::from_bytes(header.name.as_bytes());
        let value = HeaderValue::from_str(&header.value);
        let (Ok(name), Ok(mut value)) = (name, value) else {
            let message =
                format!("header `{}` cannot be sent: it holds a forbidden sign", header.name);
            return Err(Error::invalid(message));
        };
        value.set_sensitive(header.secret);
        headers.append(name, value);
    }
    Ok(headers)
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    let names = ["x-request-id", "request-id", "x-amzn-requestid", "apim-request-id"];
    let mut found = names.iter().filter_map(|name| headers.get(*name)?.to_str().ok());
    found.next().map(str::to_owned)
}

impl Exchange {
    /// How long it may take.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The next bytes of the answer, behind those that are there; none at its end.
    async fn read_on(&mut self, bytes: &mut Vec<u8>) -> Result<bool, Error> {
        std::future::poll_fn(|context| {
            let mut room = room();
            let mut read = ReadBuf::uninit(&mut room);
            ready!(self.poll_read(context, &mut read, None))?;
            bytes.extend_from_slice(read.filled());
            Poll::Ready(Ok(!read.filled().is_empty()))
        })
        .await
    }

    /// Puts the next bytes of the answer into `out`, which is empty; none at its end. `extra` is a
    /// limit beside those of the whole exchange.
    pub fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
        extra: Option<Deadline>,
    ) -> Poll<Result<(), Error>> {
        if let Poll::Ready(read) = self.body.poll_read(context, out) {
            return Poll::Ready(read.map_err(|problem| broken(&problem)));
        }
        let Some(first) = self.limits.first(extra) else { return Poll::Pending };
        self.poll_alarm(context, first.at).map(|()| Err(timeout(first.limit, first.milliseconds)))
    }

    /// Ready once `at` has come; pending before, with whoever waits woken then at the latest.
    pub fn poll_alarm(&mut self, context: &mut Context<'_>, at: Instant) -> Poll<()> {
        let at = at.into();
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
        if alarm.deadline() > at {
            alarm.as_mut().reset(at);
        }
        while alarm.as_mut().poll(context).is_ready() {
            if alarm.deadline() >= at {
                return Poll::Ready(());
            }
            alarm.as_mut().reset(at);
        }
        Poll::Pending
    }

    /// The rest of the answer, up to `bytes_max`; what goes beyond is an error.
    pub async fn rest(&mut self, bytes_max: usize) -> Result<Vec<u8>, Error> {
        let mut body = Vec::new();
        while self.read_on(&mut body).await? {
            if body.len() > bytes_max {
                let message = format!("the answer is longer than {bytes_max} bytes");
                return Err(Error::transport(false, message));
            }
        }
        Ok(body)
    }

    /// The first bytes of the rest: as many as come before it ends, breaks off or is long enough.
    pub async fn beginning(&mut self, bytes_max: usize) -> Vec<u8> {
        let mut body = Vec::new();
        while body.len() < bytes_max && matches!(self.read_on(&mut body).await, Ok(true)) {}
        body.truncate(bytes_max);
        body
    }

    /// Reads to the end of the answer and throws it away.
    pub async fn skip(&mut self) {
        let mut body = Vec::new();
        while matches!(self.read_on(&mut body).await, Ok(true)) {
            body.clear();
        }
    }
}

fn failure(trouble: Trouble, host: &Authority, connect_ms: u64) -> Error {
    match trouble {
        Trouble::Connecting(Unreachable::Late) => {
            let mut error = timeout(TimeLimit::Connect, connect_ms);
            error.message = format!("{host}: {}", error.message);
            error
        }
        Trouble::Connecting(Unreachable::Because(problem)) => {
            Error::transport(true, format!("cannot connect to {host}: {problem}"))
        }
        Trouble::Broken(problem) => broken(&problem),
    }
}

fn broken(problem: &str) -> Error {
    Error::transport(false, format!("the exchange broke: {problem}"))
}

/// What was wrong, without the address, which may hold a key.
pub fn told(trouble: Trouble) -> String {
    match trouble {
        Trouble::Connecting(Unreachable::Late) => "no connection came about in time".to_owned(),
        Trouble::Connecting(Unreachable::Because(problem)) => format!("cannot connect: {problem}"),
        Trouble::Broken(problem) => problem,
    }
}
