//! One profile, and the keys that stand in it.

use signing::Credentials;

use super::{Found, absent};
use crate::CredentialsError;
use crate::config::{Origin, Property, Section};

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
        self.section?
            .property(name)
            .filter(|property| !property.value().is_empty())
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

    /// The keys of the profile that stand in the credentials file, or else in the config file.
    /// Those of two files are not mixed.
    pub(super) fn keys_in(&self, credentials_file: bool) -> Found {
        let here = |name| {
            let property: Option<&Property> = self.property(name);
            property.filter(|property| property.is_in_credentials_file() == credentials_file)
        };
        let Some(id) = here(ID) else {
            return self.lacks(ID);
        };
        let Some(secret) = here(SECRET) else {
            let message = format!("{} has {ID} and no {SECRET}", id.origin());
            return Err(CredentialsError::new(message).into());
        };
        let token = here("aws_security_token").or_else(|| here("aws_session_token"));
        let token = token.map(Property::value).unwrap_or_default();
        Ok(Credentials::new(id.value(), secret.value()).with_session_token(token))
    }
}

const ID: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";
