//! The requests that botocore sent and signed, `requests`: each verifies, and signed again it has
//! the same `Authorization`.

use std::path::Path;
use std::time::{Duration, SystemTime};

use http::{Request, header};
use serde_json::Value;
use signing::{Credentials, Signer, Verifier};

use super::{bytes, run_cases, same, text};
use crate::report::Report;

/// 2015-08-30T12:36:00Z, the time of all requests.
const TIME: &str = "2015-08-30T12:36:00Z";
const SECOND: u64 = 1_440_938_160;
const DATE: &str = "20150830T123600Z";

/// Runs the suite in the folder `vectors`.
pub fn run(vectors: &Path) -> Report {
    run_cases(
        "requests-signed",
        &vectors.join("requests/requests.json"),
        "",
        "/id",
        check,
    )
}

fn check(case: &Value) -> Result<(), String> {
    let text = |pointer| text(case, pointer);
    same("time", text("/time")?, TIME)?;
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(SECOND);
    let unsigned = Request::builder()
        .method(text("/method")?)
        .uri(text("/target")?)
        .header(header::HOST, text("/host")?)
        .header(header::CONTENT_TYPE, text("/content_type")?)
        // What every client sends besides, and nobody signs.
        .header(header::USER_AGENT, "Botocore/1.44.5")
        .body(bytes(case, "/body_bytes_base64")?)
        .map_err(|error| error.to_string())?;
    let mut theirs = unsigned.clone();
    for (name, value) in [
        ("authorization", text("/authorization")?),
        ("x-amz-date", DATE),
    ] {
        theirs
            .headers_mut()
            .insert(name, value.parse().map_err(|_| "not a header value")?);
    }

    let credentials = Credentials::new(
        text("/credentials/access_key_id")?,
        text("/credentials/secret_access_key")?,
    );
    let signer = Signer::new(text("/region")?, text("/service")?);
    let look_up = |id: &str| (id == credentials.access_key_id()).then(|| credentials.clone());
    let verified = Verifier::new(signer.clone()).verify(&theirs, look_up, at);
    verified.map_err(|error| format!("verify: {error}"))?;

    // As it was before, and as it came: signed anew, not twice.
    for mut ours in [unsigned, theirs.clone()] {
        let signed = signer.sign(&mut ours, &credentials, at);
        signed.map_err(|error| format!("sign: {error}"))?;
        same("headers", ours.headers(), theirs.headers())?;
    }
    Ok(())
}
