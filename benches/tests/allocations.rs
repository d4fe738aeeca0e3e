//! How often and how much a call allocates. Counted, so that it does not depend on the machine.

#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

use allocation_counter::AllocationInfo;
use amplify_backend_benches::stages::{self, Stage};

/// What doing it once allocates, after what is set up once has been set up.
fn counted(stage: &mut Stage) -> (u64, u64) {
    stage.run(100, |work| work());
    let mut total = AllocationInfo::default();
    stage.run(100, |work| total += allocation_counter::measure(work));
    (total.count_total / 100, total.bytes_total / 100)
}

#[test]
fn a_call_stays_within_forty_allocations_and_seventeen_kilobytes() {
    let [mut call] = stages::named(["call"]);
    let (allocations, bytes) = counted(&mut call);
    assert!(allocations <= 40, "{allocations} allocations");
    assert!(bytes <= 17_000, "{bytes} bytes");
}

#[test]
fn a_call_needs_no_more_memory_after_ten_thousand_calls() {
    let [mut call] = stages::named(["call"]);
    let first = counted(&mut call);
    call.run(10_000, |work| work());
    assert_eq!(counted(&mut call), first);
}

#[test]
fn signing_allocates_seven_times_less_often_than_aws_sigv4() {
    let [mut ours, mut aws] = stages::named(["sign", "sign-aws-sigv4"]);
    let ((ours, _), (aws, _)) = (counted(&mut ours), counted(&mut aws));
    assert!(7 * ours <= aws, "{ours} of ours, {aws} of aws-sigv4");
}

#[test]
fn the_emulator_answers_a_signed_request_in_forty_allocations_however_much_it_holds() {
    let [few, many] = [10, 10_000].map(|resources| {
        let mut answered = stages::emulated(resources);
        let get = answered
            .iter_mut()
            .find(|it| it.name == "emulator/GetBackendStorage");
        counted(get.unwrap())
    });
    assert!(few.0 <= 40, "{few:?}");
    assert_eq!(few.0, many.0);
}
