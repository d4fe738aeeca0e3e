//! The emulator against a small reference: the same steps, the same answers, in memory and on disk.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails the short way"
)]

mod reference;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, SystemTime};

use amplify_backend::models::{
    BackendStoragePermissions, CreateBackendStorageResourceConfig, ServiceName,
    UpdateBackendStorageResourceConfig,
};
use amplify_backend::{Client, Credentials, Error, Region, RetryPolicy, Transport};
use amplify_backend_emulator::{Effect, Emulator, FaultRule, InProcess, Reset, Snapshot};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use reference::{Answer, Job, Permissions, Place, Reference, Step, Wrong};

/// What outlives a restart, and the emulator of the moment.
struct Subject {
    clock: Arc<AtomicU64>,
    ids: Arc<AtomicUsize>,
    job_time: Duration,
    /// `None`: in memory, and a restart goes by way of a snapshot.
    file: Option<PathBuf>,
    emulator: Option<Emulator>,
}

impl Subject {
    fn start(&mut self, seed: Snapshot) {
        let (clock, ids) = (self.clock.clone(), self.ids.clone());
        let emulator = Emulator::builder()
            .credentials([Credentials::new("local", "local")])
            .clock(move || SystemTime::UNIX_EPOCH + Duration::from_millis(clock.load(SeqCst)))
            .job_ids(move || format!("job-{}", ids.fetch_add(1, SeqCst) + 1))
            .job_time(self.job_time)
            .page_size(2.try_into().unwrap())
            .maybe_state_file(self.file.clone())
            .seed(seed)
            .build();
        self.emulator = Some(emulator.unwrap());
    }

    fn emulator(&self) -> &Emulator {
        self.emulator.as_ref().unwrap()
    }

    fn client(&self) -> Client<InProcess> {
        let clock = self.clock.clone();
        let now = move || SystemTime::UNIX_EPOCH + Duration::from_millis(clock.load(SeqCst));
        Client::over(self.emulator().transport())
            .region(Region::new("us-east-1").unwrap())
            .credentials(Credentials::new("local", "local"))
            .clock(Arc::new(now))
            .retry(RetryPolicy::never())
            .build()
    }

    async fn step(&mut self, step: &Step) -> Answer {
        match step {
            Step::Wait(millis) => {
                self.clock.fetch_add(*millis, SeqCst);
                Answer::Nothing
            }
            Step::Fault(operation, wrong) => {
                let mut rule = FaultRule::new(match wrong {
                    Wrong::Throttled => Effect::error("TooManyRequestsException"),
                    Wrong::TimedOut => Effect::error("GatewayTimeoutException"),
                    Wrong::Reset => Effect::Reset(Reset::Before),
                    Wrong::JobFails => Effect::job_fails("as told"),
                });
                rule.operation = Some((*operation).to_owned());
                rule.times = Some(1);
                rule.carried_out = matches!(wrong, Wrong::TimedOut).then_some(true);
                self.emulator().add_fault(rule).unwrap();
                Answer::Nothing
            }
            Step::Restart => {
                let seed = match self.file {
                    // What is in the file counts, not this.
                    Some(_) => Snapshot::from_toml("[[buckets]]\nname = \"wrong\"").unwrap(),
                    None => {
                        let json = self.emulator().snapshot().to_json();
                        Snapshot::from_json(&json).unwrap()
                    }
                };
                self.emulator = None;
                self.start(seed);
                Answer::Nothing
            }
            _ => match call(&self.client(), step).await {
                Ok(answer) => answer,
                Err(error) => match error.service() {
                    Some(service) => Answer::Error(
                        service.code().unwrap().as_str().to_owned(),
                        service.resource_type().map(str::to_owned),
                    ),
                    None => {
                        assert!(error.status().is_none(), "{error}");
                        Answer::Nothing
                    }
                },
            },
        }
    }
}

/// A job as it came, from whichever shape.
macro_rules! job {
    ($job:ident) => {
        Job {
            id: $job.job_id.unwrap(),
            operation: $job.operation.unwrap(),
            status: $job.status.unwrap(),
            error: $job.error,
            created: $job.create_time.unwrap().parse().unwrap(),
            updated: $job.update_time.unwrap().parse().unwrap(),
        }
    };
}

