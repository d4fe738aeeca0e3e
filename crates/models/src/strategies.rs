//! Strategies for every shape, for property tests: `any::<CreateBackendStorageInput>()`.
//!
//! Texts are drawn from all of Unicode with a lean towards what breaks encoders: quotes, slashes,
//! percent signs, control characters, marks that turn the writing direction. Enums are known
//! values and unknown ones. A member that travels in the path is a [`label`], so that every input
//! drawn can be sent.

use proptest::arbitrary::any;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Arbitrary, BoxedStrategy, Just, Strategy, prop_oneof};
use proptest::sample::select;

use crate::*;

/// Any text, the empty one included.
pub fn text() -> impl Strategy<Value = String> {
    let awkward = select(vec![
        "/",
        "%",
        "%2F",
        "%25",
        "..",
        ".",
        "\\",
        "\"",
        "'",
        "+",
        " ",
        "?",
        "#",
        ":",
        "@",
        "&",
        "=",
        ";",
        "\r",
        "\n",
        "\0",
        "\t",
        "\u{7f}",
        "\u{85}",
        "\u{200f}",
        "\u{202e}",
        "\u{2028}",
        "ü",
        "日本",
        "\u{1f639}",
        "\u{10ffff}",
        "\u{fffd}",
        "null",
        "{}",
    ]);
    prop_oneof![
        "[a-z][a-z0-9-]{0,20}",
        vec(
            prop_oneof![awkward.prop_map(str::to_owned), any::<String>()],
            0..4
        )
        .prop_map(|parts| parts.concat()),
    ]
}

/// What a path takes: any text but the empty one, `.` and `..`.
pub fn label() -> impl Strategy<Value = String> {
    text().prop_map(|text| match text.as_str() {
        "" | "." | ".." => format!("x{text}"),
        _ => text,
    })
}

/// `Arbitrary` for a shape, from a strategy for each member.
macro_rules! arbitrary {
    ($( $shape:ident { $($member:ident: $strategy:expr),* $(,)? } )*) => { $(
        impl Arbitrary for $shape {
            type Parameters = ();
            type Strategy = BoxedStrategy<Self>;

            fn arbitrary_with((): ()) -> Self::Strategy {
                ($($strategy,)*).prop_map(|($($member,)*)| $shape { $($member),* }).boxed()
            }
        }
    )* };
}

/// `Arbitrary` for an open enum: known values three times out of four.
macro_rules! arbitrary_enum {
    ($($name:ident)*) => { $(
        impl Arbitrary for $name {
            type Parameters = ();
            type Strategy = BoxedStrategy<Self>;

            fn arbitrary_with((): ()) -> Self::Strategy {
                prop_oneof![
                    3 => select($name::KNOWN),
                    1 => text().prop_map(Self::from),
                ]
                .boxed()
            }
        }
    )* };
}

arbitrary_enum! { ServiceName AuthenticatedElement UnAuthenticatedElement }

