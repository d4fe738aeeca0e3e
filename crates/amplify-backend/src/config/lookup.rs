//! Finds a setting in the environment or in the profile.

use std::error::Error;

use super::names::Names;
use super::values::InvalidValue;
use super::{ConfigError, Environment, Origin, ProfileFiles, Section, Setting, UnknownProfile};

/// The places where a setting may stand, apart from code.
pub(crate) struct Lookup<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) files: &'a ProfileFiles,
    pub(crate) profile: &'a Setting<String>,
}

impl<'a> Lookup<'a> {
    /// The value in code, or else what the environment or the profile has, as `parse` reads it.
    pub(crate) fn find<T, E: Into<Box<dyn Error + Send + Sync>>>(
        &self,
        names: &Names,
        code: Option<T>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<Setting<T>>, ConfigError> {
        if let Some(value) = code {
            return Ok(Some(Setting::new(value, Origin::Code)));
        }
        match self.text(names)? {
            Some(text) => parsed(names, text, parse).map(Some),
            None => Ok(None),
        }
    }

    fn text(&self, names: &Names) -> Result<Option<Setting<String>>, ConfigError> {
        if let Some(found) = variable(self.environment, names)? {
            return Ok(Some(found));
        }
        let section = match names.in_profile {
            true => self.section()?,
            false => None,
        };
        let property = section.and_then(|section| section.property(names.name));
        Ok(property
            .filter(|property| !property.value().is_empty())
            .map(|property| Setting::new(property.value().to_owned(), property.origin())))
    }

    /// The profile. It may be missing unless somebody named it.
    pub(crate) fn section(&self) -> Result<Option<&'a Section>, ConfigError> {
        section(self.files, self.profile)
    }
}

/// A profile. It may be missing unless somebody named it.
pub(crate) fn section<'a>(
    files: &'a ProfileFiles,
    name: &Setting<String>,
) -> Result<Option<&'a Section>, ConfigError> {
    let profiles = files.profiles()?;
    let section = profiles.profile(&name.value);
    if section.is_none() && name.origin != Origin::Default {
        let unknown = UnknownProfile::new(name, files, profiles);
        return Err(ConfigError::UnknownProfile(Box::new(unknown)));
    }
    Ok(section)
}

/// What the environment has of a setting.
pub(super) fn variable(
    environment: &Environment,
    names: &Names,
) -> Result<Option<Setting<String>>, ConfigError> {
    for variable in names.variables {
        let Some(value) = environment.variable(variable) else {
            continue;
        };
        let origin = Origin::Environment { variable };
        return match value.into_string() {
            Ok(text) => Ok(Some(Setting::new(text, origin))),
            Err(_) => Err(ConfigError::invalid(
                names,
                origin,
                InvalidValue::not_utf8(),
            )),
        };
    }
    Ok(None)
}

/// `text` as `parse` reads it, of the same origin.
pub(super) fn parsed<T, E: Into<Box<dyn Error + Send + Sync>>>(
    names: &Names,
    text: Setting<String>,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Setting<T>, ConfigError> {
    match parse(&text.value) {
        Ok(value) => Ok(Setting::new(value, text.origin)),
        Err(error) => Err(ConfigError::invalid(names, text.origin, error)),
    }
}
