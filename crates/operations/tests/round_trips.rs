//! Every input to HTTP and back, every output to HTTP and back, every error likewise.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails the short way"
)]

use std::fmt::Debug;

use amplify_backend_operations::server::{ErrorReply, Route, ServerOperation};
use amplify_backend_operations::{
    EncodeError, Endpoint, ErrorCode, Operation, Region, ResponseError,
};
use http::StatusCode;
use models::strategies::text;
use models::*;
use proptest::prelude::*;

/// `input` arrives as it was sent, at the route of its operation, under any endpoint.
fn arrives<O: ServerOperation + PartialEq + Debug>(input: &O) {
    let endpoint = Endpoint::for_region(&Region::new("us-east-1").unwrap());
    let request = input.to_request(&endpoint).unwrap();

    assert_eq!(request.method(), O::METHOD);
    assert_eq!(
        request.uri().authority().unwrap(),
        "amplifybackend.us-east-1.amazonaws.com"
    );
    assert_eq!(request.uri().query(), None);
    let route = Route::of(request.method(), request.uri().path()).unwrap();
    assert_eq!(Route::named(O::NAME), Some(route));
    assert_eq!(
        (
            route.name(),
            route.method(),
            route.path(),
            route.read_only()
        ),
        (O::NAME, O::METHOD, O::PATH, O::READ_ONLY)
    );
    let with_body = request.method() != http::Method::GET;
    assert_eq!(request.headers().contains_key("content-type"), with_body);
    assert_eq!(request.body().is_empty(), !with_body);
    assert_eq!(&O::from_request(&request).unwrap(), input);

    let behind_a_path = Endpoint::new("https://example.com/stage/one/").unwrap();
    let prefixed = input.to_request(&behind_a_path).unwrap();
    assert_eq!(
        prefixed.uri().path(),
        format!("/stage/one{}", request.uri().path())
    );
    assert_eq!(prefixed.body(), request.body());
}

/// `output` arrives as it was answered.
fn comes_back<O: ServerOperation>(output: &O::Output)
where
    O::Output: PartialEq + Debug,
{
    assert_eq!(&O::parse_response(O::to_response(output)).unwrap(), output);
}

/// Whatever the labels hold, the target has the segments of the operation's path, or there is no
/// request at all.
fn keeps_its_segments<O: Operation>(input: &O, labels: &[&str]) {
    let endpoint = Endpoint::new("https://example.com").unwrap();
    match input.to_request(&endpoint) {
        Ok(request) => {
            let target = request.uri().path_and_query().unwrap().as_str();
            assert_eq!(
                target.split('/').count(),
                O::PATH.split('/').count(),
                "{target:?}"
            );
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%/".contains(&byte);
            assert!(target.bytes().all(plain), "{target:?}");
            assert!(
                !target
                    .split('/')
                    .any(|segment| segment == "." || segment == "..")
            );
        }
        Err(EncodeError::EmptyLabel { .. }) => assert!(labels.contains(&"")),
        Err(EncodeError::DotLabel { .. }) => {
            assert!(labels.contains(&".") || labels.contains(&".."));
        }
        Err(error) => panic!("{error}"),
    }
}

/// Texts that are made to break out of a path segment.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        text(),
        any::<String>(),
        proptest::sample::select(vec![
            "",
            ".",
            "..",
            "/",
            "//",
            "a/b",
            "%2F",
            "%2e%2e",
            "..%2f",
            "\r\n",
            "\0",
            "\u{200f}",
            "\u{202e}",
            "\u{1f639}",
            "a?b",
            "a#b",
            "a b",
            "\\",
            ";",
            "@",
            ":",
            "\t",
        ])
        .prop_map(str::to_owned),
    ]
}

macro_rules! every_operation {
    ($($module:ident: $input:ty => $output:ty, [$($label:ident),*];)*) => { $(
        mod $module {
            use super::*;

            proptest! {
                #[test]
                fn input_to_http_to_input(input: $input) {
                    arrives(&input);
                }

                #[test]
                fn output_to_http_to_output(output: $output) {
                    comes_back::<$input>(&output);
                }

                #[test]
                #[allow(unused_mut, reason = "one operation has no label")]
                fn the_target_has_the_modelled_segments(
                    mut input: $input,
                    $($label in hostile(),)*
                ) {
                    $( input.$label.clone_from(&$label); )*
                    keeps_its_segments(&input, &[$(&$label),*]);
                }
            }
        }
    )* };
}

