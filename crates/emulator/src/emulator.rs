//! [`Emulator`]: the service in this process, and how it answers a request.

use std::fmt;
use std::io;
use std::net::ToSocketAddrs;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode};
use models::{
    CreateBackendStorageInput, DeleteBackendStorageInput, GetBackendJobInput,
    GetBackendStorageInput, ImportBackendStorageInput, ListBackendJobsInput, ListS3BucketsInput,
    UpdateBackendJobInput, UpdateBackendStorageInput,
};
use operations::server::{ErrorReply, Route};
use operations::{DecodeError, DecodeErrorKind, ErrorCode, Region, ServiceError};
use signing::{Credentials, VerifyError};
use uuid::Uuid;

use crate::clock::{ServiceClock, millis};
use crate::fault::{ActiveFault, BodyKind, Effect, FaultRule, Faults, Reset};
use crate::in_process::InProcess;
use crate::request_log::{Kept, LoggedRequest, Problems, RequestLog, clipped, shown_target};
use crate::server::{Server, ServerOptions};
use crate::service::{Perform, Policy, Service};
use crate::signatures::{SignatureMode, Signatures, Verdict, usual_credentials};
use crate::snapshot::{Snapshot, SnapshotError};
use crate::store::{StateError, Store};
use crate::world::World;

/// The service, in this process. Clones are the same service; two that were built are two.
///
/// ```
/// use amplify_backend_emulator::Emulator;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let emulator = Emulator::builder().build()?;
/// let server = emulator.serve("127.0.0.1:0")?;
/// println!("AWS_ENDPOINT_URL_AMPLIFYBACKEND={}", server.endpoint());
/// server.shutdown().await;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Emulator(pub(crate) Arc<Shared>);

pub(crate) struct Shared {
    signatures: Signatures,
    policy: Policy,
    clock: ServiceClock,
    seed: Snapshot,
    state: Mutex<State>,
    /// `None`: nobody wants one.
    log: Option<Mutex<RequestLog>>,
    store: Option<Store>,
}

/// What requests change, all behind one lock: each holds it for a few microseconds.
struct State {
    world: World,
    faults: Faults,
    random: fastrand::Rng,
    new_id: Option<Box<dyn FnMut() -> String + Send>>,
}

