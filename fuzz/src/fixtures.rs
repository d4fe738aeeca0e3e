//! `fixtures`: whatever the files of a conformance case hold.
//!
//! Input: the case's name on the first line, then each file: a line `%% NAME`, and what is in it.
//!
//! - Nothing panics, neither reading the case nor judging the codecs by it.
//! - What is wrong is said in one line, of the folder or of a file in it, and of a line it has.
//! - The same files read as the same; so do a request and a response that are written from what was
//!   read.

use bytes::Bytes;
use conformance::case::{Case, CaseFiles, Exchange, Suite};
use conformance::codecs;
use conformance::report::Filter;
use http::{HeaderMap, Request, Response};

use crate::is_one_line;
use crate::message::line;

/// Checks one case.
pub fn check(input: &[u8]) {
    let files = files(input);
    match Case::read(&files) {
        Ok(case) => {
            assert_eq!(shown(&files), Some(format!("{case:?}")));
            stable(&case, &files);
        }
        Err(malformed) => {
            assert_eq!(malformed.name, files.name);
            assert!(is_one_line(&malformed.to_string()), "{malformed}");
            let file = malformed.path.strip_prefix(&files.folder);
            let file = file
                .expect("it is in the case's folder")
                .trim_start_matches('/');
            let content = files.files.get(file).map_or(&[][..], Vec::as_slice);
            let lines = 1 + content.iter().filter(|byte| **byte == b'\n').count();
            assert!((1..=lines).contains(&malformed.line), "{malformed}");
            assert_eq!(Case::read(&files).err(), Some(malformed));
        }
    }
    let report = codecs::judge(&Suite::of([files]), &Filter::default());
    drop(format!("{report:?}"));
}

/// The case that an input writes.
fn files(input: &[u8]) -> CaseFiles {
    let (name, mut rest) = line(input);
    let name = String::from_utf8_lossy(name);
    let mut files = CaseFiles::new(name, "folder");
    let mut file = String::new();
    while !rest.is_empty() {
        let (this, after) = line(rest);
        if let Some(name) = this.strip_prefix(b"%% ") {
            file = String::from_utf8_lossy(name).into_owned();
            files.files.insert(file.clone(), Vec::new());
        } else if let Some(content) = files.files.get_mut(&file) {
            content.extend_from_slice(&rest[..rest.len() - after.len()]);
        }
        rest = after;
    }
    files
}

fn shown(files: &CaseFiles) -> Option<String> {
    Some(format!("{:?}", Case::read(files).ok()?))
}

fn stable(case: &Case, files: &CaseFiles) {
    let (Exchange::Whole {
        request, response, ..
    }
    | Exchange::Stray {
        request, response, ..
    }) = &case.exchange
    else {
        return;
    };
    let mut again = files.clone();
    let text = written(first_line(request), request.headers(), request.body());
    again.files.insert("request.http".to_owned(), text);
    let text = written(status_line(response), response.headers(), response.body());
    again.files.insert("response.http".to_owned(), text);
    assert_eq!(shown(&again), Some(format!("{case:?}")));
}

fn first_line(request: &Request<Bytes>) -> String {
    format!("{} {} HTTP/1.1", request.method(), request.uri())
}

fn status_line(response: &Response<Bytes>) -> String {
    format!("HTTP/1.1 {}", response.status().as_u16())
}

fn written(first: String, headers: &HeaderMap, body: &[u8]) -> Vec<u8> {
    let mut text = first.into_bytes();
    text.push(b'\n');
    for (name, value) in headers {
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value.as_bytes());
        text.push(b'\n');
    }
    text.push(b'\n');
    text.extend_from_slice(body);
    text.push(b'\n');
    text
}
