//! The program: what it prints, in each format, and how it ends.

#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn conformance(arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_conformance"))
        .args(arguments)
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder with a case that holds, one that does not, and one that is wrong in form.
fn cases() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, output) in [
        ("holds", "{\"nextToken\": \"a\"}"),
        ("differs", "{\"nextToken\": \"b, 100%\"}"),
        ("malformed", "{\n\"nextToken\"\n}"),
    ] {
        let case = folder.path().join("ListS3Buckets").join(name);
        fs::create_dir_all(&case).unwrap();
        for (file, text) in [
            (
                "case.toml",
                "title = \"A page\"\norigin = \"derived\"\nsource = \"this test\"\n",
            ),
            ("input.json", "{}\n"),
            (
                "request.http",
                "POST /s3Buckets HTTP/1.1\nhost: a\ncontent-type: application/json\n\n{}\n",
            ),
            (
                "response.http",
                "HTTP/1.1 200 OK\n\n{\"nextToken\":\"a\"}\n",
            ),
            ("output.json", output),
        ] {
            fs::write(case.join(file), text).unwrap();
        }
    }
    folder
}

fn codecs(folder: &TempDir, arguments: &[&str]) -> Ran {
    let folder = folder.path().to_str().unwrap();
    conformance(&[&["codecs", "--fixtures", folder], arguments].concat())
}

#[test]
fn everything_built_in_holds_and_the_exit_code_says_so() {
    let ran = conformance(&["codecs"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.starts_with("codecs: "), "{}", ran.out);
    assert!(ran.out.contains(" held, 0 failed"), "{}", ran.out);
}

#[test]
fn the_text_shows_the_first_difference_of_each_failure() {
    let folder = cases();
    let ran = codecs(&folder, &[]);
    assert_eq!(ran.code, 1);
    let path = folder.path().join("ListS3Buckets/malformed/output.json");
    let expected = format!(
        "FAILED ListS3Buckets/malformed\n    {}:3: expected `:` at line 3 column 1\n\
         FAILED ListS3Buckets/differs\n    output differs (- expected, + actual)\n    @@ -1,3 +1,3 @@\n     \
         {{\n    -  \"nextToken\": \"b, 100%\"\n    +  \"nextToken\": \"a\"\n     }}\n\
         codecs: 1 held, 2 failed\n",
        path.display()
    );
    assert_eq!(ran.out, expected);
}

#[test]
fn json_has_every_case() {
    let ran = codecs(&cases(), &["--format", "json"]);
    assert_eq!(ran.code, 1);
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    let results = document
        .pointer("/suites/0/results")
        .unwrap()
        .as_array()
        .unwrap();
    let of = |name: &str| results.iter().find(|it| it["name"] == name).unwrap();
    assert_eq!(of("ListS3Buckets/holds")["verdict"], "held");
    assert_eq!(of("ListS3Buckets/differs")["verdict"], "failed");
    assert_eq!(of("ListS3Buckets/malformed")["line"], 3);
}

#[test]
fn junit_is_xml_with_a_failure_for_each() {
    let ran = codecs(&cases(), &["--format", "junit"]);
    assert_eq!(ran.code, 1);
    let document = roxmltree::Document::parse(&ran.out).unwrap();
    let named = |name: &str| {
        let mut nodes = document.descendants();
        nodes
            .find(|node| node.attribute("name") == Some(name))
            .unwrap()
    };
    assert_eq!(named("codecs").attribute("tests"), Some("3"));
    assert_eq!(named("codecs").attribute("failures"), Some("2"));
    assert!(!named("ListS3Buckets/holds").has_children());
    let failure = named("ListS3Buckets/differs")
        .first_element_child()
        .unwrap();
    assert!(failure.text().unwrap().contains("+  \"nextToken\": \"a\""));
}

#[test]
fn annotations_are_one_line_each() {
    let ran = codecs(
        &cases(),
        &["--format", "github", "--filter", "ListS3Buckets/d*"],
    );
    assert_eq!(ran.code, 1);
    assert_eq!(
        ran.out.lines().next().unwrap(),
        "::error title=codecs%3A ListS3Buckets/differs::output differs (- expected, + actual)%0A\
         @@ -1,3 +1,3 @@%0A {%0A-  \"nextToken\": \"b, 100%25\"%0A+  \"nextToken\": \"a\"%0A }%0A"
    );
    let ran = codecs(&cases(), &["--format", "github", "--filter", "malformed"]);
    assert!(ran.out.starts_with("::error file="), "{}", ran.out);
    assert!(ran.out.contains("output.json,line=3,title="), "{}", ran.out);
}

#[test]
fn a_filter_leaves_the_rest_out() {
    let ran = codecs(&cases(), &["--filter", "holds"]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, "codecs: 1 held, 0 failed\n")
    );
    let ran = codecs(
        &cases(),
        &["--filter", "hold", "--filter", "*/differ?", "--list"],
    );
    assert_eq!(ran.code, 0);
    assert_eq!(
        ran.out,
        "ListS3Buckets/differs  A page\nListS3Buckets/holds  A page\n"
    );
}