#[bon::bon]
impl Emulator {
    /// Sets up an emulator. Everything has a default.
    #[builder(
        finish_fn(name = build, doc {
            /// The emulator, ready to answer.
            ///
            /// # Errors
            ///
            /// See [`EmulatorError`].
        }),
        builder_type(name = EmulatorBuilder, vis = "pub", doc {
            /// Sets up an [`Emulator`].
        }),
        state_mod(vis = "pub", doc {
            /// What an [`EmulatorBuilder`] was given so far.
        })
    )]
    pub fn new(
        /// The keys that are accepted, besides any [`also_accept`](EmulatorBuilder::also_accept)
        /// ones. Default: the pair in `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` (with
        /// `AWS_SESSION_TOKEN`) of this process; where they are not set, `local` and `local`.
        #[builder(into)]
        credentials: Option<Vec<Credentials>>,
        /// Keys that are accepted besides the others.
        #[builder(default, into)]
        also_accept: Vec<Credentials>,
        /// The only region that signatures may be for. Default: any.
        region: Option<Region>,
        /// What becomes of a request whose signature does not hold. Default: it is refused.
        #[builder(default)]
        signatures: SignatureMode,
        /// What there is at the start, and after [`reset`](Emulator::reset). With a state file it
        /// counts only while the file is new. Default: nothing.
        #[builder(default)]
        seed: Snapshot,
        /// The file that keeps the state. Default: none, the state ends with the emulator.
        #[builder(into)]
        state_file: Option<PathBuf>,
        /// Whether only the apps and environments of the seed exist. Default: `false`, each exists
        /// as soon as it is named.
        #[builder(default)]
        strict: bool,
        /// How long a job takes. Default: no time, it has ended when it is next looked at.
        #[builder(default)]
        job_time: Duration,
        /// How many buckets ListS3Buckets answers at once. Default: 100.
        #[builder(default = NonZeroUsize::new(100).expect("100 is not zero"))]
        page_size: NonZeroUsize,
        /// Whether deleting a resource that was created deletes its bucket. Default: `false`.
        #[builder(default)]
        delete_buckets: bool,
        /// The rules by which calls go wrong. Default: none.
        #[builder(default, into)]
        faults: Vec<FaultRule>,
        /// Tells the time. Default: the system's clock. See also [`advance`](Emulator::advance).
        #[builder(with = |clock: impl Fn() -> SystemTime + Send + Sync + 'static| Box::new(clock) as _)]
        clock: Option<Box<dyn Fn() -> SystemTime + Send + Sync>>,
        /// Makes the ids of jobs; each must be a new one. Default: random UUIDs.
        #[builder(with = |ids: impl FnMut() -> String + Send + 'static| Box::new(ids) as _)]
        job_ids: Option<Box<dyn FnMut() -> String + Send>>,
        /// Makes ids and probabilities the same in each run that asks the same. Default: another
        /// run is another one.
        random_seed: Option<u64>,
        /// How many of the last requests are kept for [`requests`](Emulator::requests). Default:
        /// 1,000; 0 keeps none.
        #[builder(default = 1_000)]
        request_log: usize,
    ) -> Result<Self, EmulatorError> {
        let mut active = Faults::default();
        for rule in faults {
            rule.check().map_err(EmulatorError::Fault)?;
            active.add(rule);
        }
        let seed = seed.checked().map_err(EmulatorError::Seed)?;
        let clock = ServiceClock::new(clock.unwrap_or_else(|| Box::new(SystemTime::now)));
        let usual = || vec![usual_credentials(|name| std::env::var(name).ok())];
        let accepted = credentials.unwrap_or_else(usual);
        let region = region.as_ref().map(Region::as_str);

        let (store, world) = match state_file {
            Some(path) => {
                let (store, world) = Store::open(&path).map_err(EmulatorError::State)?;
                (Some(store), world)
            }
            None => (None, None),
        };
        let is_new = world.is_none();
        let mut world = world.unwrap_or_default();
        if store.is_some() {
            world.watch_changes();
        }
        if is_new {
            world.load(seed.clone(), clock.millis());
        }
        if let Some(store) = &store {
            store.append(world.take_changes());
        }
        Ok(Self(Arc::new(Shared {
            signatures: Signatures::new(
                signatures,
                region,
                accepted.into_iter().chain(also_accept),
            ),
            policy: Policy {
                strict,
                job_time,
                page_size: page_size.get(),
                delete_buckets,
            },
            clock,
            seed,
            state: Mutex::new(State {
                world,
                faults: active,
                random: random_seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed),
                new_id: job_ids,
            }),
            log: (request_log > 0).then(|| Mutex::new(RequestLog::new(request_log))),
            store,
        })))
    }
}

impl Emulator {
    /// A transport for clients in this process, without a socket. It accepts what the server
    /// accepts: the client has to sign, and its endpoint may be any.
    pub fn transport(&self) -> InProcess {
        InProcess(self.clone())
    }

