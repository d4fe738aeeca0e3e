//! Turns what the benches and programs measured last into REPORT.md and its charts.
//!
//! ```text
//! cargo run -p amplify-backend-benches --bin report
//! ```
//!
//! It reads `counts.toml` and `results/`; what criterion left in the target folder goes into
//! `results/criterion.json` first.

mod charts;
mod criterion;
mod figures;
mod requirements;
mod text;

use std::fs;

use amplify_backend_benches::load::Outcome;
use amplify_backend_benches::results;

use self::figures::Figures;

fn main() -> Outcome<()> {
    criterion::collect()?;
    let figures = Figures::read()?;
    let folder = results::folder();
    fs::create_dir_all(folder.join("charts"))?;
    let charts = charts::draw(&figures, &folder.join("charts"))?;
    fs::write(folder.join("REPORT.md"), text::report(&figures, &charts))?;
    Ok(())
}
