//! The shapes and the operations hold in all official cases.

use amplify_backend_conformance::official;
use amplify_backend_conformance::report::Report;

fn all_hold(report: &Report, count: usize) {
    assert!(report.all_hold(), "{report}");
    assert_eq!(report.held().count(), count, "{report}");
}

#[test]
fn requests_are_those_that_botocore_sends() {
    let Some(vectors) = official::vectors().unwrap() else {
        return;
    };
    all_hold(&official::requests::run(&vectors), 20);
}

#[test]
fn responses_have_the_outcome_on_which_the_sdks_agree() {
    let Some(vectors) = official::vectors().unwrap() else {
        return;
    };
    all_hold(&official::responses::run(&vectors), 53);
}

#[test]
fn endpoints_are_those_of_the_endpoint_rules() {
    let Some(vectors) = official::vectors().unwrap() else {
        return;
    };
    all_hold(&official::endpoints::run(&vectors), 37);
    all_hold(&official::endpoints::run_partitions(&vectors), 8);
}

#[test]
fn the_restjson1_cases_hold_on_our_shapes() {
    let Some(vectors) = official::vectors().unwrap() else {
        return;
    };
    let report = official::restjson1::run(&vectors);
    let client = report
        .held()
        .filter(|name| name.starts_with("client"))
        .count();
    assert_eq!(client, 44, "{report}");
    all_hold(&report, 44 + 12);
    // Six that are a server's policy: three closed enums, three about Accept.
    assert_eq!(report.not_applicable().count(), 6, "{report}");
}
