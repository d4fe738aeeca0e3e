//! How a request becomes an answer: signature, operation, fault, log.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode};
use models::{
    CreateBackendStorageInput, DeleteBackendStorageInput, GetBackendJobInput,
    GetBackendStorageInput, ImportBackendStorageInput, ListBackendJobsInput, ListS3BucketsInput,
    UpdateBackendJobInput, UpdateBackendStorageInput,
};
use operations::server::{ErrorReply, Route};
use operations::{DecodeError, DecodeErrorKind, ErrorCode, ServiceError};
use signing::VerifyError;
use uuid::Uuid;

use crate::clock::{Date, millis};
use crate::emulator::{Emulator, State};
use crate::fault::{BodyKind, Effect, FaultRule, Reset};
use crate::request_log::{Kept, Problems, clipped, shown_target};
use crate::service::{Perform, Service};
use crate::signatures::Verdict;

/// What comes back to a client.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) response: Response<Bytes>,
    /// `None`: it is not the service that answers.
    pub(crate) stamp: Option<Stamp>,
    pub(crate) breakage: Option<Breakage>,
}

/// What the service says of each of its answers, beside what is in the response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    pub(crate) date: Date,
    pub(crate) request_id: Uuid,
    /// What is in the body, where the response does not say it: headers of few answers are worth a
    /// map.
    pub(crate) content_type: Option<&'static str>,
}

/// What outputs are.
const JSON: &str = "application/json";

/// The header that carries the request's id.
pub(crate) const REQUEST_ID: &str = "x-amzn-requestid";

impl Answer {
    /// The response with all its headers.
    pub(crate) fn into_response(self) -> Response<Bytes> {
        let mut response = self.response;
        if let Some(stamp) = self.stamp {
            let value = |text: String| {
                HeaderValue::try_from(text)
                    .expect("letters, digits, commas, colons and hyphens are valid header bytes")
            };
            let headers = response.headers_mut();
            if let Some(content_type) = stamp.content_type {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            }
            headers.insert(DATE, value(stamp.date.to_string()));
            let id = HeaderName::from_static(REQUEST_ID);
            headers.insert(id, value(stamp.request_id.to_string()));
        }
        response
    }
}

impl From<Response<Bytes>> for Answer {
    /// One that is not the service's.
    fn from(response: Response<Bytes>) -> Self {
        Self {
            response,
            stamp: None,
            breakage: None,
        }
    }
}

/// How an answer does not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breakage {
    /// The body ends half way.
    Truncated,
    Reset(Reset),
}

static RETRY_AFTER: HeaderName = HeaderName::from_static("x-amz-retry-after");

/// What was found out about a request on its way to an answer.
struct Course {
    response: Response<Bytes>,
    /// Of a response that does not say it itself.
    content_type: Option<&'static str>,
    operation: Option<&'static str>,
    fault: Option<Box<(u64, FaultRule)>>,
    request_id: Uuid,
}

impl Emulator {
    /// Answers `request`, and logs it.
    pub(crate) async fn answer(&self, request: &Request<Bytes>) -> Answer {
        let machine_time = self.0.clock.machine();
        let verdict = self.0.signatures.check(request, machine_time);
        let route = Route::of(request.method(), request.uri().path());
        let mut course = match &verdict {
            Verdict::Refused(error) => {
                let refusal = ErrorReply::new(ErrorCode::from(error.aws_code()))
                    .status(StatusCode::FORBIDDEN)
                    .message(error.to_string());
                self.refused(route.map(Route::name), refusal.to_response())
            }
            _ => self.dispatch(route, request),
        };
        if let Some(store) = &self.0.store
            && let Err(error) = store.written(store.appended()).await
        {
            course.response = ErrorReply::new(ErrorCode::from("InternalFailure"))
                .status(StatusCode::INTERNAL_SERVER_ERROR)
                .message(format!("the state file cannot be written: {error}"))
                .to_response();
        }
        let rule = course.fault.as_ref().map(|fault| &fault.1);
        let breakage = rule.and_then(|rule| spoil(rule, &mut course.response));
        let stamp = Some(Stamp {
            date: date(machine_time, rule),
            request_id: course.request_id,
            content_type: course
                .content_type
                .filter(|_| !course.response.headers().contains_key(CONTENT_TYPE)),
        });
        let delay = rule.map_or(Duration::ZERO, FaultRule::delay_time);
        let response = self.logged(request, verdict, course, machine_time);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        Answer {
            response,
            stamp,
            breakage,
        }
    }

