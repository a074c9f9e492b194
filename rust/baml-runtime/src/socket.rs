//! A connection to a server as bytes, encrypted or not.
//!
//! Invariant: dropping it closes it.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// A connection.
pub(crate) enum Socket {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// To a server behind a proxy that is itself reached by TLS.
    TlsInTls(Box<TlsStream<TlsStream<TcpStream>>>),
}

macro_rules! each {
    ($socket:expr, $stream:ident => $work:expr) => {
        match $socket {
            Socket::Plain($stream) => $work,
            Socket::Tls($stream) => $work,
            Socket::TlsInTls($stream) => $work,
        }
    };
}

impl Socket {
    /// Whether an unused connection can still be used: its server neither closed it nor said
    /// anything.
    pub(crate) fn is_idle(&mut self) -> bool {
        let mut byte = [MaybeUninit::uninit()];
        let mut context = Context::from_waker(Waker::noop());
        Pin::new(self).poll_read(&mut context, &mut ReadBuf::uninit(&mut byte)).is_pending()
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_read(context, out))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_write(context, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_shutdown(context))
    }
}
