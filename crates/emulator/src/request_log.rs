//! The last requests, and what was decided about each.

use std::collections::VecDeque;

use http::{Method, StatusCode};
use serde::Serialize;
use uuid::Uuid;

use crate::service::rfc_3339;

/// A request that was answered, or not.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LoggedRequest {
    /// When it was answered: RFC 3339, UTC, by the machine's clock.
    pub time: String,
    /// The id in the answer.
    pub request_id: String,
    /// The HTTP method.
    pub method: String,
    /// Path and query, at most 1,024 bytes of it; the secrets of a presigned query are `..`.
    pub target: String,
    /// The operation, where there is one of that method and path.
    pub operation: Option<&'static str>,
    /// The status of the answer.
    pub status: u16,
    /// The code of the error, of an answer that is one.
    pub error: Option<String>,
    /// What the error says.
    pub message: Option<String>,
    /// The id of the key that signed it, where the signature holds.
    pub access_key_id: Option<String>,
    /// What was found out about the signature: `accepted`, `refused`, `reported` (it does not hold
    /// and was let in) or `not checked`.
    pub signature: &'static str,
    /// Why the signature does not hold.
    pub signature_problem: Option<String>,
    /// What the emulator would have signed, at most 16 KiB of it: compare it with the client's.
    pub canonical_request: Option<String>,
    /// What the signature is made over.
    pub string_to_sign: Option<String>,
    /// The number of the fault rule that made it go wrong.
    pub fault: Option<u64>,
}

/// A request as it is kept: what can be written when somebody reads it is not written before.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Milliseconds since the epoch.
    pub(crate) at: u64,
    pub(crate) request_id: Uuid,
    pub(crate) method: Method,
    /// As [`shown_target`] gives it.
    pub(crate) target: String,
    pub(crate) operation: Option<&'static str>,
    pub(crate) status: StatusCode,
    pub(crate) signature: &'static str,
    pub(crate) access_key_id: Option<String>,
    /// Of most requests there are none.
    pub(crate) problems: Option<Box<Problems>>,
    pub(crate) fault: Option<u64>,
}

/// What is kept of a request that did not go well.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    pub(crate) error: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) signature: Option<String>,
    pub(crate) canonical_request: Option<String>,
    pub(crate) string_to_sign: Option<String>,
}

impl Kept {
    fn shown(&self) -> LoggedRequest {
        let none = Problems::default();
        let problems = self.problems.as_deref().unwrap_or(&none);
        LoggedRequest {
            time: rfc_3339(self.at),
            request_id: self.request_id.to_string(),
            method: clipped(self.method.as_str(), 32),
            target: self.target.clone(),
            operation: self.operation,
            status: self.status.as_u16(),
            error: problems.error.clone(),
            message: problems.message.clone(),
            access_key_id: self.access_key_id.clone(),
            signature: self.signature,
            signature_problem: problems.signature.clone(),
            canonical_request: problems.canonical_request.clone(),
            string_to_sign: problems.string_to_sign.clone(),
            fault: self.fault,
        }
    }
}

/// So many at most, the oldest first.
#[derive(Debug)]
pub(crate) struct RequestLog {
    kept: VecDeque<Kept>,
    most: usize,
}

impl RequestLog {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            kept: VecDeque::new(),
            most,
        }
    }

    /// Gives the one that it is kept in place of.
    #[must_use = "it is dropped outside of the lock"]
    pub(crate) fn push(&mut self, request: Kept) -> Option<Kept> {
        let is_full = self.kept.len() >= self.most;
        let oldest = is_full.then(|| self.kept.pop_front()).flatten();
        self.kept.push_back(request);
        oldest
    }

    /// The last `count`, the newest last.
    pub(crate) fn last(&self, count: usize) -> Vec<LoggedRequest> {
        let passed_over = self.kept.len().saturating_sub(count);
        self.kept
            .iter()
            .skip(passed_over)
            .map(Kept::shown)
            .collect()
    }

    pub(crate) fn clear(&mut self) {
        self.kept.clear();
    }
}

/// `text`, or as much of its start as `most` bytes hold.
pub(crate) fn clipped(text: &str, most: usize) -> String {
    let end = text.floor_char_boundary(most);
    let mut start = text.get(..end).unwrap_or_default().to_owned();
    if end < text.len() {
        start.push('…');
    }
    start
}

/// Path and query for the log: nothing in it lets anybody in.
pub(crate) fn shown_target(uri: &http::Uri) -> String {
    let Some(query) = uri.query() else {
        return clipped(uri.path(), TARGET);
    };
    let shown = query.split('&').map(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        // A name that is encoded could be any.
        let secret = name.contains('%')
            || ["x-amz-signature", "x-amz-security-token"]
                .iter()
                .any(|secret| name.eq_ignore_ascii_case(secret));
        if secret {
            format!("{name}=..")
        } else {
            pair.to_owned()
        }
    });
    let shown: Vec<_> = shown.collect();
    clipped(&format!("{}?{}", uri.path(), shown.join("&")), TARGET)
}

const TARGET: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_requests_are_kept_and_no_more() {
        let mut log = RequestLog::new(2);
        for status in [StatusCode::OK, StatusCode::CREATED, StatusCode::ACCEPTED] {
            let _ = log.push(Kept {
                at: 0,
                request_id: Uuid::nil(),
                method: Method::GET,
                target: String::new(),
                operation: None,
                status,
                signature: "not checked",
                access_key_id: None,
                problems: None,
                fault: None,
            });
        }
        let statuses = |count| {
            let last = log.last(count);
            last.iter()
                .map(|request| request.status)
                .collect::<Vec<_>>()
        };
        assert_eq!(statuses(9), [201, 202]);
        assert_eq!(statuses(1), [202]);
    }

    #[test]
    fn the_secrets_of_a_presigned_query_are_not_shown() {
        let uri = "/s3Buckets?X-Amz-Signature=abc&a=1&x-amz-security-token=t%20t&X%2DAmz=1"
            .parse()
            .unwrap();
        assert_eq!(
            shown_target(&uri),
            "/s3Buckets?X-Amz-Signature=..&a=1&x-amz-security-token=..&X%2DAmz=.."
        );
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(clipped("aé", 2), "a…");
        assert_eq!(clipped("aé", 3), "aé");
    }
}
