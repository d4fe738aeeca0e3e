//! The commands that are operations: from flags to the input that the service knows.

use std::io::Read as _;
use std::time::Duration;

use clap::{Args, Subcommand};
use models::{AuthenticatedElement, UnAuthenticatedElement};
use operations::server::Route;
use serde_json::{Map, Value, json};

use crate::call::{self, Call, Job, Wait};
use crate::failure::Failure;
use crate::global::Global;
use crate::output::{self, Format};
use crate::session::Session;
use crate::spelling;
use crate::terminal;

/// Storage resources of a backend environment
#[derive(Subcommand)]
pub(crate) enum Storage {
    /// Create a storage resource (CreateBackendStorage)
    Create {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        resource: Resource,
        /// The S3 bucket to create; the service makes up a name without it
        #[arg(long, visible_alias = "bucket-name", value_name = "NAME")]
        bucket: Option<String>,
        #[command(flatten)]
        permissions: Permissions,
        #[command(flatten)]
        service: Service,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Import an S3 bucket as a storage resource (ImportBackendStorage)
    Import {
        #[command(flatten)]
        place: Place,
        /// The S3 bucket
        #[arg(long, visible_alias = "bucket-name", value_name = "NAME")]
        bucket: String,
        #[command(flatten)]
        service: Service,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Read how a storage resource is configured (GetBackendStorage)
    Get {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        resource: Resource,
    },
    /// Change who may do what (UpdateBackendStorage)
    Update {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        resource: Resource,
        #[command(flatten)]
        permissions: Permissions,
        #[command(flatten)]
        service: Service,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Delete a storage resource (DeleteBackendStorage)
    ///
    /// On a terminal it asks first; elsewhere it needs --yes.
    Delete {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        resource: Resource,
        #[command(flatten)]
        service: Service,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        waiting: Waiting,
    },
}

/// S3 buckets
#[derive(Subcommand)]
pub(crate) enum Buckets {
    /// List the S3 buckets of the account (ListS3Buckets)
    List {
        /// Where the page starts: the NextToken of the one before
        #[arg(long, value_name = "TOKEN", conflicts_with = "all")]
        next_token: Option<String>,
        /// Follow the pages to the last one
        #[arg(long)]
        all: bool,
    },
}

/// Jobs of a backend environment
#[derive(Subcommand)]
pub(crate) enum Jobs {
    /// Read a job (GetBackendJob)
    Get {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        job: JobId,
    },
    /// List jobs, the newest first (ListBackendJobs)
    ///
    /// All pages, unless --max-results, --next-token or --no-paginate ask for one.
    List {
        #[command(flatten)]
        place: Place,
        /// Only the job with this id
        #[arg(long, value_name = "ID")]
        job_id: Option<String>,
        /// Only jobs of this operation, as in CreateBackendStorage
        #[arg(long, value_name = "NAME")]
        operation: Option<String>,
        /// Only jobs with this status: RUNNING, COMPLETED, FAILED
        #[arg(long, value_name = "STATUS")]
        status: Option<String>,
        /// How many jobs a page may hold, 1 to 25
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i32).range(1..=25))]
        max_results: Option<i32>,
        /// Where the page starts: the NextToken of the one before
        #[arg(long, value_name = "TOKEN")]
        next_token: Option<String>,
        /// Of all pages: how many jobs to ask for at once, 1 to 25
        #[arg(
            long,
            value_name = "NUMBER",
            conflicts_with_all = ["max_results", "next_token", "no_paginate"],
            value_parser = clap::value_parser!(i32).range(1..=25)
        )]
        page_size: Option<i32>,
        /// Only the first page
        #[arg(long)]
        no_paginate: bool,
    },
    /// Wait until a job has ended
    Wait {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        job: JobId,
        #[command(flatten)]
        pace: Pace,
    },
    /// Change a job (UpdateBackendJob)
    Update {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        job: JobId,
        /// The operation to say it carries out
        #[arg(long, value_name = "NAME")]
        operation: Option<String>,
        /// The status to give it
        #[arg(long, value_name = "STATUS")]
        status: Option<String>,
    },
}

/// Call any operation with its whole input as JSON
///
/// OPERATION is a name of the service (GetBackendStorage) or of the AWS CLI (get-backend-storage).
/// Members may be spelled as on the wire (appId) or as in the AWS CLI (AppId).
#[derive(Args)]
pub(crate) struct CallOperation {
    /// The operation
    operation: String,
    /// The input: JSON, @FILE, or - for the standard input
    #[arg(long, value_name = "JSON|@FILE|-", default_value = "{}")]
    input: String,
    #[command(flatten)]
    waiting: Waiting,
}

/// Where in the account it is.
#[derive(Args)]
pub(crate) struct Place {
    /// The id of the Amplify app
    #[arg(long, value_name = "ID")]
    app_id: String,
    /// The backend environment
    #[arg(long, visible_alias = "backend-environment-name", value_name = "NAME")]
    env: String,
}

#[derive(Args)]
pub(crate) struct Resource {
    /// The storage resource
    #[arg(long, visible_alias = "resource-name", value_name = "NAME")]
    name: String,
}

