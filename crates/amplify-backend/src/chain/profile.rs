//! One profile, and the keys that stand in it.

use super::{Found, absent};
use crate::CredentialsError;
use crate::config::{Origin, Property, Section, key};

/// A profile by its name. It may be missing where nobody named it.
#[derive(Clone)]
pub(super) struct Profile<'a> {
    pub(super) name: String,
    pub(super) section: Option<&'a Section>,
}

impl<'a> Profile<'a> {
    pub(super) fn new(name: impl Into<String>, section: Option<&'a Section>) -> Self {
        Self {
            name: name.into(),
            section,
        }
    }

    /// The value of a property. An empty one counts as unset.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.section?.get(name)
    }

    /// A property that has a value.
    pub(super) fn property(&self, name: &str) -> Option<&'a Property> {
        self.section?.set(name)
    }

    /// Where a property stands.
    pub(super) fn origin(&self, name: &str) -> Origin {
        self.property(name)
            .map_or(Origin::Default, Property::origin)
    }

    /// That the profile has no such property.
    pub(super) fn lacks(&self, name: &str) -> Found {
        absent(match self.section {
            Some(_) => format!("profile {} has no {name}", self.name),
            None => format!("there is no profile {}", self.name),
        })
    }

    pub(super) fn has_keys(&self) -> bool {
        self.get(ID).is_some() || self.get(SECRET).is_some()
    }

    /// The key whose id stands in the credentials file, or else in the config file.
    pub(super) fn key_in(&self, credentials_file: bool) -> Found {
        let id = self.property(ID);
        match (self.section, id) {
            (Some(section), Some(id)) if id.is_in_credentials_file() == credentials_file => {
                Ok(key(section, id)?)
            }
            _ => self.lacks(ID),
        }
    }

    /// What `aws login` left behind is not read, and not passed over in silence.
    pub(super) fn login(&self) -> Found {
        const LOGIN: &str = "login_session";
        if self.property(LOGIN).is_none() {
            return self.lacks(LOGIN);
        }
        let (place, name) = (self.origin(LOGIN), &self.name);
        let message = format!(
            "{place}: what `aws login` got is not read; a profile with credential_process = aws \
             configure export-credentials --profile {name} gives it"
        );
        Err(CredentialsError::new(message).into())
    }
}

const ID: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";
