//! How connections come about: names looked up, proxies passed through, TLS agreed on.
//!
//! Invariants: nobody waits longer than the time that was given; services of the machine itself are
//! never reached through a proxy; hosts of media are looked up with their addresses checked.

use std::error::Error as Cause;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::uri::{Authority, Scheme, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tower_service::Service;

use crate::http1;
use crate::resolver::CheckedResolver;
use crate::socket::Socket;

/// A silent peer is asked for a sign of life after so long, so often, and is then given up.
const ALIVE_SECONDS: u64 = 15;
const ALIVE_TRIES: u32 = 3;
/// How long what was sent may stay unconfirmed.
const UNCONFIRMED_SECONDS: u64 = 30;

type Trouble = Box<dyn Cause + Send + Sync>;

/// Which way a request takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// To a provider: through the system's proxy, where there is one.
    Far,
    /// To a service of this machine itself.
    Near,
    /// To where media are: as to a provider, with checked addresses only.
    Media,
}

/// Why there is no connection.
#[derive(Debug)]
pub enum Unreachable {
    /// It took too long.
    Late,
    /// What was wrong, without the address.
    Because(String),
}

/// A connection that came about.
pub(crate) struct Connected {
    pub(crate) socket: Socket,
    pub(crate) is_http2: bool,
}

/// Makes connections.
pub(crate) struct Connector {
    plain: HttpConnector,
    checked: HttpConnector<CheckedResolver>,
    proxies: OnceLock<Matcher>,
    /// With the protocols that are offered, and for proxies without.
    tls: OnceLock<(Arc<ClientConfig>, Arc<ClientConfig>)>,
}

impl Default for Connector {
    fn default() -> Self {
        let mut plain = HttpConnector::new();
        let mut checked = HttpConnector::new_with_resolver(CheckedResolver);
        set_up(&mut plain);
        set_up(&mut checked);
        Self { plain, checked, proxies: OnceLock::new(), tls: OnceLock::new() }
    }
}

fn set_up<R>(connector: &mut HttpConnector<R>) {
    let alive = Some(Duration::from_secs(ALIVE_SECONDS));
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_keepalive(alive);
    connector.set_keepalive_interval(alive);
    connector.set_keepalive_retries(Some(ALIVE_TRIES));
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    connector.set_tcp_user_timeout(Some(Duration::from_secs(UNCONFIRMED_SECONDS)));
}

impl Connector {
    /// The proxy that stands before an address.
    pub(crate) fn proxy(&self, route: Route, to: &Uri) -> Option<Intercept> {
        if route == Route::Near {
            return None;
        }
        self.proxies.get_or_init(Matcher::from_system).intercept(to)
    }

    /// Connects; 0 ms is no limit.
    pub(crate) async fn connect(
        &self,
        route: Route,
        to: &Uri,
        proxy: Option<&Intercept>,
        limit_ms: u64,
    ) -> Result<Connected, Unreachable> {
        let work = async {
            let made = match proxy {
                // Large, and rare.
                Some(proxy) => Box::pin(self.through(route, to, proxy)).await,
                None => self.directly(route, to).await,
            };
            made.map_err(|problem| Unreachable::Because(causes(&*problem)))
        };
        if limit_ms == 0 {
            return work.await;
        }
        let work = tokio::time::timeout(Duration::from_millis(limit_ms), work);
        work.await.unwrap_or(Err(Unreachable::Late))
    }

    async fn directly(&self, route: Route, to: &Uri) -> Result<Connected, Trouble> {
        let socket = self.tcp(route, to).await?;
        if to.scheme() != Some(&Scheme::HTTPS) {
            return Ok(Connected { socket: Socket::Plain(socket), is_http2: false });
        }
        let stream = Box::pin(secured(socket, to, Arc::clone(&self.tls()?.0))).await?;
        let is_http2 = speaks_http2(&stream);
        Ok(Connected { socket: Socket::Tls(Box::new(stream)), is_http2 })
    }

