//! What follows the head of an answer: bytes as they come, unpacked where they were packed.
//!
//! Invariants: no byte is kept that was not asked for, but what HTTP/2 or a compressor gave at
//! once; once the end was read the connection is free for the next request, or closed.

use std::io::Write;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use flate2::write::MultiGzDecoder;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use hyper::body::{Body as _, Incoming};
use tokio::io::{AsyncRead, ReadBuf};

use crate::connector::causes;
use crate::http1::BodyReader;
use crate::pool::{Place, Pool};
use crate::socket::Socket;

/// Packed bytes that are unpacked at once: they become a thousand times as many at most.
const PACKED_BYTES: usize = 512;

/// The body of an answer.
pub struct Body {
    source: Source,
    /// For a body that came packed.
    unpacking: Option<Box<Unpacking>>,
}

enum Source {
    Own(Own),
    Shared(Shared),
}

/// A body on a connection of its own.
pub(crate) struct Own {
    /// Gone once the end was read.
    pub(crate) socket: Option<Socket>,
    /// What came together with the head.
    pub(crate) ahead: Bytes,
    pub(crate) reader: BodyReader,
    /// Where the connection goes afterwards, if it is to be kept.
    pub(crate) home: Option<(Arc<Pool>, Place)>,
}

/// A body on a connection of many.
struct Shared {
    body: Box<Incoming>,
    /// What did not fit.
    left: Bytes,
}

struct Unpacking {
    decoder: MultiGzDecoder<Vec<u8>>,
    /// What was unpacked and not taken.
    taken: usize,
    packed: Bytes,
    has_begun: bool,
    is_over: bool,
}

impl Body {
    /// A body as its headers tell of it; what they say of its packing is no longer true.
    pub(crate) fn alone(mut own: Own, headers: &mut HeaderMap) -> Self {
        own.settle();
        Self { source: Source::Own(own), unpacking: unpacking(headers) }
    }

    /// The same for a body on a connection of many.
    pub(crate) fn shared(body: Incoming, headers: &mut HeaderMap) -> Self {
        let shared = Shared { body: Box::new(body), left: Bytes::new() };
        Self { source: Source::Shared(shared), unpacking: unpacking(headers) }
    }

    /// Puts the next bytes into `out`, which is empty and has room; none at the end.
    pub fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<Result<(), String>> {
        let Some(unpacking) = &mut self.unpacking else {
            return self.source.poll_read(context, out);
        };
        loop {
            if unpacking.take(out)? || unpacking.is_over {
                return Poll::Ready(Ok(()));
            }
            let mut room = [const { MaybeUninit::uninit() }; PACKED_BYTES * 8];
            let mut packed = ReadBuf::uninit(&mut room);
            ready!(self.source.poll_read(context, &mut packed))?;
            unpacking.give(packed.filled())?;
        }
    }
}

fn unpacking(headers: &mut HeaderMap) -> Option<Box<Unpacking>> {
    let coding = headers.get(CONTENT_ENCODING)?.to_str().ok()?.trim();
    if !coding.eq_ignore_ascii_case("gzip") {
        return None;
    }
    headers.remove(CONTENT_ENCODING);
    headers.remove(CONTENT_LENGTH);
    Some(Box::new(Unpacking {
        decoder: MultiGzDecoder::new(Vec::new()),
        taken: 0,
        packed: Bytes::new(),
        has_begun: false,
        is_over: false,
    }))
}

impl Source {
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<Result<(), String>> {
        match self {
            Source::Own(own) => own.poll_read(context, out),
            Source::Shared(shared) => shared.poll_read(context, out),
        }
    }
}

impl Own {
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<Result<(), String>> {
        while let Some(socket) = &mut self.socket {
            // What was wrong behind the last bytes.
            self.reader.read(&mut []).map_err(|problem| problem.to_string())?;
            let is_closed = if self.ahead.is_empty() {
                let read = Pin::new(socket).poll_read(context, out);
                ready!(read).map_err(|problem| causes(&problem))?;
                out.filled().is_empty()
            } else {
                let count = self.ahead.len().min(out.remaining());
                out.put_slice(&self.ahead.split_to(count));
                false
            };
            if is_closed {
                self.home = None;
                self.reader.close().map_err(|problem| problem.to_string())?;
            }
            let kept = self.reader.read(out.filled_mut()).map_err(|problem| problem.to_string())?;
            out.set_filled(kept);
            self.settle();
            if kept > 0 {
                break;
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Gives the connection away if the body was read to its end.
    fn settle(&mut self) {
        if !self.reader.is_ended() {
            return;
        }
        let is_clean = self.ahead.is_empty() && !self.reader.has_excess();
        if let (Some(socket), Some((pool, place)), true) =
            (self.socket.take(), self.home.take(), is_clean)
        {
            pool.keep(place, socket);
        }
    }
}

impl Shared {
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<Result<(), String>> {
        while self.left.is_empty() {
            match ready!(Pin::new(&mut *self.body).poll_frame(context)) {
                None => return Poll::Ready(Ok(())),
                Some(Ok(frame)) => self.left = frame.into_data().unwrap_or_default(),
                Some(Err(problem)) => return Poll::Ready(Err(causes(&problem))),
            }
        }
        let count = self.left.len().min(out.remaining());
        out.put_slice(&self.left[..count]);
        self.left.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl Unpacking {
    /// Takes more packed bytes; none are the end.
    fn give(&mut self, packed: &[u8]) -> Result<(), String> {
        self.packed = Bytes::copy_from_slice(packed);
        self.is_over = packed.is_empty();
        if self.is_over && self.has_begun {
            self.decoder.try_finish().map_err(|problem| unreadable(&problem))?;
        }
        self.has_begun = true;
        Ok(())
    }

    /// Moves unpacked bytes into `out`. False if more packed ones are needed.
    fn take(&mut self, out: &mut ReadBuf<'_>) -> Result<bool, String> {
        while self.taken == self.decoder.get_ref().len() {
            self.taken = 0;
            self.decoder.get_mut().clear();
            let count = self.packed.len().min(PACKED_BYTES);
            if count == 0 {
                return Ok(false);
            }
            let piece = self.packed.split_to(count);
            let written = self.decoder.write_all(&piece).and_then(|()| self.decoder.flush());
            written.map_err(|problem| unreadable(&problem))?;
        }
        let unpacked = &self.decoder.get_ref()[self.taken..];
        let count = unpacked.len().min(out.remaining());
        out.put_slice(&unpacked[..count]);
        self.taken += count;
        Ok(true)
    }
}

fn unreadable(problem: &std::io::Error) -> String {
    format!("the compressed answer cannot be read: {problem}")
}
