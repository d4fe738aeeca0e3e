//! Cases in a folder, or those that are built in.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::Path;

use include_dir::{Dir, include_dir};

use super::{Case, CaseFiles, Malformed};
use crate::report::{Filter, Place, Report};

/// The cases of this repository, so that the program needs no file beside it.
static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/fixtures");

/// Cases that are in form, and those that are not.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Suite {
    /// The cases, by name.
    pub cases: Vec<Case>,
    /// What is wrong with the others.
    pub malformed: Vec<Malformed>,
}

impl Suite {
    /// The cases of this repository.
    pub fn built_in() -> Self {
        let operations = BUILT_IN.dirs();
        Self::of(operations.flat_map(Dir::dirs).map(|folder| {
            let path = folder.path().to_string_lossy().replace('\\', "/");
            let mut files = CaseFiles::new(path.clone(), format!("conformance/fixtures/{path}"));
            for file in folder.files() {
                let name = file.path().file_name().unwrap_or_default();
                let name = name.to_string_lossy().into_owned();
                files.files.insert(name, file.contents().to_vec());
            }
            files
        }))
    }

    /// The cases in the folders of `folder`'s folders. Files beside those, and files and folders
    /// whose names begin with a dot, are passed over.
    ///
    /// # Errors
    ///
    /// When the folders cannot be read, or there is no case in them. A file that cannot be read is its
    /// own case's fault.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let (mut found, mut unread) = (Vec::new(), Vec::new());
        for operation in folders(folder)? {
            for case in folders(&folder.join(&operation))? {
                let name = format!("{operation}/{case}");
                let path = folder.join(&operation).join(&case);
                let mut files = CaseFiles::new(name, path.to_string_lossy());
                let mut read = Ok(());
                for entry in visible(&path)? {
                    match fs::read(path.join(&entry)) {
                        Ok(bytes) => drop(files.files.insert(entry, bytes)),
                        Err(error) => read = Err(files.wrong(&entry, (1, error.to_string()))),
                    }
                }
                match read {
                    Ok(()) => found.push(files),
                    Err(malformed) => unread.push(malformed),
                }
            }
        }
        if found.is_empty() && unread.is_empty() {
            let message = format!("{}: there is no case in it", folder.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        let mut suite = Self::of(found);
        suite.malformed.extend(unread);
        Ok(suite)
    }

    /// The cases in these files.
    pub fn of(files: impl IntoIterator<Item = CaseFiles>) -> Self {
        let mut suite = Self::default();
        let mut files: Vec<_> = files.into_iter().collect();
        files.sort_by(|one, other| one.name.cmp(&other.name));
        let names: HashSet<_> = files.iter().map(|files| files.name.as_str()).collect();
        for files in &files {
            match Case::read(files) {
                Ok(case) => match no_such_case(&case, &names) {
                    Some(flaw) => suite.malformed.push(files.wrong(super::MANIFEST, flaw)),
                    None => suite.cases.push(case),
                },
                Err(malformed) => suite.malformed.push(malformed),
            }
        }
        suite
    }

    /// The case with this name.
    pub fn case(&self, name: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.name == name)
    }

    /// A report on `what` in which the cases that are wrong in form have failed, as far as `filter`
    /// takes them.
    pub fn report(&self, what: &str, filter: &Filter) -> Report {
        let mut report = Report::new(what);
        for malformed in &self.malformed {
            if filter.takes(&malformed.name) {
                let place = Place {
                    file: malformed.path.clone(),
                    line: malformed.line,
                };
                report.fail_at(&malformed.name, place, malformed.message.clone());
            }
        }
        report
    }
}

fn no_such_case(case: &Case, names: &HashSet<&str>) -> Option<super::Flaw> {
    let after = case.server.as_ref().map(|server| server.after.as_slice());
    for (name, line) in after.unwrap_or_default() {
        if !names.contains(name.as_str()) || *name == case.name {
            return Some((
                *line,
                format!("there is no case {name} that this can come after"),
            ));
        }
    }
    None
}

/// The folders in a folder, by name.
fn folders(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = visible(folder)?;
    names.retain(|name| folder.join(name).is_dir());
    Ok(names)
}

/// What is in a folder, by name.
fn visible(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| about(folder, &error))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
