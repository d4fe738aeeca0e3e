//! A case that is wrong in form is refused with its path and line, and the rest still runs.

#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

use std::fs;

use amplify_backend_conformance::case::{Case, CaseFiles, Suite};
use amplify_backend_conformance::codecs;
use amplify_backend_conformance::report::Filter;

const MANIFEST: &str = "title = \"A resource\"\norigin = \"derived\"\nsource = \"this test\"\n";
const REQUEST: &str = "POST /s3Buckets HTTP/1.1\nhost: amplifybackend.us-east-1.amazonaws.com\ncontent-type: application/json\n\n{}\n";
const RESPONSE: &str = "HTTP/1.1 200 OK\ncontent-type: application/json\n\n{\"buckets\":[]}\n";

/// A case in form.
fn files() -> CaseFiles {
    let mut files = CaseFiles::new("ListS3Buckets/none", "cases/ListS3Buckets/none");
    for (file, text) in [
        ("case.toml", MANIFEST),
        ("input.json", "{}\n"),
        ("request.http", REQUEST),
        ("response.http", RESPONSE),
        ("output.json", "{\n  \"buckets\": []\n}\n"),
    ] {
        files.files.insert(file.to_owned(), text.into());
    }
    files
}

/// What is said of the case with one file changed, or removed.
fn refused(file: &str, text: Option<&str>) -> String {
    let mut files = files();
    match text {
        Some(text) => files.files.insert(file.to_owned(), text.into()),
        None => files.files.remove(file),
    };
    Case::read(&files).unwrap_err().to_string()
}

#[test]
fn a_case_in_form_is_read() {
    let case = Case::read(&files()).unwrap();
    assert_eq!(case.name, "ListS3Buckets/none");
    assert_eq!(case.title, "A resource");
    assert_eq!(case.source, "this test");
}

#[test]
fn a_missing_file_is_named() {
    for (file, why) in [
        ("case.toml", "the file is missing"),
        (
            "input.json",
            "the file is missing: an output is an answer to an input",
        ),
        (
            "request.http",
            "the file is missing: something was answered",
        ),
        ("response.http", "the file is missing: something was sent"),
        (
            "output.json",
            "the file is missing: a case says what comes of it, here or in error.json",
        ),
    ] {
        let expected = format!("cases/ListS3Buckets/none/{file}:1: {why}");
        assert_eq!(refused(file, None), expected);
    }
}

#[test]
fn an_unknown_file_is_named() {
    let said = refused("respones.http", Some(RESPONSE));
    assert_eq!(
        said,
        "cases/ListS3Buckets/none/respones.http:1: a case has no such file; it has case.toml, \
         input.json, request.http, response.http, output.json, error.json"
    );
}

#[test]
fn an_output_and_an_error_exclude_each_other() {
    let said = refused("error.json", Some("{\"kind\": \"decode\"}"));
    assert!(
        said.starts_with("cases/ListS3Buckets/none/error.json:1: "),
        "{said}"
    );
}

#[test]
fn a_folder_that_is_no_operation_is_named() {
    let mut wrong = files();
    wrong.name = "ListBuckets/none".to_owned();
    let said = Case::read(&wrong).unwrap_err().to_string();
    let expected =
        "cases/ListS3Buckets/none:1: ListBuckets is no operation; there are CreateBackendStorage, ";
    assert!(said.starts_with(expected), "{said}");
}

#[test]
fn what_is_wrong_in_a_file_has_its_line() {
    let manifest = |line: &str| format!("{MANIFEST}{line}\n");
    let request = |header: &str| REQUEST.replace("content-type: application/json", header);
    for (file, text, expected) in [
        (
            "input.json",
            "{\n  \"nextToken\": \n}\n".to_owned(),
            "3: expected value",
        ),
        ("input.json", "[]".to_owned(), "1: invalid type: sequence"),
        (
            "output.json",
            "{\n\n\n".to_owned(),
            "4: EOF while parsing an object",
        ),
        (
            "case.toml",
            manifest("titel = \"x\""),
            "4: unknown field `titel`",
        ),
        (
            "case.toml",
            MANIFEST.replace("derived", "guessed"),
            "2: unknown variant `guessed`",
        ),
        (
            "case.toml",
            MANIFEST.replace("this test", " "),
            "3: source is empty",
        ),
        (
            "case.toml",
            "title = \"A resource\"\n".to_owned(),
            "1: missing field `origin`",
        ),
        (
            "case.toml",
            manifest("time = \"2026-01-02T03:04:05Z\""),
            "4: a signed request has credentials, too",
        ),
        (
            "case.toml",
            manifest("credentials = { access_key_id = \"a\", secret_access_key = \"b\" }"),
            "4: a signed request has a time, too",
        ),
        (
            "case.toml",
            manifest("region = \"us-east-1\""),
            "4: region is that of a signature",
        ),
        (
            "case.toml",
            manifest(
                "credentials = { access_key_id = \"a\", secret_access_key = \"b\" }\ntime = \"noon\"",
            ),
            "5: time: ",
        ),
        (
            "case.toml",
            manifest("[server]\nvaries = [\"jobId\"]"),
            "5: jobId is no JSON pointer",
        ),
        (
            "case.toml",
            manifest("[server]\nsignature = \"forged\""),
            "5: unknown variant `forged`",
        ),
        (
            "request.http",
            "POST /s3Buckets\n\n{}\n".to_owned(),
            "1: a request begins with its method",
        ),
        (
            "request.http",
            "POST s3Buckets HTTP/1.1\n\n{}\n".to_owned(),
            "1: s3Buckets is no target",
        ),
        (
            "request.http",
            request("content-type application/json"),
            "3: a header has a colon",
        ),
        (
            "request.http",
            request("content type: application/json"),
            "3: before the colon stands a header's name",
        ),
        (
            "request.http",
            request("content-type: \u{1}"),
            "3: the value of content-type holds what no header may",
        ),
        (
            "request.http",
            "POST /s3Buckets HTTP/1.1\nhost: a\n".to_owned(),
            "3: the file ends in line 3",
        ),
        (
            "response.http",
            "200 OK\n\n{}\n".to_owned(),
            "1: a response begins with HTTP/1.1",
        ),
        (
            "response.http",
            "HTTP/1.1 2000 OK\n\n{}\n".to_owned(),
            "1: 2000 is no status",
        ),
    ] {
        let said = refused(file, Some(&text));
        let expected = format!("cases/ListS3Buckets/none/{file}:{expected}");
        assert!(said.starts_with(&expected), "{said}\nis not\n{expected}");
    }
}

