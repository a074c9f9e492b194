//! Connections that wait for the next request to the same server.
//!
//! Invariants: nothing waits longer than [`IDLE_SECONDS`], nor after its server closed it, by more
//! than a pause of the sweeper; no more than [`IDLE_MAX`] wait for one server; what is handed out
//! is alive as far as this side can know.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http_body_util::Full;
use hyper::client::conn::http2::SendRequest;
use rustc_hash::FxHashMap;

use crate::connector::Route;
use crate::socket::Socket;
use crate::sync::{Mutex, lock};

/// How long an unused connection is kept.
const IDLE_SECONDS: u64 = 60;
/// How often the unused ones are looked through.
const SWEEP_SECONDS: u64 = 5;
/// Unused connections to one server.
const IDLE_MAX: usize = 1_000;

/// Where a connection leads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) route: Route,
    pub(crate) scheme: Scheme,
    pub(crate) authority: Authority,
}

/// One side of an HTTP/2 connection that many requests share.
pub(crate) type Shared = SendRequest<Full<Bytes>>;

/// What can be used at once.
pub(crate) enum Kept {
    /// With how long it was unused.
    Http1(Socket, Duration),
    Http2(Shared),
}

/// The connections of one transport.
#[derive(Default)]
pub(crate) struct Pool {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    unused: FxHashMap<Place, Vec<(Socket, Instant)>>,
    shared: FxHashMap<Place, (Shared, Instant)>,
    sweeping: bool,
}

impl Pool {
    /// A connection to a place, the one that was used last.
    pub(crate) fn take(&self, place: &Place) -> Option<Kept> {
        let mut state = lock(&self.state);
        if let Some((shared, used)) = state.shared.get_mut(place) {
            if !shared.is_closed() {
                *used = Instant::now();
                return Some(Kept::Http2(shared.clone()));
            }
            state.shared.remove(place);
        }
        let unused = state.unused.get_mut(place)?;
        while let Some((mut socket, since)) = unused.pop() {
            if socket.is_idle() {
                return Some(Kept::Http1(socket, since.elapsed()));
            }
        }
        None
    }

    /// Keeps a connection whose answer was read to its end.
    pub(crate) fn keep(self: &Arc<Self>, place: Place, socket: Socket) {
        let mut state = lock(&self.state);
        let unused = state.unused.entry(place).or_default();
        if unused.len() < IDLE_MAX {
            unused.push((socket, Instant::now()));
        }
        self.sweep(state);
    }

    /// Shares a connection with requests to come. Gives the one to use: that of another request if
    /// it was faster.
    pub(crate) fn share(self: &Arc<Self>, place: Place, shared: Shared) -> Shared {
        let mut state = lock(&self.state);
        if let Some((found, _)) = state.shared.get(&place)
            && !found.is_closed()
        {
            return found.clone();
        }
        state.shared.insert(place, (shared.clone(), Instant::now()));
        self.sweep(state);
        shared
    }

    /// Has somebody look through the connections from time to time.
    fn sweep(self: &Arc<Self>, mut state: crate::sync::MutexGuard<'_, State>) {
        if !std::mem::replace(&mut state.sweeping, true) {
            drop(state);
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }

    /// Lets go of what is dead or was unused for too long. True if nothing is left.
    fn clear_out(&self) -> bool {
        let Some(before) = Instant::now().checked_sub(Duration::from_secs(IDLE_SECONDS)) else {
            return false;
        };
        let mut state = lock(&self.state);
        for unused in state.unused.values_mut() {
            unused.retain_mut(|(socket, since)| *since > before && socket.is_idle());
        }
        state.unused.retain(|_, unused| !unused.is_empty());
        state.shared.retain(|_, (shared, used)| *used > before && !shared.is_closed());
        let nothing = state.unused.is_empty() && state.shared.is_empty();
        state.sweeping = !nothing;
        nothing
    }
}

async fn sweep(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(Duration::from_secs(SWEEP_SECONDS)).await;
        match pool.upgrade() {
            Some(pool) if !pool.clear_out() => {}
            _ => return,
        }
    }
}
