//! The server's half of the operations: HTTP request to input, output and error to HTTP response.
//!
//! For emulators, gateways and tests. [`Route`] tells which operation a request is for; the input
//! of that operation reads it.
//!
//! ```
//! use amplify_backend_operations::server::{ErrorReply, Route, ServerOperation};
//! use amplify_backend_operations::{ErrorCode, ServiceError};
//! use amplify_backend_operations::models::{GetBackendStorageInput, GetBackendStorageOutput};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let request = http::Request::post("/backend/d1a2b3c4d5e6f7/storage/staging/details")
//!     .header("content-type", "application/json")
//!     .body(bytes::Bytes::from_static(b"{\"resourceName\":\"photos\"}"))?;
//! assert_eq!(Route::of(request.method(), request.uri().path()), Some(Route::GetBackendStorage));
//!
//! let input = GetBackendStorageInput::from_request(&request)?;
//! assert_eq!((input.app_id.as_str(), input.resource_name.as_str()), ("d1a2b3c4d5e6f7", "photos"));
//!
//! let mut output = GetBackendStorageOutput::default();
//! output.resource_name = Some(input.resource_name);
//! let response = GetBackendStorageInput::to_response(&output);
//! assert_eq!(response.body().as_ref(), b"{\"resourceName\":\"photos\"}");
//!
//! let refused = ErrorReply::new(ErrorCode::NotFound).message("no such app").to_response();
//! assert!(ServiceError::from_response(refused).is_not_found());
//! # Ok(())
//! # }
//! ```

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::codec::JSON;
use crate::{DecodeError, DecodeErrorKind, Operation, json};

mod error_reply;
mod member;
mod path;
mod route;
mod usual;

pub use self::error_reply::ErrorReply;
pub use self::member::{Kind, Member};
pub use self::route::{Route, RouteVisitor};

/// An operation that can also be answered, with the same facts of the wire the other way round.
pub trait ServerOperation: Operation<Output: Serialize> + DeserializeOwned {
    /// The members of the body, in the order in which they are checked. `None`: there is no body.
    const BODY: Option<&'static [Member]>;

    /// Whether the input, when it is read as a JSON object, insists on all that [`BODY`](Self::BODY)
    /// does by itself, on lists without null aside. Then a usual request is read in one go, with the
    /// same result. Default: `false`.
    const STRICT_SHAPE: bool = false;

    /// The input that `request` carries.
    ///
    /// Values of open enums are taken as they come, known or not: which ones to accept is the
    /// server's policy. Members that the operation does not have are passed over, and so is the
    /// query. An empty body counts as `{}`.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind`] says which; of a member at fault the error tells the path.
    fn from_request(request: &Request<Bytes>) -> Result<Self, DecodeError> {
        let fail = |kind| DecodeError::of_request((kind, None), None);
        let mut labels = Vec::with_capacity(3);
        let found = |name, label| labels.push((name, label));
        if *request.method() != Self::METHOD
            || !path::matches(Self::PATH, request.uri().path(), found)
        {
            return Err(fail(DecodeErrorKind::Target));
        }
        if Self::STRICT_SHAPE
            && let Some(input) = usual::read(request, &labels)
        {
            return Ok(input);
        }

        // One object, as the shape is: what came in the body, and the labels.
        let mut input = match Self::BODY {
            Some(members) => body(request, members)?,
            None => Map::new(),
        };
        for (name, encoded) in labels {
            let label = percent_decode_str(encoded)
                .decode_utf8()
                .map_err(|_| DecodeError::of_request((DecodeErrorKind::Label, None), Some(name)))?;
            input.insert(name.to_owned(), Value::String(label.into_owned()));
        }
        serde_json::from_value(Value::Object(input)).map_err(|_| fail(DecodeErrorKind::Shape))
    }

    /// The response that carries `output`: 200, with a JSON object.
    ///
    /// # Panics
    ///
    /// When an output of one's own is nothing that JSON can hold, such as a map whose keys are not
    /// texts. The outputs of this API always can.
    fn to_response(output: &Self::Output) -> Response<Bytes> {
        json_response(StatusCode::OK, Self::to_body(output))
    }

    /// The body of [`to_response`](Self::to_response) alone, for a server that writes the head
    /// itself.
    ///
    /// # Panics
    ///
    /// As `to_response` does.
    fn to_body(output: &Self::Output) -> Vec<u8> {
        // Room for a usual output, so that the body is one allocation.
        let mut body = Vec::with_capacity(512);
        serde_json::to_writer(&mut body, output)
            .expect("a shape is written to memory without an error");
        body
    }
}

/// The members of the body, after a look at each that the operation knows.
fn body(request: &Request<Bytes>, members: &[Member]) -> Result<Map<String, Value>, DecodeError> {
    if request.body().is_empty() {
        return check(Map::new(), members);
    }
    if !is_json(request) {
        return Err(DecodeError::of_request(
            (DecodeErrorKind::ContentType, None),
            None,
        ));
    }
    let sent =
        json::read_object(request.body()).map_err(|fault| DecodeError::of_request(fault, None))?;
    check(sent, members)
}

fn check(sent: Map<String, Value>, members: &[Member]) -> Result<Map<String, Value>, DecodeError> {
    for member in members {
        member
            .check(&sent)
            .map_err(|kind| DecodeError::of_request((kind, None), Some(member.path())))?;
    }
    Ok(sent)
}

fn json_response(status: StatusCode, body: Vec<u8>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// Whether the content type is `application/json`, whatever its parameters.
fn is_json(request: &Request<Bytes>) -> bool {
    let mut types = request.headers().get_all(CONTENT_TYPE).into_iter();
    let (Some(content_type), None) = (types.next(), types.next()) else {
        return false;
    };
    content_type == JSON
        || content_type.to_str().is_ok_and(|text| {
            let essence = text.split(';').next().unwrap_or_default();
            essence.trim().eq_ignore_ascii_case("application/json")
        })
}
