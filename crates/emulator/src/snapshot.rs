//! [`Snapshot`]: all there is, as a document that people write and programs keep.

use std::collections::HashSet;
use std::error::Error;
use std::fmt;
use std::path::Path;

use models::{
    AuthenticatedElement, BackendStoragePermissions, ServiceName, UnAuthenticatedElement,
};
use serde::{Deserialize, Serialize};

use crate::job::{Job, JobStatus, Work};

/// Everything the emulator holds: what a seed file says, and what
/// [`Emulator::snapshot`](crate::Emulator::snapshot) gives.
///
/// In TOML, where everything but the names may be left out:
///
/// ```
/// let seed = amplify_backend_emulator::Snapshot::from_toml(r#"
///     [[apps]]
///     appId = "d1a2b3c4d5e6f7"
///
///     [[apps.environments]]
///     backendEnvironmentName = "staging"
///
///     [[apps.environments.storage]]
///     resourceName = "photos"
///     bucketName = "photos-bucket"
///     permissions = { authenticated = ["READ", "CREATE_AND_UPDATE"] }
///
///     [[buckets]]
///     name = "an-older-bucket"
///     creationDate = 1617375907613
/// "#)?;
/// assert_eq!(seed.apps[0].environments[0].storage[0].resource_name, "photos");
/// # Ok::<_, amplify_backend_emulator::SnapshotError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Snapshot {
    /// The Amplify apps.
    pub apps: Vec<App>,
    /// The S3 buckets. One that a resource which is not imported names need not be here.
    pub buckets: Vec<Bucket>,
}

/// An Amplify app.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct App {
    /// Its id.
    pub app_id: String,
    /// Its backend environments.
    #[serde(default)]
    pub environments: Vec<Environment>,
}

/// A backend environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Environment {
    /// Its name, such as `staging`.
    pub backend_environment_name: String,
    /// Its storage resources.
    #[serde(default)]
    pub storage: Vec<Storage>,
    /// Its jobs, the oldest first. At most one of them, the last, is running.
    #[serde(default)]
    pub jobs: Vec<Job>,
}

/// A storage resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Storage {
    /// Its name.
    pub resource_name: String,
    /// The S3 bucket that holds the objects.
    pub bucket_name: String,
    /// Whether the bucket was there before and was imported.
    #[serde(default)]
    pub imported: bool,
    /// Who may do what. An imported resource has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Permissions>,
    /// The service that holds the objects.
    #[serde(default = "s3")]
    pub service_name: ServiceName,
}

/// Who may do what with the objects. The shape of the same name on the wire passes over members
/// that it does not know; a seed file should not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Permissions {
    /// What signed-in users may do.
    pub authenticated: Vec<AuthenticatedElement>,
    /// What everybody may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub un_authenticated: Option<Vec<UnAuthenticatedElement>>,
}

/// An S3 bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// When it was made, in milliseconds since the epoch.
    #[serde(default)]
    pub creation_date: u64,
}

fn s3() -> ServiceName {
    ServiceName::S3
}

impl From<BackendStoragePermissions> for Permissions {
    fn from(permissions: BackendStoragePermissions) -> Self {
        Self {
            authenticated: permissions.authenticated,
            un_authenticated: permissions.un_authenticated,
        }
    }
}

impl From<Permissions> for BackendStoragePermissions {
    fn from(permissions: Permissions) -> Self {
        Self::builder()
            .authenticated(permissions.authenticated)
            .maybe_un_authenticated(permissions.un_authenticated)
            .build()
    }
}

impl Snapshot {
    /// Reads a snapshot that is written in TOML.
    ///
    /// # Errors
    ///
    /// Says in which line and column, or under which name, what is wrong: the text is no TOML, a
    /// member is unknown or has the wrong type, a name stands twice, a permission is not one of the
    /// service's.
    pub fn from_toml(text: &str) -> Result<Self, SnapshotError> {
        let read: Self = toml::from_str(text).map_err(|error| SnapshotError(error.to_string()))?;
        read.checked()
    }

    /// Reads a snapshot that is written in JSON.
    ///
    /// # Errors
    ///
    /// As [`from_toml`](Self::from_toml).
    pub fn from_json(text: &str) -> Result<Self, SnapshotError> {
        let read: Self =
            serde_json::from_str(text).map_err(|error| SnapshotError(error.to_string()))?;
        read.checked()
    }

    /// Reads a file: TOML, or JSON where its name ends in `.json`.
    ///
    /// # Errors
    ///
    /// As [`from_toml`](Self::from_toml), and with the file's name; also if it cannot be read.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SnapshotError> {
        let path = path.as_ref();
        let named =
            |error: &dyn fmt::Display| SnapshotError(format!("{}: {error}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| named(&error))?;
        let json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        let read = if json {
            Self::from_json(&text)
        } else {
            Self::from_toml(&text)
        };
        read.map_err(|error| named(&error))
    }

    /// The snapshot as JSON that [`from_json`](Self::from_json) reads.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts and numbers are written without an error")
    }

