//! A call: encode once, then sign, send and read until it is done.

use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http::{Request, Response, StatusCode};
use operations::{Operation, ResponseError, request_id};
use signing::Credentials;
use tokio::time::{Instant, sleep, timeout_at};
use transport::{AttemptTimeout, Replay, Transport};

use crate::client::Client;
use crate::error::{Cause, Error};
use crate::observer::Attempt;
use crate::retry::{Decision, Failure};

static INVOCATION_ID: HeaderName = HeaderName::from_static("amz-sdk-invocation-id");
static ATTEMPT: HeaderName = HeaderName::from_static("amz-sdk-request");

/// What a call brought, with what came along.
#[derive(Debug)]
#[non_exhaustive]
pub struct Answer<O> {
    /// The output.
    pub output: O,
    /// The HTTP status, always a success.
    pub status: StatusCode,
    /// The headers of the response.
    pub headers: HeaderMap,
}

impl<O> Answer<O> {
    /// The id to give to AWS's support.
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.headers)
    }
}

impl<T: Transport> Client<T> {
    /// Calls any operation: one of this API's, given as its input, or one of your own.
    ///
    /// The call is cancelled by dropping its future. A request that has left may then still be
    /// carried out.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn send<O: Operation>(&self, operation: &O) -> Result<O::Output, Error> {
        self.run(operation, O::parse_response).await
    }

    /// Like [`send`](Self::send), with the headers of the response beside the output.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn call<O: Operation>(&self, operation: &O) -> Result<Answer<O::Output>, Error> {
        self.run(operation, |response| {
            let (status, headers) = (response.status(), response.headers().clone());
            Ok(Answer {
                output: O::parse_response(response)?,
                status,
                headers,
            })
        })
        .await
    }

    // Not an `async fn`: that would hold its arguments twice.
    fn run<O: Operation, R>(
        &self,
        operation: &O,
        read: impl Fn(Response<Bytes>) -> Result<R, ResponseError>,
    ) -> impl Future<Output = Result<R, Error>> {
        let call = self.attempts(operation, read);
        #[cfg(feature = "tracing")]
        let call = {
            let span = tracing::info_span!("amplify_backend", operation = O::NAME);
            tracing::Instrument::instrument(call, span)
        };
        call
    }

    async fn attempts<O: Operation, R>(
        &self,
        operation: &O,
        read: impl Fn(Response<Bytes>) -> Result<R, ResponseError>,
    ) -> Result<R, Error> {
        let shared = &*self.shared;
        let deadline = deadline_after(self.settings.call_timeout);
        let encoded = operation
            .to_request(&shared.endpoint)
            .map_err(|error| Error::new(O::NAME, 0, Cause::Encode(error)))?;
        let invocation_id = invocation_id();
        let mut number = 0;
        let mut last_cost = None;
        let mut may_have_happened = false;
        let mut clock_offset = None;

        loop {
            let credentials = self.credentials(O::NAME, number, deadline).await;
            // An earlier attempt may have had an effect, whatever becomes of this one.
            let credentials =
                credentials.map_err(|error| error.with_may_have_happened(may_have_happened))?;
            number += 1;
            let mut request = self.prepare::<O>(&encoded, &invocation_id, number, deadline);
            let now = shared.clock.now();
            let signed_at = match &shared.clock_offset {
                Some(offset) => offset.correct(now),
                None => now,
            };
            shared
                .signer
                .sign(&mut request, &credentials, signed_at)
                .map_err(|error| {
                    Error::new(O::NAME, number - 1, Cause::Sign(error))
                        .with_may_have_happened(may_have_happened)
                })?;

            let started = Instant::now();
            // The transport keeps the time itself; this is for one that does not.
            let sent = timeout_at(deadline, shared.transport.send(request)).await;
            let duration = started.elapsed();
            let (status, id, cause) = match sent {
                Err(_) => (None, None, Cause::OutOfTime(self.settings.call_timeout)),
                Ok(Err(error)) => (None, None, Cause::Transport(error)),
                Ok(Ok(response)) => {
                    let status = response.status();
                    let id = self
                        .observes()
                        .then(|| request_id(response.headers()).map(Box::from));
                    match read(response) {
                        Ok(output) => {
                            shared.quota.succeeded(last_cost);
                            let id: Option<Box<str>> = id.flatten();
                            self.observe(&Attempt {
                                operation: O::NAME,
                                number,
                                status: Some(status),
                                duration,
                                request_id: id.as_deref(),
                                error: None,
                                retry_delay: None,
                            });
                            return Ok(output);
                        }
                        Err(error) => (Some(status), id.flatten(), Cause::from(error)),
                    }
                }
            };

            may_have_happened |= !O::READ_ONLY && may_have_been_done(&cause);
            let failure = failure_of(&cause);
            // Once a call, and at no cost: the service did nothing, and the next try is another one.
            let newly_learnt = match (&cause, &shared.clock_offset, clock_offset) {
                (Cause::Service(error), Some(offset), None) if error.may_be_clock_skew() => {
                    offset.learn(error.response().headers(), now, duration)
                }
                _ => None,
            };
            clock_offset = clock_offset.or(newly_learnt);
            let decision = match newly_learnt {
                Some(_) => None,
                None => Some(self.settings.retry.decide(
                    number,
                    failure,
                    O::READ_ONLY,
                    &shared.quota,
                    fastrand::f64(),
                )),
            };
            let retry_delay = match decision {
                None => Some(Duration::ZERO),
                // There is no sense in waiting for a time at which nothing may be done.
                Some(Decision::Retry { delay, .. }) if Instant::now() + delay >= deadline => None,
                Some(Decision::Retry { delay, cost }) => {
                    last_cost = Some(cost);
                    Some(delay)
                }
                Some(Decision::Stop(_)) => None,
            };
            let error = Error::new(O::NAME, number, cause)
                .with_may_have_happened(may_have_happened)
                .with_clock_offset(clock_offset);
            self.observe(&Attempt {
                operation: O::NAME,
                number,
                status,
                duration,
                request_id: id.as_deref(),
                error: Some(&error),
                retry_delay,
            });
            match retry_delay {
                None => return Err(error),
                Some(delay) if delay.is_zero() => {}
                Some(delay) => sleep(delay).await,
            }
        }
    }

    /// The credentials to sign with, within the time that the call has.
    async fn credentials(
        &self,
        operation: &'static str,
        attempts: u32,
        deadline: Instant,
    ) -> Result<Credentials, Error> {
        let now = self.shared.clock.now();
        if let Some(kept) = self.shared.credentials.kept_at(now) {
            return Ok(kept);
        }
        // Boxed, because few calls need it and it would make every call's future larger.
        let asking = Box::pin(self.shared.credentials.at(now));
        match timeout_at(deadline, asking).await {
            Ok(answer) => {
                answer.map_err(|error| Error::new(operation, attempts, Cause::Credentials(error)))
            }
            Err(_) => Err(Error::new(
                operation,
                attempts,
                Cause::OutOfTime(self.settings.call_timeout),
            )),
        }
    }

    /// The request of one attempt, ready to be signed.
    fn prepare<O: Operation>(
        &self,
        encoded: &Request<Bytes>,
        invocation_id: &HeaderValue,
        number: u32,
        deadline: Instant,
    ) -> Request<Bytes> {
        let mut request = Request::new(encoded.body().clone());
        *request.method_mut() = encoded.method().clone();
        *request.uri_mut() = encoded.uri().clone();
        // Room for these headers and for those of the signature and the transport.
        let mut headers = HeaderMap::with_capacity(encoded.headers().len() + 8);
        for (name, value) in encoded.headers() {
            headers.append(name.clone(), value.clone());
        }
        headers.insert(USER_AGENT, self.shared.user_agent.clone());
        headers.insert(INVOCATION_ID.clone(), invocation_id.clone());
        let max = self.settings.retry.max_attempts();
        let attempt = HeaderValue::try_from(format!("attempt={number}; max={max}"))
            .expect("letters, digits and punctuation are valid header bytes");
        headers.insert(ATTEMPT.clone(), attempt);
        *request.headers_mut() = headers;

        if O::READ_ONLY {
            request.extensions_mut().insert(Replay::Safe);
        }
        // Only where it says more than the transport's own limit does: an extension costs memory.
        let left = deadline.saturating_duration_since(Instant::now());
        match self.settings.attempt_timeout {
            Some(time) => {
                request
                    .extensions_mut()
                    .insert(AttemptTimeout(time.min(left)));
            }
            None if left < AttemptTimeout::DEFAULT.0 => {
                request.extensions_mut().insert(AttemptTimeout(left));
            }
            None => {}
        }
        request
    }
}

