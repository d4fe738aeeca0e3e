//! The charts, as SVG. One whose figures nobody has measured yet is left out.

use std::path::Path;

use amplify_backend_benches::load::Outcome;
use plotters::prelude::*;

use crate::figures::Figures;

const WIDTH: u32 = 760;
const ROW: i32 = 30;
const TOP: i32 = 48;
/// Where bars begin, to the right of their labels.
const LEFT: i32 = 190;
const OURS: RGBColor = RGBColor(31, 119, 180);
const OTHERS: RGBColor = RGBColor(150, 150, 150);
/// Of others that do what ours does beside the least.
const SIGNING: RGBColor = RGBColor(214, 143, 60);

/// A chart that was drawn.
pub(crate) struct Chart {
    pub(crate) file: &'static str,
    pub(crate) title: &'static str,
}

/// A label, a figure, and whether it is ours.
type Bar = (String, f64, bool);

pub(crate) fn draw(figures: &Figures, folder: &Path) -> Outcome<Vec<Chart>> {
    let mut drawn = Vec::new();
    let mut bar_chart = |file, title, unit, bars: Vec<Bar>| -> Outcome<()> {
        if bars.len() > 1 {
            bars_to(&folder.join(file), title, unit, &bars)?;
            drawn.push(Chart { file, title });
        }
        Ok(())
    };
    bar_chart(
        "stages.svg",
        "Where a call's time goes",
        "µs",
        stages(figures),
    )?;
    bar_chart(
        "instructions.svg",
        "Where a call's instructions go",
        "k",
        instructions(figures),
    )?;
    bar_chart(
        "call.svg",
        "One CreateBackendStorage call on loopback, p50",
        "µs",
        call(figures),
    )?;
    bar_chart(
        "program.svg",
        "One call of the program",
        "ms",
        program(figures),
    )?;
    let build = |pick: fn(&crate::figures::Build) -> f64| -> Vec<Bar> {
        let programs = figures.builds.programs.iter();
        let mut bars: Vec<_> = programs
            .map(|(name, build)| (name.clone(), pick(build), !is_peer(name)))
            .collect();
        bars.sort_by(|(_, a, _), (_, b, _)| a.total_cmp(b));
        bars
    };
    let title = "Clean release build, processor time";
    bar_chart("build.svg", title, "s", build(|it| it.processor_seconds))?;
    bar_chart(
        "size.svg",
        "A small program, stripped",
        "MB",
        build(|it| it.bytes / 1e6),
    )?;

    let mut line_chart = |file, title, axes, unit, lines: &[(&str, Vec<(f64, f64)>)]| {
        if lines.iter().all(|(_, points)| points.len() > 1) {
            lines_to(&folder.join(file), title, axes, unit, lines)?;
            drawn.push(Chart { file, title });
        }
        Outcome::Ok(())
    };
    line_chart(
        "in-flight.svg",
        "A call's p50, by calls in flight",
        ("calls in flight", "µs"),
        1e6,
        &[
            ("ours", figures.series("growth", "in flight, ours, ")),
            (
                "raw hyper",
                figures.series("growth", "in flight, raw hyper, "),
            ),
            (
                "raw hyper that signs",
                figures.series("growth", "in flight, raw hyper that signs, "),
            ),
        ],
    )?;
    line_chart(
        "buckets.svg",
        "Decoding ListS3Buckets, by buckets",
        ("buckets", "ns for a bucket"),
        1e9,
        &[
            ("ours", figures.series("growth", "bucket, ours, ")),
            (
                "serde_json",
                figures.series("growth", "bucket, serde_json, "),
            ),
        ],
    )?;
    line_chart(
        "emulator.svg",
        "The emulator's requests a second, by connections",
        ("connections", "thousands a second"),
        1e-3,
        &[
            (
                "emulator",
                figures.series("emulator", "requests a second, "),
            ),
            (
                "bare hyper",
                figures.series("emulator", "requests a second of bare hyper, "),
            ),
        ],
    )?;
    Ok(drawn)
}

pub(crate) fn is_peer(program: &str) -> bool {
    program.starts_with("official") || program.starts_with("bare")
}

/// The stages of a call in their order.
pub(crate) const STAGES: [&str; 5] = [
    "build/CreateBackendStorage",
    "encode/CreateBackendStorage",
    "sign",
    "send",
    "decode/CreateBackendStorage",
];

