//! Files of a case that are wrong: what is said about them.

#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

use amplify_backend_conformance::case::{Case, CaseFiles, Malformed};

fn malformed(file: &str, content: &str) -> Malformed {
    let mut files = CaseFiles::new("GetBackendStorage/case", "folder");
    let manifest = "title = \"a\"\norigin = \"derived\"\nsource = \"b\"\n";
    for (name, content) in [
        ("case.toml", manifest),
        ("input.json", "{}"),
        ("error.json", "{}"),
        (file, content),
    ] {
        files.files.insert(name.to_owned(), content.into());
    }
    Case::read(&files).unwrap_err()
}

#[test]
fn what_a_file_holds_is_quoted_in_one_line_that_is_safe_to_show() {
    let error = malformed("error.json", r#"{"\u001b[31m\nred": 1}"#);
    assert!(!error.to_string().contains(char::is_control), "{error}");
    assert!(error.message.contains(r"\u{1b}[31m\nred"), "{error}");
    let error = malformed("a\tb", "");
    assert_eq!(error.path, "folder/a\tb");
    assert!(error.to_string().starts_with(r"folder/a\tb:1: "), "{error}");
}

#[test]
fn more_headers_than_a_message_can_have_are_an_error_with_its_line() {
    let headers: String = (0..40_000)
        .map(|number| format!("a{number}: b\n"))
        .collect();
    let error = malformed("request.http", &format!("GET / HTTP/1.1\n{headers}\n"));
    assert!(error.line > 10_000, "{error}");
    assert_eq!(error.message, "there are too many headers");
}
