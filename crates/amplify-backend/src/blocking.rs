//! The same client without `async`: a call returns when it is done.
//!
//! ```no_run
//! use amplify_backend::blocking::Client;
//!
//! # fn run() -> Result<(), amplify_backend::Error> {
//! let client = Client::from_env()?;
//! let storage = client
//!     .get_backend_storage()
//!     .app_id("d1a2b3c4d5e6f7")
//!     .backend_environment_name("staging")
//!     .resource_name("photos")
//!     .send()?;
//! # Ok(())
//! # }
//! ```
//!
//! # Inside an async runtime
//!
//! A thread that runs a Tokio runtime's tasks must not block: others would stand still with it, and
//! what it waits for could be among them. A call there fails at once with
//! [`ErrorKind::Blocking`](crate::ErrorKind::Blocking), and nothing is sent. Everywhere else it
//! works: on a thread of one's own, inside `tokio::task::spawn_blocking` and
//! `tokio::task::block_in_place`, and on the thread that waits in `block_on` for a runtime with
//! worker threads. Setting a client up and dropping it works everywhere. Runtimes other than Tokio
//! are not recognised: there a call blocks the thread, and works.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};
use std::time::Duration;

use models::{GetBackendJobInput, GetBackendJobOutput};
use operations::{Endpoint, Operation};
use tokio::runtime;
use tokio::task::{unconstrained, yield_now};
use transport::{HyperTransport, Transport};

use crate::error::Cause;
use crate::jobs::OnStatus;
use crate::{Answer, Error, Paginated, RetryPolicy};

/// [`Client`](crate::Client), with calls that return when they are done.
///
/// It has one thread, which watches connections and timers; calls themselves run on the threads
/// that make them, so that those do not wait for each other. A clone is cheap and shares the thread
/// and all that clones of the async client share. With the last clone the thread ends and the
/// connections are closed.
pub struct Client<T = HyperTransport> {
    client: crate::Client<T>,
    reactor: Arc<Reactor>,
}

impl Client {
    /// The client that [`Client::from_env`](crate::Client::from_env) makes, for blocking calls.
    ///
    /// # Errors
    ///
    /// What that fails with, and see [`new`](Self::new).
    pub fn from_env() -> Result<Self, Error> {
        Self::new(crate::Client::from_env()?)
    }
}

impl<T: Transport> Client<T> {
    /// Makes blocking calls with `client`, which was set up in any way and was not used in another
    /// runtime: its connections would end with that one.
    ///
    /// ```no_run
    /// # fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// use amplify_backend::{Credentials, Region, blocking};
    ///
    /// let client = amplify_backend::Client::builder()
    ///     .region(Region::new("eu-central-1")?)
    ///     .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
    ///     .build();
    /// let client = blocking::Client::new(client)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Blocking`](crate::ErrorKind::Blocking) when the thread cannot be started.
    pub fn new(client: crate::Client<T>) -> Result<Self, Error> {
        let reactor = Arc::new(Reactor::start()?);
        Ok(Self { client, reactor })
    }

    /// Calls any operation, as [`Client::send`](crate::Client::send) does.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub fn send<O: Operation>(&self, operation: &O) -> Result<O::Output, Error> {
        self.reactor.block_on(O::NAME, self.client.send(operation))
    }

    /// Like [`send`](Self::send), with the headers of the response beside the output.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub fn call<O: Operation>(&self, operation: &O) -> Result<Answer<O::Output>, Error> {
        self.reactor.block_on(O::NAME, self.client.call(operation))
    }

    /// All pages from the one that `input` asks for.
    ///
    /// ```no_run
    /// # fn run(client: amplify_backend::blocking::Client) -> Result<(), amplify_backend::Error> {
    /// use amplify_backend::models::ListS3BucketsInput;
    ///
    /// for bucket in client.pages(ListS3BucketsInput::default()).items() {
    ///     println!("{:?}", bucket?.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages<O: Paginated>(&self, input: O) -> Pages<O, T> {
        Pages {
            pages: Some(self.client.pages(input)),
            reactor: self.reactor.clone(),
        }
    }

    /// What `wait_for_job` does.
    pub(crate) fn wait(
        &self,
        input: &GetBackendJobInput,
        interval: Duration,
        limit: Duration,
        on_status: Option<OnStatus<'_>>,
    ) -> Result<GetBackendJobOutput, Error> {
        let waiting = self.client.wait(input, interval, limit, on_status);
        self.reactor.block_on(GetBackendJobInput::NAME, waiting)
    }
}