    /// What the types do not say: names are there, and once; values are the service's.
    pub(crate) fn checked(self) -> Result<Self, SnapshotError> {
        let refuse = |what: String| Err(SnapshotError(what));
        let mut apps = HashSet::new();
        for app in &self.apps {
            let id = &app.app_id;
            if id.is_empty() || !apps.insert(id) {
                return refuse(format!(
                    "app {id:?}: an appId must not be empty, nor stand twice"
                ));
            }
            let mut names = HashSet::new();
            for environment in &app.environments {
                let name = &environment.backend_environment_name;
                if name.is_empty() || !names.insert(name) {
                    return refuse(format!(
                        "app {id:?}, environment {name:?}: a backendEnvironmentName must not be \
                         empty, nor stand twice in an app"
                    ));
                }
                environment.check().map_err(|error| {
                    SnapshotError(format!("app {id:?}, environment {name:?}, {error}"))
                })?;
            }
        }
        let mut buckets = HashSet::new();
        for Bucket { name, .. } in &self.buckets {
            if name.is_empty() || !buckets.insert(name) {
                return refuse(format!(
                    "bucket {name:?}: a name must not be empty, nor stand twice"
                ));
            }
        }
        Ok(self)
    }
}

impl Environment {
    fn check(&self) -> Result<(), SnapshotError> {
        let mut names = HashSet::new();
        for storage in &self.storage {
            if !names.insert(&storage.resource_name) {
                let name = &storage.resource_name;
                return Err(SnapshotError(format!(
                    "storage {name:?}: the name stands twice"
                )));
            }
            storage.check()?;
        }
        let mut ids = HashSet::new();
        for (index, job) in self.jobs.iter().enumerate() {
            let refuse = |what| Err(SnapshotError(format!("job {:?}: {what}", job.job_id)));
            if job.job_id.is_empty() || !ids.insert(&job.job_id) {
                return refuse("a jobId must not be empty, nor stand twice");
            }
            if let JobStatus::Running { work, .. } = &job.status {
                if index + 1 != self.jobs.len() {
                    return refuse("only the last job of an environment may be running");
                }
                if let Work::Put(storage) = &**work {
                    storage.check()?;
                }
            }
        }
        Ok(())
    }
}

impl Storage {
    fn check(&self) -> Result<(), SnapshotError> {
        let refuse = |what: String| {
            let name = &self.resource_name;
            Err(SnapshotError(format!("storage {name:?}: {what}")))
        };
        if self.resource_name.is_empty() || self.bucket_name.is_empty() {
            return refuse("resourceName and bucketName must not be empty".to_owned());
        }
        if !self.service_name.is_known() {
            return refuse(format!(
                "serviceName is {:?}, and not S3",
                self.service_name.as_str()
            ));
        }
        let permissions = self.permissions.iter();
        match permissions.flat_map(Permissions::unknown).next() {
            Some((member, value)) => refuse(format!(
                "permissions.{member} has {value:?}, which is none of READ, CREATE_AND_UPDATE, \
                 DELETE"
            )),
            None => Ok(()),
        }
    }
}

impl Permissions {
    /// The values that the service does not have, each with the member it stands in.
    pub(crate) fn unknown(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let authenticated = self.authenticated.iter();
        let everybody = self.un_authenticated.iter().flatten();
        authenticated
            .filter(|value| !value.is_known())
            .map(|value| ("authenticated", value.as_str()))
            .chain(
                everybody
                    .filter(|value| !value.is_known())
                    .map(|value| ("unAuthenticated", value.as_str())),
            )
    }
}

/// A document that is no snapshot. It says where, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotError(String);

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.trim_end())
    }
}

impl Error for SnapshotError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_seed_is_said_with_its_place() {
        let app =
            "[[apps]]\nappId = \"d1\"\n[[apps.environments]]\nbackendEnvironmentName = \"e\"\n";
        let storage = format!("{app}[[apps.environments.storage]]\nresourceName = \"r\"\n");
        for (seed, part) in [
            ("apps = 1".to_owned(), "line 1, column 8"),
            ("[[apps]]\nid = \"d1\"\n".to_owned(), "unknown field `id`"),
            ("[[apps]]\nappId = \"\"".to_owned(), "app \"\""),
            (format!("{app}{app}"), "app \"d1\": an appId must not"),
            (
                "[[buckets]]\nname = \"b\"\n[[buckets]]\nname = \"b\"".to_owned(),
                "bucket \"b\"",
            ),
            (storage.clone(), "missing field `bucketName`"),
            (
                format!("{storage}bucketName = \"b\"\nserviceName = \"S4\""),
                "app \"d1\", environment \"e\", storage \"r\": serviceName is \"S4\"",
            ),
            (
                format!(
                    "{storage}bucketName = \"b\"\npermissions = {{ authenticated = [\"READ\", \"read\"] }}"
                ),
                "permissions.authenticated has \"read\"",
            ),
            (
                format!(
                    "{storage}bucketName = \"b\"\npermissions = {{ authenticated = [], everybody = [] }}"
                ),
                "unknown field `everybody`",
            ),
        ] {
            let error = Snapshot::from_toml(&seed).unwrap_err().to_string();
            assert!(error.contains(part), "{seed}\n{error}");
        }
        let error = Snapshot::from_json("{\"apps\": [}")
            .unwrap_err()
            .to_string();
        assert!(error.contains("line 1 column 11"), "{error}");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let error = Snapshot::from_file("/nowhere/seed.toml").unwrap_err();
        assert!(
            error.to_string().starts_with("/nowhere/seed.toml: "),
            "{error}"
        );
    }
}
