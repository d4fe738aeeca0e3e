//! Two signers for the same request: ours and the crate `aws-sigv4`.

use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    self, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::Request;
use signing::{Credentials, Signer};

/// An access key's id.
pub const ID: &str = "AKIDEXAMPLE";

/// Its secret.
pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

const REGION: &str = "us-east-1";
const SERVICE: &str = "amplifybackend";

/// The body of a CreateBackendStorage call, about, in bytes.
pub const SMALL: usize = 200;

/// When all is signed.
pub fn at() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160)
}

/// A token as long as the one in AWS's signing cases, 356 bytes. Longer ones bring both signers
/// closer to each other: to the time that hashing and copying the token takes.
pub fn token() -> String {
    "IQoJb3JpZ2luX2VjEXAMPLE/"
        .chars()
        .cycle()
        .take(356)
        .collect()
}

/// The access key, temporary where there is a token.
pub fn credentials(token: Option<String>) -> Credentials {
    let credentials = Credentials::new(ID, SECRET);
    token
        .into_iter()
        .fold(credentials, Credentials::with_session_token)
}

/// Our signer, which has not signed yet.
pub fn ours() -> Signer {
    Signer::new(REGION, SERVICE)
}

/// A call as the client sends it, with a body of that many bytes.
pub fn request(body: usize) -> Request<Bytes> {
    Request::post("https://amplifybackend.us-east-1.amazonaws.com/backend/d1a2b3c4d5e6f7/storage")
        .header("content-type", "application/json")
        .header("user-agent", "amplify-backend/0.1.0 Rust/1.95 linux")
        .header(
            "amz-sdk-invocation-id",
            "7f3a2f64-6c1d-4c8b-9f0e-1d2c3b4a5968",
        )
        .header("amz-sdk-request", "attempt=1; max=3")
        .body(Bytes::from(vec![b'x'; body]))
        .expect("a valid request")
}

/// AWS's own signer as its documentation shows it, with what can be kept made once. It leaves out
/// the same headers, and presigns where there is an expiry.
pub fn aws_sigv4(
    token: Option<String>,
    expires_in: Option<Duration>,
) -> impl Fn(&mut Request<Bytes>) {
    let credentials = aws_credential_types::Credentials::new(ID, SECRET, token, None, "bench");
    let identity = credentials.into();
    let mut settings = SigningSettings::default();
    let unsigned = ["amz-sdk-invocation-id", "amz-sdk-request"].map(Into::into);
    settings
        .excluded_headers
        .get_or_insert_default()
        .extend(unsigned);
    if expires_in.is_some() {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = expires_in;
    }
    move |request| {
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name(SERVICE)
            .time(at())
            .settings(settings.clone())
            .build()
            .expect("all is set")
            .into();
        let headers = request.headers().iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.to_str().expect("ASCII")));
        let signable = SignableRequest::new(
            request.method().as_str(),
            request.uri().to_string(),
            headers,
            SignableBody::Bytes(request.body()),
        );
        let output = http_request::sign(signable.expect("a valid request"), &params);
        let (instructions, _) = output.expect("a request that can be signed").into_parts();
        instructions.apply_to_request_http1x(request);
    }
}
