//! Every target's property over the inputs that are kept for it.

use std::fs;
use std::path::Path;

fn over_its_corpus(name: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(name);
    let entries = fs::read_dir(&folder).expect("the target has a corpus");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("a folder can be listed").path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        let input = fs::read(&path).expect("a file of the corpus can be read");
        // Whatever panics says which input it was.
        let named = Named(&path);
        check(&input);
        drop(named);
    }
}

struct Named<'a>(&'a Path);

impl Drop for Named<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the input is {}", self.0.display());
        }
    }
}

macro_rules! targets {
    ($($name:ident,)*) => { $(
        #[test]
        fn $name() {
            over_its_corpus(stringify!($name), amplify_backend_fuzz::$name::check);
        }
    )* };
}

targets! {
    canonical,
    connection,
    endpoints,
    labels,
    profiles,
    requests,
    responses,
    verify,
}