    /// Listens on `address`; port 0 takes any that is free. Answers until the server is shut down
    /// or dropped.
    ///
    /// # Errors
    ///
    /// The address cannot be listened on.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn serve(&self, address: impl ToSocketAddrs) -> io::Result<Server> {
        self.serve_with(address, ServerOptions::default())
    }

    /// As [`serve`](Self::serve), with other limits.
    ///
    /// # Errors
    ///
    /// The address cannot be listened on.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn serve_with(
        &self,
        address: impl ToSocketAddrs,
        options: ServerOptions,
    ) -> io::Result<Server> {
        Server::start(self.clone(), address, options)
    }

    /// All there is.
    pub fn snapshot(&self) -> Snapshot {
        let mut state = self.state();
        state.world.settle(self.0.clock.millis());
        state.world.snapshot()
    }

    /// Puts what is in `snapshot` in place of all there is. It is on disk, where there is a state
    /// file, before the next answer is given.
    ///
    /// # Errors
    ///
    /// The snapshot is not one: nothing has changed.
    pub fn load(&self, snapshot: Snapshot) -> Result<(), SnapshotError> {
        let snapshot = snapshot.checked()?;
        self.replace(&mut self.state(), snapshot);
        Ok(())
    }

    /// Back to the start: the seed is all there is, no fault rules, no log, time is not moved.
    pub fn reset(&self) {
        let mut state = self.state();
        self.0.clock.reset();
        state.faults.clear();
        self.replace(&mut state, self.0.seed.clone());
        drop(state);
        self.clear_requests();
    }

    fn replace(&self, state: &mut State, snapshot: Snapshot) {
        state.world.load(snapshot, self.0.clock.millis());
        if let Some(store) = &self.0.store {
            store.append(state.world.take_changes());
        }
    }

    /// Adds a rule by which calls go wrong, behind those that are there. Gives its number.
    ///
    /// # Errors
    ///
    /// The rule makes no sense; the error says what to change.
    pub fn add_fault(&self, rule: FaultRule) -> Result<u64, EmulatorError> {
        rule.check().map_err(EmulatorError::Fault)?;
        Ok(self.state().faults.add(rule))
    }

    /// The rules in force, in their order.
    pub fn faults(&self) -> Vec<ActiveFault> {
        self.state().faults.active().to_vec()
    }

    /// Removes the rule with that number. `false`: there is none.
    pub fn remove_fault(&self, id: u64) -> bool {
        self.state().faults.remove(id)
    }

    /// Removes all rules.
    pub fn clear_faults(&self) {
        self.state().faults.clear();
    }

    /// Moves the time of jobs ahead. Signatures are judged by the clock as it was, so that clients
    /// need not know.
    pub fn advance(&self, by: Duration) {
        self.0.clock.advance(by);
    }

    /// How far the time of jobs was moved ahead.
    pub fn advanced_by(&self) -> Duration {
        self.0.clock.ahead()
    }

    /// What time it is for jobs, in milliseconds since the epoch.
    pub fn now_millis(&self) -> u64 {
        self.0.clock.millis()
    }

    /// The last requests, at most `count`, the newest last.
    pub fn requests(&self, count: usize) -> Vec<LoggedRequest> {
        self.log().map_or_else(Vec::new, |log| log.last(count))
    }

    /// Forgets the requests that came so far.
    pub fn clear_requests(&self) {
        if let Some(mut log) = self.log() {
            log.clear();
        }
    }

    /// Waits until all that was answered or loaded so far is in the state file. At once where there
    /// is none. Answers wait by themselves.
    ///
    /// # Errors
    ///
    /// The file cannot be written. From then on every request is answered with InternalFailure.
    pub async fn flushed(&self) -> Result<(), EmulatorError> {
        match &self.0.store {
            Some(store) => store
                .written(store.appended())
                .await
                .map_err(EmulatorError::Write),
            None => Ok(()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic of an id generator leaves the world whole: it is asked before anything changes.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self) -> Option<MutexGuard<'_, RequestLog>> {
        let log = self.0.log.as_ref()?;
        Some(log.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("signatures", &self.0.signatures)
            .field("policy", &self.0.policy)
            .finish_non_exhaustive()
    }
}

/// Why there is no emulator, or what it could not do.
#[derive(Debug)]
#[non_exhaustive]
pub enum EmulatorError {
    /// The state file cannot be used. Nothing of it was changed.
    State(StateError),
    /// The state file cannot be written any more: what was acknowledged before is in it.
    Write(String),
    /// The seed is not one.
    Seed(SnapshotError),
    /// A fault rule makes no sense.
    Fault(String),
}

impl fmt::Display for EmulatorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(error) => error.fmt(f),
            Self::Write(error) => write!(f, "the state file cannot be written: {error}"),
            Self::Seed(error) => write!(f, "the seed cannot be used: {error}"),
            Self::Fault(error) => write!(f, "the fault rule cannot be used: {error}"),
        }
    }
}

impl std::error::Error for EmulatorError {}

/// What comes back to a client.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) response: Response<Bytes>,
    pub(crate) breakage: Option<Breakage>,
}

/// How an answer does not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breakage {
    /// The body ends half way.
    Truncated,
    Reset(Reset),
}

static REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
static RETRY_AFTER: HeaderName = HeaderName::from_static("x-amz-retry-after");

/// What was found out about a request on its way to an answer.
struct Course {
    response: Response<Bytes>,
    operation: Option<&'static str>,
    fault: Option<(u64, FaultRule)>,
    request_id: Uuid,
}

impl Emulator {
    /// Answers `request`, and logs it.
    pub(crate) async fn answer(&self, request: &Request<Bytes>) -> Answer {
        let machine_time = self.0.clock.machine();
        let verdict = self.0.signatures.check(request, machine_time);
        let route = Route::of(request.method(), request.uri().path());
        let mut course = match &verdict {
            Verdict::Refused(error) => {
                let refusal = ErrorReply::new(ErrorCode::from(error.aws_code()))
                    .status(StatusCode::FORBIDDEN)
                    .message(error.to_string());
                self.refused(route.map(Route::name), refusal.to_response())
            }
            _ => self.dispatch(route, request),
        };
        if let Some(store) = &self.0.store
            && let Err(error) = store.written(store.appended()).await
        {
            course.response = ErrorReply::new(ErrorCode::from("InternalFailure"))
                .status(StatusCode::INTERNAL_SERVER_ERROR)
                .message(format!("the state file cannot be written: {error}"))
                .to_response();
        }
        let rule = course.fault.as_ref().map(|(_, rule)| rule);
        let breakage = rule.and_then(|rule| spoil(rule, &mut course.response));
        let date = date(&self.0.clock, machine_time, rule);
        let headers = course.response.headers_mut();
        headers.insert(DATE, date);
        let mut text = Uuid::encode_buffer();
        let id = HeaderValue::from_str(course.request_id.hyphenated().encode_lower(&mut text));
        headers.insert(
            REQUEST_ID.clone(),
            id.expect("hex digits and hyphens are valid header bytes"),
        );
        let delay = rule.map_or(Duration::ZERO, FaultRule::delay_time);
        let response = self.logged(request, verdict, course, machine_time);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        Answer { response, breakage }
    }

