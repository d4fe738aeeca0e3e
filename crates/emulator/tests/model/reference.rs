//! The service once more, as short as it can be written: what the emulator is compared with.

use std::collections::{BTreeMap, BTreeSet};

/// What a test does to the service.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Create(Place, String, Option<String>, Permissions),
    Import(Place, String),
    Update(Place, String, Permissions),
    Delete(Place, String),
    Get(Place, String),
    GetJob(Place, usize),
    ListJobs(Place, Option<&'static str>, Option<&'static str>, i32),
    UpdateJob(Place, usize, &'static str),
    ListBuckets,
    /// So many milliseconds go by.
    Wait(u64),
    /// The next call of the operation goes wrong in this way.
    Fault(&'static str, Wrong),
    Restart,
}

/// App and environment.
pub(crate) type Place = (&'static str, &'static str);

/// The two lists, as texts.
pub(crate) type Permissions = (Vec<&'static str>, Option<Vec<&'static str>>);

#[derive(Clone, Copy, Debug)]
pub(crate) enum Wrong {
    /// Error 429, nothing done.
    Throttled,
    /// Error 504, done all the same.
    TimedOut,
    /// No answer, done all the same.
    Reset,
    /// The job fails.
    JobFails,
}

/// What comes back.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    Started(String),
    Storage(
        Option<String>,
        bool,
        Option<(Vec<String>, Option<Vec<String>>)>,
    ),
    Jobs(Vec<Job>),
    Buckets(Vec<String>),
    Error(String, Option<String>),
    Nothing,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) operation: String,
    pub(crate) status: String,
    pub(crate) error: Option<String>,
    pub(crate) created: u64,
    pub(crate) updated: u64,
}

#[derive(Clone, Debug)]
struct Storage {
    bucket: String,
    imported: bool,
    permissions: Option<Permissions>,
}

#[derive(Clone, Debug)]
struct Pending {
    ends: u64,
    fails: bool,
    name: String,
    /// `None`: it goes.
    storage: Option<Storage>,
}

