//! One exchange with a server over HTTP: a connection taken or made, a request sent, the beginning
//! of its answer awaited.
//!
//! HTTP/1.1 is driven by whoever waits for the answer, without a task of its own; HTTP/2, which
//! requests share, by the library behind it.
//!
//! Invariants: dropping the work or the answer closes the socket (HTTP/1.1) or resets the stream
//! (HTTP/2); no redirect is followed; a request is sent again only if nothing of it was sent, or,
//! once, if a connection that had rested broke before a byte of an answer came.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, HOST, HeaderMap};
use http::uri::{Authority, Scheme, Uri};
use http::{HeaderValue, Method};
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::body::{Body, Own};
use crate::connector::{Connected, Connector, Route, Unreachable, causes};
use crate::http1::{self, Head, Malformed};
use crate::pool::{Kept, Place, Pool, Shared};
use crate::socket::Socket;

/// Announcements (1xx) that may come before an answer.
const ANNOUNCEMENTS_MAX: usize = 16;
/// Bytes of one answer's headers over HTTP/2.
const SHARED_HEAD_BYTES_MAX: u32 = 16 * 1024;
/// Bodies up to this many bytes go out in one piece with the head.
const TOGETHER_BYTES_MAX: usize = 16 * 1024;
/// Connections are kept after answers with a status below this: many servers close theirs right
/// after an error, without a word of it, and the next request would break.
const KEPT_BELOW_STATUS: u16 = 400;
/// A connection that was unused for so long may have run into the server's own limit just now.
const RESTED: Duration = Duration::from_secs(1);

/// What is asked.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Which way it goes.
    pub route: Route,
    /// The method.
    pub method: Method,
    /// Where to.
    pub uri: Uri,
    /// The headers, without `host` and those that tell of the body.
    pub headers: HeaderMap,
    /// The body; nothing is sent if it is empty.
    pub body: Bytes,
    /// How long a connection may take; 0 is no limit.
    pub connect_ms: u64,
    /// Connections are taken from those that are kept, and kept.
    pub is_pooled: bool,
}

/// The beginning of an answer.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// What follows.
    pub body: Body,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Trouble {
    /// There was no connection.
    Connecting(Unreachable),
    /// It broke, for this reason.
    Broken(String),
}

/// The way to servers.
#[derive(Default)]
pub struct HttpClient {
    connector: Connector,
    pool: Arc<Pool>,
}

/// An address as it is connected to, with the credentials that it held.
pub fn address(url: &str) -> Result<(Uri, Option<HeaderValue>), Trouble> {
    let wrong = |problem: String| Trouble::Broken(format!("the address is not valid: {problem}"));
    let mut parsed = url::Url::parse(url).map_err(|problem| wrong(problem.to_string()))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(wrong("it is neither http nor https".to_owned()));
    }
    let secret = basic_credentials(&parsed);
    // An address that has a host can do without them.
    let _ = parsed.set_username("");
    let _ = parsed.set_password(None);
    let uri = parsed.as_str().parse::<Uri>().map_err(|problem| wrong(problem.to_string()))?;
    Ok((uri, secret))
}

