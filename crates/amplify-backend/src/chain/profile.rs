//! One profile, and the keys that stand in it.

use std::path::Path;

use signing::Credentials;

use super::{Found, absent};
use crate::CredentialsError;
use crate::config::{Property, Section};

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

    fn property(&self, name: &str) -> Option<&'a Property> {
        self.section?
            .property(name)
            .filter(|property| !property.value().is_empty())
    }

    /// Where a property stands, for errors.
    pub(super) fn place(&self, name: &str) -> String {
        let place = self
            .property(name)
            .map(|property| property.origin().to_string());
        place.unwrap_or_else(|| format!("profile {}", self.name))
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

    /// The keys of the profile that stand in `file`. Those of two files are not mixed.
    pub(super) fn keys_in(&self, file: Option<&Path>) -> Found {
        let here = |name| {
            let property: Option<&Property> = self.property(name);
            property.filter(|property| Some(property.path()) == file)
        };
        let lacking = |has: &Property, name: &str| {
            let message = format!("{} is there and {name} is not", has.origin());
            CredentialsError::new(message).into()
        };
        match (here(ID), here(SECRET)) {
            (Some(id), Some(secret)) => {
                let token = here("aws_security_token").or_else(|| here("aws_session_token"));
                let token = token.map(Property::value).unwrap_or_default();
                Ok(Credentials::new(id.value(), secret.value()).with_session_token(token))
            }
            (Some(id), None) => Err(lacking(id, SECRET)),
            (None, Some(secret)) if self.property(ID).is_none() => Err(lacking(secret, ID)),
            (None, _) => self.lacks(ID),
        }
    }
}

const ID: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";
