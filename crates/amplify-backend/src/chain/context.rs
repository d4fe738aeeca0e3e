//! What all sources work with: variables, files, the profile, the time.

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use operations::Region;
use zeroize::Zeroizing;

use super::http::Carrier;
use super::profile::Profile;
use crate::config::{Environment, ProfileFiles, Profiles, Section};
use crate::{Clock, CredentialsError};

pub(super) struct Context {
    pub(super) environment: Environment,
    pub(super) files: ProfileFiles,
    /// The one that code names.
    pub(super) profile: Option<String>,
    /// The one that code names.
    pub(super) region: Option<Region>,
    /// To STS and SSO.
    pub(super) services: Carrier,
    /// To a container and to the instance's metadata service.
    pub(super) metadata: Carrier,
    pub(super) clock: Arc<dyn Clock>,
}

/// The most that is read of a file with a token.
const LIMIT: usize = 1024 * 1024;

impl Context {
    pub(super) fn new() -> Self {
        let environment = Environment::process();
        Self {
            files: ProfileFiles::new(environment.clone()),
            environment,
            profile: None,
            region: None,
            services: Carrier::for_services(),
            metadata: Carrier::for_metadata(),
            clock: Arc::new(SystemTime::now),
        }
    }

    /// The value of a variable. One that is empty or not UTF-8 counts as unset.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.environment.variable(name)?.into_string().ok()
    }

    /// A setting by its variable, or else by its property in the chosen profile.
    pub(super) async fn setting(
        &self,
        variable: &str,
        property: &str,
    ) -> Result<Option<String>, CredentialsError> {
        if let Some(value) = self.variable(variable) {
            return Ok(Some(value));
        }
        let section = self.profile().await?.section;
        Ok(section
            .and_then(|section| section.get(property))
            .map(str::to_owned))
    }

    /// Whether a setting is `true`.
    pub(super) async fn is_on(
        &self,
        variable: &str,
        property: &str,
    ) -> Result<bool, CredentialsError> {
        let value = self.setting(variable, property).await?;
        Ok(value.is_some_and(|value| value.eq_ignore_ascii_case("true")))
    }

    /// The region; `None` when nobody says one.
    pub(super) async fn region(&self) -> Result<Option<Region>, CredentialsError> {
        if let Some(region) = &self.region {
            return Ok(Some(region.clone()));
        }
        let region = match self.variable("AWS_REGION") {
            Some(region) => Some(region),
            None => self.setting("AWS_DEFAULT_REGION", "region").await?,
        };
        let region = region.map(|region| Region::new(&region)).transpose();
        region.map_err(|error| CredentialsError::new("the region is wrong").with_source(error))
    }

    /// Reads a file that a setting names; `what` it is stands in the error.
    pub(super) async fn read(
        &self,
        what: &str,
        path: &Path,
    ) -> Result<Zeroizing<String>, CredentialsError> {
        let environment = self.environment.clone();
        let asked = path.to_owned();
        let read = off_the_runtime(move || environment.read(&asked, LIMIT)).await;
        let wrong = |error| {
            let message = format!("{what} {} cannot be read", path.display());
            CredentialsError::new(message).with_source(error)
        };
        match read.map_err(wrong)?.try_into() {
            Ok(text) => Ok(Zeroizing::new(text)),
            Err(_) => Err(wrong(io::ErrorKind::InvalidData.into())),
        }
    }

    /// Puts new text into a file. It is no harm when that fails: then it is only not kept.
    pub(super) async fn replace(&self, path: PathBuf, text: String) {
        let environment = self.environment.clone();
        let _ = off_the_runtime(move || environment.replace(&path, text.as_bytes())).await;
    }

    /// What the shared files say.
    pub(super) async fn profiles(&self) -> Result<&Profiles, CredentialsError> {
        let files = self.files.clone();
        let read = off_the_runtime(move || files.profiles().map(drop)).await;
        read.and_then(|()| self.files.profiles())
            .map_err(|error| CredentialsError::new("a shared file is broken").with_source(error))
    }

    /// The chosen profile. One that nobody named may be missing.
    pub(super) async fn profile(&self) -> Result<Profile<'_>, CredentialsError> {
        let profiles = self.profiles().await?;
        let named = match &self.profile {
            Some(name) => Some((name.clone(), "code")),
            None => self
                .variable("AWS_PROFILE")
                .map(|name| (name, "AWS_PROFILE")),
        };
        match named {
            Some((name, by)) => {
                let section = self.section(profiles, &name, by)?;
                Ok(Profile::new(name, Some(section)))
            }
            None => Ok(Profile::new("default", profiles.profile("default"))),
        }
    }

    /// The profile that `by` names.
    pub(super) fn section<'a>(
        &self,
        profiles: &'a Profiles,
        name: &str,
        by: impl Display,
    ) -> Result<&'a Section, CredentialsError> {
        if let Some(section) = profiles.profile(name) {
            return Ok(section);
        }
        let mut message = format!("there is no profile {name:?}, which {by} names");
        let near = profiles
            .profiles()
            .map(|(known, _)| (strsim::osa_distance(name, known), known))
            .filter(|(distance, _)| *distance <= 2)
            .min();
        if let Some((_, known)) = near {
            message.push_str(&format!("; did you mean {known:?}?"));
        }
        Err(CredentialsError::new(message))
    }

    /// A path in the home folder.
    pub(super) fn in_home(&self, path: &[&str]) -> Result<PathBuf, CredentialsError> {
        let mut home = self
            .environment
            .home()
            .ok_or_else(|| CredentialsError::new("there is no home folder: HOME is not set"))?;
        home.extend(path);
        Ok(home)
    }
}

/// Does what may wait for a disk where that holds nobody else up.
async fn off_the_runtime<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