#[test]
fn what_is_wrong_in_an_error_has_its_line() {
    let mut files = files();
    files.files.remove("output.json");
    for (text, expected) in [
        (
            "{\n  \"kind\": \"unknown\"\n}",
            "2: unknown variant `unknown`",
        ),
        (
            "{\n  \"kind\": \"decode\",\n  \"reason\": \"\"\n}",
            "3: unknown field `reason`",
        ),
        ("{\n  \"status\": 42}", "2: an HTTP status is 100 to 599"),
    ] {
        files.files.insert("error.json".to_owned(), text.into());
        let said = Case::read(&files).unwrap_err().to_string();
        let expected = format!("cases/ListS3Buckets/none/error.json:{expected}");
        assert!(said.starts_with(&expected), "{said}");
    }
}

#[test]
fn what_a_file_holds_is_quoted_in_one_line_that_is_safe_to_show() {
    let mut wrong = files();
    wrong.files.remove("output.json");
    let error = r#"{"\u001b[31m\nred": 1}"#;
    wrong.files.insert("error.json".to_owned(), error.into());
    let said = Case::read(&wrong).unwrap_err().to_string();
    assert!(!said.contains(char::is_control), "{said}");
    assert!(said.contains(r"\u{1b}[31m\nred"), "{said}");
    let said = refused("a\tb", Some(""));
    let expected = r"cases/ListS3Buckets/none/a\tb:1: ";
    assert!(said.starts_with(expected), "{said}");
}

#[test]
fn more_headers_than_a_message_can_have_are_an_error_with_its_line() {
    let headers: String = (0..40_000)
        .map(|number| format!("a{number}: b\n"))
        .collect();
    let mut wrong = files();
    let request = format!("GET / HTTP/1.1\n{headers}\n");
    wrong
        .files
        .insert("request.http".to_owned(), request.into());
    let error = Case::read(&wrong).unwrap_err();
    assert!(error.line > 10_000, "{error}");
    assert_eq!(error.message, "there are too many headers");
}

#[test]
fn a_case_that_comes_after_one_that_is_not_there_has_its_line() {
    let mut files = files();
    let manifest = format!("{MANIFEST}[server]\nafter = [\n  \"ListS3Buckets/full\",\n]\n");
    files.files.insert("case.toml".to_owned(), manifest.into());
    let suite = Suite::of([files]);
    assert_eq!(
        suite.malformed.first().unwrap().to_string(),
        "cases/ListS3Buckets/none/case.toml:6: there is no case ListS3Buckets/full that this can come after"
    );
}

#[test]
fn the_body_is_what_follows_the_empty_line_without_the_last_line_feed() {
    let mut files = files();
    for (text, body) in [
        ("HTTP/1.1 200 OK\n\n", ""),
        ("HTTP/1.1 200 OK\r\nA: b\r\n\r\n{}\r\n", "{}\r"),
        ("HTTP/1.1 200 OK\n\n{}\n\n", "{}\n"),
        ("HTTP/1.1 200\n\n\n\n", "\n"),
        ("HTTP/1.1 200 OK\n\n{}", "{}"),
    ] {
        files.files.insert("response.http".to_owned(), text.into());
        let case = Case::read(&files).unwrap();
        let amplify_backend_conformance::case::Exchange::Whole { response, .. } = case.exchange
        else {
            panic!("{:?}", case.exchange);
        };
        assert_eq!(response.body(), body);
    }
}

#[test]
fn the_rest_of_a_folder_still_runs() {
    let folder = tempfile::tempdir().unwrap();
    for (name, file, text) in [
        ("good", "input.json", "{}"),
        ("wrong", "input.json", "{"),
        (".hidden", "input.json", "{"),
    ] {
        let case = folder.path().join("ListS3Buckets").join(name);
        fs::create_dir_all(&case).unwrap();
        for (file, bytes) in &files().files {
            fs::write(case.join(file), bytes).unwrap();
        }
        fs::write(case.join(file), text).unwrap();
    }
    fs::write(folder.path().join("README.md"), "beside the cases").unwrap();
    fs::create_dir_all(folder.path().join("ListS3Buckets/folder/input.json")).unwrap();
    let suite = Suite::read(folder.path()).unwrap();
    let report = codecs::judge(&suite, &Filter::default());
    assert!(report.held().eq(["ListS3Buckets/good"]), "{report}");
    let failed = ["ListS3Buckets/wrong", "ListS3Buckets/folder"];
    assert!(report.failed().eq(failed), "{report}");
    let path = folder.path().join("ListS3Buckets/wrong/input.json");
    let place = format!("{}:1: EOF while parsing", path.display());
    assert!(report.to_string().contains(&place), "{report}");
}
