//! [`Emulator`]: the service in this process, how it is set up, and what may be asked of it beside
//! the operations. How it answers a request is in `answer`.

use std::fmt;
use std::io;
use std::net::ToSocketAddrs;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use operations::Region;
use signing::Credentials;

use crate::active_faults::{ActiveFault, Faults};
use crate::clock::ServiceClock;
use crate::fault::FaultRule;
use crate::in_process::InProcess;
use crate::request_log::{LoggedRequest, RequestLog};
use crate::server::{Server, ServerOptions};
use crate::service::Policy;
use crate::signatures::{SignatureMode, Signatures, usual_credentials};
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
    pub(crate) signatures: Signatures,
    pub(crate) policy: Policy,
    pub(crate) clock: ServiceClock,
    seed: Snapshot,
    state: Mutex<State>,
    /// `None`: nobody wants one.
    pub(crate) log: Option<Mutex<RequestLog>>,
    pub(crate) store: Option<Store>,
}

/// What requests change, all behind one lock: each holds it for a few microseconds.
pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) faults: Faults,
    pub(crate) random: fastrand::Rng,
    pub(crate) new_id: Option<Box<dyn FnMut() -> String + Send>>,
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
        /// `build` reads all of it; whoever drops the last clone waits until all is written.
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
    /// The address cannot be listened on, or this is outside of a Tokio runtime.
    pub fn serve(&self, address: impl ToSocketAddrs) -> io::Result<Server> {
        self.serve_with(address, ServerOptions::default())
    }

    /// As [`serve`](Self::serve), with other limits.
    ///
    /// # Errors
    ///
    /// The address cannot be listened on, or this is outside of a Tokio runtime.
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

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A panic of an id generator leaves the world whole: it is asked before anything changes.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn log(&self) -> Option<MutexGuard<'_, RequestLog>> {
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
