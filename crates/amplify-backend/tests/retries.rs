//! Which calls are tried again, when, and what the error says: every sequence of outcomes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails the short way"
)]
#![allow(clippy::indexing_slicing, reason = "a test fails the short way")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use amplify_backend::models::{GetBackendStorageInput, ImportBackendStorageInput, ServiceName};
use amplify_backend::retry::{Decision, Failure, Quota, Stop};
use amplify_backend::{
    Attempt, Canned, Client, Credentials, Error, ErrorKind, Mutations, Observer, Region,
    RetryPolicy, TimeoutPhase, TransportError, TransportErrorKind,
};
use bytes::Bytes;
use http::Response;

/// What an attempt may come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Ok,
    BadRequest,
    Throttled,
    Internal,
    UnavailableRetryAfter,
    NoConnection,
    ResetBeforeSending,
    ResetAfterSending,
    Timeout,
}

use Outcome::*;

const OUTCOMES: [Outcome; 9] = [
    Ok,
    BadRequest,
    Throttled,
    Internal,
    UnavailableRetryAfter,
    NoConnection,
    ResetBeforeSending,
    ResetAfterSending,
    Timeout,
];

impl Outcome {
    /// Whether the same request is worth another try, and what that costs.
    fn cost(self) -> Option<u32> {
        match self {
            Ok | BadRequest => None,
            Throttled => Some(5),
            _ => Some(14),
        }
    }

    /// Whether it is certain that nothing was done.
    fn certain(self) -> bool {
        matches!(
            self,
            BadRequest | Throttled | NoConnection | ResetBeforeSending
        )
    }

    /// The backoff with the whole of its jitter, before retry number `retry` (from 0).
    fn backoff(self, retry: u32) -> Duration {
        let base = if self == Throttled { 1_000 } else { 50 };
        let backoff = Duration::from_millis(base * 2_u64.pow(retry)).min(Duration::from_secs(20));
        match self {
            UnavailableRetryAfter => {
                Duration::from_millis(1_500).clamp(backoff, backoff + Duration::from_secs(5))
            }
            _ => backoff,
        }
    }

    fn failure(self) -> Failure {
        match self {
            Ok => panic!("a success is not decided about"),
            BadRequest => Failure::Fatal,
            Throttled => Failure::Throttled { retry_after: None },
            Internal | ResetAfterSending | Timeout => Failure::Transient { retry_after: None },
            UnavailableRetryAfter => Failure::Transient {
                retry_after: Some(Duration::from_millis(1_500)),
            },
            NoConnection | ResetBeforeSending => Failure::NothingDone,
        }
    }

    fn play(self) -> Result<Response<Bytes>, TransportError> {
        let answer = |status: u16, header: Option<(&str, &str)>| {
            let mut response = Response::builder().status(status);
            if let Some((name, value)) = header {
                response = response.header(name, value);
            }
            Result::Ok(response.body(Bytes::new()).unwrap())
        };
        let fail = |kind| Err(TransportError::new(kind, "as the test says"));
        match self {
            Ok => answer(200, None),
            BadRequest => answer(400, Some(("x-amzn-errortype", "BadRequestException"))),
            Throttled => answer(429, None),
            Internal => answer(500, None),
            UnavailableRetryAfter => answer(503, Some(("x-amz-retry-after", "1500"))),
            NoConnection => fail(TransportErrorKind::Connect),
            ResetBeforeSending => fail(TransportErrorKind::Interrupted { sent_whole: false }),
            ResetAfterSending => fail(TransportErrorKind::Interrupted { sent_whole: true }),
            Timeout => fail(TransportErrorKind::Timeout {
                phase: TimeoutPhase::Attempt,
                sent_whole: true,
            }),
        }
    }
}

/// Calls `each` with every sequence of `length` outcomes.
fn sequences(length: usize, mut each: impl FnMut(&[Outcome])) {
    let mut digits = vec![0; length];
    loop {
        each(
            &digits
                .iter()
                .map(|&digit| OUTCOMES[digit])
                .collect::<Vec<_>>(),
        );
        let Some(place) = digits.iter().rposition(|&digit| digit + 1 < OUTCOMES.len()) else {
            return;
        };
        digits[place] += 1;
        digits[place + 1..].fill(0);
    }
}

