//! What there is: apps, environments, storage resources, jobs and buckets. No policy: whether
//! something may be done is decided in `service`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::job::{AlreadyEnded, Event, Job, JobStatus, Work};
use crate::job_history::JobHistory;
use crate::snapshot::{self, Bucket, Snapshot, Storage};

/// All there is, and what of it changed since somebody asked.
#[derive(Debug, Default)]
pub(crate) struct World {
    apps: BTreeMap<String, BTreeMap<String, Environment>>,
    /// By name, with the time at which each was made.
    buckets: BTreeMap<String, u64>,
    /// The running jobs, by the time at which they end.
    due: BTreeSet<(u64, String, String)>,
    /// `None`: nobody wants to know.
    changes: Option<Vec<Change>>,
}

/// A backend environment.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    storage: BTreeMap<String, Storage>,
    jobs: JobHistory,
}

/// What is to be written down so that the world can be built again.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    /// Nothing is left.
    Clear,
    /// There is this row, in place of the one with the same key.
    Put(Key, Vec<u8>),
    /// There is no such row.
    Delete(Key),
}

/// What a row is about: its kind, then app, environment and name as far as they apply.
pub(crate) type Key = (&'static str, String, String, String);

const APP: &str = "app";
const ENVIRONMENT: &str = "environment";
const STORAGE: &str = "storage";
const JOB: &str = "job";
const BUCKET: &str = "bucket";

impl World {
    /// From now on changes are kept for [`take_changes`](Self::take_changes).
    pub(crate) fn watch_changes(&mut self) {
        self.changes = Some(Vec::new());
    }

    /// What changed since the last time, in order.
    pub(crate) fn take_changes(&mut self) -> Vec<Change> {
        self.changes
            .as_mut()
            .map(std::mem::take)
            .unwrap_or_default()
    }

    pub(crate) fn has_app(&self, app: &str) -> bool {
        self.apps.contains_key(app)
    }

    pub(crate) fn environment(&self, app: &str, environment: &str) -> Option<&Environment> {
        self.apps.get(app)?.get(environment)
    }

    /// The environment, which is there from now on.
    fn environment_mut(&mut self, app: &str, environment: &str) -> &mut Environment {
        if self.environment(app, environment).is_none() {
            self.add_app(app);
            self.changed(|| put((ENVIRONMENT, app, environment, ""), &()));
            if let Some(environments) = self.apps.get_mut(app) {
                environments.insert(environment.to_owned(), Environment::default());
            }
        }
        self.known_environment_mut(app, environment)
    }

    /// The environment, which is there already.
    fn known_environment_mut(&mut self, app: &str, environment: &str) -> &mut Environment {
        let environments = self.apps.get_mut(app);
        environments
            .and_then(|environments| environments.get_mut(environment))
            .expect("whoever changes what is in an environment has made or found it before")
    }

    fn add_app(&mut self, app: &str) {
        if !self.has_app(app) {
            self.apps.insert(app.to_owned(), BTreeMap::new());
            self.changed(|| put((APP, app, "", ""), &()));
        }
    }

    /// Adds a job, and lets go of the oldest where there are too many.
    pub(crate) fn add_job(&mut self, app: &str, environment: &str, job: Job) {
        let jobs = &mut self.environment_mut(app, environment).jobs;
        let number = jobs.next_number();
        if let Some(oldest) = jobs.make_room() {
            self.changed(|| Change::Delete(job_key(app, environment, oldest)));
        }
        self.put_job(app, environment, number, job);
    }

    /// `number` is behind all that are there in the environment, a known one.
    fn put_job(&mut self, app: &str, environment: &str, number: u64, job: Job) {
        self.changed(|| Change::Put(job_key(app, environment, number), json(&job)));
        if let Some(ends_at) = job.status.ends_at() {
            let due = (ends_at, app.to_owned(), environment.to_owned());
            self.due.insert(due);
        }
        let place = self.known_environment_mut(app, environment);
        place.jobs.push(number, job);
    }

    /// Tells the job of `event` and does what follows from it. `None`: there is no such job.
    pub(crate) fn on_job(
        &mut self,
        app: &str,
        environment: &str,
        job_id: &str,
        event: Event,
    ) -> Option<Result<&Job, AlreadyEnded>> {
        let jobs = &self.environment(app, environment)?.jobs;
        let number = jobs.number(job_id)?;
        let was_due = jobs.numbered(number)?.status.ends_at();
        if let Err(ended) = self.on_job_number(app, environment, number, event)? {
            return Some(Err(ended));
        }
        let environments = self.apps.get(app)?;
        let job = environments.get(environment)?.jobs.numbered(number)?;
        if let (Some(ends_at), None) = (was_due, job.status.ends_at()) {
            let due = (ends_at, app.to_owned(), environment.to_owned());
            self.due.remove(&due);
        }
        Some(Ok(job))
    }

    fn on_job_number(
        &mut self,
        app: &str,
        environment: &str,
        number: u64,
        event: Event,
    ) -> Option<Result<(), AlreadyEnded>> {
        let place = self.apps.get_mut(app)?.get_mut(environment)?;
        let job = place.jobs.numbered_mut(number)?;
        let work = match job.take_in(event) {
            Ok(work) => work,
            Err(ended) => return Some(Err(ended)),
        };
        let at = job.update_time;
        if let Some(changes) = &mut self.changes {
            let key = job_key(app, environment, number);
            changes.push(Change::Put(key, json(job)));
        }
        if let Some(work) = work {
            self.carry_out(app, environment, *work, at);
        }
        Some(Ok(()))
    }

    /// Ends the jobs whose time has come.
    pub(crate) fn settle(&mut self, now: u64) {
        while self
            .due
            .first()
            .is_some_and(|(ends_at, ..)| *ends_at <= now)
        {
            let Some((_, app, environment)) = self.due.pop_first() else {
                return;
            };
            let place = self.environment(&app, &environment);
            if let Some((number, _)) = place.and_then(|place| place.jobs.running()) {
                let number = *number;
                self.on_job_number(&app, &environment, number, Event::Clock(now));
            }
        }
    }

    fn carry_out(&mut self, app: &str, environment: &str, work: Work, at: u64) {
        match work {
            Work::Put(storage) => {
                if !self.buckets.contains_key(&storage.bucket_name) {
                    self.add_bucket(storage.bucket_name.clone(), at);
                }
                self.put_storage(app, environment, storage);
            }
            Work::Remove {
                resource_name,
                bucket_name,
            } => {
                self.changed(|| Change::Delete(key((STORAGE, app, environment, &resource_name))));
                let place = self.known_environment_mut(app, environment);
                place.storage.remove(&resource_name);
                if let Some(bucket) = bucket_name {
                    self.changed(|| Change::Delete(key((BUCKET, "", "", &bucket))));
                    self.buckets.remove(&bucket);
                }
            }
        }
    }

    /// The environment is a known one.
    fn put_storage(&mut self, app: &str, environment: &str, storage: Storage) {
        self.changed(|| {
            put(
                (STORAGE, app, environment, &storage.resource_name),
                &storage,
            )
        });
        let place = self.known_environment_mut(app, environment);
        place.storage.insert(storage.resource_name.clone(), storage);
    }

    fn add_bucket(&mut self, name: String, creation_date: u64) {
        self.changed(|| put((BUCKET, "", "", &name), &creation_date));
        self.buckets.insert(name, creation_date);
    }

    pub(crate) fn has_bucket(&self, name: &str) -> bool {
        self.buckets.contains_key(name)
    }

    /// Whether a bucket of this name is there, or a running job is going to make it.
    pub(crate) fn bucket_is_taken(&self, name: &str) -> bool {
        let makes_it = |(_, app, environment): &(u64, String, String)| {
            let job = self
                .environment(app, environment)
                .and_then(Environment::running);
            matches!(
                job.map(|job| &job.status),
                Some(JobStatus::Running { work, .. })
                    if matches!(&**work, Work::Put(storage) if storage.bucket_name == name)
            )
        };
        self.has_bucket(name) || self.due.iter().any(makes_it)
    }

    /// Name and time of each bucket behind `after`, by name.
    pub(crate) fn buckets_after(&self, after: &str) -> impl Iterator<Item = (&str, u64)> {
        // No name is empty, so that nothing is left out at the start.
        let behind = (
            std::ops::Bound::Excluded(after),
            std::ops::Bound::<&str>::Unbounded,
        );
        let buckets = self.buckets.range::<str, _>(behind);
        buckets.map(|(name, creation_date)| (name.as_str(), *creation_date))
    }

    /// All there is.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let environment = |(name, environment): (&String, &Environment)| snapshot::Environment {
            backend_environment_name: name.clone(),
            storage: environment.storage.values().cloned().collect(),
            jobs: environment.jobs.iter().cloned().collect(),
        };
        let app = |(id, environments): (&String, &BTreeMap<String, Environment>)| snapshot::App {
            app_id: id.clone(),
            environments: environments.iter().map(environment).collect(),
        };
        let bucket = |(name, creation_date): (&String, &u64)| Bucket {
            name: name.clone(),
            creation_date: *creation_date,
        };
        Snapshot {
            apps: self.apps.iter().map(app).collect(),
            buckets: self.buckets.iter().map(bucket).collect(),
        }
    }

    /// What is in `snapshot`, a checked one, in place of all there is. `now` dates the buckets that
    /// it names without listing them.
    pub(crate) fn load(&mut self, snapshot: Snapshot, now: u64) {
        let changes = self.changes.take();
        *self = Self {
            changes,
            ..Self::default()
        };
        self.changed(|| Change::Clear);
        for bucket in snapshot.buckets {
            self.add_bucket(bucket.name, bucket.creation_date);
        }
        for app in snapshot.apps {
            self.add_app(&app.app_id);
            for environment in app.environments {
                let name = &environment.backend_environment_name;
                self.environment_mut(&app.app_id, name);
                for storage in environment.storage {
                    self.carry_out(&app.app_id, name, Work::Put(storage), now);
                }
                for job in environment.jobs {
                    self.add_job(&app.app_id, name, job);
                }
            }
        }
    }

    /// Takes in a row that was a [`Change::Put`] of another time.
    pub(crate) fn restore(
        &mut self,
        (kind, app, environment, name): (&str, &str, &str, &str),
        value: &[u8],
    ) -> Result<(), String> {
        match kind {
            APP => self.add_app(app),
            ENVIRONMENT => drop(self.environment_mut(app, environment)),
            STORAGE => {
                let storage = read(value)?;
                self.environment_mut(app, environment);
                self.put_storage(app, environment, storage);
            }
            BUCKET => self.add_bucket(name.to_owned(), read(value)?),
            JOB => {
                let job: Job = read(value)?;
                let number = name
                    .parse()
                    .map_err(|_| format!("{name:?} is no number of a job"))?;
                self.environment_mut(app, environment);
                self.put_job(app, environment, number, job);
            }
            _ => return Err(format!("{kind:?} is no kind of row")),
        }
        Ok(())
    }

    fn changed(&mut self, change: impl FnOnce() -> Change) {
        if let Some(changes) = &mut self.changes {
            changes.push(change());
        }
    }
}

