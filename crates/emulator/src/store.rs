//! The state file: changes of the world, in transactions that survive a crash.
//!
//! One thread writes. Whatever has piled up while it wrote is its next transaction, so that many
//! callers share one `fsync`; each of them waits until its own change is on disk.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;

use redb::{
    Database, DatabaseError, ReadableDatabase, ReadableTable as _, StorageError, TableDefinition,
    TableError,
};
use tokio::sync::watch;

use crate::world::{Change, World};

type RowKey = (&'static str, &'static str, &'static str, &'static str);

const ROWS: TableDefinition<'_, RowKey, &[u8]> = TableDefinition::new("amplify-backend-emulator");
const FORMAT: TableDefinition<'_, &str, u64> = TableDefinition::new("format");

/// What this version writes, and the only thing that it reads.
const FORMAT_VERSION: u64 = 1;

/// How much of the file redb may keep in memory: all of it is in the world already.
const CACHE: usize = 1024 * 1024;

/// A state file that is open.
#[derive(Debug)]
pub(crate) struct Store {
    queue: Option<mpsc::Sender<Vec<Change>>>,
    appended: AtomicU64,
    progress: watch::Receiver<Progress>,
    writer: Option<JoinHandle<()>>,
}

#[derive(Clone, Debug, Default)]
struct Progress {
    /// How many sets of changes are on disk.
    written: u64,
    /// Why no more will follow.
    failure: Option<String>,
}

impl Store {
    /// Opens or makes the file, and builds the world that is in it. `None`: it holds none yet.
    pub(crate) fn open(path: &Path) -> Result<(Self, Option<World>), StateError> {
        let fail = |problem| StateError {
            path: path.to_owned(),
            problem,
        };
        let mut builder = Database::builder();
        builder.set_cache_size(CACHE);
        builder.set_check_integrity_on_open(true);
        let database = builder.create(path).map_err(|error| fail(error.into()))?;
        let world = read(&database).map_err(fail)?;
        if world.is_none() {
            name_format(&database).map_err(|error| fail(error.into()))?;
        }
        let (queue, changes) = mpsc::channel();
        let (sender, progress) = watch::channel(Progress::default());
        let writer = std::thread::Builder::new()
            .name("amplify-backend-state".to_owned())
            .spawn(move || write_all(&database, &changes, &sender))
            .map_err(|error| fail(Problem::Io(error.to_string())))?;
        let store = Self {
            queue: Some(queue),
            appended: AtomicU64::new(0),
            progress,
            writer: Some(writer),
        };
        Ok((store, world))
    }

    /// Hands `changes` to the writer, behind all before. The caller holds the lock on the world, so
    /// that the order is the one in which things happened.
    pub(crate) fn append(&self, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        self.appended.fetch_add(1, Ordering::SeqCst);
        if let Some(queue) = &self.queue {
            // The writer outlives the sender, unless it panicked: then `written` waits for nothing.
            let _ = queue.send(changes);
        }
    }

    /// How many sets of changes were appended so far.
    pub(crate) fn appended(&self) -> u64 {
        self.appended.load(Ordering::SeqCst)
    }

    /// Waits until the first `count` sets of changes are on disk; the error is one line.
    pub(crate) async fn written(&self, count: u64) -> Result<(), String> {
        let mut progress = self.progress.clone();
        let done = progress
            .wait_for(|progress| progress.written >= count || progress.failure.is_some())
            .await;
        match done {
            Ok(progress) if progress.written >= count => Ok(()),
            Ok(progress) => Err(progress.failure.clone().unwrap_or_default()),
            Err(_) => Err("the thread that writes it has ended".to_owned()),
        }
    }
}

impl Drop for Store {
    /// Writes what is left and gives the file free.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(writer) = self.writer.take() {
            // It has nothing to say that nobody was told already.
            let _ = writer.join();
        }
    }
}

fn write_all(
    database: &Database,
    queue: &mpsc::Receiver<Vec<Change>>,
    progress: &watch::Sender<Progress>,
) {
    while let Ok(first) = queue.recv() {
        let sets: Vec<_> = std::iter::once(first).chain(queue.try_iter()).collect();
        if let Err(error) = write(database, &sets) {
            let failure = Some(error.to_string());
            progress.send_modify(|progress| progress.failure = failure);
            return;
        }
        let count = u64::try_from(sets.len()).unwrap_or(u64::MAX);
        progress.send_modify(|progress| progress.written += count);
    }
}