async fn call<T: Transport>(client: &Client<T>, step: &Step) -> Result<Answer, Error> {
    let started = |id: Option<String>, status: Option<String>| {
        assert_eq!(status.as_deref(), Some("RUNNING"));
        Answer::Started(id.unwrap())
    };
    Ok(match step {
        Step::Create((app, environment), name, bucket, lists) => {
            let config = CreateBackendStorageResourceConfig::builder()
                .maybe_bucket_name(bucket.clone())
                .permissions(permissions(lists))
                .service_name(ServiceName::S3)
                .build();
            let call = client.create_backend_storage().app_id(*app);
            let call = call.backend_environment_name(*environment);
            let output = call.resource_config(config).resource_name(name).send();
            let output = output.await?;
            started(output.job_id, output.status)
        }
        Step::Import((app, environment), bucket) => {
            let call = client.import_backend_storage().app_id(*app);
            let call = call.backend_environment_name(*environment);
            let call = call.bucket_name(bucket).service_name(ServiceName::S3);
            let output = call.send().await?;
            started(output.job_id, output.status)
        }
        Step::Update((app, environment), name, lists) => {
            let config = UpdateBackendStorageResourceConfig::builder()
                .permissions(permissions(lists))
                .service_name(ServiceName::S3)
                .build();
            let call = client.update_backend_storage().app_id(*app);
            let call = call.backend_environment_name(*environment);
            let output = call.resource_config(config).resource_name(name).send();
            let output = output.await?;
            started(output.job_id, output.status)
        }
        Step::Delete((app, environment), name) => {
            let call = client.delete_backend_storage().app_id(*app);
            let call = call.backend_environment_name(*environment);
            let call = call.resource_name(name).service_name(ServiceName::S3);
            let output = call.send().await?;
            started(output.job_id, output.status)
        }
        Step::Get((app, environment), name) => {
            let call = client.get_backend_storage().app_id(*app);
            let call = call.backend_environment_name(*environment);
            let output = call.resource_name(name).send().await?;
            assert_eq!(output.resource_name.as_deref(), Some(&**name));
            let config = output.resource_config.unwrap();
            let texts = |list: &[_]| list.iter().map(ToString::to_string).collect();
            let lists = config.permissions.map(|it| {
                let all = it.un_authenticated;
                let all = all.map(|it| it.iter().map(ToString::to_string).collect());
                (texts(&it.authenticated), all)
            });
            Answer::Storage(config.bucket_name, config.imported, lists)
        }
        Step::GetJob((app, environment), number) => {
            let call = client.get_backend_job().app_id(*app);
            let call = call.backend_environment_name(*environment);
            let job = call.job_id(format!("job-{number}")).send().await?;
            Answer::Jobs(vec![job!(job)])
        }
        Step::ListJobs((app, environment), operation, status, most) => {
            let mut jobs = Vec::new();
            let mut token = None;
            loop {
                let call = client.list_backend_jobs().app_id(*app);
                let call = call.backend_environment_name(*environment);
                let call = call.maybe_operation(operation.map(str::to_owned));
                let call = call.maybe_status(status.map(str::to_owned));
                let call = call.max_results(*most).maybe_next_token(token);
                let page = call.send().await?;
                let found = page.jobs.unwrap();
                assert!(found.len() <= usize::try_from(*most).unwrap());
                jobs.extend(found.into_iter().map(|job| job!(job)));
                token = page.next_token;
                if token.is_none() {
                    break Answer::Jobs(jobs);
                }
            }
        }
        Step::UpdateJob((app, environment), number, status) => {
            let call = client.update_backend_job().app_id(*app);
            let call = call.backend_environment_name(*environment);
            let call = call.job_id(format!("job-{number}")).status(*status);
            let job = call.send().await?;
            Answer::Jobs(vec![job!(job)])
        }
        Step::ListBuckets => {
            let mut names = Vec::new();
            let mut token = None;
            loop {
                let page = client
                    .list_s3_buckets()
                    .maybe_next_token(token)
                    .send()
                    .await?;
                let found = page.buckets.unwrap();
                assert!(found.len() <= 2);
                names.extend(found.into_iter().map(|bucket| bucket.name.unwrap()));
                token = page.next_token;
                if token.is_none() {
                    break Answer::Buckets(names);
                }
            }
        }
        Step::Wait(_) | Step::Fault(..) | Step::Restart => panic!("{step:?} is no call"),
    })
}

fn permissions((authenticated, everybody): &Permissions) -> BackendStoragePermissions {
    BackendStoragePermissions::builder()
        .authenticated(
            authenticated
                .iter()
                .map(|it| (*it).into())
                .collect::<Vec<_>>(),
        )
        .maybe_un_authenticated(
            everybody
                .as_ref()
                .map(|list| list.iter().map(|it| (*it).into()).collect::<Vec<_>>()),
        )
        .build()
}

/// A folder for a state file. In memory where there is such a file system: what is written is
/// tested here, not that a disk keeps it, and waiting for one takes most of the time.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