impl Environment {
    pub(crate) fn storage(&self, name: &str) -> Option<&Storage> {
        self.storage.get(name)
    }

    pub(crate) fn job(&self, id: &str) -> Option<&Job> {
        self.jobs.numbered(self.jobs.number(id)?)
    }

    /// The job that has not ended, if there is one.
    pub(crate) fn running(&self) -> Option<&Job> {
        self.jobs.running().map(|(_, job)| job)
    }

    /// The jobs before number `before` with their numbers, the newest first.
    pub(crate) fn jobs_before(&self, before: u64) -> impl Iterator<Item = (u64, &Job)> {
        self.jobs.before(before)
    }
}

fn put(row: (&'static str, &str, &str, &str), value: &impl Serialize) -> Change {
    Change::Put(key(row), json(value))
}

fn key((kind, app, environment, name): (&'static str, &str, &str, &str)) -> Key {
    (
        kind,
        app.to_owned(),
        environment.to_owned(),
        name.to_owned(),
    )
}

/// The number with leading zeros, so that rows are in the order of numbers.
fn job_key(app: &str, environment: &str, number: u64) -> Key {
    key((JOB, app, environment, &format!("{number:020}")))
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("texts and numbers are written to memory without an error")
}

fn read<T: DeserializeOwned>(value: &[u8]) -> Result<T, String> {
    serde_json::from_slice(value).map_err(|error| error.to_string())
}
