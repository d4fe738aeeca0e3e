//! The cases of this repository hold for our codecs.

use amplify_backend_conformance::case::Suite;
use amplify_backend_conformance::codecs;
use amplify_backend_conformance::report::Filter;

#[test]
fn our_codecs_hold_in_every_case() {
    let suite = Suite::built_in();
    let report = codecs::judge(&suite, &Filter::default());
    assert!(report.all_hold(), "{report}");
    assert!(suite.cases.len() >= 150, "{}", suite.cases.len());
}
