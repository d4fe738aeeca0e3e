//! AWS's own suites hold, each with as many cases as it has.

#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

use std::path::Path;

use amplify_backend_conformance::official::{
    self, credential_chain, endpoint_urls, endpoints, file_locations, profiles, requests,
    requests_signed, responses, restjson1, retry, sigv4,
};
use amplify_backend_conformance::report::Report;

/// Runs a suite, where it is there: all cases apply and hold, and there are `count`.
fn all_hold(run: impl Fn(&Path) -> Report, count: usize) {
    let Some(vectors) = official::vectors().unwrap() else {
        return;
    };
    let report = run(&vectors);
    assert!(report.all_hold(), "{report}");
    assert_eq!(report.not_applicable().count(), 0, "{report}");
    assert_eq!(report.held().count(), count, "{report}");
}

#[test]
fn every_stage_of_every_sigv4_case_holds() {
    // 39 cases, 2 forms, 5 stages.
    all_hold(sigv4::run, 39 * 2 * 5);
}

#[test]
fn what_botocore_signed_verifies_and_is_signed_the_same() {
    all_hold(requests_signed::run, 20);
}

#[test]
fn requests_are_those_that_botocore_sends() {
    all_hold(requests::run, 20);
}

#[test]
fn responses_have_the_outcome_on_which_the_sdks_agree() {
    all_hold(responses::run, 53);
}

#[test]
fn the_restjson1_cases_hold_on_our_shapes() {
    let Some(vectors) = official::vectors().unwrap() else {
        return;
    };
    let report = restjson1::run(&vectors);
    assert!(report.all_hold(), "{report}");
    let of_clients = report.held().filter(|name| name.starts_with("client"));
    assert_eq!(of_clients.count(), 44, "{report}");
    assert_eq!(report.held().count(), 44 + 12, "{report}");
    // Six that are a server's policy: three closed enums, three about Accept.
    assert_eq!(report.not_applicable().count(), 6, "{report}");
}

#[test]
fn endpoints_are_those_of_the_endpoint_rules() {
    all_hold(endpoints::run, 37);
    all_hold(endpoints::run_partitions, 8);
}

#[test]
fn retries_are_those_of_behaviour_2_1() {
    // 13 scenarios, 4 headers, 25 classifications.
    all_hold(retry::run, 13 + 4 + 25);
}

#[test]
fn the_shared_files_are_read_as_the_sdks_read_them() {
    all_hold(profiles::run, 65);
}

#[test]
fn the_shared_files_are_where_the_sdks_look_for_them() {
    all_hold(file_locations::run, 9);
}

#[test]
fn endpoints_are_taken_from_where_the_sdks_take_them() {
    all_hold(endpoint_urls::run, 39);
}

#[test]
fn the_credential_chain_scenarios_hold_that_the_page_says_hold() {
    const PAGE: &str = include_str!("../../crates/amplify-backend/docs/credentials.md");
    let Some(vectors) = official::vectors().unwrap() else {
        return;
    };
    let (_, table) = PAGE.split_once("## The official scenarios").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let (hold, do_not): (Vec<_>, Vec<_>) = rows
        .map(|row| row.split_once("` | ").unwrap())
        .partition(|(_, outcome)| outcome.starts_with("holds |"));
    let report = credential_chain::run(&vectors);
    let failed = report.failed();
    assert!(failed.eq(do_not.iter().map(|(name, _)| *name)), "{report}");
    assert!(report.held().eq(hold.iter().map(|(name, _)| *name)));
    assert_eq!(report.held().count() + report.failed().count(), 20);
}