const OPERATIONS: [&str; 9] = [
    "CreateBackendStorage",
    "DeleteBackendStorage",
    "GetBackendJob",
    "GetBackendStorage",
    "ImportBackendStorage",
    "ListBackendJobs",
    "ListS3Buckets",
    "UpdateBackendJob",
    "UpdateBackendStorage",
];

/// Few names, so that steps meet.
fn step() -> impl Strategy<Value = Step> {
    let place = || {
        let app = select(vec!["d1a2b3c4d5e6f7", "d2"]);
        (app, select(vec!["dev", "prod"])).prop_map(|place: Place| place)
    };
    let name = || select(vec!["photos", "Docs", "old"]).prop_map(str::to_owned);
    let bucket = || select(vec!["old", "older", "photos", "shared"]).prop_map(str::to_owned);
    let list = || vec(select(vec!["READ", "CREATE_AND_UPDATE", "DELETE"]), 0..3);
    let permissions = move || (list(), option::of(list()));
    let job = || 1..12_usize;
    let wrong = select(vec![
        Wrong::Throttled,
        Wrong::TimedOut,
        Wrong::Reset,
        Wrong::JobFails,
    ]);
    let operations = || select(OPERATIONS.to_vec());
    let statuses = || select(vec!["RUNNING", "COMPLETED", "FAILED", "DONE"]);
    prop_oneof![
        6 => (place(), name(), option::of(bucket()), permissions())
            .prop_map(|(place, name, bucket, lists)| Step::Create(place, name, bucket, lists)),
        3 => (place(), bucket()).prop_map(|(place, bucket)| Step::Import(place, bucket)),
        3 => (place(), name(), permissions())
            .prop_map(|(place, name, lists)| Step::Update(place, name, lists)),
        3 => (place(), name()).prop_map(|(place, name)| Step::Delete(place, name)),
        5 => (place(), name()).prop_map(|(place, name)| Step::Get(place, name)),
        2 => (place(), job()).prop_map(|(place, job)| Step::GetJob(place, job)),
        2 => (place(), option::of(operations()), option::of(statuses()), 0..27)
            .prop_map(|(place, operation, status, most)| {
                Step::ListJobs(place, operation, status, most)
            }),
        2 => (place(), job(), statuses())
            .prop_map(|(place, job, status)| Step::UpdateJob(place, job, status)),
        2 => Just(Step::ListBuckets),
        3 => (1..1_500_u64).prop_map(Step::Wait),
        2 => (operations(), wrong).prop_map(|(operation, wrong)| match wrong {
            // A list that goes on would meet the next fault on its next page.
            Wrong::JobFails if operation.starts_with("List") => {
                Step::Fault(operation, Wrong::Throttled)
            }
            _ => Step::Fault(operation, wrong),
        }),
        1 => Just(Step::Restart),
    ]
}

/// Runs `steps` on both, and looks at all there is at the end.
fn agree(steps: &[Step], job_time: u64, file: Option<PathBuf>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    // 2015-08-30T12:36:00Z
    let start = 1_440_938_160_000;
    let mut subject = Subject {
        clock: Arc::new(AtomicU64::new(start)),
        ids: Arc::default(),
        job_time: Duration::from_millis(job_time),
        file,
        emulator: None,
    };
    let mut reference = Reference::new(start, job_time, &["old", "older"]);
    let seed = "[[buckets]]\nname = \"old\"\n[[buckets]]\nname = \"older\"";
    subject.start(Snapshot::from_toml(seed).unwrap());
    let places = ["d1a2b3c4d5e6f7", "d2"]
        .into_iter()
        .flat_map(|app| ["dev", "prod"].map(|environment| (app, environment)));
    let all = places.flat_map(|place| {
        let names = ["photos", "Docs", "old", "older", "shared"].map(str::to_owned);
        let storage = names.map(|name| Step::Get(place, name));
        storage
            .into_iter()
            .chain([Step::ListJobs(place, None, None, 25)])
    });
    let all: Vec<_> = all.chain([Step::ListBuckets]).collect();
    for (index, step) in steps.iter().chain([&Step::Restart]).chain(&all).enumerate() {
        let answer = runtime.block_on(subject.step(step));
        assert_eq!(answer, reference.step(step), "step {index}, {step:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 600,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn in_memory_the_emulator_answers_as_the_reference(
        steps in vec(step(), 1..60),
        job_time in select(vec![0, 0, 1_000]),
    ) {
        agree(&steps, job_time, None);
    }

    #[test]
    fn on_disk_the_emulator_answers_as_the_reference(
        steps in vec(step(), 1..40),
        job_time in select(vec![0, 0, 1_000]),
    ) {
        let folder = folder();
        agree(&steps, job_time, Some(folder.path().join("state")));
    }
}
