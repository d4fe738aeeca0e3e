//! The retry policy holds in all official cases.

use amplify_backend_conformance::official;

#[test]
fn retries_are_those_of_behaviour_2_1() {
    let Some(vectors) = official::vectors().unwrap() else {
        return;
    };
    let report = official::retry::run(&vectors);
    assert!(report.all_hold(), "{report}");
    // 13 scenarios, 4 headers, 25 classifications.
    assert_eq!(report.held().count(), 13 + 4 + 25, "{report}");
}
