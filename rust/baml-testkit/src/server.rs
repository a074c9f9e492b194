//! A scripted server on loopback that answers with bytes and does what no server should: closes,
//! resets, falls silent. It knows nothing of providers; a test's script says what is sent.
//!
//! Invariants: one thread serves every connection; what was asked and how each connection ended is
//! kept and can be waited for; dropping the server closes all.

use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// Bytes of one request that are read; a test's own are small.
const REQUEST_BYTES_MAX: usize = 1 << 20;

/// One thing that the server does with a connection.
#[derive(Clone, Debug)]
pub enum Act {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Waits; for pieces that have to come apart in time.
    Pause(Duration),
    /// Sends nothing until the client goes away.
    Hold,
    /// Ends the connection in an orderly way.
    Close,
    /// Breaks the connection off.
    Reset,
}

/// A request as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// `GET`, `POST` …
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The head's lines, in lower case, without the first.
    pub headers: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// What has happened so far.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Connections that were accepted.
    pub accepted: usize,
    /// Connections that are open.
    pub open: usize,
    /// Requests, in the order in which they came.
    pub asked: Vec<Asked>,
    /// Paths of requests under which the server reached [`Act::Hold`].
    pub held: Vec<String>,
    /// Paths of requests whose client went away during [`Act::Hold`].
    pub left: Vec<String>,
}

/// A server; it serves until it is dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
}

type Script = dyn Fn(&Asked) -> Vec<Act> + Send + Sync;

struct Shared {
    seen: Mutex<Seen>,
    changed: Condvar,
    script: Box<Script>,
    /// Told the path of a request that reached [`Act::Hold`].
    on_hold: Box<dyn Fn(&str) + Send + Sync>,
}

impl Shared {
    fn update<T>(&self, change: impl FnOnce(&mut Seen) -> T) -> T {
        let changed = change(&mut self.lock());
        self.changed.notify_all();
        changed
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Server {
    /// Starts a server that answers each request with what `script` says; then the connection
    /// serves the next one, unless the script closed it.
    pub fn start(script: impl Fn(&Asked) -> Vec<Act> + Send + Sync + 'static) -> Self {
        Self::start_with_hold(script, |_| {})
    }

    /// The same; `on_hold` is told the path of each request that reached [`Act::Hold`].
    pub fn start_with_hold(
        script: impl Fn(&Asked) -> Vec<Act> + Send + Sync + 'static,
        on_hold: impl Fn(&str) + Send + Sync + 'static,
    ) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a socket of ours");
        let address = listener.local_addr().expect("a bound socket");
        let shared = Arc::new(Shared {
            seen: Mutex::default(),
            changed: Condvar::new(),
            script: Box::new(script),
            on_hold: Box::new(on_hold),
        });
        let (stop, stopped) = oneshot::channel();
        let own = Arc::clone(&shared);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                tokio::select! {
                    () = serve(listener, own) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { address, shared, stop: Some(stop) }
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What has happened so far.
    pub fn seen(&self) -> Seen {
        self.shared.lock().clone()
    }

    /// Waits until what has happened fulfils a condition; gives up, with a panic, after `bound`.
    pub fn wait(&self, bound: Duration, what: &str, mut until: impl FnMut(&Seen) -> bool) -> Seen {
        let end = Instant::now() + bound;
        let mut seen = self.shared.lock();
        while !until(&seen) {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{what} did not come about in time: {seen:?}");
            let woken = self.shared.changed.wait_timeout(seen, left);
            seen = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        seen.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

async fn serve(listener: std::net::TcpListener, shared: Arc<Shared>) {
    let listener = TcpListener::from_std(listener).expect("a socket of ours");
    loop {
        let Ok((socket, _)) = listener.accept().await else { continue };
        shared.update(|seen| {
            seen.accepted += 1;
            seen.open += 1;
        });
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            serve_connection(socket, &shared).await;
            shared.update(|seen| seen.open -= 1);
        });
    }
}

async fn serve_connection(mut socket: TcpStream, shared: &Shared) {
    let _ = socket.set_nodelay(true);
    let mut pending = Vec::new();
    while let Some(asked) = read_request(&mut socket, &mut pending).await {
        let acts = (shared.script)(&asked);
        let path = asked.path.clone();
        shared.update(|seen| seen.asked.push(asked));
        for act in acts {
            if !perform(act, &mut socket, shared, &path).await {
                return;
            }
        }
    }
}

/// Does one thing; false if the connection is over.
async fn perform(act: Act, socket: &mut TcpStream, shared: &Shared, path: &str) -> bool {
    match act {
        Act::Send(bytes) => socket.write_all(&bytes).await.is_ok(),
        Act::Pause(pause) => {
            tokio::time::sleep(pause).await;
            true
        }
        Act::Hold => {
            shared.update(|seen| seen.held.push(path.to_owned()));
            (shared.on_hold)(path);
            let mut byte = [0];
            while matches!(socket.read(&mut byte).await, Ok(1)) {}
            shared.update(|seen| seen.left.push(path.to_owned()));
            false
        }
        Act::Close => false,
        Act::Reset => {
            let _ = socket.set_zero_linger();
            false
        }
    }
}

async fn read_request(socket: &mut TcpStream, pending: &mut Vec<u8>) -> Option<Asked> {
    let head_end = loop {
        if let Some(at) = pending.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at + 4;
        }
        read_more(socket, pending).await?;
    };
    let head = String::from_utf8_lossy(&pending[..head_end]).into_owned();
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let headers: Vec<String> = lines.map(str::to_lowercase).filter(|l| !l.is_empty()).collect();
    let length = headers.iter().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
    while pending.len() < head_end + length {
        read_more(socket, pending).await?;
    }
    let body = pending[head_end..head_end + length].to_vec();
    pending.drain(..head_end + length);
    Some(Asked { method, path, headers, body })
}

async fn read_more(socket: &mut TcpStream, pending: &mut Vec<u8>) -> Option<()> {
    let mut buffer = [0; 4096];
    let count = socket.read(&mut buffer).await.ok()?;
    pending.extend_from_slice(&buffer[..count]);
    (count > 0 && pending.len() <= REQUEST_BYTES_MAX).then_some(())
}
