//! A client over a transport that answers as told.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails the short way"
)]
#![allow(clippy::indexing_slicing, reason = "a test fails the short way")]

use std::error::Error as _;
use std::future::pending;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use amplify_backend::models::{ListBackendJobsInput, ListS3BucketsInput, ServiceName};
use amplify_backend::{
    Canned, Client, ClientBuilder, Credentials, CredentialsError, Error, ErrorKind,
    ProvideCredentials, Region, RetryPolicy, Transport, TransportError, client_builder,
};
use bytes::Bytes;
use futures_util::StreamExt;
use http::{Request, Response};

type Ready<T> = ClientBuilder<T, client_builder::SetCredentials<client_builder::SetRegion>>;

fn client<T: Transport>(transport: T) -> Ready<T> {
    Client::over(transport)
        .region(Region::new("us-east-1").unwrap())
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
}

fn answer(status: u16, headers: &[(&str, &str)], body: &'static str) -> Response<Bytes> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Bytes::from_static(body.as_bytes())).unwrap()
}

async fn delete<T: Transport>(client: &Client<T>) -> Result<(), Error> {
    client
        .delete_backend_storage()
        .app_id("d1a2b3c4d5e6f7")
        .backend_environment_name("staging")
        .resource_name("photos")
        .service_name(ServiceName::S3)
        .send()
        .await
        .map(drop)
}