#[derive(Args)]
pub(crate) struct JobId {
    /// The job
    #[arg(long, value_name = "ID")]
    job_id: String,
}

#[derive(Args)]
pub(crate) struct Service {
    /// The service that holds the objects
    #[arg(
        long,
        visible_alias = "service-name",
        value_name = "NAME",
        default_value = "S3"
    )]
    service: String,
}

#[derive(Args)]
pub(crate) struct Permissions {
    /// What signed-in users may do: read, write, delete, separated by commas; none for nothing
    #[arg(long, value_name = "LIST")]
    authenticated: String,
    /// What everybody may do, in the same form; left out, nothing is said of it
    #[arg(long, visible_alias = "un-authenticated", value_name = "LIST")]
    unauthenticated: Option<String>,
}

#[derive(Args)]
pub(crate) struct Waiting {
    /// Wait for the job that this starts, and print the job
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    pace: Pace,
}

#[derive(Args)]
pub(crate) struct Pace {
    /// How long to wait between two looks at the job
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = humantime::parse_duration)]
    wait_interval: Duration,
    /// How long to wait in all
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = humantime::parse_duration)]
    wait_timeout: Duration,
}

impl Pace {
    fn wait(&self) -> Wait {
        Wait {
            interval: self.wait_interval,
            limit: self.wait_timeout,
        }
    }
}

impl Waiting {
    fn wait(&self) -> Option<Wait> {
        self.wait.then(|| self.pace.wait())
    }
}

impl Place {
    fn input(&self) -> Map<String, Value> {
        let members = [
            ("appId", &self.app_id),
            ("backendEnvironmentName", &self.env),
        ];
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.as_str().into()))
            .collect()
    }
}

/// `input` with more members, those that are null left out.
fn with(mut input: Map<String, Value>, more: Value) -> Value {
    if let Value::Object(more) = more {
        input.extend(more.into_iter().filter(|(_, value)| !value.is_null()));
    }
    Value::Object(input)
}

impl Permissions {
    fn input(&self) -> Result<Value, Failure> {
        let known: Vec<_> = AuthenticatedElement::KNOWN
            .iter()
            .map(AuthenticatedElement::as_str)
            .collect();
        let authenticated = list("--authenticated", &self.authenticated, &known)?;
        let known: Vec<_> = UnAuthenticatedElement::KNOWN
            .iter()
            .map(UnAuthenticatedElement::as_str)
            .collect();
        let everybody = self.unauthenticated.as_deref();
        let everybody = everybody
            .map(|text| list("--unauthenticated", text, &known))
            .transpose()?;
        let lists = json!({ "authenticated": authenticated, "unAuthenticated": everybody });
        Ok(with(Map::new(), lists))
    }
}

