//! What the shared config and credentials files say.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use zeroize::Zeroizing;

use super::parse::{self, File, Kind, Parsed, Where};
use super::{Origin, ProfilesError};

/// The profiles, SSO sessions and `services` sections of the shared config file and the shared
/// credentials file, merged: of a property that stands in both the credentials file's counts.
#[derive(Debug, Default)]
pub struct Profiles {
    profiles: BTreeMap<String, Section>,
    sso_sessions: BTreeMap<String, Section>,
    services: BTreeMap<String, Section>,
    pub(super) ignored: Vec<Where>,
}

/// One section: a name, and properties.
#[derive(Default)]
pub struct Section {
    properties: BTreeMap<String, Property>,
}

/// A value, and where it stands.
pub struct Property {
    pub(super) value: Zeroizing<String>,
    pub(super) at: Where,
    pub(super) sub_properties: Vec<SubProperty>,
}

/// A line `name = value`, indented below a property without a value of its own.
pub(super) struct SubProperty {
    pub(super) name: String,
    pub(super) property: Property,
}

impl Profiles {
    /// Reads the text of the two files; the paths are for errors and origins alone.
    ///
    /// # Errors
    ///
    /// A line that is none of what the format knows. What it knows and has no use for here, such as
    /// a section of another kind, is passed over.
    pub fn parse(config: (&Path, &str), credentials: (&Path, &str)) -> Result<Self, ProfilesError> {
        let mut all = Self::default();
        all.merge(parse::parse(config.0, config.1, parse::File::Config)?);
        all.merge(parse::parse(
            credentials.0,
            credentials.1,
            parse::File::Credentials,
        )?);
        Ok(all)
    }

    fn merge(&mut self, parsed: Parsed) {
        // `[default]` is what `[profile default]` was called once, and gives way to it.
        let superseded = parsed
            .sections
            .iter()
            .any(|section| section.kind == Kind::Profile && section.name == "default");
        for section in parsed.sections {
            let sections = match section.kind {
                Kind::PlainDefault if superseded => continue,
                Kind::PlainDefault | Kind::Profile => &mut self.profiles,
                Kind::SsoSession => &mut self.sso_sessions,
                Kind::Services => &mut self.services,
            };
            sections
                .entry(section.name)
                .or_default()
                .properties
                .extend(section.properties);
        }
        self.ignored.extend(parsed.ignored);
    }

    /// The profile of this name.
    pub fn profile(&self, name: &str) -> Option<&Section> {
        self.profiles.get(name)
    }

    /// All profiles, by name.
    pub fn profiles(&self) -> impl Iterator<Item = (&str, &Section)> {
        by_name(&self.profiles)
    }

    /// The section `[sso-session NAME]`.
    pub fn sso_session(&self, name: &str) -> Option<&Section> {
        self.sso_sessions.get(name)
    }

    /// All SSO sessions, by name.
    pub fn sso_sessions(&self) -> impl Iterator<Item = (&str, &Section)> {
        by_name(&self.sso_sessions)
    }

    /// The section `[services NAME]`.
    pub fn services(&self, name: &str) -> Option<&Section> {
        self.services.get(name)
    }
}

fn by_name(sections: &BTreeMap<String, Section>) -> impl Iterator<Item = (&str, &Section)> {
    sections
        .iter()
        .map(|(name, section)| (name.as_str(), section))
}

impl Section {
    /// The property of this name, which is in lower case, also where its value is empty.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.get(name)
    }

    /// The value of a property. An empty one counts as unset.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.property(name)?.value();
        (!value.is_empty()).then_some(value)
    }

    /// All properties, by name, in lower case.
    pub fn properties(&self) -> impl Iterator<Item = (&str, &Property)> {
        self.properties
            .iter()
            .map(|(name, property)| (name.as_str(), property))
    }
}

impl Property {
    /// The value. Lines that go on with it are joined by `\n`; before sub-properties it is empty,
    /// and each begins with `\n`.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The value of the last sub-property of this name, with its own line as the origin.
    pub fn sub_property(&self, name: &str) -> Option<&Property> {
        self.sub_properties
            .iter()
            .rfind(|sub| sub.name == name)
            .map(|sub| &sub.property)
    }

    /// The file it stands in.
    pub fn path(&self) -> &Path {
        &self.at.path
    }

    /// The line on which it begins, from 1.
    pub fn line(&self) -> usize {
        self.at.line
    }

    /// The same as an origin.
    pub fn origin(&self) -> Origin {
        self.at.origin()
    }

    pub(super) fn is_in_credentials_file(&self) -> bool {
        self.at.file == File::Credentials
    }
}

// Values may be secrets, and so may what a broken file makes of them: names.
impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.properties.len();
        write!(f, "Section {{ {count} properties }}")
    }
}

impl fmt::Debug for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Property {{ {:?}, .. }}", self.at)
    }
}
