//! The endpoints of the service as AWS's endpoint rules have them, `endpoints`, and the partition
//! of every region they list.

use std::path::Path;

use operations::{Endpoint, EndpointError, Region};
use serde_json::Value;

use super::{run_cases, same, text};
use crate::report::Report;

/// Runs the suite in the folder `vectors`.
pub fn run(vectors: &Path) -> Report {
    let path = vectors.join("endpoints/endpoint-tests-1.json");
    run_cases("endpoints", &path, "/testCases", "/documentation", check)
}

/// Compares the host in every region of partitions.json, and in one that each of its regular
/// expressions takes, with what the partition says.
pub fn run_partitions(vectors: &Path) -> Report {
    let path = vectors.join("endpoints/partitions.json");
    run_cases("partitions", &path, "/partitions", "/id", check_partition)
}

fn check(case: &Value) -> Result<(), String> {
    let flag = |pointer| {
        case.pointer(pointer)
            .and_then(Value::as_bool)
            .unwrap_or_default()
    };
    let mut builder = Endpoint::builder()
        .use_fips(flag("/params/UseFIPS"))
        .use_dual_stack(flag("/params/UseDualStack"));
    if let Ok(region) = text(case, "/params/Region") {
        builder = builder.region(Region::new(region).map_err(|error| error.to_string())?);
    }
    if let Ok(url) = text(case, "/params/Endpoint") {
        builder = builder.url(url);
    }
    match (builder.build(), text(case, "/expect/endpoint/url")) {
        (Ok(ours), Ok(theirs)) => same("url", ours.to_string().as_str(), theirs),
        (Err(ours), Err(_)) => {
            let theirs = match text(case, "/expect/error")? {
                "Invalid Configuration: FIPS and custom endpoint are not supported" => {
                    EndpointError::FipsWithUrl
                }
                "Invalid Configuration: Dualstack and custom endpoint are not supported" => {
                    EndpointError::DualStackWithUrl
                }
                "Invalid Configuration: Missing Region" => EndpointError::MissingRegion,
                other => return Err(format!("no error of ours means {other:?}")),
            };
            same("error", ours, theirs)
        }
        (ours, theirs) => Err(format!("ours is {ours:?}, theirs {theirs:?}")),
    }
}

fn check_partition(partition: &Value) -> Result<(), String> {
    let listed = partition
        .pointer("/regions")
        .and_then(Value::as_object)
        .ok_or("no regions")?;
    let unlisted = format!(
        "{}-9",
        text(partition, "/outputs/implicitGlobalRegion")?
            .trim_end_matches(|letter: char| letter == '-' || letter.is_ascii_digit())
    );
    for region in listed.keys().chain([&unlisted]) {
        let region = Region::new(region).map_err(|error| error.to_string())?;
        for (dual_stack, suffix) in [
            (false, "/outputs/dnsSuffix"),
            (true, "/outputs/dualStackDnsSuffix"),
        ] {
            let endpoint = Endpoint::builder()
                .region(region.clone())
                .use_dual_stack(dual_stack)
                .build()
                .map_err(|error| error.to_string())?;
            let theirs = format!("amplifybackend.{region}.{}", text(partition, suffix)?);
            same("host", endpoint.host(), &theirs)?;
        }
    }
    Ok(())
}
