//! The signing layer holds in all official cases.

use amplify_backend_conformance::official;
use amplify_backend_conformance::report::Report;

fn all_hold(report: &Report, count: usize) {
    assert!(report.all_hold(), "{report}");
    assert!(report.not_applicable().next().is_none(), "{report}");
    assert_eq!(report.held().count(), count, "{report}");
}

#[test]
fn every_stage_of_every_sigv4_case_holds() {
    let Some(vectors) = official::vectors().unwrap() else {
        return;
    };
    // 39 cases, 2 forms, 5 stages.
    all_hold(&official::sigv4::run(&vectors), 390);
}

#[test]
fn what_botocore_signed_verifies_and_is_signed_the_same() {
    let Some(vectors) = official::vectors().unwrap() else {
        return;
    };
    all_hold(&official::requests_signed::run(&vectors), 20);
}
