//! The official credential chain scenarios hold, as the page on credentials says.

#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

use amplify_backend_conformance::official::{credential_chain, vectors};

const PAGE: &str = include_str!("../../crates/amplify-backend/docs/credentials.md");

#[test]
fn the_scenarios_hold_that_the_page_says_hold() {
    let Some(vectors) = vectors().unwrap() else {
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
