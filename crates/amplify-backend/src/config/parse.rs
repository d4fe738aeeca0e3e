//! The format of the shared config and credentials files.
//!
//! The rules are those of the cases that AWS's SDKs share. Where these are silent, what the AWS CLI
//! takes is taken: a comment may be indented, and so may the properties of a section.

use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::profiles::{Property, SubProperty};
use super::profiles_error::Problem;
use super::{Origin, ProfilesError};

/// Which of the two files a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum File {
    Config,
    Credentials,
}

/// What one file says.
#[derive(Default)]
pub(super) struct Parsed {
    pub(super) sections: Vec<ParsedSection>,
    /// Sections that mean nothing in this file, for the error about a profile that is missing.
    pub(super) ignored: Vec<Where>,
}

pub(super) struct ParsedSection {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) properties: Vec<(String, Property)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `[default]` in the config file.
    PlainDefault,
    Profile,
    SsoSession,
    Services,
}

/// A place in a file.
#[derive(Clone, Debug)]
pub(super) struct Where {
    pub(super) path: Arc<Path>,
    pub(super) line: usize,
    /// What stands in the section's brackets.
    pub(super) section: Arc<str>,
    pub(super) file: File,
}

impl Where {
    pub(super) fn origin(&self) -> Origin {
        Origin::File {
            path: self.path.to_path_buf(),
            line: self.line,
            section: String::from(&*self.section),
        }
    }
}

/// Reads `text`, line by line.
pub(super) fn parse(path: &Path, text: &str, file: File) -> Result<Parsed, ProfilesError> {
    let mut parser = Parser {
        path: path.into(),
        file,
        parsed: Parsed::default(),
        section: None,
        property: None,
    };
    // Some editors begin a file with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        parser
            .line(number, line)
            .map_err(|problem| ProfilesError::new(path, Some(number), problem))?;
    }
    parser.end_section();
    Ok(parser.parsed)
}

struct Parser<'t> {
    path: Arc<Path>,
    file: File,
    parsed: Parsed,
    section: Option<Open>,
    property: Option<OpenProperty<'t>>,
}

/// The section whose lines are being read.
struct Open {
    label: Arc<str>,
    /// `None` for one that means nothing in this file.
    meaning: Option<(Kind, String)>,
    properties: Vec<(String, Property)>,
}

/// The property that an indented line goes on with.
struct OpenProperty<'t> {
    name: String,
    indent: usize,
    at: Where,
    value: &'t str,
    /// The lines that go on with it.
    more: Vec<&'t str>,
    sub_properties: Vec<SubProperty>,
}

impl<'t> Parser<'t> {
    fn line(&mut self, number: usize, line: &'t str) -> Result<(), Problem> {
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            return Ok(());
        }
        let indent = line.len() - line.trim_start().len();
        if let Some(property) = &mut self.property
            && indent > property.indent
        {
            return property.go_on(number, content);
        }
        let follows_property = self.property.is_some();
        self.end_property();
        if let Some(header) = content.strip_prefix('[') {
            return self.begin_section(number, header);
        }
        let Some(section) = &self.section else {
            return Err(Problem::BeforeSection);
        };
        let content = without_comment(content);
        let Some((name, value)) = content.split_once('=') else {
            let looks_continued = indent > 0 && !follows_property && !content.contains(':');
            return Err(match looks_continued {
                true => Problem::ContinuesNothing,
                false => Problem::NoEqualsSign,
            });
        };
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() {
            return Err(Problem::NoPropertyName);
        }
        self.property = Some(OpenProperty {
            name: name.to_ascii_lowercase(),
            indent,
            at: self.at(number, &section.label),
            value,
            more: Vec::new(),
            sub_properties: Vec::new(),
        });
        Ok(())
    }

    fn begin_section(&mut self, number: usize, header: &str) -> Result<(), Problem> {
        self.end_section();
        let Some((name, rest)) = header.split_once(']') else {
            return Err(Problem::NoClosingBracket);
        };
        let rest = rest.trim_start();
        if !rest.is_empty() && !rest.starts_with(['#', ';']) {
            return Err(Problem::TextAfterBracket);
        }
        let name = name.trim();
        if name.is_empty() {
            return Err(Problem::NoSectionName);
        }
        let label: Arc<str> = name.into();
        let meaning = meaning(name, self.file);
        if meaning.is_none() {
            let at = self.at(number, &label);
            self.parsed.ignored.push(at);
        }
        self.section = Some(Open {
            label,
            meaning,
            properties: Vec::new(),
        });
        Ok(())
    }

    fn at(&self, line: usize, section: &Arc<str>) -> Where {
        Where {
            path: self.path.clone(),
            line,
            section: section.clone(),
            file: self.file,
        }
    }

    fn end_property(&mut self) {
        if let (Some(ended), Some(section)) = (self.property.take(), &mut self.section)
            && is_name(&ended.name)
        {
            section.properties.push(ended.close());
        }
    }

    fn end_section(&mut self) {
        self.end_property();
        if let Some(Open {
            meaning: Some((kind, name)),
            properties,
            ..
        }) = self.section.take()
        {
            self.parsed.sections.push(ParsedSection {
                kind,
                name,
                properties,
            });
        }
    }
}

impl<'t> OpenProperty<'t> {
    fn go_on(&mut self, number: usize, content: &'t str) -> Result<(), Problem> {
        self.more.push(content);
        if !self.value.is_empty() {
            return Ok(());
        }
        let Some((name, value)) = content.split_once('=') else {
            return Err(Problem::NoEqualsSignInSubProperty);
        };
        let name = name.trim();
        if name.is_empty() {
            return Err(Problem::NoSubPropertyName);
        }
        self.sub_properties.push(SubProperty {
            name: name.to_owned(),
            property: Property {
                value: Zeroizing::new(value.trim().to_owned()),
                at: Where {
                    line: number,
                    ..self.at.clone()
                },
                sub_properties: Vec::new(),
            },
        });
        Ok(())
    }

    fn close(self) -> (String, Property) {
        let length = self.more.iter().map(|line| line.len() + 1).sum::<usize>();
        // In one allocation: growing would leave the beginning of a secret behind.
        let mut value = Zeroizing::new(String::with_capacity(self.value.len() + length));
        value.push_str(self.value);
        for line in self.more {
            value.push('\n');
            value.push_str(line);
        }
        let property = Property {
            value,
            at: self.at,
            sub_properties: self.sub_properties,
        };
        (self.name, property)
    }
}

/// What a section of this name is in `file`, and what it is called; `None` when it is nothing.
fn meaning(name: &str, file: File) -> Option<(Kind, String)> {
    let (kind, name) = match file {
        File::Credentials => (Kind::Profile, name),
        File::Config if name == "default" => (Kind::PlainDefault, name),
        File::Config => {
            let (kind, name) = name.split_once(char::is_whitespace)?;
            let kind = match kind {
                "profile" => Kind::Profile,
                "sso-session" => Kind::SsoSession,
                "services" => Kind::Services,
                _ => return None,
            };
            (kind, unquoted(name.trim()))
        }
    };
    is_name(name).then(|| (kind, name.to_owned()))
}

fn unquoted(name: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| name.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(name)
}

fn is_name(text: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "-/.%@_:+".contains(letter);
    !text.is_empty() && text.chars().all(allowed)
}

/// The line up to a `#` or `;` that stands after white space.
fn without_comment(line: &str) -> &str {
    let mut after_space = false;
    for (at, letter) in line.char_indices() {
        if after_space && matches!(letter, '#' | ';') {
            return line.get(..at).unwrap_or(line);
        }
        after_space = letter.is_whitespace();
    }
    line
}