/// A list of permissions, in the service's spelling or ours.
fn list(flag: &str, text: &str, known: &[&'static str]) -> Result<Vec<&'static str>, Failure> {
    if matches!(text.trim(), "" | "none") {
        return Ok(Vec::new());
    }
    let words = text.split(',').map(str::trim);
    words
        .map(|word| {
            let plain = word.to_uppercase().replace('-', "_");
            let meant = match plain.as_str() {
                "WRITE" => "CREATE_AND_UPDATE",
                other => other,
            };
            known
                .iter()
                .find(|known| **known == meant)
                .copied()
                .ok_or_else(|| {
                    let failure = Failure::usage(format!("{flag} has {word:?}"));
                    let words = ["read", "write", "delete"]
                        .into_iter()
                        .chain(known.iter().copied());
                    match spelling::nearest(word, words) {
                        Some(near) => failure.hint(format!("did you mean {near}?")),
                        None => {
                            failure.hint("it takes read, write and delete, separated by commas")
                        }
                    }
                })
        })
        .collect()
}

impl Storage {
    pub(crate) fn call(self, global: &Global) -> Result<Call, Failure> {
        let (route, input, waiting) = match self {
            Self::Create {
                place,
                resource,
                bucket,
                permissions,
                service,
                waiting,
            } => {
                let config = json!({
                    "bucketName": bucket,
                    "permissions": permissions.input()?,
                    "serviceName": service.service,
                });
                let config = with(Map::new(), config);
                let more = json!({ "resourceName": resource.name, "resourceConfig": config });
                (
                    Route::CreateBackendStorage,
                    with(place.input(), more),
                    waiting.wait(),
                )
            }
            Self::Import {
                place,
                bucket,
                service,
                waiting,
            } => {
                let more = json!({ "bucketName": bucket, "serviceName": service.service });
                (
                    Route::ImportBackendStorage,
                    with(place.input(), more),
                    waiting.wait(),
                )
            }
            Self::Get { place, resource } => {
                let more = json!({ "resourceName": resource.name });
                (Route::GetBackendStorage, with(place.input(), more), None)
            }
            Self::Update {
                place,
                resource,
                permissions,
                service,
                waiting,
            } => {
                let config = json!({
                    "permissions": permissions.input()?,
                    "serviceName": service.service,
                });
                let more = json!({ "resourceName": resource.name, "resourceConfig": config });
                (
                    Route::UpdateBackendStorage,
                    with(place.input(), more),
                    waiting.wait(),
                )
            }
            Self::Delete {
                place,
                resource,
                service,
                yes,
                waiting,
            } => {
                if !yes && !global.dry_run {
                    may_delete(&place, &resource)?;
                }
                let more = json!({ "resourceName": resource.name, "serviceName": service.service });
                (
                    Route::DeleteBackendStorage,
                    with(place.input(), more),
                    waiting.wait(),
                )
            }
        };
        Ok(Call {
            wait: waiting,
            ..Call::new(route, input)
        })
    }
}

fn may_delete(place: &Place, resource: &Resource) -> Result<(), Failure> {
    let Place { app_id, env } = place;
    let question = format!("Delete storage {} of {app_id}/{env}?", resource.name);
    match terminal::ask(&question) {
        Some(true) => Ok(()),
        Some(false) => Err(Failure::usage("nothing was deleted")),
        None => Err(Failure::usage("there is no terminal to ask on").hint("say --yes to delete")),
    }
}

impl Buckets {
    pub(crate) fn call(self) -> Call {
        let Self::List { next_token, all } = self;
        let input = with(Map::new(), json!({ "nextToken": next_token }));
        Call {
            all_pages: all,
            ..Call::new(Route::ListS3Buckets, input)
        }
    }
}

impl Jobs {
    pub(crate) async fn run(self, session: &Session, global: &Global) -> Result<(), Failure> {
        let call = match self {
            Self::Get { place, job } => {
                let more = json!({ "jobId": job.job_id });
                Call::new(Route::GetBackendJob, with(place.input(), more))
            }
            Self::List {
                place,
                job_id,
                operation,
                status,
                max_results,
                next_token,
                page_size,
                no_paginate,
            } => {
                let all_pages = !no_paginate && max_results.is_none() && next_token.is_none();
                let more = json!({
                    "jobId": job_id, "operation": operation, "status": status,
                    "maxResults": max_results.or(page_size), "nextToken": next_token,
                });
                Call {
                    all_pages,
                    ..Call::new(Route::ListBackendJobs, with(place.input(), more))
                }
            }
            Self::Update {
                place,
                job,
                operation,
                status,
            } => {
                let more = json!({ "jobId": job.job_id, "operation": operation, "status": status });
                Call::new(Route::UpdateBackendJob, with(place.input(), more))
            }
            // A dry run prints the first look.
            Self::Wait { place, job, .. } if global.dry_run => {
                let more = json!({ "jobId": job.job_id });
                Call::new(Route::GetBackendJob, with(place.input(), more))
            }
            Self::Wait { place, job, pace } => {
                let job = Job {
                    app_id: place.app_id,
                    environment: place.env,
                    id: job.job_id,
                };
                let ended = job.wait(&session.client, pace.wait()).await?;
                let format = global.output.unwrap_or_else(Format::usual);
                let ended = spelling::to_aws_cli(ended);
                return output::print(ended, global.query.as_deref(), format);
            }
        };
        call.make(session, global).await
    }
}

impl CallOperation {
    pub(crate) fn call(self) -> Result<Call, Failure> {
        let route = spelling::route(&self.operation)?;
        let input = read_input(&self.input)?;
        let wait = self.waiting.wait();
        let starts_a_job = route.name().ends_with("BackendStorage") && !route.read_only();
        if wait.is_some() && !starts_a_job {
            return Err(Failure::usage(format!(
                "{} starts no job to wait for",
                route.name()
            )));
        }
        Ok(Call {
            wait,
            ..Call::new(route, input)
        })
    }
}

/// The largest input that is read.
const MAX_INPUT: u64 = 16 * 1024 * 1024;

fn read_input(argument: &str) -> Result<Value, Failure> {
    let read = |reader: &mut dyn std::io::Read| {
        let mut text = String::new();
        let read = reader.take(MAX_INPUT).read_to_string(&mut text);
        read.map(|_| text)
    };
    let (source, text) = match (argument, argument.strip_prefix('@')) {
        ("-", _) => {
            let text = read(&mut std::io::stdin().lock());
            ("the standard input", text)
        }
        (_, Some(path)) => {
            let text = std::fs::File::open(path).and_then(|mut file| read(&mut file));
            (path, text)
        }
        _ => ("--input", Ok(argument.to_owned())),
    };
    let text = text.map_err(|error| Failure::usage(format!("{source} cannot be read: {error}")))?;
    serde_json::from_str(&text).map_err(|error| {
        let failure = Failure::usage(format!("{source} is not JSON: {error}"));
        match std::path::Path::new(argument).exists() {
            true => failure.hint(format!("to read that file, write --input @{argument}")),
            false => failure,
        }
    })
}

/// Makes the call, unless somebody presses Ctrl-C first.
pub(crate) async fn make(call: Call, session: &Session, global: &Global) -> Result<(), Failure> {
    let read_only = call.route.read_only();
    call::until_interrupted(call.make(session, global), read_only).await
}
