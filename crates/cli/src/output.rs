//! What a command prints: one document, in the form that was asked for.

use std::io::{self, IsTerminal as _, Write as _};

use clap::ValueEnum;
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::global::Global;
use crate::query;

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// As `aws amplifybackend … --output json` prints it
    Json,
    /// For people
    Table,
    /// As `aws amplifybackend … --output text` prints it: values, separated by tabs
    Text,
    /// Nothing
    Off,
}

impl Format {
    /// The usual one: for people where they look, for programs elsewhere.
    fn usual() -> Self {
        if io::stdout().is_terminal() {
            Self::Table
        } else {
            Self::Json
        }
    }
}

/// Prints `document`, or what the query picks of it, in the form that was asked for.
pub(crate) fn print(document: Value, global: &Global) -> Result<(), Failure> {
    let document = match &global.query {
        Some(query) => query::search(&document, query)?,
        None => document,
    };
    let text = match global.output.unwrap_or_else(Format::usual) {
        Format::Off => return Ok(()),
        Format::Json => {
            let text = serde_json::to_string_pretty(&document);
            text.expect("JSON is written without an error") + "\n"
        }
        Format::Text => text(&document),
        Format::Table => table(&document),
    };
    write(&text)
}

/// Writes to the standard output. A reader that has gone, as `head` does, is no failure.
pub(crate) fn write(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::unexpected(
            format!("the output cannot be written: {error}"),
        )),
        _ => Ok(()),
    }
}

/// Lists of structures become rows, structures two columns; what is inside is named by its path.
fn table(document: &Value) -> String {
    let mut parts = Vec::new();
    match document {
        Value::Object(members) => {
            let (lists, own): (Vec<_>, Vec<_>) =
                members.iter().partition(|(_, value)| rows(value).is_some());
            let own: Map<_, _> = own
                .into_iter()
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect();
            if !own.is_empty() {
                let mut table = new_table();
                for (name, value) in flattened(&own) {
                    table.add_row([name, value]);
                }
                parts.push(lines_of(table));
            }
            for (name, list) in lists {
                parts.push(match rows(list) {
                    Some([]) => format!("{name}: none"),
                    Some(list) => table_of(list),
                    None => continue,
                });
            }
        }
        Value::Array(list) if rows(document).is_some_and(|rows| !rows.is_empty()) => {
            parts.push(table_of(list));
        }
        Value::Array(list) => parts.push(list.iter().map(shown).collect::<Vec<_>>().join("\n")),
        other => parts.push(shown(other)),
    }
    parts.join("\n") + "\n"
}

fn new_table() -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    table
}

/// The table without what is only there to fill it up.
fn lines_of(mut table: Table) -> String {
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

/// The elements, of a list of structures or an empty list.
fn rows(value: &Value) -> Option<&[Value]> {
    let list = value.as_array()?;
    list.iter().all(Value::is_object).then_some(list)
}

fn table_of(list: &[Value]) -> String {
    let rows: Vec<Vec<(String, String)>> = list
        .iter()
        .filter_map(Value::as_object)
        .map(flattened)
        .collect();
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in rows.iter().flatten() {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let mut table = new_table();
    table.set_header(names.clone());
    for row in &rows {
        let cell = |name: &&str| {
            let found = row.iter().find(|(known, _)| known == name);
            found.map_or("", |(_, value)| value)
        };
        table.add_row(names.iter().map(cell));
    }
    lines_of(table)
}

/// The values of a structure, each with its path.
fn flattened(members: &Map<String, Value>) -> Vec<(String, String)> {
    let mut flat = Vec::new();
    for (name, value) in members {
        match value {
            Value::Object(inner) => flat.extend(
                flattened(inner)
                    .into_iter()
                    .map(|(path, value)| (format!("{name}.{path}"), value)),
            ),
            other => flat.push((name.clone(), shown(other))),
        }
    }
    flat
}

/// A value for people. What would move the cursor or colour the terminal is escaped.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text
            .chars()
            .flat_map(|letter| {
                let escaped = letter.is_control().then(|| letter.escape_default());
                let plain = (!letter.is_control()).then_some(letter);
                escaped.into_iter().flatten().chain(plain)
            })
            .collect(),
        Value::Array(list) => list.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// The AWS CLI's text: the values of a structure in the order of their names, separated by tabs;
/// what is nested in a line of its own that begins with its name.
fn text(document: &Value) -> String {
    let mut lines = String::new();
    push_text(&mut lines, document, None, None);
    lines
}

fn push_text(lines: &mut String, value: &Value, name: Option<&str>, columns: Option<&[String]>) {
    match value {
        Value::Object(members) => {
            let is_scalar = |value: &Value| !value.is_object() && !value.is_array();
            let own: Vec<&str> = members
                .iter()
                .filter(|(_, value)| is_scalar(value))
                .map(|(name, _)| name.as_str())
                .collect();
            let columns: Vec<&str> = match columns {
                Some(columns) => columns.iter().map(String::as_str).collect(),
                None => own,
            };
            let values = columns.iter().map(|column| {
                let found = members.get(*column).filter(|value| is_scalar(value));
                found.map(scalar).unwrap_or_default()
            });
            let label = name.map(str::to_uppercase);
            if !columns.is_empty() {
                let row: Vec<_> = label.into_iter().chain(values).collect();
                lines.push_str(&row.join("\t"));
                lines.push('\n');
            }
            for (name, value) in members.iter().filter(|(_, value)| !is_scalar(value)) {
                push_text(lines, value, Some(name), None);
            }
        }
        Value::Array(list) if list.iter().any(Value::is_object) => {
            let mut columns: Vec<String> = list
                .iter()
                .filter_map(Value::as_object)
                .flat_map(|members| members.iter())
                .filter(|(_, value)| !value.is_object() && !value.is_array())
                .map(|(name, _)| name.clone())
                .collect();
            columns.sort();
            columns.dedup();
            for element in list {
                push_text(lines, element, name, Some(&columns));
            }
        }
        Value::Array(list) => {
            let (nested, scalars): (Vec<_>, Vec<_>) = list.iter().partition(|it| it.is_array());
            let scalars: Vec<_> = scalars.into_iter().map(scalar).collect();
            match name.map(str::to_uppercase) {
                Some(name) => {
                    for value in scalars {
                        lines.push_str(&format!("{name}\t{value}\n"));
                    }
                }
                None if scalars.is_empty() => {}
                None => {
                    lines.push_str(&scalars.join("\t"));
                    lines.push('\n');
                }
            }
            for value in nested {
                push_text(lines, value, name, None);
            }
        }
        other => {
            lines.push_str(&scalar(other));
            lines.push('\n');
        }
    }
}

/// A value as Python writes it, which is what the AWS CLI is written in.
fn scalar(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
