//! The state file: what it keeps, and what it refuses to be.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails the short way"
)]

use std::fs;
use std::path::{Path, PathBuf};

use amplify_backend_emulator::{Emulator, EmulatorError, Snapshot, StateError};
use redb::{Database, ReadableDatabase as _, TableDefinition};
use tempfile::TempDir;

fn seed() -> Snapshot {
    let mut seed = String::new();
    for app in ["d1", "d2"] {
        seed += &format!("[[apps]]\nappId = \"{app}\"\n");
        seed += "[[apps.environments]]\nbackendEnvironmentName = \"staging\"\n";
        for number in 0..20 {
            seed += "[[apps.environments.storage]]\n";
            seed += &format!("resourceName = \"r{number}\"\nbucketName = \"b-{app}-{number}\"\n");
            seed += "permissions = { authenticated = [\"READ\"] }\n";
        }
    }
    Snapshot::from_toml(&seed).unwrap()
}

fn open(path: &Path, seed: Snapshot) -> Result<Emulator, StateError> {
    let emulator = Emulator::builder().state_file(path).seed(seed).build();
    emulator.map_err(|error| match error {
        EmulatorError::State(error) => error,
        other => panic!("{other}"),
    })
}

/// A file with the seed in it, closed, and what is in it.
fn written() -> (TempDir, PathBuf, Snapshot) {
    let folder = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap();
    let path = folder.path().join("state");
    let emulator = open(&path, seed()).unwrap();
    let snapshot = emulator.snapshot();
    drop(emulator);
    (folder, path, snapshot)
}

/// What a file that is no longer as it was written may be: as before, or refused.
fn is_right_or_refused(path: &Path, before: &Snapshot, how: &str) -> bool {
    match open(path, Snapshot::default()) {
        Ok(emulator) => {
            assert_eq!(emulator.snapshot(), *before, "{how}");
            true
        }
        Err(error) => {
            assert!(error.is_unreadable(), "{how}: {error}");
            assert!(error.to_string().contains(path.to_str().unwrap()));
            false
        }
    }
}

#[test]
fn what_is_written_is_read_again_and_the_seed_counts_only_once() {
    let (_folder, path, before) = written();
    for _ in 0..3 {
        let other = Snapshot::from_toml("[[buckets]]\nname = \"other\"").unwrap();
        assert_eq!(open(&path, other).unwrap().snapshot(), before);
    }
}

#[test]
fn a_file_that_was_cut_off_is_read_rightly_or_refused() {
    let (_folder, path, before) = written();
    let whole = fs::read(&path).unwrap();
    let mut refused = 0;
    for part in 1..100 {
        fs::write(&path, &whole[..whole.len() * part / 100]).unwrap();
        refused += usize::from(!is_right_or_refused(&path, &before, &format!("{part} %")));
    }
    assert!(refused > 0);
}

#[test]
fn a_file_with_other_bytes_in_it_is_read_rightly_or_refused() {
    let (_folder, path, before) = written();
    let whole = fs::read(&path).unwrap();
    let used = whole.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let mut refused = 0;
    for place in (0..512).step_by(3).chain((512..used).step_by(used / 300)) {
        let mut changed = whole.clone();
        changed[place] ^= 0x40;
        fs::write(&path, &changed).unwrap();
        refused += usize::from(!is_right_or_refused(
            &path,
            &before,
            &format!("byte {place}"),
        ));
    }
    assert!(refused > 0);
    for place in (0..used).step_by(used / 50) {
        let mut changed = whole.clone();
        let end = (place + 4_096).min(whole.len());
        changed[place..end].fill(0);
        fs::write(&path, &changed).unwrap();
        is_right_or_refused(&path, &before, &format!("a page of zeros at {place}"));
    }
}

#[test]
fn a_second_emulator_on_the_same_file_is_refused() {
    let (_folder, path, before) = written();
    let first = open(&path, Snapshot::default()).unwrap();
    let error = open(&path, Snapshot::default()).unwrap_err();
    assert!(error.is_in_use());
    assert!(
        error
            .to_string()
            .contains("is in use by another emulator: stop that one"),
        "{error}"
    );
    assert_eq!(first.snapshot(), before);
    drop(first);
    assert_eq!(open(&path, Snapshot::default()).unwrap().snapshot(), before);
}

#[test]
fn a_file_that_is_something_else_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    fs::write(&text, "remember the milk\n".repeat(1_000)).unwrap();
    let short = folder.path().join("short.txt");
    fs::write(&short, "x").unwrap();
    let foreign = folder.path().join("foreign.redb");
    let table: TableDefinition<'_, u64, u64> = TableDefinition::new("theirs");
    let database = Database::create(&foreign).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(table).unwrap().insert(1, 2).unwrap();
    transaction.commit().unwrap();
    drop(database);
    for path in [&text, &short, &foreign] {
        let error = open(path, seed()).unwrap_err();
        let path = path.display();
        assert!(error.is_unreadable(), "{error}");
        assert!(
            error
                .to_string()
                .contains(&format!("{path} is not one of this emulator")),
            "{error}"
        );
    }
    assert!(
        fs::read_to_string(&text)
            .unwrap()
            .starts_with("remember the milk")
    );
    assert_eq!(fs::read_to_string(&short).unwrap(), "x");
    let database = Database::open(&foreign).unwrap();
    let theirs = database.begin_read().unwrap().open_table(table).unwrap();
    assert_eq!(theirs.get(1).unwrap().unwrap().value(), 2);
}

#[test]
fn a_file_of_another_version_is_refused() {
    let (_folder, path, _) = written();
    let format: TableDefinition<'_, &str, u64> = TableDefinition::new("format");
    let database = Database::open(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction
        .open_table(format)
        .unwrap()
        .insert("version", 2)
        .unwrap();
    transaction.commit().unwrap();
    drop(database);
    let error = open(&path, Snapshot::default()).unwrap_err().to_string();
    assert!(
        error.contains("has format 2, and this version reads format 1"),
        "{error}"
    );
}

#[test]
fn a_place_where_no_file_can_be_is_said_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    for path in [
        folder.path().to_owned(),
        folder.path().join("nowhere/state"),
    ] {
        let error = open(&path, Snapshot::default()).unwrap_err();
        assert!(!error.is_unreadable() && !error.is_in_use(), "{error}");
        assert!(error.to_string().contains(" cannot be opened: "), "{error}");
    }
}
