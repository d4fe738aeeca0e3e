//! No secret, token or body in anything that prints.

#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

use std::error::Error as _;
use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex};

use amplify_backend::models::{ListS3BucketsInput, ServiceName};
use amplify_backend::{
    Attempt, Canned, Client, Credentials, Endpoint, Error, HyperTransport, Region, RetryPolicy,
    Transport, TransportError, TransportErrorKind,
};
use bytes::Bytes;
use http::Response;
use tracing_subscriber::fmt::MakeWriter;

const SECRET: &str = "CANARY-secret";
const TOKEN: &str = "CANARY-token";
const BODY: &str = "CANARY-body";

#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl io::Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Printed {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn client<T: Transport>(transport: T, printed: &Printed) -> Client<T> {
    let observed = printed.clone();
    Client::over(transport)
        .region(Region::new("us-east-1").unwrap())
        .credentials(Credentials::new("AKIDEXAMPLE", SECRET).with_session_token(TOKEN))
        .endpoint(Endpoint::new("http://127.0.0.1:1").unwrap())
        .retry(RetryPolicy::new().with_max_attempts(2))
        .observer(Arc::new(move |attempt: &Attempt<'_>| {
            let text = format!("{attempt:?}\n");
            observed
                .0
                .lock()
                .unwrap()
                .extend_from_slice(text.as_bytes());
        }))
        .build()
}

/// Everything that a user may print of an error.
fn print(error: &Error, printed: &Printed) {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(error) = source {
        write!(text, " {error} {error:?}").unwrap();
        source = error.source();
    }
    printed.0.lock().unwrap().extend_from_slice(text.as_bytes());
}

#[tokio::test(start_paused = true)]
async fn no_canary_is_printed_whatever_happens() {
    let printed = Printed::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(printed.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let answers = [
        (200, format!(r#"{{"buckets":[{{"name":"{BODY}"}}]}}"#)),
        (200, format!(r#"{{"buckets":"{BODY}"}}"#)),
        (200, format!("<html>{BODY}")),
        (301, BODY.to_owned()),
        (400, format!(r#"{{"other":"{BODY}"}}"#)),
        (403, BODY.to_owned()),
        (500, BODY.to_owned()),
        (429, BODY.to_owned()),
    ];
    for (status, body) in answers {
        let answer = || {
            Response::builder()
                .status(status)
                .header("x-amzn-requestid", "id-1")
                .header("set-cookie", BODY)
                .body(Bytes::from(body.clone()))
                .unwrap()
        };
        let client = client(Canned::new().respond(answer()).respond(answer()), &printed);
        let input = ListS3BucketsInput::builder().next_token(BODY).build();
        if let Err(error) = client.send(&input).await {
            print(&error, &printed);
        }
        let changing = client
            .delete_backend_storage()
            .app_id("a")
            .backend_environment_name("e")
            .resource_name(BODY)
            .service_name(ServiceName::S3);
        if let Err(error) = changing.send().await {
            print(&error, &printed);
        }
        let text = format!("{client:?} {:?}", client.endpoint());
        printed.0.lock().unwrap().extend_from_slice(text.as_bytes());
    }
    let broken = TransportError::new(TransportErrorKind::Protocol, "nonsense");
    let broken = client(Canned::new().fail(broken), &printed);
    print(
        &broken
            .list_s3_buckets()
            .next_token(BODY)
            .send()
            .await
            .unwrap_err(),
        &printed,
    );
    let refused = client(HyperTransport::new(), &printed);
    let error = refused
        .list_s3_buckets()
        .next_token(BODY)
        .send()
        .await
        .unwrap_err();
    print(&error, &printed);

    let printed = String::from_utf8(printed.0.lock().unwrap().clone()).unwrap();
    assert!(
        printed.contains("amplify_backend{operation=\"ListS3Buckets\"}"),
        "{printed}"
    );
    assert!(
        printed.contains("request_id=\"id-1\"") && printed.contains("failed"),
        "{printed}"
    );
    assert!(!printed.contains("CANARY"), "{printed}");
}