    /// The answer to a request that may come in.
    fn dispatch(&self, route: Option<Route>, request: &Request<Bytes>) -> Course {
        match route {
            Some(Route::CreateBackendStorage) => self.perform::<CreateBackendStorageInput>(request),
            Some(Route::DeleteBackendStorage) => self.perform::<DeleteBackendStorageInput>(request),
            Some(Route::GetBackendJob) => self.perform::<GetBackendJobInput>(request),
            Some(Route::GetBackendStorage) => self.perform::<GetBackendStorageInput>(request),
            Some(Route::ImportBackendStorage) => self.perform::<ImportBackendStorageInput>(request),
            Some(Route::ListBackendJobs) => self.perform::<ListBackendJobsInput>(request),
            Some(Route::ListS3Buckets) => self.perform::<ListS3BucketsInput>(request),
            Some(Route::UpdateBackendJob) => self.perform::<UpdateBackendJobInput>(request),
            Some(Route::UpdateBackendStorage) => self.perform::<UpdateBackendStorageInput>(request),
            _ => {
                let refusal = ErrorReply::new(ErrorCode::from("UnknownOperationException"))
                    .status(StatusCode::NOT_FOUND)
                    .message("no operation has this method and path");
                self.refused(None, refusal.to_response())
            }
        }
    }

    fn perform<O: Perform>(&self, request: &Request<Bytes>) -> Course {
        let input = match O::from_request(request) {
            Ok(input) => input,
            Err(error) => return self.refused(Some(O::NAME), refuse_to_read(&error)),
        };
        let mut state = self.state();
        // Behind the lock, so that no request comes before one that changed the world already: it
        // would find jobs running that have ended.
        let now = self.0.clock.millis();
        let request_id = state.random.u128(..);
        let State {
            world,
            faults,
            random,
            new_id,
        } = &mut *state;
        let fault = faults.fire(O::NAME, input.target(), random);
        let rule = fault.as_ref().map(|fault| &fault.1);
        let effect = rule.and_then(|rule| rule.effect.as_ref());
        world.settle(now);
        let performed = rule.is_none_or(FaultRule::carried_out).then(|| {
            input.perform(&mut Service {
                world,
                policy: self.0.policy,
                now,
                new_id: &mut || match new_id {
                    Some(new_id) => new_id(),
                    None => {
                        let mut text = Uuid::encode_buffer();
                        let id = uuid(random.u128(..)).hyphenated();
                        id.encode_lower(&mut text).to_owned()
                    }
                },
                job_failure: match effect {
                    Some(Effect::JobFails { error }) => Some(error.clone()),
                    _ => None,
                },
            })
        });
        if let Some(store) = &self.0.store {
            store.append(world.take_changes());
        }
        // What is left to do is nobody else's business.
        drop(state);
        let (response, content_type) = match (effect, performed) {
            (Some(Effect::Error(error)), _) => (error.reply().to_response(), None),
            (_, Some(Ok(output))) => {
                let body = Bytes::from(O::to_body(&output));
                (Response::new(body), Some(JSON))
            }
            (_, Some(Err(refusal))) => (refusal.to_response(), None),
            // Not carried out, and no error either: a body or a reset will take its place.
            (_, None) => (Response::new(Bytes::from_static(b"{}")), Some(JSON)),
        };
        Course {
            response,
            content_type,
            operation: Some(O::NAME),
            fault,
            request_id: uuid(request_id),
        }
    }

    /// The course of a request that comes to nothing.
    fn refused(&self, operation: Option<&'static str>, response: Response<Bytes>) -> Course {
        Course {
            response,
            content_type: None,
            operation,
            fault: None,
            request_id: uuid(self.state().random.u128(..)),
        }
    }

