//! One connection: requests in, answers out, until either side ends it.

use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use http::{Method, Request};
use socket2::SockRef;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, Sleep, sleep, timeout, timeout_at};

use super::ServerOptions;
use super::encoder::Encoder;
use super::head_scan::HeadScan;
use super::http1::{BodyLength, Head, Refusal, chunk_length};
use crate::answer::{Answer, Breakage};
use crate::control;
use crate::emulator::Emulator;
use crate::fault::Reset;

/// How much is read at a time, at least: most requests come whole.
const READ: usize = 4 * 1024;

/// The longest first line of a chunk, and of a trailer.
const LONGEST_LINE: usize = 4 * 1024;

pub(super) struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    emulator: Emulator,
    options: ServerOptions,
    /// What has been read and not yet been used.
    buffer: BytesMut,
    /// The answer that is on its way, and room for the next.
    answer: Encoder,
}

/// When a request has to be there. Counts from when there is something to wait for: most requests
/// come whole, and need none.
struct Deadline {
    after: Duration,
    at: Option<Instant>,
}

impl Deadline {
    fn at(&mut self) -> Instant {
        *self.at.get_or_insert_with(|| Instant::now() + self.after)
    }
}

/// Why there is no next request.
enum End {
    /// The other side has ended it, or it has broken.
    Gone,
    /// What came is not to be answered by the emulator.
    Refused(Refusal),
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

impl Connection {
    pub(super) fn new(
        stream: TcpStream,
        peer: SocketAddr,
        emulator: Emulator,
        options: ServerOptions,
    ) -> Self {
        Self {
            stream,
            peer,
            emulator,
            options,
            buffer: BytesMut::with_capacity(READ),
            answer: Encoder::default(),
        }
    }

    /// Answers requests, one after another, until the connection ends or `shutdown` says so.
    pub(super) async fn serve(mut self, shutdown: watch::Receiver<bool>) {
        let mut told = shutdown.clone();
        // Set up once for the connection, not for each request.
        let mut told = pin!(told.wait_for(|shutdown| *shutdown));
        let mut idle = pin!(sleep(self.options.idle_timeout));
        loop {
            if self.buffer.is_empty() {
                let begun = self.next_has_begun(idle.as_mut());
                let begun = tokio::select! {
                    biased;
                    begun = begun => begun,
                    _ = &mut told => false,
                };
                if !begun {
                    return;
                }
            }
            let mut deadline = Deadline {
                after: self.options.read_timeout,
                at: None,
            };
            let (request, keep_alive) = match self.request(&mut deadline).await {
                Ok(request) => request,
                Err(End::Gone) => return,
                Err(End::Refused(refusal)) => return self.refuse(refusal).await,
            };
            let is_for_control = control::is_for(request.uri().path(), self.options.control);
            let answer = if is_for_control {
                control::answer(&self.emulator, &request, self.peer, &self.options)
                    .await
                    .into()
            } else {
                self.emulator.answer(&request).await
            };
            // It changes once, and is never marked as seen: no lock that all connections share.
            let close = !keep_alive || !matches!(shutdown.has_changed(), Ok(false));
            match self.send(answer, request.method(), close).await {
                Ok(()) if close => return self.close().await,
                Ok(()) => {}
                Err(_) => return,
            }
        }
    }

    /// Waits for the first byte of a request. `false`: there will be none.
    ///
    /// `idle` may be due too early, and is then put off: most requests come long before it is.
    async fn next_has_begun(&mut self, mut idle: Pin<&mut Sleep>) -> bool {
        let end = Instant::now() + self.options.idle_timeout;
        // Memory of a large request is given back while nobody asks for anything.
        if self.buffer.capacity() > 4 * READ {
            self.buffer = BytesMut::new();
        }
        if self.answer.bytes.capacity() > 4 * READ {
            self.answer = Encoder::default();
        }
        self.buffer.reserve(READ);
        loop {
            tokio::select! {
                biased;
                read = self.stream.read_buf(&mut self.buffer) => return matches!(read, Ok(1..)),
                () = &mut idle => {}
            }
            if Instant::now() >= end {
                return false;
            }
            idle.as_mut().reset(end);
        }
    }

    /// The next request, whole, and whether another may follow it.
    async fn request(&mut self, deadline: &mut Deadline) -> Result<(Request<Bytes>, bool), End> {
        let mut scan = HeadScan::default();
        let length = loop {
            let most = self.options.max_request_head;
            if let Some(length) = scan.end(&mut self.buffer, most)? {
                break length;
            }
            self.fill(deadline).await?;
        };
        let head = Head::parse(self.buffer.split_to(length).freeze())?;
        let control = self.options.control;
        let most = if control::is_for(head.request.uri().path(), control)
            && control::is_allowed(&head.request, self.peer, control)
        {
            control::MAX_BODY
        } else {
            self.options.max_request_body
        };
        if let BodyLength::Known(length) = head.body
            && length > most
        {
            return Err(Refusal::BODY_TOO_LARGE.into());
        }
        if head.expects_continue && self.buffer.is_empty() && head.body != BodyLength::Known(0) {
            let go_on = self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n");
            timeout_at(deadline.at(), go_on)
                .await
                .map_err(|_| Refusal::TOO_SLOW)??;
        }
        let body = match head.body {
            BodyLength::Known(length) => self.take(length, deadline).await?,
            BodyLength::Chunked => self.chunks(most, deadline).await?,
        };
        Ok((head.request.map(|()| body), head.keep_alive))
    }

