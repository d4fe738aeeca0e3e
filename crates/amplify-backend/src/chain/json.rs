//! Credentials out of JSON.

use std::time::{Duration, SystemTime};

use serde_json::Value;
use signing::Credentials;

/// Reads JSON. The error holds nothing of it.
pub(super) fn parse(body: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!("it is not JSON (line {line}, column {column})")
    })
}

/// A member that is text and not empty.
pub(super) fn text<'a>(json: &'a Value, name: &str) -> Result<&'a str, String> {
    let text = json.get(name).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
        .ok_or_else(|| format!("it has no {name}"))
}

/// `AccessKeyId`, `SecretAccessKey`, and where they are there the session token, which is called
/// `token`, and `Expiration`.
pub(super) fn keys(json: &Value, token: &str) -> Result<Credentials, String> {
    let keys = Credentials::new(text(json, "AccessKeyId")?, text(json, "SecretAccessKey")?)
        .with_session_token(text(json, token).unwrap_or_default());
    Ok(match text(json, "Expiration") {
        Ok(at) => keys.with_expiry(time(at).ok_or("its Expiration is not a time")?),
        Err(_) => keys,
    })
}

/// A time as RFC 3339 has it, or with `UTC` at its end, as old versions of the AWS CLI wrote it.
pub(super) fn time(text: &str) -> Option<SystemTime> {
    let text = match text.strip_suffix("UTC") {
        Some(rest) => &format!("{rest}Z"),
        None => text,
    };
    let time: jiff::Timestamp = text.parse().ok()?;
    time.try_into().ok()
}

/// The time that is so many milliseconds after 1970 began.
pub(super) fn from_milliseconds(number: u64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_tools_write_them() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_234_567_890);
        for text in [
            "2009-02-13T23:31:30Z",
            "2009-02-13T23:31:30.000Z",
            "2009-02-13T23:31:30UTC",
            "2009-02-13T18:31:30-05:00",
            "2009-02-13T23:31:30+00:00",
        ] {
            assert_eq!(time(text), Some(at), "{text}");
        }
        assert_eq!(from_milliseconds(1_234_567_890_000), Some(at));
        assert_eq!(time("tomorrow"), None);
    }

    #[test]
    fn what_is_missing_is_named_and_nothing_is_quoted() {
        let of = |text: &str| parse(text.as_bytes()).and_then(|json| keys(&json, "Token"));
        let whole = r#"{"AccessKeyId":"a","SecretAccessKey":"CANARY","Token":"t"}"#;
        assert_eq!(of(whole).unwrap().session_token(), Some("t"));
        for (text, message) in [
            ("CANARY", "it is not JSON (line 1, column 1)"),
            (r#"["CANARY"]"#, "it has no AccessKeyId"),
            (r#"{"AccessKeyId":"CANARY"}"#, "it has no SecretAccessKey"),
            (
                r#"{"AccessKeyId":"a","SecretAccessKey":"b","Expiration":"CANARY"}"#,
                "its Expiration is not a time",
            ),
        ] {
            assert_eq!(of(text).unwrap_err(), message);
        }
    }
}