fn basic_credentials(url: &url::Url) -> Option<HeaderValue> {
    use base64::Engine;
    let plain = |text: &str| percent_encoding::percent_decode_str(text).collect::<Vec<u8>>();
    let (name, word) = (plain(url.username()), plain(url.password().unwrap_or_default()));
    if name.is_empty() && word.is_empty() {
        return None;
    }
    let pair = [name, b":".to_vec(), word].concat();
    let text = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

impl HttpClient {
    /// Asks, and waits until the answer begins.
    pub async fn ask(&self, mut ask: Box<Ask>) -> Result<Answer, Trouble> {
        let standard = [(ACCEPT, "*/*"), (ACCEPT_ENCODING, "gzip")];
        for (name, value) in standard {
            ask.headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        let (Some(scheme), Some(authority)) = (ask.uri.scheme(), ask.uri.authority()) else {
            return Err(Trouble::Broken("the address has no host".to_owned()));
        };
        let (scheme, authority) = (scheme.clone(), authority.clone());
        let place = Place { route: ask.route, scheme, authority };
        let mut kept = if ask.is_pooled { self.pool.take(&place) } else { None };
        loop {
            let is_new = kept.is_none();
            let connection = match kept.take() {
                Some(connection) => connection,
                None => self.connect(&ask, &place).await?,
            };
            let (begun, rested) = match connection {
                Kept::Http1(socket, rested) => {
                    (self.ask_alone(socket, &ask, &place).await, rested >= RESTED)
                }
                Kept::Http2(shared) => (Box::pin(ask_shared(shared, &ask)).await, false),
            };
            match begun {
                Ok(answer) => return Ok(answer),
                // The server closed it while it was unused.
                Err((_, Sent::Nothing)) if !is_new => kept = self.pool.take(&place),
                // Or it did so while the request was on its way: a new connection is asked, once.
                Err((_, Sent::Unanswered)) if rested => {}
                Err((trouble, _)) => return Err(trouble),
            }
        }
    }

    async fn connect(&self, ask: &Ask, place: &Place) -> Result<Kept, Trouble> {
        let proxy = self.connector.proxy(ask.route, &ask.uri);
        let work = self.connector.connect(ask.route, &ask.uri, proxy.as_ref(), ask.connect_ms);
        // What making a connection needs is large, and over before the long wait begins.
        let made = Box::pin(work).await.map_err(Trouble::Connecting)?;
        let Connected { socket, is_http2 } = made;
        if !is_http2 {
            return Ok(Kept::Http1(socket, Duration::ZERO));
        }
        let shared = Box::pin(handshake(socket)).await?;
        let shared = if ask.is_pooled { self.pool.share(place.clone(), shared) } else { shared };
        Ok(Kept::Http2(shared))
    }

    /// Asks on a connection that nobody else uses meanwhile.
    async fn ask_alone(
        &self,
        mut socket: Socket,
        ask: &Ask,
        place: &Place,
    ) -> Result<Answer, (Trouble, Sent)> {
        let mut asking = self.asking(ask, &place.authority);
        let begun = std::future::poll_fn(|context| asking.poll(&mut socket, context)).await;
        let (mut head, ahead) = match begun {
            Ok(begun) => begun,
            Err(problem) => {
                let sent = match (asking.sent, asking.answered) {
                    (0, _) => Sent::Nothing,
                    (_, false) => Sent::Unanswered,
                    (_, true) => Sent::Something,
                };
                return Err((Trouble::Broken(problem), sent));
            }
        };
        let is_kept =
            head.is_kept && ask.is_pooled && asking.is_flushed && head.status < KEPT_BELOW_STATUS;
        let home = is_kept.then(|| (Arc::clone(&self.pool), place.clone()));
        let own = Own { socket: Some(socket), ahead, reader: head.body, home };
        let body = Body::alone(own, &mut head.headers);
        Ok(Answer { status: head.status, headers: head.headers, body })
    }

    fn asking(&self, ask: &Ask, authority: &Authority) -> Asking {
        let path = ask.uri.path_and_query().map_or("/", |path| path.as_str());
        let is_plain = ask.uri.scheme() == Some(&Scheme::HTTP);
        let proxy = self.connector.proxy(ask.route, &ask.uri).filter(|_| is_plain);
        let (host, length) = (authority.as_str(), ask.body.len());
        let mut out = match &proxy {
            None => http1::request_head(&ask.method, path, host, &ask.headers, length),
            Some(proxy) => {
                let mut headers = ask.headers.clone();
                if let Some(secret) = proxy.basic_auth() {
                    let name = http::header::PROXY_AUTHORIZATION;
                    headers.entry(name).or_insert_with(|| secret.clone());
                }
                let whole = ask.uri.to_string();
                http1::request_head(&ask.method, &whole, host, &headers, length)
            }
        };
        let rest = if length <= TOGETHER_BYTES_MAX {
            out.extend_from_slice(&ask.body);
            Bytes::new()
        } else {
            ask.body.clone()
        };
        Asking {
            out: out.into(),
            rest,
            sent: 0,
            got: Vec::new(),
            answered: false,
            announced: 0,
            is_flushed: false,
        }
    }
}

/// What went out of a request that failed.
enum Sent {
    Nothing,
    /// Something, and nothing came back.
    Unanswered,
    Something,
}

/// A request on its way.
struct Asking {
    out: Bytes,
    rest: Bytes,
    sent: usize,
    is_flushed: bool,
    /// The beginning of a head.
    got: Vec<u8>,
    /// A byte of an answer came.
    answered: bool,
    announced: usize,
}

/// Bytes that are read at once.
const READ_BYTES: usize = 8 * 1024;

impl Asking {
    /// Sends what is left, and reads at the same time: a server may answer, or refuse, before it
    /// read everything.
    fn poll(
        &mut self,
        socket: &mut Socket,
        context: &mut Context<'_>,
    ) -> Poll<Result<(Head, Bytes), String>> {
        let sending = self.poll_send(socket, context);
        let reading = self.poll_head(socket, context);
        match (reading, sending) {
            (Poll::Ready(done), _) => Poll::Ready(done),
            (Poll::Pending, Poll::Ready(Err(problem))) => Poll::Ready(Err(causes(&problem))),
            (Poll::Pending, _) => Poll::Pending,
        }
    }

    fn poll_send(
        &mut self,
        socket: &mut Socket,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        loop {
            if self.out.is_empty() {
                self.out = std::mem::take(&mut self.rest);
            }
            if self.out.is_empty() {
                if !self.is_flushed {
                    ready!(Pin::new(&mut *socket).poll_flush(context))?;
                    self.is_flushed = true;
                }
                return Poll::Ready(Ok(()));
            }
            match ready!(Pin::new(&mut *socket).poll_write(context, &self.out))? {
                0 => return Poll::Ready(Err(std::io::ErrorKind::WriteZero.into())),
                count => {
                    bytes::Buf::advance(&mut self.out, count);
                    self.sent += count;
                }
            }
        }
    }

    fn poll_head(
        &mut self,
        socket: &mut Socket,
        context: &mut Context<'_>,
    ) -> Poll<Result<(Head, Bytes), String>> {
        let mut room = [const { std::mem::MaybeUninit::uninit() }; READ_BYTES];
        loop {
            let mut read = ReadBuf::uninit(&mut room);
            match ready!(Pin::new(&mut *socket).poll_read(context, &mut read)) {
                Ok(()) if read.filled().is_empty() => {
                    return Poll::Ready(Err(
                        "the connection was closed before an answer".to_owned()
                    ));
                }
                Ok(()) => {
                    self.answered = true;
                    let before = self.got.len();
                    self.got.extend_from_slice(read.filled());
                    match self.found(before) {
                        Ok(None) => {}
                        Ok(Some(found)) => return Poll::Ready(Ok(found)),
                        Err(problem) => return Poll::Ready(Err(problem.to_string())),
                    }
                }
                Err(problem) => return Poll::Ready(Err(causes(&problem))),
            }
        }
    }

    /// The head, with what came behind it.
    fn found(&mut self, mut looked_at: usize) -> Result<Option<(Head, Bytes)>, Malformed> {
        while let Some((head, length)) = http1::read_head(&self.got, looked_at)? {
            let behind = self.got.split_off(length);
            self.got = behind;
            looked_at = 0;
            if head.status >= 200 {
                return Ok(Some((head, std::mem::take(&mut self.got).into())));
            }
            self.announced += 1;
            if head.status == 101 || self.announced > ANNOUNCEMENTS_MAX {
                return Err(Malformed("announcements without an answer"));
            }
        }
        Ok(None)
    }
}

/// Begins HTTP/2 on a connection.
async fn handshake(socket: Socket) -> Result<Shared, Trouble> {
    let mut builder = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
    builder.adaptive_window(true).max_header_list_size(SHARED_HEAD_BYTES_MAX);
    let begun = builder.handshake(TokioIo::new(socket)).await;
    let (shared, driver) = begun.map_err(|problem| Trouble::Broken(causes(&problem)))?;
    tokio::spawn(async move {
        // Whoever asks on it is told.
        let _ = driver.await;
    });
    Ok(shared)
}

/// Asks on a connection that others use as well.
async fn ask_shared(mut shared: Shared, ask: &Ask) -> Result<Answer, (Trouble, Sent)> {
    let mut request = http::Request::new(Full::new(ask.body.clone()));
    *request.method_mut() = ask.method.clone();
    *request.uri_mut() = ask.uri.clone();
    *request.headers_mut() = ask.headers.clone();
    for alone in [HOST, CONNECTION, http::header::TRANSFER_ENCODING] {
        request.headers_mut().remove(alone);
    }
    let failed = |problem: hyper::Error| {
        let sent = if problem.is_canceled() { Sent::Nothing } else { Sent::Something };
        (Trouble::Broken(causes(&problem)), sent)
    };
    shared.ready().await.map_err(failed)?;
    let (mut parts, body) = shared.send_request(request).await.map_err(failed)?.into_parts();
    let body = Body::shared(body, &mut parts.headers);
    Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
}

/// The header that carries the credentials of an address, unless the request has its own.
pub fn add_credentials(headers: &mut HeaderMap, secret: Option<HeaderValue>) {
    if let Some(secret) = secret {
        headers.entry(AUTHORIZATION).or_insert(secret);
    }
}