    /// The next `length` bytes.
    async fn take(&mut self, length: usize, deadline: &mut Deadline) -> Result<Bytes, End> {
        while self.buffer.len() < length {
            self.fill(deadline).await?;
        }
        Ok(self.buffer.split_to(length).freeze())
    }

    /// A body in chunks, and the trailers, which nobody reads.
    async fn chunks(&mut self, most: usize, deadline: &mut Deadline) -> Result<Bytes, End> {
        let mut body = BytesMut::new();
        loop {
            let line = self.line(deadline).await?;
            let length = chunk_length(&line)?;
            if length > most - body.len() {
                return Err(Refusal::BODY_TOO_LARGE.into());
            }
            if length == 0 {
                break;
            }
            let chunk = self.take(length.saturating_add(2), deadline).await?;
            match chunk.strip_suffix(b"\r\n") {
                Some(chunk) => body.extend_from_slice(chunk),
                None => return Err(Refusal::malformed("a chunk does not end in CR LF").into()),
            }
        }
        let mut left = self.options.max_request_head;
        loop {
            let line = self.line(deadline).await?;
            if line.is_empty() {
                return Ok(body.freeze());
            }
            left = left
                .checked_sub(line.len())
                .ok_or(Refusal::HEAD_TOO_LARGE)?;
        }
    }

    /// The next line, without its CR LF.
    async fn line(&mut self, deadline: &mut Deadline) -> Result<Bytes, End> {
        let mut looked_at = 0;
        loop {
            let rest = self.buffer.get(looked_at..).unwrap_or_default();
            if let Some(found) = rest.iter().position(|byte| *byte == b'\n') {
                let line = self.buffer.split_to(looked_at + found + 1).freeze();
                let Some(text) = line.strip_suffix(b"\r\n") else {
                    return Err(Refusal::malformed("a line does not end in CR LF").into());
                };
                return Ok(line.slice(..text.len()));
            }
            looked_at = self.buffer.len();
            if looked_at > LONGEST_LINE {
                return Err(Refusal::malformed("a line of a chunk is too long").into());
            }
            self.fill(deadline).await?;
        }
    }

    /// Reads more.
    async fn fill(&mut self, deadline: &mut Deadline) -> Result<(), End> {
        self.buffer.reserve(READ);
        let reading = self.stream.read_buf(&mut self.buffer);
        match timeout_at(deadline.at(), reading).await {
            Err(_) => Err(Refusal::TOO_SLOW.into()),
            Ok(Ok(0)) => Err(End::Gone),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(error.into()),
        }
    }

    /// Sends an answer, or as much of it as is to arrive.
    async fn send(&mut self, answer: Answer, method: &Method, close: bool) -> io::Result<()> {
        let head = self.answer.write(&answer, method, close);
        let whole = self.answer.bytes.len();
        let length = match answer.breakage {
            None | Some(Breakage::Reset(Reset::After)) => whole,
            Some(Breakage::Truncated) => head + (whole - head) / 2,
            Some(Breakage::Reset(Reset::Before)) => 0,
            Some(Breakage::Reset(Reset::In)) => head / 2,
        };
        self.answer.bytes.truncate(length);
        self.send_answer().await?;
        match answer.breakage {
            None => return Ok(()),
            // Whoever has the answer shall be able to read it: a reset could take it away.
            Some(Breakage::Truncated | Breakage::Reset(Reset::After)) => {
                self.stream.shutdown().await?;
            }
            Some(Breakage::Reset(Reset::Before | Reset::In)) => {
                SockRef::from(&self.stream).set_linger(Some(Duration::ZERO))?;
            }
        }
        Err(io::ErrorKind::ConnectionReset.into())
    }

    /// Sends what [`answer`](Self::answer) holds.
    async fn send_answer(&mut self) -> io::Result<()> {
        // Most fit into the socket's buffer, and then there is nothing to wait for.
        let bytes = &*self.answer.bytes;
        let sent = match self.stream.try_write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            sent => sent?,
        };
        match bytes.get(sent..) {
            None | Some([]) => Ok(()),
            Some(rest) => timeout(self.options.read_timeout, self.stream.write_all(rest)).await?,
        }
    }

    async fn refuse(&mut self, refusal: Refusal) {
        let answer = refusal.to_response().into();
        self.answer.write(&answer, &Method::GET, true);
        if self.send_answer().await.is_ok() {
            self.close().await;
        }
    }

    /// Ends the connection so that the other side can read the last answer: closing while there is
    /// something unread would reset it.
    async fn close(&mut self) {
        const LONGEST: Duration = Duration::from_secs(2);
        const MOST: usize = 16 * 1024 * 1024;
        if self.stream.shutdown().await.is_err() {
            return;
        }
        let mut left = MOST;
        let draining = async {
            while let Ok(read @ 1..) = self.stream.read_buf(&mut self.buffer).await {
                self.buffer.advance(self.buffer.len());
                left = left.saturating_sub(read);
                if left == 0 {
                    return;
                }
                self.buffer.reserve(READ);
            }
        };
        // Whether it was all read or not, the connection ends here.
        let _ = timeout(LONGEST, draining).await;
    }
}