impl<T> Client<T> {
    /// The same client with another retry policy.
    #[must_use]
    pub fn with_retry(&self, retry: RetryPolicy) -> Self {
        self.with(self.client.with_retry(retry))
    }

    /// The same client with another limit for one attempt.
    #[must_use]
    pub fn with_attempt_timeout(&self, time: Duration) -> Self {
        self.with(self.client.with_attempt_timeout(time))
    }

    /// The same client with another limit for a call with all its attempts.
    #[must_use]
    pub fn with_call_timeout(&self, time: Duration) -> Self {
        self.with(self.client.with_call_timeout(time))
    }

    /// Where requests go.
    pub fn endpoint(&self) -> &Endpoint {
        self.client.endpoint()
    }

    /// The transport, to ask a [`Canned`](crate::Canned) one what it was sent.
    pub fn transport(&self) -> &T {
        self.client.transport()
    }

    fn with(&self, client: crate::Client<T>) -> Self {
        Self {
            client,
            reactor: self.reactor.clone(),
        }
    }
}

impl<T> Clone for Client<T> {
    fn clone(&self) -> Self {
        self.with(self.client.clone())
    }
}

impl<T> fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("blocking::Client")
            .field(&self.client)
            .finish()
    }
}

/// The pages of an operation, one call each. They end after the last one, and after an error.
#[must_use = "nothing is asked for before `next`"]
pub struct Pages<O, T> {
    pages: Option<crate::Pages<O, T>>,
    reactor: Arc<Reactor>,
}

impl<O, T> Pages<O, T>
where
    O: Paginated<Item: Unpin, Output: Send> + Send + Sync + Unpin + 'static,
    T: Transport + 'static,
{
    /// The items of all pages. The next page is asked for when the items of the last are used up.
    pub fn items(self) -> impl Iterator<Item = Result<O::Item, Error>> {
        let reactor = self.reactor;
        let mut items = self.pages.map(crate::Pages::items);
        std::iter::from_fn(move || {
            let next = reactor.block_on(O::NAME, items.as_mut()?.try_next());
            next.inspect_err(|_| items = None).transpose()
        })
        .fuse()
    }
}

impl<O: Paginated, T: Transport> Iterator for Pages<O, T> {
    type Item = Result<O::Output, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.reactor.block_on(O::NAME, self.pages.as_mut()?.next());
        // An iterator that went on could keep `flatten` busy for ever.
        next.inspect_err(|_| self.pages = None).transpose()
    }
}

impl<O: fmt::Debug, T> fmt::Debug for Pages<O, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("blocking::Pages").field(&self.pages).finish()
    }
}

/// The thread that watches connections and timers.
struct Reactor {
    /// `None` only while it is dropped.
    runtime: Option<runtime::Runtime>,
    handle: runtime::Handle,
}

impl Reactor {
    fn start() -> Result<Self, Error> {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("amplify-backend")
            .enable_all()
            .build()
            .map_err(|error| Error::new("", 0, Cause::Blocking(Some(error))))?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    /// Runs `future` on this thread until it is done.
    ///
    /// Not by `Runtime::block_on`, which panics where it must not block.
    fn block_on<R>(
        &self,
        operation: &'static str,
        future: impl Future<Output = Result<R, Error>>,
    ) -> Result<R, Error> {
        if runs_tasks() {
            return Err(Error::new(operation, 0, Cause::Blocking(None)));
        }
        let _context = self.handle.enter();
        // Unconstrained: a budget that the surrounding task has used up would never be renewed.
        let mut future = pin!(unconstrained(future));
        let waker = Arc::new(Unpark(thread::current())).into();
        let mut context = Context::from_waker(&waker);
        loop {
            match future.as_mut().poll(&mut context) {
                Poll::Ready(output) => return output,
                // One that was woken in between does not park.
                Poll::Pending => thread::park(),
            }
        }
    }
}

impl Drop for Reactor {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Not by dropping it, which waits, and therefore panics inside a runtime.
            runtime.shutdown_background();
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Whether this thread is polling a task of a Tokio runtime.
///
/// `Handle::try_current` does not tell: it is `Ok` inside `spawn_blocking` too. But a task that
/// yields is woken at once where no scheduler is, and is put off by the scheduler where one is.
fn runs_tasks() -> bool {
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    if runtime::Handle::try_current().is_err() {
        return false;
    }
    let woken = Arc::new(Woken(AtomicBool::new(false)));
    let waker = woken.clone().into();
    let yielded = pin!(yield_now()).poll(&mut Context::from_waker(&waker));
    yielded.is_pending() && !woken.0.load(Ordering::Relaxed)
}
