//! All figures there are, by the file they stand in.

use std::collections::BTreeMap;
use std::{fs, io};

use amplify_backend_benches::kept::{Count, Counts};
use amplify_backend_benches::load::Outcome;
use amplify_backend_benches::results::{Results, folder, path};
use serde::Deserialize;

/// What building a program costs: a row of `results/build-cost.json`.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Build {
    pub(crate) crates: u32,
    pub(crate) wall_seconds: f64,
    pub(crate) processor_seconds: f64,
    pub(crate) bytes: f64,
}

/// Those of the programs that `build-cost` makes.
#[derive(Default, Deserialize)]
pub(crate) struct Builds {
    pub(crate) programs: BTreeMap<String, Build>,
}

#[derive(Default)]
pub(crate) struct Figures {
    pub(crate) counts: Counts,
    pub(crate) builds: Builds,
    /// By the name of the file in `results/`.
    pub(crate) results: BTreeMap<&'static str, Results>,
}

impl Figures {
    /// What nobody has measured yet is left out.
    pub(crate) fn read() -> Outcome<Self> {
        let counts = fs::read_to_string(folder().join("counts.toml"))?;
        let mut figures = Self {
            counts: Counts::parse(&counts)?,
            ..Self::default()
        };
        for name in [
            "criterion",
            "emulator",
            "growth",
            "p50",
            "signing",
            "startup",
        ] {
            if let Some(results) = there(Results::read(name), name)? {
                figures.results.insert(name, results);
            }
        }
        if let Some(text) = there(fs::read_to_string(path("build-cost")), "build-cost")? {
            figures.builds = serde_json::from_str(&text)?;
        }
        Ok(figures)
    }

    /// A figure of a file in `results/`.
    pub(crate) fn get(&self, file: &str, name: &str) -> Option<f64> {
        self.results.get(file)?.get(name)
    }

    /// How many times as large the first is as the second.
    pub(crate) fn ratio(&self, file: &str, of: &str, to: &str) -> Option<f64> {
        Some(self.get(file, of)? / self.get(file, to)?)
    }

    pub(crate) fn count(&self, stage: &str) -> Option<Count> {
        self.counts.stages.get(stage).copied()
    }

    pub(crate) fn build(&self, program: &str) -> Option<Build> {
        self.builds.programs.get(program).copied()
    }

    /// The figures that are called `prefix` and a number, in the order of the numbers.
    pub(crate) fn series(&self, file: &str, prefix: &str) -> Vec<(f64, f64)> {
        let figures = self.results.get(file).map(|it| &it.figures);
        let numbered = figures.into_iter().flatten().filter_map(|(name, figure)| {
            let number: f64 = name.strip_prefix(prefix)?.parse().ok()?;
            Some((number, *figure))
        });
        let mut series: Vec<_> = numbered.collect();
        series.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        series
    }
}

/// A file that is not there is no error, and one that cannot be read is.
fn there<T>(read: io::Result<T>, name: &str) -> Outcome<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("results/{name}.json: {error}").into()),
    }
}