arbitrary! {
    BackendStoragePermissions {
        authenticated: vec(any::<AuthenticatedElement>(), 0..5),
        un_authenticated: option::of(vec(any::<UnAuthenticatedElement>(), 0..5)),
    }

    CreateBackendStorageInput {
        app_id: label(),
        backend_environment_name: text(),
        resource_config: any::<CreateBackendStorageResourceConfig>(),
        resource_name: text(),
    }
    CreateBackendStorageResourceConfig {
        bucket_name: option::of(text()),
        permissions: any::<BackendStoragePermissions>(),
        service_name: any::<ServiceName>(),
    }
    CreateBackendStorageOutput {
        app_id: option::of(text()),
        backend_environment_name: option::of(text()),
        job_id: option::of(text()),
        status: option::of(text()),
    }

    DeleteBackendStorageInput {
        app_id: label(),
        backend_environment_name: label(),
        resource_name: text(),
        service_name: any::<ServiceName>(),
    }
    DeleteBackendStorageOutput {
        app_id: option::of(text()),
        backend_environment_name: option::of(text()),
        job_id: option::of(text()),
        status: option::of(text()),
    }

    GetBackendJobInput {
        app_id: label(),
        backend_environment_name: label(),
        job_id: label(),
    }
    GetBackendJobOutput {
        app_id: option::of(text()),
        backend_environment_name: option::of(text()),
        create_time: option::of(time()),
        error: option::of(text()),
        job_id: option::of(text()),
        operation: option::of(text()),
        status: option::of(status()),
        update_time: option::of(time()),
    }

    GetBackendStorageInput {
        app_id: label(),
        backend_environment_name: label(),
        resource_name: text(),
    }
    GetBackendStorageOutput {
        app_id: option::of(text()),
        backend_environment_name: option::of(text()),
        resource_config: option::of(any::<GetBackendStorageResourceConfig>()),
        resource_name: option::of(text()),
    }
    GetBackendStorageResourceConfig {
        bucket_name: option::of(text()),
        imported: any::<bool>(),
        permissions: option::of(any::<BackendStoragePermissions>()),
        service_name: any::<ServiceName>(),
    }

    ImportBackendStorageInput {
        app_id: label(),
        backend_environment_name: label(),
        bucket_name: option::of(text()),
        service_name: any::<ServiceName>(),
    }
    ImportBackendStorageOutput {
        app_id: option::of(text()),
        backend_environment_name: option::of(text()),
        job_id: option::of(text()),
        status: option::of(text()),
    }

    ListBackendJobsInput {
        app_id: label(),
        backend_environment_name: label(),
        job_id: option::of(text()),
        max_results: option::of(prop_oneof![1..=25, any::<i32>()]),
        next_token: option::of(text()),
        operation: option::of(text()),
        status: option::of(status()),
    }
    ListBackendJobsOutput {
        jobs: option::of(vec(any::<BackendJobRespObj>(), 0..4)),
        next_token: option::of(text()),
    }
    BackendJobRespObj {
        app_id: text(),
        backend_environment_name: text(),
        create_time: option::of(time()),
        error: option::of(text()),
        job_id: option::of(text()),
        operation: option::of(text()),
        status: option::of(status()),
        update_time: option::of(time()),
    }

    ListS3BucketsInput {
        next_token: option::of(text()),
    }
    ListS3BucketsOutput {
        buckets: option::of(vec(any::<S3BucketInfo>(), 0..5)),
        next_token: option::of(text()),
    }
    S3BucketInfo {
        creation_date: option::of(text()),
        name: option::of(text()),
    }

    UpdateBackendJobInput {
        app_id: label(),
        backend_environment_name: label(),
        job_id: label(),
        operation: option::of(text()),
        status: option::of(status()),
    }
    UpdateBackendJobOutput {
        app_id: option::of(text()),
        backend_environment_name: option::of(text()),
        create_time: option::of(time()),
        error: option::of(text()),
        job_id: option::of(text()),
        operation: option::of(text()),
        status: option::of(status()),
        update_time: option::of(time()),
    }

    UpdateBackendStorageInput {
        app_id: label(),
        backend_environment_name: label(),
        resource_config: any::<UpdateBackendStorageResourceConfig>(),
        resource_name: text(),
    }
    UpdateBackendStorageResourceConfig {
        permissions: any::<BackendStoragePermissions>(),
        service_name: any::<ServiceName>(),
    }
    UpdateBackendStorageOutput {
        app_id: option::of(text()),
        backend_environment_name: option::of(text()),
        job_id: option::of(text()),
        status: option::of(text()),
    }
}

/// The time of a job: mostly as the service sends it.
fn time() -> impl Strategy<Value = String> {
    prop_oneof![3 => (0_u64..=4_102_444_800_000).prop_map(|millis| millis.to_string()), 1 => text()]
}

/// The status of a job: mostly one that was seen.
fn status() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("RUNNING".to_owned()),
        Just("COMPLETED".to_owned()),
        Just("FAILED".to_owned()),
        text(),
    ]
}
