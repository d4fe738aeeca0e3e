//! The commands in documents print what the documents say. `TRYCMD=overwrite cargo test -p
//! amplify-backend-cli --test documents` writes down what they print now.

/// Each document has a home folder of its own, and so a state.
fn is_true(document: &str) {
    let home = tempfile::tempdir().expect("a folder for the state");
    trycmd::TestCases::new()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("HOME", home.path().to_str().expect("a name in UTF-8"))
        .case(document)
        .run();
}

#[test]
fn the_readme_is_true() {
    is_true("../../README.md");
}

#[test]
fn help_is_as_it_is_written_down() {
    is_true("tests/documents/help.md");
}

#[test]
fn output_is_as_it_is_written_down() {
    is_true("tests/documents/output.md");
}

#[test]
fn dry_runs_are_as_they_are_written_down() {
    is_true("tests/documents/dry-run.md");
}