/// How many attempts the rules allow, with the delays between them.
fn expected(sequence: &[Outcome], read_only: bool, mutations: Mutations) -> Vec<Duration> {
    let mut delays = Vec::new();
    for (index, outcome) in sequence.iter().enumerate() {
        let allowed = read_only
            || match mutations {
                Mutations::Always => true,
                Mutations::Never => false,
                _ => outcome.certain(),
            };
        let last = index + 1 == sequence.len();
        if outcome.cost().is_none() || !allowed || last {
            return delays;
        }
        delays.push(outcome.backoff(u32::try_from(index).unwrap()));
    }
    delays
}

#[test]
fn all_sequences_of_six_outcomes_follow_the_rules() {
    let policy = RetryPolicy::new().with_max_attempts(6);
    for (read_only, mutations) in [
        (true, Mutations::WhenCertain),
        (false, Mutations::WhenCertain),
        (false, Mutations::Always),
        (false, Mutations::Never),
    ] {
        let policy = policy.with_mutations(mutations);
        sequences(6, |sequence| {
            let quota = Quota::new();
            let mut tokens = 500;
            let mut delays = Vec::new();
            for (attempt, outcome) in (1..).zip(sequence) {
                if *outcome == Ok {
                    break;
                }
                match policy.decide(attempt, outcome.failure(), read_only, &quota, 1.0) {
                    Decision::Retry { delay, cost } => {
                        assert_eq!(Some(cost), outcome.cost());
                        tokens -= cost;
                        delays.push(delay);
                    }
                    _ => break,
                }
                assert_eq!(quota.tokens(), tokens);
            }
            assert_eq!(
                delays,
                expected(sequence, read_only, mutations),
                "{sequence:?}"
            );
        });
    }
}

#[test]
fn by_default_no_sequence_makes_a_change_run_twice() {
    let policy = RetryPolicy::new().with_max_attempts(6);
    sequences(6, |sequence| {
        let quota = Quota::new();
        let mut runs = 0;
        for (attempt, outcome) in (1..).zip(sequence) {
            // The service did what it was asked unless it is certain that it did not.
            runs += u32::from(!outcome.certain());
            if *outcome == Ok {
                break;
            }
            match policy.decide(attempt, outcome.failure(), false, &quota, 0.5) {
                Decision::Retry { .. } => {}
                _ => break,
            }
        }
        assert!(runs <= 1, "{sequence:?}");
    });
}

#[test]
fn any_jitter_and_any_backoff_give_a_delay() {
    for jitter in [f64::NAN, f64::NEG_INFINITY, -1.0, 0.5, 2.0, f64::INFINITY] {
        for retry_after in [None, Some(Duration::ZERO), Some(Duration::MAX)] {
            let policy = RetryPolicy::new()
                .with_max_attempts(u32::MAX)
                .with_max_backoff(Duration::MAX);
            let failure = Failure::Throttled { retry_after };
            for attempt in [0, 1, 40, u32::MAX - 1] {
                let decision = policy.decide(attempt, failure, true, &Quota::new(), jitter);
                assert!(matches!(decision, Decision::Retry { .. }), "{decision:?}");
            }
        }
    }
}

#[test]
fn retries_end_when_the_quota_is_used_up_and_successes_fill_it_again() {
    let policy = RetryPolicy::new();
    let quota = Quota::with_tokens(20);
    let failure = Failure::Transient { retry_after: None };
    assert!(matches!(
        policy.decide(1, failure, true, &quota, 0.0),
        Decision::Retry { cost: 14, .. }
    ));
    assert_eq!(
        policy.decide(2, failure, true, &quota, 0.0),
        Decision::Stop(Stop::QuotaUsedUp)
    );
    quota.succeeded(Some(14));
    quota.succeeded(None);
    assert_eq!(quota.tokens(), 21);
    let full = Quota::new();
    full.succeeded(Some(14));
    assert_eq!(full.tokens(), 500);
}

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<Option<Duration>>>>);

impl Observer for Seen {
    fn attempt(&self, attempt: &Attempt<'_>) {
        self.0.lock().unwrap().push(attempt.retry_delay);
    }
}