#[test]
fn what_cannot_be_judged_says_what_to_do() {
    for (arguments, said) in [
        (
            &["codecs", "--filter", "nonsense"][..],
            "no case has such a name; --list prints the names",
        ),
        (
            &["codecs", "--filter", "nonsense", "--list"],
            "no case has such a name; --list prints the names",
        ),
        (
            &["codecs", "--fixtures", "no/such/folder"],
            "no/such/folder: No such file or directory (os error 2)",
        ),
        (
            &["official", "--vectors", "no/such/folder"],
            "no/such/folder is not a folder",
        ),
        (
            &["client", "--known", "no/such/file", "--", "true"],
            "no/such/file: No such file or directory (os error 2)",
        ),
        (
            &["client", "--", "no/such/program", "--option"],
            "could not start no/such/program --option: No such file or directory (os error 2)",
        ),
        (
            &["client", "--lines", "--", "no/such/program"],
            "could not start no/such/program: No such file or directory (os error 2)",
        ),
    ] {
        let ran = conformance(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert_eq!(ran.err, format!("conformance: {said}\n"));
    }
}

#[test]
fn a_server_that_is_not_there_is_told_once() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", port.local_addr().unwrap());
    drop(port);
    let ran = conformance(&["server", "--endpoint", &endpoint]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    let said = "conformance: no answer: could not connect to 127.0.0.1 port ";
    assert!(ran.err.starts_with(said), "{}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
}

/// A client of a few words.
#[cfg(unix)]
fn client(script: &str, arguments: &[&str]) -> Ran {
    let case = [
        "client",
        "--filter",
        "GetBackendStorage/not-found-by-header",
    ];
    conformance(&[&case, arguments, &["--", "sh", "-c", script]].concat())
}

#[test]
#[cfg(unix)]
fn a_client_that_sends_nothing_fails() {
    let ran = client("echo '{\"resourceName\": \"photos\"}'", &[]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("nothing was sent to http://127.0.0.1:"),
        "{}",
        ran.out
    );
    assert!(
        ran.out
            .contains("the program gave the output {\"resourceName\":\"photos\"}"),
        "{}",
        ran.out
    );
    let ran = client("echo something went wrong >&2; exit 3", &[]);
    assert!(
        ran.out
            .contains("without an error in JSON: something went wrong"),
        "{}",
        ran.out
    );
}

#[test]
#[cfg(unix)]
fn a_client_that_never_ends_is_ended() {
    let ran = client("exec tail -f /dev/null", &["--limit", "1"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("the program did not end within 1s"),
        "{}",
        ran.out
    );
}

#[test]
#[cfg(unix)]
fn a_client_sees_no_settings_but_those_of_the_case() {
    let script = "env | grep ^AWS_ | grep -v -e AMPLIFYBACKEND -e REGION -e ACCESS_KEY -e EC2 -e MAX -e FILE >&2; \
                  test \"$CASE_OPERATION\" = GetBackendStorage || echo no operation >&2; exit 1";
    let output = Command::new(env!("CARGO_BIN_EXE_conformance"))
        .args([
            "client",
            "--filter",
            "GetBackendStorage/not-found-by-header",
            "--",
            "sh",
            "-c",
            script,
        ])
        .env("AWS_PROFILE", "of-a-user")
        .env("AWS_ENDPOINT_URL", "http://elsewhere.example")
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(
        out.contains("exit status: 1, and printed nothing\n"),
        "{out}"
    );
}

#[test]
#[cfg(unix)]
fn a_known_departure_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let known = folder.path().join("known.toml");
    let text = "[[departure]]\ncases = [\"*/not-found-*\"]\nreason = \"it makes no call\"\n";
    fs::write(&known, text).unwrap();
    let known = known.to_str().unwrap();
    let ran = client("exit 1", &["--known", known, "--name", "sh"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert_eq!(
        ran.out,
        "sh: 0 held, 0 failed, 1 depart as known\n    */not-found-*: it makes no call\n"
    );
    let json = client(
        "exit 1",
        &["--known", known, "--name", "sh", "--format", "json"],
    )
    .out;
    let report = folder.path().join("report.json");
    fs::write(&report, json).unwrap();
    let ran = conformance(&["results", report.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("it makes no call"), "{}", ran.out);
}

#[test]
#[cfg(unix)]
fn a_known_departure_that_changes_is_a_failure_until_it_is_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (known, snapshot) = (file("known.toml"), file("snapshot"));
    let text = "[[departure]]\ncases = [\"*/not-found-*\"]\nreason = \"it makes no call\"\n";
    fs::write(&known, text).unwrap();
    let arguments = ["--known", &known, "--snapshot", &snapshot];
    let ran = client("exit 1", &arguments);
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert!(
        ran.err.ends_with("; --write makes it anew\n"),
        "{}",
        ran.err
    );
    let written = client("exit 1", &[&arguments[..], &["--write"]].concat());
    assert_eq!(written.code, 0, "{}", written.err);
    // The port is another one in each run.
    assert_eq!(client("exit 1", &arguments).code, 0);
    let ran = client("exit 3", &arguments);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(
        ran.out
            .contains("It departs in another way than before: nothing was sent"),
        "{}",
        ran.out
    );
    fs::write(&snapshot, "A/b  sent\n").unwrap();
    let ran = client("exit 1", &arguments);
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert!(ran.err.contains("no case has the name A/b;"), "{}", ran.err);
}

#[test]
fn a_proxy_says_where_it_listens() {
    let folder = tempfile::tempdir().unwrap();
    let mut proxy = Command::new(env!("CARGO_BIN_EXE_conformance"))
        .args(["record", "--upstream", "http://127.0.0.1:1", "--out"])
        .arg(folder.path().join("cases"))
        .env("AWS_CONFIG_FILE", folder.path().join("none"))
        .env("AWS_SHARED_CREDENTIALS_FILE", folder.path().join("none"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let out = proxy.stdout.take().unwrap();
    BufReader::new(out).read_line(&mut line).unwrap();
    proxy.kill().unwrap();
    proxy.wait().unwrap();
    assert!(line.starts_with("recording at http://127.0.0.1:"), "{line}");
}