#[tokio::test]
async fn an_answer_has_status_headers_and_request_id_beside_the_output() {
    let headers = [("x-amzn-requestid", "id-1"), ("x-extra", "y")];
    let client = client(Canned::new().respond(answer(201, &headers, r#"{"buckets":[]}"#))).build();
    let answer = client.call(&ListS3BucketsInput::default()).await.unwrap();
    assert_eq!(answer.request_id(), Some("id-1"));
    assert_eq!(
        (answer.status.as_u16(), answer.headers["x-extra"].as_bytes()),
        (201, &b"y"[..])
    );
    assert_eq!(answer.output.buckets, Some(vec![]));
}

#[tokio::test]
async fn an_error_says_what_failed_in_the_services_words_and_what_to_do() {
    let id = ("x-amzn-requestid", "id-1");
    for (response, expected) in [
        (
            answer(
                404,
                &[id, ("x-amzn-errortype", "NotFoundException")],
                r#"{"message":"no app"}"#,
            ),
            "DeleteBackendStorage failed: NotFoundException (404): no app (request id id-1)",
        ),
        (
            answer(
                403,
                &[("x-amzn-errortype", "InvalidSignatureException")],
                "",
            ),
            "DeleteBackendStorage failed: InvalidSignatureException (403); check the secret access \
             key and the region",
        ),
        (
            answer(504, &[id], ""),
            "DeleteBackendStorage failed: GatewayTimeoutException (504) (request id id-1); the \
             change may have been made: look with ListBackendJobs before trying again",
        ),
        (
            answer(301, &[("location", "https://elsewhere.example/")], ""),
            "DeleteBackendStorage was redirected (status 301); check the endpoint and the region",
        ),
        (
            answer(200, &[], "<html>please log in</html>"),
            "cannot read the answer to DeleteBackendStorage (status 200); the change may have been \
             made: look with ListBackendJobs before trying again",
        ),
    ] {
        let error = delete(&client(Canned::new().respond(response)).build())
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    let page = Canned::new().respond(answer(200, &[], "<html>please log in</html>"));
    let error = client(page)
        .build()
        .list_s3_buckets()
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read the answer to ListS3Buckets (status 200); a page came back: check the \
         endpoint, and proxies on the way"
    );
    assert_eq!(
        error.source().unwrap().to_string(),
        "the body is not JSON but a page or XML (line 1, column 1)"
    );
}

#[tokio::test]
async fn an_input_that_cannot_be_sent_is_not() {
    let client = client(Canned::new()).build();
    let get = client
        .get_backend_storage()
        .app_id("")
        .backend_environment_name("e");
    let error = get.resource_name("r").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    assert_eq!(error.to_string(), "could not encode GetBackendStorage");
    assert_eq!(error.source().unwrap().to_string(), "appId is empty");
    assert_eq!(
        (error.attempts(), client.transport().requests().len()),
        (0, 0)
    );
}

/// Fails, or never answers.
struct Broken {
    hangs: bool,
}

impl ProvideCredentials for Broken {
    async fn provide(&self) -> Result<Credentials, CredentialsError> {
        match self.hangs {
            true => pending().await,
            false => Err(CredentialsError::new("the vault is sealed")),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn without_credentials_nothing_is_sent() {
    let with = |hangs| {
        Client::over(Canned::new())
            .region(Region::new("us-east-1").unwrap())
            .credentials(Broken { hangs })
            .build()
    };
    let error = delete(&with(false)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert_eq!(error.to_string(), "no credentials for DeleteBackendStorage");
    assert_eq!(error.source().unwrap().to_string(), "the vault is sealed");

    let started = tokio::time::Instant::now();
    let error = delete(&with(true)).await.unwrap_err();
    assert!(error.is_timeout() && !error.may_have_happened(), "{error}");
    assert_eq!(started.elapsed(), Duration::from_secs(60));
}

/// Never answers, and does not look at the time either.
struct Silent;

impl Transport for Silent {
    async fn send(&self, _: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_in_time_over_a_transport_that_keeps_none() {
    let started = tokio::time::Instant::now();
    let error = delete(&client(Silent).build()).await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::from_secs(60));
    assert!(error.is_timeout() && error.may_have_happened());
    assert_eq!(
        error.to_string(),
        "no answer to DeleteBackendStorage within 60s; the change may have been made: look with \
         ListBackendJobs before trying again"
    );
}

#[tokio::test]
async fn a_clock_that_is_off_is_corrected_once_and_for_all_clones() {
    let local = SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
    // 2015-08-30T12:46:00Z, ten minutes on.
    let there = [
        ("date", "Sun, 30 Aug 2015 12:46:00 GMT"),
        ("x-amzn-errortype", "InvalidSignatureException"),
    ];
    let transport = Canned::new()
        .respond(answer(403, &there, "{}"))
        .respond(answer(200, &[], "{}"))
        .respond(answer(200, &[], "{}"))
        .respond(answer(403, &there, "{}"));
    let client = client(transport).clock(Arc::new(move || local)).build();
    delete(&client).await.unwrap();
    delete(&client.clone()).await.unwrap();
    // The clocks agree by now, so that this one is about the key.
    let error = delete(&client).await.unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("check the secret access key and the region"),
        "{error}"
    );

    let dates: Vec<_> = client
        .transport()
        .requests()
        .iter()
        .map(|request| request.headers()["x-amz-date"].to_str().unwrap().to_owned())
        .collect();
    let [wrong, right] = ["20150830T123600Z", "20150830T124600Z"];
    assert_eq!(dates, [wrong, right, right, right]);
}

#[tokio::test]
async fn a_signature_that_is_refused_with_the_right_time_too_tells_how_far_the_clock_is_off() {
    let local = SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
    let there = [
        ("date", "Sun, 30 Aug 2015 12:46:00 GMT"),
        ("x-amzn-errortype", "SignatureDoesNotMatch"),
    ];
    let refused = || answer(403, &there, "{}");
    let transport = Canned::new()
        .respond(refused())
        .respond(refused())
        .respond(refused());
    let off = client(transport)
        .clock(Arc::new(move || local))
        .correct_clock(false)
        .build();
    let error = delete(&off).await.unwrap_err();
    assert_eq!(error.attempts(), 1);
    let transport = Canned::new().respond(refused()).respond(refused());
    let on = client(transport).clock(Arc::new(move || local)).build();
    let error = delete(&on).await.unwrap_err();
    assert_eq!(error.attempts(), 2);
    assert!(
        error
            .to_string()
            .ends_with("the local clock is 10 minutes behind: set it"),
        "{error}"
    );
}

#[tokio::test]
async fn pages_end_without_a_token_with_an_empty_one_and_with_the_same_again() {
    let page = |body| answer(200, &[], body);
    for (last, repeated) in [
        (r#"{"buckets":[{"name":"c"}]}"#, false),
        (r#"{"buckets":[{"name":"c"}],"nextToken":""}"#, false),
        (r#"{"buckets":[{"name":"c"}],"nextToken":"t"}"#, true),
    ] {
        let transport = || {
            Canned::new()
                .respond(page(
                    r#"{"buckets":[{"name":"a"},{"name":"b"}],"nextToken":"t"}"#,
                ))
                .respond(page(last))
        };
        let pages_client = client(transport()).build();
        let mut pages = pages_client.pages(ListS3BucketsInput::default());
        let mut count = 0;
        while pages.next().await.unwrap().is_some() {
            count += 1;
        }
        assert_eq!(count, 2, "repeated: {repeated}");
        assert!(pages.next().await.unwrap().is_none());
        assert_eq!(
            pages_client.transport().requests()[1].body(),
            r#"{"nextToken":"t"}"#
        );

        let items = client(transport())
            .build()
            .pages(ListS3BucketsInput::default())
            .items();
        let names: Vec<_> = items
            .map(|bucket| bucket.unwrap().name.unwrap())
            .collect()
            .await;
        assert_eq!(names, ["a", "b", "c"]);
    }
}

#[tokio::test]
async fn items_pass_over_empty_pages_and_end_with_an_error() {
    let input = || {
        ListBackendJobsInput::builder()
            .app_id("a")
            .backend_environment_name("e")
            .build()
    };
    let transport = Canned::new()
        .respond(answer(200, &[], r#"{"jobs":[],"nextToken":"1"}"#))
        .respond(answer(
            200,
            &[],
            r#"{"jobs":[{"jobId":"j"}],"nextToken":"2"}"#,
        ))
        .respond(answer(400, &[], ""));
    let mut items = pin!(client(transport).build().pages(input()).items());
    assert_eq!(
        items
            .as_mut()
            .next()
            .await
            .unwrap()
            .unwrap()
            .job_id
            .as_deref(),
        Some("j")
    );
    let error = StreamExt::next(&mut items).await.unwrap().unwrap_err();
    assert!(error.is_bad_request());
    assert!(StreamExt::next(&mut items).await.is_none());
}

#[tokio::test]
async fn a_page_that_failed_can_be_asked_for_again() {
    let transport =
        Canned::new()
            .respond(answer(400, &[], ""))
            .respond(answer(200, &[], r#"{"buckets":[]}"#));
    let client = client(transport).build();
    let mut pages = client.pages(ListS3BucketsInput::default());
    assert!(pages.next().await.is_err());
    assert!(pages.next().await.unwrap().is_some());
    assert!(pages.next().await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_job_looks_every_two_seconds_and_tells_what_it_sees() {
    let job = |body| answer(200, &[], body);
    let transport = Canned::new()
        .respond(job(r#"{"jobId":"j","status":"RUNNING"}"#))
        .respond(job(r#"{"jobId":"j","status":"SOMETHING_NEW"}"#))
        .respond(job(r#"{"jobId":"j","status":"COMPLETED"}"#));
    let client = client(transport).build();
    let seen = Mutex::new(Vec::new());
    let started = tokio::time::Instant::now();
    let job = client
        .wait_for_job()
        .app_id("a")
        .backend_environment_name("e")
        .job_id("j")
        .on_status(|job| seen.lock().unwrap().push(job.status.clone().unwrap()))
        .wait()
        .await
        .unwrap();
    assert_eq!(job.status.as_deref(), Some("COMPLETED"));
    assert_eq!(
        *seen.lock().unwrap(),
        ["RUNNING", "SOMETHING_NEW", "COMPLETED"]
    );
    assert_eq!(started.elapsed(), Duration::from_secs(4));
    client.transport().verify().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_job_that_fails_or_never_ends_is_an_error_that_says_so() {
    let failed = r#"{"jobId":"j\r","status":"FAILED","error":"bucket\nexists"}"#;
    let one = client(Canned::new().respond(answer(200, &[], failed))).build();
    let wait = one
        .wait_for_job()
        .app_id("a")
        .backend_environment_name("e")
        .job_id("j");
    let error = wait.wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::JobFailed);
    assert_eq!(error.to_string(), "job j\\r failed: bucket\\nexists");
    assert_eq!(
        error.job().unwrap().error.as_deref(),
        Some("bucket\nexists")
    );

    let running = || answer(200, &[], r#"{"status":"RUNNING"}"#);
    let transport = (0..4).fold(Canned::new(), |transport, _| transport.respond(running()));
    let two = client(transport).build();
    let wait = two
        .wait_for_job()
        .app_id("a")
        .backend_environment_name("e")
        .job_id("j");
    let started = tokio::time::Instant::now();
    let error = wait.limit(Duration::from_secs(5)).wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitTimeout);
    assert_eq!(
        error.to_string(),
        "the job did not end within 5s, it is RUNNING; the job goes on: wait again, or longer"
    );
    assert_eq!(started.elapsed(), Duration::from_secs(5));
    two.transport().verify().unwrap();
}

#[test]
fn settings_change_for_a_clone_alone() {
    let client = client(Canned::new()).build();
    let other = client
        .with_call_timeout(Duration::from_secs(1))
        .with_attempt_timeout(Duration::ZERO)
        .with_retry(RetryPolicy::never());
    let settings = |client: &Client<Canned>| {
        let text = format!("{client:?}");
        ["max_attempts: ", "attempt_timeout: ", "call_timeout: "].map(|name| {
            let (_, value) = text.split_once(name).unwrap();
            value.split([',', ' ']).next().unwrap().to_owned()
        })
    };
    assert_eq!(settings(&client), ["3", "None", "60s"]);
    assert_eq!(settings(&other), ["1", "Some(0ns)", "1s"]);
}

#[tokio::test]
async fn the_future_of_a_call_is_small() {
    let client = Client::builder()
        .region(Region::new("us-east-1").unwrap())
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        .build();
    let input = ListS3BucketsInput::default();
    let size = size_of_val(&client.send(&input));
    assert!(size <= 4_096, "{size} bytes");
}