    async fn through(
        &self,
        route: Route,
        to: &Uri,
        proxy: &Intercept,
    ) -> Result<Connected, Trouble> {
        let is_tunnel = to.scheme() == Some(&Scheme::HTTPS);
        let socket = self.tcp(route, proxy.uri()).await?;
        match proxy.uri().scheme_str() {
            Some("http") if !is_tunnel => {
                Ok(Connected { socket: Socket::Plain(socket), is_http2: false })
            }
            Some("http") => {
                let socket = tunnelled(socket, to, proxy).await?;
                let stream = secured(socket, to, Arc::clone(&self.tls()?.0)).await?;
                let is_http2 = speaks_http2(&stream);
                Ok(Connected { socket: Socket::Tls(Box::new(stream)), is_http2 })
            }
            Some("https") => {
                let outer = secured(socket, proxy.uri(), Arc::clone(&self.tls()?.1)).await?;
                if !is_tunnel {
                    return Ok(Connected { socket: Socket::Tls(Box::new(outer)), is_http2: false });
                }
                let outer = tunnelled(outer, to, proxy).await?;
                let stream = secured(outer, to, Arc::clone(&self.tls()?.0)).await?;
                let is_http2 = speaks_http2(&stream);
                Ok(Connected { socket: Socket::TlsInTls(Box::new(stream)), is_http2 })
            }
            _ => Err("proxies of this kind are not supported".into()),
        }
    }

    async fn tcp(&self, route: Route, to: &Uri) -> Result<TcpStream, Trouble> {
        let to = to.clone();
        let made = match route {
            Route::Media => self.checked.clone().call(to).await,
            Route::Far | Route::Near => self.plain.clone().call(to).await,
        };
        Ok(made?.into_inner())
    }

    fn tls(&self) -> Result<&(Arc<ClientConfig>, Arc<ClientConfig>), Trouble> {
        if let Some(made) = self.tls.get() {
            return Ok(made);
        }
        // One crypto provider serves the process; whoever was first did the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let verified = ClientConfig::builder().with_platform_verifier()?;
        let bare = verified.with_no_client_auth();
        let mut offering = bare.clone();
        offering.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(self.tls.get_or_init(|| (Arc::new(offering), Arc::new(bare))))
    }
}

/// The host and the port of an address.
pub(crate) fn host_and_port(to: &Uri) -> (&str, u16) {
    let standard = if to.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
    let port = to.authority().and_then(Authority::port_u16);
    (to.host().unwrap_or_default(), port.unwrap_or(standard))
}

async fn secured<S: AsyncRead + AsyncWrite + Unpin>(
    socket: S,
    to: &Uri,
    config: Arc<ClientConfig>,
) -> Result<TlsStream<S>, Trouble> {
    let host = host_and_port(to).0.trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(host.to_owned())?;
    // The handshake is large, and over before the long wait begins.
    Ok(Box::pin(TlsConnector::from(config).connect(name, socket)).await?)
}

fn speaks_http2<S>(stream: &TlsStream<S>) -> bool {
    stream.get_ref().1.alpn_protocol() == Some(b"h2")
}

/// Asks a proxy for a way through to a server.
async fn tunnelled<S: AsyncRead + AsyncWrite + Unpin>(
    mut proxy: S,
    to: &Uri,
    through: &Intercept,
) -> Result<S, Trouble> {
    let (host, port) = host_and_port(to);
    let mut asked =
        format!("CONNECT {host}:{port} HTTP/1.1\r\nhost: {host}:{port}\r\n").into_bytes();
    if let Some(secret) = through.basic_auth() {
        asked.extend_from_slice(b"proxy-authorization: ");
        asked.extend_from_slice(secret.as_bytes());
        asked.extend_from_slice(b"\r\n");
    }
    asked.extend_from_slice(b"\r\n");
    proxy.write_all(&asked).await?;
    proxy.flush().await?;
    let mut answer = Vec::new();
    loop {
        let before = answer.len();
        let count = proxy.read_buf(&mut answer).await?;
        let found = http1::read_head(&answer, before)?;
        match found {
            // The server says nothing before it was spoken to.
            Some((head, length)) if head.status == 200 && length == answer.len() => {
                return Ok(proxy);
            }
            Some((head, _)) => {
                return Err(format!("the proxy answered with status {}", head.status).into());
            }
            None if count == 0 => return Err("the proxy closed the connection".into()),
            None => {}
        }
    }
}

/// An error with what is behind it.
pub(crate) fn causes(problem: &(dyn Cause + 'static)) -> String {
    let mut text = problem.to_string();
    let mut cause = problem.source();
    while let Some(problem) = cause {
        let more = problem.to_string();
        // Some repeat what is behind them.
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        cause = problem.source();
    }
    text
}
