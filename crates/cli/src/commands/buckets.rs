//! S3 buckets.

use clap::Subcommand;
use operations::server::Route;
use serde_json::{Map, json};

use super::with;
use crate::call::Call;

/// S3 buckets
#[derive(Subcommand)]
pub(crate) enum Buckets {
    /// List the S3 buckets of the account (ListS3Buckets)
    ///
    /// One page, which names the next in NextToken, unless --all asks for every one.
    List {
        /// Where the page starts: the NextToken of the one before
        #[arg(long, value_name = "TOKEN", conflicts_with = "all")]
        next_token: Option<String>,
        /// Follow the pages to the last one
        #[arg(long)]
        all: bool,
    },
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
