//! `responses`: whatever is answered, each operation makes an output or an error of it.
//!
//! Input: the status on the first line, headers, an empty line, the body.
//!
//! - Nothing panics.
//! - Only a 2xx with an object, or without a body, is an output. It is written as a response that
//!   reads as the same output, and as JSON that reads as the same.
//! - An error has the response whole. What an error is does not depend on the operation.
//! - An error shows itself in one line that is safe to print.

use std::error::Error;
use std::fmt::Debug;

use bytes::Bytes;
use http::{Response, StatusCode};
use operations::server::ServerOperation;
use operations::{DecodeErrorKind, ResponseError, ServiceError};
use serde_core::de::DeserializeOwned;

use crate::message::Message;
use crate::{is_one_line, with_each_operation};

/// Checks one response.
pub fn check(input: &[u8]) {
    let Message {
        first,
        headers,
        body,
    } = Message::of(input);
    let Ok(status) = first.trim().parse::<StatusCode>() else {
        return;
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    let error = ServiceError::from_response(response.clone());
    with_each_operation!(decode(&response, &error));
}

fn decode<O>(response: &Response<Bytes>, error: &ServiceError)
where
    O: ServerOperation<Output: PartialEq + Debug + DeserializeOwned>,
{
    let status = response.status();
    match O::parse_response(response.clone()) {
        Ok(output) => {
            assert!(status.is_success());
            let body = response.body().trim_ascii_start();
            assert!(response.body().is_empty() || body.starts_with(b"{"));
            let again = O::parse_response(O::to_response(&output));
            assert_eq!(again.expect("our own response is one"), output);
            let json = serde_json::to_string(&output).expect("an output is JSON");
            let again = serde_json::from_str::<O::Output>(&json);
            assert_eq!(again.expect("our own JSON is an output"), output);
        }
        Err(ResponseError::Service(ours)) => {
            assert!(!status.is_success() && !status.is_redirection());
            same_response(ours.response(), response);
            assert_eq!(ours.code(), error.code());
            assert_eq!(ours.sent_code(), error.sent_code());
            assert_eq!(ours.message(), error.message());
            assert_eq!(ours.resource_type(), error.resource_type());
            assert_eq!(ours.limit_type(), error.limit_type());
            assert_eq!(ours.retry_after(), error.retry_after());
            assert!(!(ours.is_throttled() && ours.is_transient()));
            assert_ne!(ours.request_id(), Some(""));
            safe_to_show(&ours);
        }
        Err(ResponseError::Redirect(redirect)) => {
            assert!(status.is_redirection());
            same_response(redirect.response(), response);
            safe_to_show(&redirect);
        }
        Err(ResponseError::Decode(error)) => {
            assert!(status.is_success());
            same_response(error.response().expect("it is a response's"), response);
            assert!(
                error
                    .body_start()
                    .bytes()
                    .all(|byte| (b' '..=b'~').contains(&byte))
            );
            if let Some((line, column)) = error.position() {
                let lines = response.body().split(|byte| *byte == b'\n');
                let length = lines.clone().nth(line - 1).map(<[u8]>::len);
                assert!(length.is_some_and(|length| (1..=length + 1).contains(&column)));
            }
            let is_utf8 = str::from_utf8(response.body()).is_ok();
            assert_eq!(error.kind() == DecodeErrorKind::NotUtf8, !is_utf8);
            safe_to_show(&error);
        }
        Err(other) => panic!("{other:?}"),
    }
}

fn same_response(ours: &Response<Bytes>, sent: &Response<Bytes>) {
    assert_eq!(ours.status(), sent.status());
    assert_eq!(ours.headers(), sent.headers());
    assert_eq!(ours.body(), sent.body());
}

fn safe_to_show(error: &dyn Error) {
    assert!(is_one_line(&error.to_string()), "{error:?}");
    assert!(is_one_line(&format!("{error:?}")), "{error}");
}