    /// Writes down what became of `request`.
    fn logged(
        &self,
        request: &Request<Bytes>,
        verdict: Verdict,
        course: Course,
        at: SystemTime,
    ) -> Response<Bytes> {
        let Course {
            response,
            operation,
            fault,
            request_id,
            ..
        } = course;
        if self.0.log.is_none() {
            return response;
        }
        let (signature, access_key_id, problem) = match verdict {
            Verdict::NotChecked => ("not checked", None, None),
            Verdict::Accepted(id) => ("accepted", Some(id), None),
            Verdict::Reported(error) => ("reported", None, Some(error)),
            Verdict::Refused(error) => ("refused", None, Some(error)),
        };
        let entry = Kept {
            at: millis(at),
            request_id,
            method: request.method().clone(),
            target: shown_target(request.uri()),
            operation,
            status: response.status(),
            signature,
            access_key_id,
            problems: problems(problem.as_ref(), &response),
            fault: fault.map(|fault| fault.0),
        };
        let oldest = self.log().and_then(|mut log| log.push(entry));
        drop(oldest);
        response
    }
}

/// What the log says of a request that did not go well.
fn problems(problem: Option<&VerifyError>, response: &Response<Bytes>) -> Option<Box<Problems>> {
    if problem.is_none() && response.status().is_success() {
        return None;
    }
    let mut problems = Problems::default();
    if let Some(error) = problem {
        let text = |text: &str| clipped(text, 16 * 1024);
        let mismatch = error.mismatch();
        problems.canonical_request = mismatch.map(|it| text(it.canonical_request()));
        problems.string_to_sign = mismatch.map(|it| text(it.string_to_sign()));
        problems.signature = Some(error.to_string());
    }
    if !response.status().is_success() {
        let error = ServiceError::from_response(response.clone());
        problems.error = error.sent_code().map(str::to_owned);
        problems.message = error.message().map(|text| clipped(text, 1024));
    }
    Some(Box::new(problems))
}

/// The answer to a request that is not one of its operation.
fn refuse_to_read(error: &DecodeError) -> Response<Bytes> {
    let (code, status) = match error.kind() {
        DecodeErrorKind::MissingMember | DecodeErrorKind::Label => {
            (ErrorCode::BadRequest, StatusCode::BAD_REQUEST)
        }
        DecodeErrorKind::ContentType => (
            ErrorCode::from("UnsupportedMediaTypeException"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        _ => (
            ErrorCode::from("SerializationException"),
            StatusCode::BAD_REQUEST,
        ),
    };
    ErrorReply::new(code)
        .status(status)
        .message(error.to_string())
        .to_response()
}

/// Does to `response` what `rule` says, and tells what is left to do to the connection.
fn spoil(rule: &FaultRule, response: &mut Response<Bytes>) -> Option<Breakage> {
    match rule.effect.as_ref()? {
        Effect::Error(error) => {
            if let Some(millis) = error.retry_after_milliseconds {
                let headers = response.headers_mut();
                headers.insert(RETRY_AFTER.clone(), HeaderValue::from(millis));
            }
            None
        }
        Effect::Body(body) => {
            let usual = (body.kind == BodyKind::Html).then_some(502);
            if let Some(status) = body.status.or(usual).map(StatusCode::from_u16)
                && let Ok(status) = status
            {
                *response.status_mut() = status;
            }
            match body.kind {
                BodyKind::Malformed => {
                    let whole = response.body();
                    *response.body_mut() = whole.slice(..whole.len().saturating_sub(1));
                    None
                }
                BodyKind::Truncated => Some(Breakage::Truncated),
                BodyKind::Html => {
                    let html = HeaderValue::from_static("text/html");
                    response.headers_mut().insert(CONTENT_TYPE, html);
                    response.headers_mut().remove("x-amzn-errortype");
                    *response.body_mut() = Bytes::from_static(
                        b"<!DOCTYPE html>\n<title>Bad Gateway</title>\n<h1>Bad Gateway</h1>\n",
                    );
                    None
                }
            }
        }
        Effect::Reset(reset) => Some(Breakage::Reset(*reset)),
        Effect::JobFails { .. } => None,
    }
}

/// The `Date` of an answer.
fn date(machine_time: SystemTime, rule: Option<&FaultRule>) -> Date {
    let offset = match rule.and_then(|rule| rule.effect.as_ref()) {
        Some(Effect::Error(error)) => error.date_offset_seconds.unwrap_or_default(),
        _ => return Date::new(machine_time),
    };
    let by = Duration::from_secs(offset.unsigned_abs());
    let moved = if offset < 0 {
        machine_time.checked_sub(by)
    } else {
        machine_time.checked_add(by)
    };
    Date::new(moved.unwrap_or(SystemTime::UNIX_EPOCH))
}

fn uuid(random: u128) -> Uuid {
    uuid::Builder::from_random_bytes(random.to_ne_bytes()).into_uuid()
}
