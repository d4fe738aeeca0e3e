//! Every target's property over the inputs that are kept for it, and over the cases elsewhere.

use std::fmt::Display;
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
        checked(check, &input, path.display());
    }
    let elsewhere = amplify_backend_fuzz::vectors::all().expect("the cases can be read");
    for (index, (target, input)) in elsewhere.iter().enumerate() {
        if *target == name {
            checked(check, input, format_args!("vector-{index}"));
        }
    }
}

/// Whatever panics says which input it was.
fn checked(check: fn(&[u8]), input: &[u8], name: impl Display) {
    struct Named<N: Display>(N);

    impl<N: Display> Drop for Named<N> {
        fn drop(&mut self) {
            if std::thread::panicking() {
                eprintln!("the input is {}", self.0);
            }
        }
    }

    let _named = Named(name);
    check(input);
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
    fixtures,
    labels,
    profiles,
    requests,
    responses,
    verify,
}
