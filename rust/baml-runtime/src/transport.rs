//! The way to providers: connections, one exchange at a time.
//!
//! Invariants: dropping an exchange closes its socket (HTTP/1.1) or resets its stream (HTTP/2); no
//! redirect is followed, since it could carry credentials elsewhere; connections are kept for the
//! next call unless a client says otherwise.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::Stream;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use rustc_hash::FxHashMap;
use tokio::time::Sleep;

use baml_provider::{AddressPolicy, AwsKeys, GoogleFound, HttpOptions, HttpRequest};

use crate::activity::{Counted, Counters, Running};
use crate::error::{Error, ErrorKind, TimeLimit};
use crate::kept::Kept;
use crate::resolver::CheckedResolver;
use crate::sync::{Mutex, lock};

/// The time for a connection, where the client does not say.
const CONNECT_MS: u64 = 10_000;
/// The time for a whole exchange, where the client does not say.
const REQUEST_MS: u64 = 300_000;
/// How long an unused connection is kept.
const IDLE_CONNECTION_SECONDS: u64 = 60;
/// Sets of connection options that are kept; beyond them a client is made for one exchange.
const CLIENTS_MAX: usize = 64;
/// Redirects that the address of a medium may take.
const REDIRECTS_MAX: usize = 5;

/// The connections of one runtime.
pub struct Transport {
    policy: AddressPolicy,
    clients: Mutex<FxHashMap<(u64, bool), reqwest::Client>>,
    media: Mutex<Option<reqwest::Client>>,
    near: Mutex<Option<reqwest::Client>>,
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
    /// The answer's headers.
    pub headers: HeaderMap,
    body: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>,
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
            clients: Mutex::default(),
            media: Mutex::default(),
            near: Mutex::default(),
            lent: Kept::default(),
            tokens: Kept::default(),
            machines: Kept::default(),
            counters,
        }
    }

    /// Sends a request whose body is `body`, and waits for the answer's headers.
    pub async fn send(
        &self,
        request: &HttpRequest,
        body: Bytes,
        http: &HttpOptions,
        limits: Limits,
    ) -> Result<Exchange, Error> {
        let client = self.client_for(http)?;
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|_| Error::internal("a request without a method"))?;
        let headers = headers(request)?;
        let running = Running::new(&self.counters, Counted::Socket);
        let sent = client.request(method, &request.url).headers(headers).body(body).send();
        let response =
            limits.within(async { sent.await.map_err(|e| failure(&e, limits.connect_ms)) }).await?;
        Ok(Exchange {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: Box::pin(response.bytes_stream()),
            limits,
            alarm: None,
            _running: running,
        })
    }

    /// The connections that suit a client.
    pub fn client_for(&self, http: &HttpOptions) -> Result<reqwest::Client, Error> {
        let connect_ms = http.connect_timeout_ms.unwrap_or(CONNECT_MS);
        self.client(connect_ms, http.connection_pooling.unwrap_or(true))
    }

    /// Which addresses media may be fetched from.
    pub fn policy(&self) -> &AddressPolicy {
        &self.policy
    }

    /// Connections to where media are: checked addresses only, redirects included.
    pub fn media_client(&self) -> Result<reqwest::Client, Error> {
        let mut media = lock(&self.media);
        if let Some(client) = &*media {
            return Ok(client.clone());
        }
        let redirect = checked(self.policy.clone());
        let client = builder(CONNECT_MS).dns_resolver(CheckedResolver).redirect(redirect);
        let client = finish(client)?;
        *media = Some(client.clone());
        Ok(client)
    }

    /// Connections to services of this machine itself: without a proxy or redirects.
    pub fn near_client(&self) -> Result<reqwest::Client, Error> {
        let mut near = lock(&self.near);
        if let Some(client) = &*near {
            return Ok(client.clone());
        }
        let none = reqwest::redirect::Policy::none();
        let client = finish(builder(CONNECT_MS).no_proxy().redirect(none))?;
        *near = Some(client.clone());
        Ok(client)
    }

    fn client(&self, connect_ms: u64, pooled: bool) -> Result<reqwest::Client, Error> {
        let key = (connect_ms, pooled);
        if let Some(client) = lock(&self.clients).get(&key) {
            return Ok(client.clone());
        }
        // Building reads the machine's certificates, so it is done without the lock.
        let client = build(connect_ms, pooled)?;
        let mut clients = lock(&self.clients);
        if clients.len() < CLIENTS_MAX {
            clients.insert(key, client.clone());
        }
        Ok(client)
    }
}