    /// The answer to a request that may come in.
    fn dispatch(&self, route: Option<Route>, request: &Request<Bytes>) -> Course {
        match route {
            Some(Route::CreateBackendStorage) => self.perform::<CreateBackendStorageInput>(request),
            Some(Route::DeleteBackendStorage) => self.perform::<DeleteBackendStorageInput>(request),
            Some(Route::GetBackendJob) => self.perform::<GetBackendJobInput>(request),
            Some(Route::GetBackendStorage) => self.perform::<GetBackendStorageInput>(request),
            Some(Route::ImportBackendStorage) => self.perform::<ImportBackendStorageInput>(request),
            Some(Route::ListBackendJobs) => self.perform::<ListBackendJobsInput>(request),
            Some(Route::ListS3Buckets) => self.perform::<ListS3BucketsInput>(request),
            Some(Route::UpdateBackendJob) => self.perform::<UpdateBackendJobInput>(request),
            Some(Route::UpdateBackendStorage) => self.perform::<UpdateBackendStorageInput>(request),
            _ => {
                let refusal = ErrorReply::new(ErrorCode::from("UnknownOperationException"))
                    .status(StatusCode::NOT_FOUND)
                    .message("no operation has this method and path");
                self.refused(None, refusal.to_response())
            }
        }
    }

    fn perform<O: Perform>(&self, request: &Request<Bytes>) -> Course {
        let input = match O::from_request(request) {
            Ok(input) => input,
            Err(error) => return self.refused(Some(O::NAME), refuse_to_read(&error)),
        };
        let mut state = self.state();
        // Behind the lock, so that no request comes before one that changed the world already: it
        // would find jobs running that have ended.
        let now = self.0.clock.millis();
        let request_id = state.random.u128(..);
        let State {
            world,
            faults,
            random,
            new_id,
        } = &mut *state;
        let fault = faults.fire(O::NAME, input.target(), random);
        let rule = fault.as_ref().map(|(_, rule)| rule);
        let effect = rule.and_then(|rule| rule.effect.as_ref());
        world.settle(now);
        let performed = rule.is_none_or(FaultRule::carried_out).then(|| {
            input.perform(&mut Service {
                world,
                policy: self.0.policy,
                now,
                new_id: &mut || match new_id {
                    Some(new_id) => new_id(),
                    None => uuid(random.u128(..)).to_string(),
                },
                job_failure: match effect {
                    Some(Effect::JobFails { error }) => Some(error.clone()),
                    _ => None,
                },
            })
        });
        if let Some(store) = &self.0.store {
            store.append(world.take_changes());
        }
        // What is left to do is nobody else's business.
        drop(state);
        let response = match (effect, performed) {
            (Some(Effect::Error(error)), _) => error.reply().to_response(),
            (_, Some(Ok(output))) => O::to_response(&output),
            (_, Some(Err(refusal))) => refusal.to_response(),
            // Not carried out, and no error either: nothing of an answer will arrive whole.
            (_, None) => Response::new(Bytes::from_static(b"{}")),
        };
        Course {
            response,
            operation: Some(O::NAME),
            fault,
            request_id: uuid(request_id),
        }
    }

    /// The course of a request that comes to nothing.
    fn refused(&self, operation: Option<&'static str>, response: Response<Bytes>) -> Course {
        Course {
            response,
            operation,
            fault: None,
            request_id: uuid(self.state().random.u128(..)),
        }
    }