fn stages(figures: &Figures) -> Vec<Bar> {
    parts(|name| {
        let median = figures.get("criterion", &format!("request-path/{name}"))?;
        Some(median * 1e6)
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts for a figure")]
fn instructions(figures: &Figures) -> Vec<Bar> {
    parts(|name| Some(figures.count(name)?.instructions? as f64 / 1e3))
}

/// The stages, the whole call, and what of it is none of them: the decisions of the client, and
/// giving memory back. The input is built before a call.
fn parts(figure: impl Fn(&str) -> Option<f64>) -> Vec<Bar> {
    let label = |name: &str| name.split('/').next().unwrap_or(name).to_owned();
    let measured = |name: &str| Some((label(name), figure(name)?, true));
    let stages: Option<Vec<Bar>> = STAGES.into_iter().map(measured).collect();
    let (Some(mut bars), Some(call)) = (stages, figure("call")) else {
        return Vec::new();
    };
    let within: f64 = bars.iter().skip(1).map(|(_, figure, _)| figure).sum();
    bars.push((
        "the rest of a call".to_owned(),
        (call - within).max(0.0),
        true,
    ));
    bars.push(("call".to_owned(), call, true));
    if let Some(bare) = figure("call-raw-hyper") {
        bars.push(("raw hyper's call".to_owned(), bare, false));
    }
    bars
}

fn call(figures: &Figures) -> Vec<Bar> {
    [
        "raw hyper",
        "ours",
        "official SDK",
        "ours, first call",
        "official SDK, first call",
    ]
    .into_iter()
    .filter_map(|name| {
        let time = figures.get("p50", name)? * 1e6;
        Some((name.to_owned(), time, name.starts_with("ours")))
    })
    .collect()
}

fn program(figures: &Figures) -> Vec<Bar> {
    [
        (
            "amplify-backend",
            "amplify-backend call list-s3-buckets",
            true,
        ),
        ("AWS CLI", "aws amplifybackend list-s3-buckets", false),
    ]
    .into_iter()
    .filter_map(|(name, command, ours)| {
        let time = figures.get("startup", &format!("{command}, wall"))? * 1e3;
        Some((name.to_owned(), time, ours))
    })
    .collect()
}

fn bars_to(path: &Path, title: &str, unit: &str, bars: &[Bar]) -> Outcome<()> {
    let rows = i32::try_from(bars.len())?;
    let height = u32::try_from(TOP + ROW * rows + 16)?;
    let area = SVGBackend::new(path, (WIDTH, height)).into_drawing_area();
    area.fill(&WHITE)?;
    let style = |size: i32| TextStyle::from(("sans-serif", size).into_font());
    area.draw(&Text::new(title, (16, 16), style(18)))?;
    let most = bars
        .iter()
        .map(|(_, figure, _)| *figure)
        .fold(0.0, f64::max);
    let room = f64::from(WIDTH) - f64::from(LEFT) - 100.0;
    for ((label, figure, ours), top) in bars.iter().zip((TOP..).step_by(30)) {
        #[expect(clippy::cast_possible_truncation, reason = "a width in pixels")]
        let end = LEFT + (room * figure / most).round() as i32;
        let colour = if *ours { OURS } else { OTHERS };
        area.draw(&Text::new(label.as_str(), (16, top + 4), style(14)))?;
        area.draw(&Rectangle::new(
            [(LEFT, top), (end.max(LEFT + 1), top + ROW - 8)],
            colour.filled(),
        ))?;
        let text = format!(
            "{figure:.*} {unit}",
            usize::from(most < 100.0) + usize::from(most < 10.0)
        );
        area.draw(&Text::new(text, (end + 8, top + 4), style(14)))?;
    }
    area.present()?;
    Ok(())
}

fn lines_to(
    path: &Path,
    title: &str,
    (across, up): (&str, &str),
    unit: f64,
    lines: &[(&str, Vec<(f64, f64)>)],
) -> Outcome<()> {
    let area = SVGBackend::new(path, (WIDTH, 420)).into_drawing_area();
    area.fill(&WHITE)?;
    let points = || lines.iter().flat_map(|(_, points)| points);
    let range = |pick: fn(&(f64, f64)) -> f64| {
        let (low, high) = points()
            .map(pick)
            .fold((f64::INFINITY, 0.0_f64), |(low, high), it| {
                (low.min(it), high.max(it))
            });
        (low, high)
    };
    let ((left, right), (low, high)) = (range(|it| it.0), range(|it| it.1));
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(64)
        .build_cartesian_2d(
            (left..right * 1.05).log_scale(),
            (low * unit / 1.5..high * unit * 1.5).log_scale(),
        )?;
    chart
        .configure_mesh()
        .x_desc(across)
        .y_desc(up)
        .light_line_style(WHITE)
        .draw()?;
    for ((name, points), colour) in lines.iter().zip([OURS, OTHERS, SIGNING]) {
        let scaled = || points.iter().map(|(x, y)| (*x, y * unit));
        chart
            .draw_series(LineSeries::new(scaled(), colour.stroke_width(2)))?
            .label(*name)
            .legend(move |(x, y)| Rectangle::new([(x, y - 1), (x + 16, y + 1)], colour.filled()));
        chart.draw_series(scaled().map(|at| Circle::new(at, 3, colour.filled())))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .border_style(OTHERS)
        .background_style(WHITE)
        .draw()?;
    area.present()?;
    Ok(())
}