fn build(connect_ms: u64, pooled: bool) -> Result<reqwest::Client, Error> {
    let builder = builder(connect_ms);
    finish(if pooled { builder } else { builder.pool_max_idle_per_host(0) })
}

fn builder(connect_ms: u64) -> reqwest::ClientBuilder {
    // One crypto provider serves the process; whoever was first did the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .tcp_nodelay(true)
        .pool_idle_timeout(Duration::from_secs(IDLE_CONNECTION_SECONDS))
        .http2_adaptive_window(true);
    match connect_ms {
        0 => builder,
        _ => builder.connect_timeout(Duration::from_millis(connect_ms)),
    }
}

fn checked(policy: AddressPolicy) -> reqwest::redirect::Policy {
    reqwest::redirect::Policy::custom(move |attempt| {
        if attempt.previous().len() > REDIRECTS_MAX {
            return attempt.error("too many redirects");
        }
        match policy.check(attempt.url().as_str()) {
            Ok(()) => attempt.follow(),
            Err(problem) => attempt.error(problem),
        }
    })
}

fn finish(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, Error> {
    builder.build().map_err(|problem| {
        let message = format!("no HTTP client can be made: {}", causes(&problem));
        Error::transport(true, message)
    })
}

fn headers(request: &HttpRequest) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::with_capacity(request.headers.len());
    for header in request.headers.iter().filter(|header| header.name != "host") {
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

impl Exchange {
    /// The next bytes of the answer; none at its end. `extra` is a limit beside those of the whole
    /// exchange.
    pub async fn next(&mut self, extra: Option<Deadline>) -> Result<Option<Bytes>, Error> {
        std::future::poll_fn(|context| self.poll_next(context, extra)).await
    }

    /// As [`next`](Self::next); pending if nothing is at hand.
    pub fn poll_next(
        &mut self,
        context: &mut Context<'_>,
        extra: Option<Deadline>,
    ) -> Poll<Result<Option<Bytes>, Error>> {
        if let Poll::Ready(next) = self.body.as_mut().poll_next(context) {
            let next = next.transpose().map_err(|e| failure(&e, self.limits.connect_ms));
            return Poll::Ready(next);
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
        while let Some(bytes) = self.next(None).await? {
            if body.len() + bytes.len() > bytes_max {
                let message = format!("the answer is longer than {bytes_max} bytes");
                return Err(Error::transport(false, message));
            }
            body.extend_from_slice(&bytes);
        }
        Ok(body)
    }

    /// The first bytes of the rest: as many as come before it ends, breaks off or is long enough.
    pub async fn beginning(&mut self, bytes_max: usize) -> Vec<u8> {
        let mut body = Vec::new();
        while let Ok(Some(bytes)) = self.next(None).await {
            let room = bytes_max - body.len();
            body.extend_from_slice(&bytes[..bytes.len().min(room)]);
            if body.len() == bytes_max {
                break;
            }
        }
        body
    }

    /// A header of the answer, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

fn failure(problem: &reqwest::Error, connect_ms: u64) -> Error {
    if problem.is_connect() && problem.is_timeout() {
        return timeout(TimeLimit::Connect, connect_ms);
    }
    let connecting = problem.is_connect();
    let what = if connecting { "cannot connect" } else { "the exchange broke" };
    Error::transport(connecting, format!("{what}: {}", causes(problem)))
}

/// The causes of an error without the address, which may hold a key.
pub fn causes(problem: &reqwest::Error) -> String {
    let mut texts = Vec::new();
    let mut cause = std::error::Error::source(problem);
    while let Some(problem) = cause {
        texts.push(problem.to_string());
        cause = problem.source();
    }
    match texts.last() {
        Some(_) => texts.join(": "),
        None if problem.is_builder() => "the request is not valid".to_owned(),
        None => "unknown cause".to_owned(),
    }
}