/// Makes one call that meets `sequence`, and returns what became of it, the delays that were
/// announced, and the transport.
async fn call(
    sequence: &[Outcome],
    read_only: bool,
) -> (Result<(), Error>, Vec<Option<Duration>>, Client<Canned>) {
    let transport =
        sequence
            .iter()
            .fold(Canned::new(), |transport, outcome| match outcome.play() {
                Result::Ok(response) => transport.respond(response),
                Err(error) => transport.fail(error),
            });
    let seen = Seen::default();
    let client = Client::over(transport)
        .region(Region::new("us-east-1").unwrap())
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        .retry(RetryPolicy::new().with_max_attempts(u32::try_from(sequence.len()).unwrap()))
        .observer(Arc::new(seen.clone()))
        .build();
    let result = if read_only {
        let input = GetBackendStorageInput::builder()
            .app_id("a")
            .backend_environment_name("e")
            .resource_name("r")
            .build();
        client.send(&input).await.map(drop)
    } else {
        let input = ImportBackendStorageInput::builder()
            .app_id("a")
            .backend_environment_name("e")
            .service_name(ServiceName::S3)
            .build();
        client.send(&input).await.map(drop)
    };
    let delays = seen.0.lock().unwrap().clone();
    (result, delays, client)
}

#[tokio::test(start_paused = true)]
async fn a_client_follows_the_rules_through_every_sequence() {
    for length in 1..=4 {
        let mut all = Vec::new();
        sequences(length, |sequence| all.push(sequence.to_vec()));
        for sequence in all {
            for read_only in [true, false] {
                let (result, delays, client) = call(&sequence, read_only).await;
                let expected = expected(&sequence, read_only, Mutations::WhenCertain);
                let attempts = expected.len() + 1;
                let last = sequence[attempts - 1];

                assert_eq!(
                    client.transport().requests().len(),
                    attempts,
                    "{sequence:?}"
                );
                assert_eq!(delays.len(), attempts);
                for (announced, whole) in delays.iter().zip(&expected) {
                    // Jitter waits any part of the backoff, and what the service asks for at least.
                    assert!(announced.unwrap() <= *whole, "{sequence:?} {delays:?}");
                }
                assert_eq!(delays.last(), Some(&None));

                let error = match result {
                    Result::Ok(()) => {
                        assert_eq!(last, Ok);
                        continue;
                    }
                    Err(error) => error,
                };
                let kind = match last {
                    Ok => panic!("{sequence:?}: {error}"),
                    BadRequest | Throttled | Internal | UnavailableRetryAfter => ErrorKind::Service,
                    Timeout => ErrorKind::Timeout,
                    _ => ErrorKind::Transport,
                };
                assert_eq!(error.kind(), kind, "{sequence:?}");
                assert_eq!(usize::try_from(error.attempts()).unwrap(), attempts);
                assert_eq!(
                    error.may_have_happened(),
                    !read_only && !last.certain(),
                    "{sequence:?}"
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_attempt_has_the_same_invocation_id_its_number_and_a_signature_of_its_own() {
    let (result, _, client) = call(&[Internal, Throttled, Ok], true).await;
    result.unwrap();
    let requests = client.transport().requests();
    let header = |index: usize, name: &str| requests[index].headers()[name].to_str().unwrap();
    for (index, attempt) in ["attempt=1; max=3", "attempt=2; max=3", "attempt=3; max=3"]
        .iter()
        .enumerate()
    {
        assert_eq!(header(index, "amz-sdk-request"), *attempt);
        assert_eq!(
            header(index, "amz-sdk-invocation-id"),
            header(0, "amz-sdk-invocation-id")
        );
        let signed = header(index, "authorization");
        assert!(
            signed.contains("SignedHeaders=content-type;host;x-amz-date,"),
            "{signed}"
        );
        assert!(!requests[index].headers().contains_key("accept"));
    }
    let id = header(0, "amz-sdk-invocation-id");
    assert_eq!((id.len(), id.as_bytes()[14]), (36, b'4'), "{id}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_would_outlast_the_call_is_not_begun() {
    let transport = Canned::new().respond(
        Response::builder()
            .status(429)
            .header("x-amz-retry-after", "6000")
            .body(Bytes::new())
            .unwrap(),
    );
    let client = Client::over(transport)
        .region(Region::new("us-east-1").unwrap())
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        .call_timeout(Duration::from_secs(2))
        .build();
    let started = tokio::time::Instant::now();
    let error = client.list_s3_buckets().send().await.unwrap_err();
    assert!(error.is_throttled());
    assert_eq!(started.elapsed(), Duration::ZERO);
}