every_operation! {
    create_backend_storage: CreateBackendStorageInput => CreateBackendStorageOutput, [app_id];
    delete_backend_storage: DeleteBackendStorageInput => DeleteBackendStorageOutput,
        [app_id, backend_environment_name];
    get_backend_job: GetBackendJobInput => GetBackendJobOutput,
        [app_id, backend_environment_name, job_id];
    get_backend_storage: GetBackendStorageInput => GetBackendStorageOutput,
        [app_id, backend_environment_name];
    import_backend_storage: ImportBackendStorageInput => ImportBackendStorageOutput,
        [app_id, backend_environment_name];
    list_backend_jobs: ListBackendJobsInput => ListBackendJobsOutput,
        [app_id, backend_environment_name];
    list_s3_buckets: ListS3BucketsInput => ListS3BucketsOutput, [];
    update_backend_job: UpdateBackendJobInput => UpdateBackendJobOutput,
        [app_id, backend_environment_name, job_id];
    update_backend_storage: UpdateBackendStorageInput => UpdateBackendStorageOutput,
        [app_id, backend_environment_name];
}

fn error_code() -> impl Strategy<Value = ErrorCode> {
    prop_oneof![
        Just(ErrorCode::BadRequest),
        Just(ErrorCode::NotFound),
        Just(ErrorCode::TooManyRequests),
        Just(ErrorCode::GatewayTimeout),
        "[A-Za-z][A-Za-z0-9]{0,30}".prop_map(|code| ErrorCode::from(code.as_str())),
        "\\PC*[A-Za-zäß]".prop_filter_map("no separator", |code| {
            (!code.contains([':', '#']) && code.trim() == code)
                .then(|| ErrorCode::from(code.as_str()))
        }),
    ]
}

proptest! {
    #[test]
    fn error_to_http_to_error(
        code in error_code(),
        status in prop_oneof![400_u16..=599, Just(429)],
        message in proptest::option::of(text()),
        resource_type in proptest::option::of(text()),
        limit_type in proptest::option::of(text()),
    ) {
        let status = StatusCode::from_u16(status).unwrap();
        let mut reply = ErrorReply::new(code.clone()).status(status);
        if let Some(message) = &message {
            reply = reply.message(message);
        }
        if let Some(resource_type) = &resource_type {
            reply = reply.resource_type(resource_type);
        }
        if let Some(limit_type) = &limit_type {
            reply = reply.limit_type(limit_type);
        }

        let error = match GetBackendStorageInput::parse_response(reply.to_response()) {
            Err(ResponseError::Service(error)) => error,
            other => panic!("{other:?}"),
        };
        prop_assert_eq!(error.code(), Some(&code));
        prop_assert_eq!(error.sent_code(), Some(code.as_str()));
        prop_assert_eq!(error.status(), status);
        prop_assert_eq!(error.message(), message.as_deref());
        prop_assert_eq!(error.resource_type(), resource_type.as_deref());
        prop_assert_eq!(error.limit_type(), limit_type.as_deref());
    }

    #[test]
    fn no_response_makes_the_decoder_panic(
        status in 100_u16..=999,
        body in proptest::collection::vec(any::<u8>(), 0..200),
        code in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..20)),
    ) {
        let mut response = http::Response::builder().status(status);
        if let Some(code) = code.and_then(|code| http::HeaderValue::from_bytes(&code).ok()) {
            response = response.header("x-amzn-errortype", code);
        }
        let response = response.body(body.clone().into()).unwrap();
        let parsed = ListS3BucketsInput::parse_response(response);
        let success = (200..300).contains(&status);
        if !success || (!body.is_empty() && serde_json::from_slice::<ListS3BucketsOutput>(&body).is_err()) {
            prop_assert!(parsed.is_err());
        }
    }

    #[test]
    fn no_request_makes_the_server_panic(
        path in "(/(backend|storage|job|s3Buckets|details|remove|import|d1|%2F|%ff|%|\\PC{0,3})){0,6}",
        body in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..60),
            "\\{(\"(appId|resourceName|resourceConfig|jobId|maxResults)\":(null|1|\"a\"|\\[\\]|\\{\\}),?){0,3}\\}?"
                .prop_map(String::into_bytes),
        ],
    ) {
        let Ok(request) = http::Request::post(path.as_str())
            .header("content-type", "application/json")
            .body(bytes::Bytes::from(body))
        else {
            return Ok(());
        };
        let _ = Route::of(request.method(), request.uri().path());
        let _ = CreateBackendStorageInput::from_request(&request);
        let _ = UpdateBackendStorageInput::from_request(&request);
        let _ = ListBackendJobsInput::from_request(&request);
        let _ = UpdateBackendJobInput::from_request(&request);
    }
}
