//! The requests that botocore sent and signed, `requests`: each verifies, and signed again it has
//! the same `Authorization`.

use std::path::Path;
use std::time::{Duration, SystemTime};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::{Request, header};
use serde_json::Value;
use signing::{Credentials, Signer, Verifier};

use super::{Report, read, same};

/// 2015-08-30T12:36:00Z, the time of all requests.
const TIME: &str = "2015-08-30T12:36:00Z";
const SECOND: u64 = 1_440_938_160;
const DATE: &str = "20150830T123600Z";

/// Runs the suite in the folder `vectors`.
pub fn run(vectors: &Path) -> Report {
    let mut report = Report::default();
    let file = vectors.join("requests/requests.json");
    let cases = read(&file).and_then(|text| {
        serde_json::from_str::<Vec<Value>>(&text).map_err(|error| error.to_string())
    });
    match cases {
        Err(error) => report.record(file.display().to_string(), Err(error)),
        Ok(cases) => {
            for case in cases {
                let name = case.get("id").and_then(Value::as_str).unwrap_or("no id");
                report.record(name, check(&case));
            }
        }
    }
    report
}

fn check(case: &Value) -> Result<(), String> {
    let text = |pointer: &str| {
        let text = case.pointer(pointer).and_then(Value::as_str);
        text.ok_or(format!("{pointer} is missing"))
    };
    same("time", text("/time")?, TIME)?;
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(SECOND);
    let body = BASE64_STANDARD.decode(text("/body_bytes_base64")?);
    let unsigned = Request::builder()
        .method(text("/method")?)
        .uri(text("/target")?)
        .header(header::HOST, text("/host")?)
        .header(header::CONTENT_TYPE, text("/content_type")?)
        // What every client sends besides, and nobody signs.
        .header(header::USER_AGENT, "Botocore/1.44.5")
        .body(body.map_err(|error| error.to_string())?)
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
