//! Configuration holds in all official cases.

use amplify_backend_conformance::official;
use amplify_backend_conformance::report::Report;

fn all_hold(report: &Report, count: usize) {
    assert!(report.all_hold(), "{report}");
    assert_eq!(report.held().count(), count, "{report}");
}

#[test]
fn the_shared_files_are_read_as_the_sdks_read_them() {
    let Some(vectors) = official::vectors().unwrap() else {
        return;
    };
    all_hold(&official::profiles::run(&vectors), 65);
}

#[test]
fn the_shared_files_are_where_the_sdks_look_for_them() {
    let Some(vectors) = official::vectors().unwrap() else {
        return;
    };
    all_hold(&official::file_locations::run(&vectors), 9);
}

#[test]
fn endpoints_are_taken_from_where_the_sdks_take_them() {
    let Some(vectors) = official::vectors().unwrap() else {
        return;
    };
    all_hold(&official::endpoint_urls::run(&vectors), 39);
}