/// What a failed attempt means for the next one.
fn failure_of(cause: &Cause) -> Failure {
    match cause {
        Cause::Transport(error) => error.into(),
        Cause::Service(error) => error.into(),
        _ => Failure::Fatal,
    }
}

/// Whether the service may have carried out a request that ended so. `false` is certain.
fn may_have_been_done(cause: &Cause) -> bool {
    match cause {
        Cause::Transport(error) => error.may_have_been_processed(),
        Cause::OutOfTime(_) | Cause::Decode(_) => true,
        Cause::Service(error) => {
            !error.is_throttled() && (error.is_transient() || error.status().is_server_error())
        }
        _ => false,
    }
}

fn deadline_after(time: Duration) -> Instant {
    let now = Instant::now();
    // What is too far away for the clock is never reached.
    let never = Duration::from_secs(60 * 60 * 24 * 365);
    now.checked_add(time).unwrap_or_else(|| now + never)
}

/// A new id for a call: a UUID of version 4.
fn invocation_id() -> HeaderValue {
    let random = fastrand::u128(..).to_ne_bytes();
    let mut text = uuid::Uuid::encode_buffer();
    let id = uuid::Builder::from_random_bytes(random).into_uuid();
    HeaderValue::from_str(id.hyphenated().encode_lower(&mut text))
        .expect("hex digits and hyphens are valid header bytes")
}
