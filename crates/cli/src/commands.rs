//! The commands that are operations: from flags to the input that the service knows. What several of
//! them take is here, each of them in a file of its own.

mod any_operation;
mod buckets;
mod jobs;
mod storage;

use std::time::Duration;

use clap::Args;
use serde_json::{Map, Value};

use crate::call::Wait;

pub(crate) use self::any_operation::CallOperation;
pub(crate) use self::buckets::Buckets;
pub(crate) use self::jobs::Jobs;
pub(crate) use self::storage::Storage;

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