#[derive(Debug, Default)]
pub(crate) struct Reference {
    now: u64,
    job_time: u64,
    buckets: BTreeSet<String>,
    storage: BTreeMap<(Place, String), Storage>,
    jobs: BTreeMap<Place, Vec<Job>>,
    pending: BTreeMap<Place, Pending>,
    faults: Vec<(&'static str, Wrong)>,
    started: usize,
}

impl Reference {
    pub(crate) fn new(now: u64, job_time: u64, buckets: &[&str]) -> Self {
        Self {
            now,
            job_time,
            buckets: buckets.iter().map(|name| (*name).to_owned()).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn step(&mut self, step: &Step) -> Answer {
        let fault = self.fault_of(step);
        if !matches!(step, Step::Wait(_) | Step::Fault(..) | Step::Restart) {
            self.settle();
        }
        if let Some(Wrong::Throttled) = fault {
            return Answer::Error("TooManyRequestsException".into(), None);
        }
        let fails = matches!(fault, Some(Wrong::JobFails));
        let answer = self.carry_out(step, fails);
        match fault {
            Some(Wrong::TimedOut) => Answer::Error("GatewayTimeoutException".into(), None),
            Some(Wrong::Reset) => Answer::Nothing,
            _ => answer,
        }
    }

    fn fault_of(&mut self, step: &Step) -> Option<Wrong> {
        let operation = operation(step)?;
        let index = self
            .faults
            .iter()
            .position(|(name, _)| *name == operation)?;
        Some(self.faults.remove(index).1)
    }

    fn settle(&mut self) {
        let now = self.now;
        let due: Vec<Place> = self
            .pending
            .iter()
            .filter(|(_, pending)| pending.ends <= now)
            .map(|(place, _)| *place)
            .collect();
        for place in due {
            let pending = self.pending.remove(&place).unwrap();
            let (at, fails) = (pending.ends, pending.fails);
            self.end(place, pending, at, !fails, Some("as told"));
        }
    }

    fn end(&mut self, place: Place, pending: Pending, at: u64, done: bool, error: Option<&str>) {
        let job = self.jobs.get_mut(&place).unwrap().last_mut().unwrap();
        job.updated = at;
        job.status = if done { "COMPLETED" } else { "FAILED" }.into();
        if !done {
            job.error = error.map(str::to_owned);
            return;
        }
        let key = (place, pending.name);
        match pending.storage {
            None => drop(self.storage.remove(&key)),
            Some(storage) => {
                self.buckets.insert(storage.bucket.clone());
                self.storage.insert(key, storage);
            }
        }
    }

    fn carry_out(&mut self, step: &Step, fails: bool) -> Answer {
        let refuse = || Answer::Error("BadRequestException".into(), None);
        let absent = |kind: &str| Answer::Error("NotFoundException".into(), Some(kind.to_owned()));
        let find = |place: &Place, name: &String| self.storage.get(&(*place, name.clone()));
        match step {
            Step::Create(place, name, bucket, permissions) => {
                if self.pending.contains_key(place) || find(place, name).is_some() {
                    return refuse();
                }
                let (app, environment) = place;
                let made_up = || {
                    let name = name.to_lowercase();
                    let mut all = (1..).map(|number| match number {
                        1 => format!("{name}-{app}-{environment}"),
                        _ => format!("{name}-{app}-{environment}-{number}"),
                    });
                    let taken = |name: &String| {
                        let pending = self.pending.values();
                        let mut pending = pending.filter_map(|it| it.storage.as_ref());
                        self.buckets.contains(name) || pending.any(|it| it.bucket == *name)
                    };
                    all.find(|name| !taken(name)).unwrap()
                };
                let storage = Storage {
                    bucket: bucket.clone().unwrap_or_else(made_up),
                    imported: false,
                    permissions: Some(permissions.clone()),
                };
                self.start(
                    "CreateBackendStorage",
                    *place,
                    name.clone(),
                    Some(storage),
                    fails,
                )
            }
            Step::Import(place, bucket) => {
                if self.pending.contains_key(place) || find(place, bucket).is_some() {
                    return refuse();
                }
                if !self.buckets.contains(bucket) {
                    return absent("S3Bucket");
                }
                let storage = Storage {
                    bucket: bucket.clone(),
                    imported: true,
                    permissions: None,
                };
                self.start(
                    "ImportBackendStorage",
                    *place,
                    bucket.clone(),
                    Some(storage),
                    fails,
                )
            }
            Step::Update(place, name, permissions) => {
                if self.pending.contains_key(place) {
                    return refuse();
                }
                let Some(storage) = find(place, name) else {
                    return absent("Storage");
                };
                if storage.imported {
                    return refuse();
                }
                let storage = Storage {
                    permissions: Some(permissions.clone()),
                    ..storage.clone()
                };
                self.start(
                    "UpdateBackendStorage",
                    *place,
                    name.clone(),
                    Some(storage),
                    fails,
                )
            }
            Step::Delete(place, name) => {
                if self.pending.contains_key(place) {
                    return refuse();
                }
                if find(place, name).is_none() {
                    return absent("Storage");
                }
                self.start("DeleteBackendStorage", *place, name.clone(), None, fails)
            }
            Step::Get(place, name) => match find(place, name) {
                None => absent("Storage"),
                Some(storage) => {
                    let own = |list: &Vec<&str>| list.iter().map(|it| (*it).to_owned()).collect();
                    let permissions = storage.permissions.as_ref();
                    Answer::Storage(
                        Some(storage.bucket.clone()),
                        storage.imported,
                        permissions.map(|(signed_in, all)| (own(signed_in), all.as_ref().map(own))),
                    )
                }
            },
            Step::GetJob(place, number) => match self.job(*place, *number) {
                Some(job) => Answer::Jobs(vec![job.clone()]),
                None => absent("Job"),
            },
            Step::ListJobs(place, operation, status, most) => {
                if !(1..=25).contains(most) {
                    return refuse();
                }
                let is = |wanted: &Option<&str>, text: &str| wanted.is_none_or(|it| it == text);
                let jobs = self.jobs.get(place).into_iter().flatten().rev();
                let jobs =
                    jobs.filter(|job| is(operation, &job.operation) && is(status, &job.status));
                Answer::Jobs(jobs.cloned().collect())
            }
            Step::UpdateJob(place, number, status) => {
                if !matches!(*status, "RUNNING" | "COMPLETED" | "FAILED") {
                    return refuse();
                }
                let Some(job) = self.job(*place, *number) else {
                    return absent("Job");
                };
                if job.status != "RUNNING" {
                    return refuse();
                }
                let id = job.id.clone();
                let now = self.now;
                if *status == "RUNNING" {
                    self.jobs
                        .get_mut(place)
                        .unwrap()
                        .last_mut()
                        .unwrap()
                        .updated = now;
                } else {
                    let pending = self.pending.remove(place).unwrap();
                    self.end(*place, pending, now, *status == "COMPLETED", None);
                }
                let jobs = &self.jobs[place];
                Answer::Jobs(jobs.iter().filter(|job| job.id == id).cloned().collect())
            }
            Step::ListBuckets => Answer::Buckets(self.buckets.iter().cloned().collect()),
            Step::Wait(millis) => {
                self.now += millis;
                Answer::Nothing
            }
            Step::Fault(operation, wrong) => {
                self.faults.push((operation, *wrong));
                Answer::Nothing
            }
            Step::Restart => {
                self.faults.clear();
                Answer::Nothing
            }
        }
    }

    fn job(&self, place: Place, number: usize) -> Option<&Job> {
        let jobs = self.jobs.get(&place)?;
        jobs.iter().find(|job| job.id == format!("job-{number}"))
    }

    fn start(
        &mut self,
        operation: &str,
        place: Place,
        name: String,
        storage: Option<Storage>,
        fails: bool,
    ) -> Answer {
        self.started += 1;
        let id = format!("job-{}", self.started);
        let pending = Pending {
            ends: self.now + self.job_time,
            fails,
            name,
            storage,
        };
        self.pending.insert(place, pending);
        self.jobs.entry(place).or_default().push(Job {
            id: id.clone(),
            operation: operation.into(),
            status: "RUNNING".into(),
            error: None,
            created: self.now,
            updated: self.now,
        });
        Answer::Started(id)
    }
}

/// The operation that a step calls.
pub(crate) fn operation(step: &Step) -> Option<&'static str> {
    Some(match step {
        Step::Create(..) => "CreateBackendStorage",
        Step::Import(..) => "ImportBackendStorage",
        Step::Update(..) => "UpdateBackendStorage",
        Step::Delete(..) => "DeleteBackendStorage",
        Step::Get(..) => "GetBackendStorage",
        Step::GetJob(..) => "GetBackendJob",
        Step::ListJobs(..) => "ListBackendJobs",
        Step::UpdateJob(..) => "UpdateBackendJob",
        Step::ListBuckets => "ListS3Buckets",
        Step::Wait(_) | Step::Fault(..) | Step::Restart => return None,
    })
}
