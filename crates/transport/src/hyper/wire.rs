//! The stream under hyper, and the body above it, both keeping count: what went out, what came in.
//!
//! hyper says that a request failed, not how far it had got. Whether a changing request may be
//! repeated hangs on that, so it is measured here, where the bytes pass.

use std::{
    convert::Infallible,
    io::{self, IoSlice},
    mem::{self, MaybeUninit},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

/// How far the exchange on one connection has got.
///
/// Relaxed is enough: the stream, the body and whoever asks are polled by one task.
#[derive(Debug, Default)]
pub(super) struct Progress {
    body_taken: AtomicBool,
    sent_any: AtomicBool,
    sent_whole: AtomicBool,
    read: AtomicUsize,
    probing: AtomicBool,
}

impl Progress {
    /// Starts to count for a request with `body`.
    pub(super) fn start(self: &Arc<Self>, body: Bytes) -> Outgoing {
        // hyper does not ask for the frames of an empty body.
        self.body_taken.store(body.is_empty(), Relaxed);
        self.sent_any.store(false, Relaxed);
        self.sent_whole.store(false, Relaxed);
        self.read.store(0, Relaxed);
        Outgoing {
            body,
            progress: self.clone(),
        }
    }

    /// Whether the stream has taken a byte of the request.
    pub(super) fn sent_any(&self) -> bool {
        self.sent_any.load(Relaxed)
    }

    /// Whether all of the request has left for the network.
    pub(super) fn sent_whole(&self) -> bool {
        // Whoever answered has seen enough of the request to act on it.
        self.sent_whole.load(Relaxed) || self.read() > 0
    }

    /// How many bytes have come back.
    pub(super) fn read(&self) -> usize {
        self.read.load(Relaxed)
    }

    /// While this is set, the next read first asks the operating system for news.
    pub(super) fn set_probing(&self, probing: bool) {
        self.probing.store(probing, Relaxed);
    }
}

/// The body of a request: at most one frame.
#[derive(Debug)]
pub(super) struct Outgoing {
    body: Bytes,
    progress: Arc<Progress>,
}

impl Outgoing {
    /// The body again, as long as it was not sent.
    pub(super) fn into_bytes(self) -> Bytes {
        self.body
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.body.is_empty() {
            return Poll::Ready(None);
        }
        self.progress.body_taken.store(true, Relaxed);
        Poll::Ready(Some(Ok(Frame::data(mem::take(&mut self.body)))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.body.len()).unwrap_or(u64::MAX))
    }
}

/// A connected stream, in clear text or under TLS, which may itself be under TLS to a proxy.
#[derive(Debug)]
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<Stream>>),
}

impl Stream {
    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => tls.get_ref().0.tcp(),
        }
    }

    /// Whether the TLS handshake settled on HTTP/2.
    #[cfg(feature = "http2")]
    pub(super) fn speaks_http2(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Tls(tls) => tls.get_ref().1.alpn_protocol() == Some(b"h2"),
        }
    }

    /// Fails if an idle stream is no good any more: the other side closed it, or said something
    /// unasked.
    ///
    /// tokio learns of a close when its reactor next runs, which can be after the next request
    /// went out. The operating system knows at once.
    fn probe(&self) -> io::Result<()> {
        match SockRef::from(self.tcp()).peek(&mut [MaybeUninit::uninit()]) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

/// A stream that keeps count.
#[derive(Debug)]
pub(super) struct Wire {
    stream: Stream,
    progress: Arc<Progress>,
}

impl Wire {
    pub(super) fn new(stream: Stream, progress: Arc<Progress>) -> Self {
        Self { stream, progress }
    }

    fn wrote(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(written, Poll::Ready(Ok(1..))) {
            self.progress.sent_any.store(true, Relaxed);
        }
        written
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.progress.probing.load(Relaxed) {
            self.stream.probe()?;
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        let read = buf.filled().len().saturating_sub(before);
        self.progress.read.fetch_add(read, Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.wrote(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.wrote(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        // hyper flushes the stream when its own buffer has run empty. Once it has taken the body
        // too, nothing is left on this side.
        if self.progress.sent_any() && self.progress.body_taken.load(Relaxed) {
            self.progress.sent_whole.store(true, Relaxed);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