/// Makes a new file one of this emulator's.
fn name_format(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    transaction
        .open_table(FORMAT)?
        .insert("version", FORMAT_VERSION)?;
    transaction.open_table(ROWS)?;
    transaction.commit()?;
    Ok(())
}

/// One transaction. When it returns, the file system has it.
fn write(database: &Database, sets: &[Vec<Change>]) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let mut rows = transaction.open_table(ROWS)?;
        for change in sets.iter().flatten() {
            match change {
                Change::Clear => rows.retain(|_, _| false)?,
                Change::Put((kind, app, environment, name), value) => {
                    let key = (*kind, app.as_str(), environment.as_str(), name.as_str());
                    rows.insert(key, value.as_slice())?;
                }
                Change::Delete((kind, app, environment, name)) => {
                    let key = (*kind, app.as_str(), environment.as_str(), name.as_str());
                    rows.remove(key)?;
                }
            }
        }
    }
    transaction.commit()?;
    Ok(())
}

fn read(database: &Database) -> Result<Option<World>, Problem> {
    let transaction = database.begin_read()?;
    let format = match transaction.open_table(FORMAT) {
        // A file of this moment, or one whose first transaction never ended.
        Err(TableError::TableDoesNotExist(_)) if transaction.list_tables()?.next().is_none() => {
            return Ok(None);
        }
        Err(TableError::Storage(error)) => return Err(error.into()),
        Err(_) => return Err(Problem::NotAStateFile),
        Ok(format) => format,
    };
    let version = format.get("version")?.map(|version| version.value());
    match version {
        Some(FORMAT_VERSION) => {}
        Some(version) => return Err(Problem::OtherVersion(version)),
        None => return Err(Problem::NotAStateFile),
    }
    let rows = match transaction.open_table(ROWS) {
        Ok(rows) => rows,
        Err(TableError::Storage(error)) => return Err(error.into()),
        Err(_) => return Err(Problem::NotAStateFile),
    };
    let mut world = World::default();
    for row in rows.iter()? {
        let (key, value) = row?;
        world
            .restore(key.value(), value.value())
            .map_err(Problem::Damaged)?;
    }
    Ok(Some(world))
}

/// A state file that cannot be used. Nothing of it was changed.
#[derive(Debug)]
pub struct StateError {
    path: PathBuf,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    InUse,
    NotAStateFile,
    OtherVersion(u64),
    Damaged(String),
    Io(String),
}

impl StateError {
    /// Whether another process, or another emulator of this one, has the file open.
    pub fn is_in_use(&self) -> bool {
        matches!(self.problem, Problem::InUse)
    }

    /// Whether the file is damaged, or was never a state file.
    pub fn is_unreadable(&self) -> bool {
        matches!(
            self.problem,
            Problem::Damaged(_) | Problem::NotAStateFile | Problem::OtherVersion(_)
        )
    }
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the state file {} ", self.path.display())?;
        match &self.problem {
            Problem::InUse => f.write_str(
                "is in use by another emulator: stop that one, or give this one another file",
            ),
            Problem::NotAStateFile => f.write_str(
                "is not one of this emulator: give it another file, or the name of a new one",
            ),
            Problem::OtherVersion(version) => write!(
                f,
                "has format {version}, and this version reads format {FORMAT_VERSION}: use the \
                 version that wrote it"
            ),
            Problem::Damaged(how) => write!(
                f,
                "is damaged ({how}): move it away to begin anew, or put a copy in its place"
            ),
            Problem::Io(how) => write!(f, "cannot be opened: {how}"),
        }
    }
}

impl Error for StateError {}

impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::DatabaseAlreadyOpen => Self::InUse,
            DatabaseError::UpgradeRequired(_) => Self::NotAStateFile,
            DatabaseError::RepairAborted => Self::Damaged("it could not be repaired".to_owned()),
            DatabaseError::Storage(error) => error.into(),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                Self::NotAStateFile
            }
            StorageError::Io(error) => Self::Io(error.to_string()),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<redb::Error> for Problem {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::Io(error) => Self::Io(error.to_string()),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<redb::TransactionError> for Problem {
    fn from(error: redb::TransactionError) -> Self {
        redb::Error::from(error).into()
    }
}