    /// Writes down what became of `request`.
    fn logged(
        &self,
        request: &Request<Bytes>,
        verdict: Verdict,
        course: Course,
        at: SystemTime,
    ) -> Response<Bytes> {
        let Course {
            response,
            operation,
            fault,
            request_id,
        } = course;
        if self.0.log.is_none() {
            return response;
        }
        let (signature, access_key_id, problem) = match verdict {
            Verdict::NotChecked => ("not checked", None, None),
            Verdict::Accepted(id) => ("accepted", Some(id), None),
            Verdict::Reported(error) => ("reported", None, Some(error)),
            Verdict::Refused(error) => ("refused", None, Some(error)),
        };
        let entry = Kept {
            at: millis(at),
            request_id,
            method: request.method().clone(),
            target: shown_target(request.uri()),
            operation,
            status: response.status(),
            signature,
            access_key_id,
            problems: problems(problem.as_ref(), &response),
            fault: fault.map(|(id, _)| id),
        };
        let oldest = self.log().and_then(|mut log| log.push(entry));
        drop(oldest);
        response
    }
}

/// What the log says of a request that did not go well.
fn problems(problem: Option<&VerifyError>, response: &Response<Bytes>) -> Option<Box<Problems>> {
    if problem.is_none() && response.status().is_success() {
        return None;
    }
    let mut problems = Problems::default();
    if let Some(error) = problem {
        let text = |text: &str| clipped(text, 16 * 1024);
        let mismatch = error.mismatch();
        problems.canonical_request = mismatch.map(|it| text(it.canonical_request()));
        problems.string_to_sign = mismatch.map(|it| text(it.string_to_sign()));
        problems.signature = Some(error.to_string());
    }
    if !response.status().is_success() {
        let error = ServiceError::from_response(response.clone());
        problems.error = error.sent_code().map(str::to_owned);
        problems.message = error.message().map(|text| clipped(text, 1024));
    }
    Some(Box::new(problems))
}

/// The answer to a request that is not one of its operation.
fn refuse_to_read(error: &DecodeError) -> Response<Bytes> {
    let (code, status) = match error.kind() {
        DecodeErrorKind::MissingMember | DecodeErrorKind::Label => {
            (ErrorCode::BadRequest, StatusCode::BAD_REQUEST)
        }
        DecodeErrorKind::ContentType => (
            ErrorCode::from("UnsupportedMediaTypeException"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        _ => (
            ErrorCode::from("SerializationException"),
            StatusCode::BAD_REQUEST,
        ),
    };
    ErrorReply::new(code)
        .status(status)
        .message(error.to_string())
        .to_response()
}

/// Does to `response` what `rule` says, and tells what is left to do to the connection.
fn spoil(rule: &FaultRule, response: &mut Response<Bytes>) -> Option<Breakage> {
    match rule.effect.as_ref()? {
        Effect::Error(error) => {
            if let Some(millis) = error.retry_after_milliseconds {
                let headers = response.headers_mut();
                headers.insert(RETRY_AFTER.clone(), HeaderValue::from(millis));
            }
            None
        }
        Effect::Body(body) => {
            let usual = (body.kind == BodyKind::Html).then_some(502);
            if let Some(status) = body.status.or(usual).map(StatusCode::from_u16)
                && let Ok(status) = status
            {
                *response.status_mut() = status;
            }
            match body.kind {
                BodyKind::Malformed => {
                    let whole = response.body();
                    *response.body_mut() = whole.slice(..whole.len().saturating_sub(1));
                    None
                }
                BodyKind::Truncated => Some(Breakage::Truncated),
                BodyKind::Html => {
                    let html = HeaderValue::from_static("text/html");
                    response.headers_mut().insert(CONTENT_TYPE, html);
                    response.headers_mut().remove("x-amzn-errortype");
                    *response.body_mut() = Bytes::from_static(
                        b"<!DOCTYPE html>\n<title>Bad Gateway</title>\n<h1>Bad Gateway</h1>\n",
                    );
                    None
                }
            }
        }
        Effect::Reset(reset) => Some(Breakage::Reset(*reset)),
        Effect::JobFails { .. } => None,
    }
}

/// The `Date` of an answer.
fn date(clock: &ServiceClock, machine_time: SystemTime, rule: Option<&FaultRule>) -> HeaderValue {
    let offset = match rule.and_then(|rule| rule.effect.as_ref()) {
        Some(Effect::Error(error)) => error.date_offset_seconds.unwrap_or_default(),
        _ => return clock.date(machine_time),
    };
    let by = Duration::from_secs(offset.unsigned_abs());
    let moved = if offset < 0 {
        machine_time.checked_sub(by)
    } else {
        machine_time.checked_add(by)
    };
    clock.date(moved.unwrap_or(SystemTime::UNIX_EPOCH))
}

fn uuid(random: u128) -> Uuid {
    uuid::Builder::from_random_bytes(random.to_ne_bytes()).into_uuid()
}
