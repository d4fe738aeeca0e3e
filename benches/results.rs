//! Figures that programs keep in `results/` for the report, and what they were taken on.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs, io};

use serde::{Deserialize, Serialize};

use crate::machine::Machine;

/// What one program measured last, by the names of its figures.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Results {
    /// What it ran on.
    pub machine: Machine,
    /// Times in seconds, sizes in bytes, ratios and counts as such.
    pub figures: BTreeMap<String, f64>,
}

impl Results {
    /// None yet, on this machine.
    pub fn here() -> Self {
        Self {
            machine: Machine::here(),
            figures: BTreeMap::new(),
        }
    }

    /// Those that are kept under this name.
    ///
    /// # Errors
    ///
    /// There are none, or they cannot be read.
    pub fn read(name: &str) -> io::Result<Self> {
        let text = fs::read_to_string(path(name))?;
        Ok(serde_json::from_str(&text)?)
    }

    /// Adds a figure.
    pub fn add(&mut self, name: impl Into<String>, figure: f64) {
        self.figures.insert(name.into(), figure);
    }

    /// The figure of this name.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.figures.get(name).copied()
    }

    /// Keeps them under this name. Figures of the same machine that were not measured again stay.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn keep(mut self, name: &str) -> io::Result<()> {
        if let Ok(kept) = Self::read(name)
            && kept.machine == self.machine
        {
            for (name, figure) in kept.figures {
                self.figures.entry(name).or_insert(figure);
            }
        }
        let text = serde_json::to_string_pretty(&self)?;
        fs::write(path(name), text + "\n")
    }
}

/// Whether this program was asked to keep its figures, which is all that it can be asked.
///
/// # Errors
///
/// It was asked for something else.
pub fn keeps() -> Result<bool, &'static str> {
    let mut arguments = env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => Ok(false),
        (Some("--keep"), None) => Ok(true),
        _ => Err("usage: [--keep]"),
    }
}

/// Where the results of this name are kept.
pub fn path(name: &str) -> PathBuf {
    folder().join("results").join(format!("{name}.json"))
}

/// The folder of this package.
pub fn folder() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

/// The middle one.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
