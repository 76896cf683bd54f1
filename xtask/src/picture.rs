//! How what was measured grows, as a picture: docs/growth.svg, drawn from the record.

use anyhow::anyhow;
use plotters::coord::Shift;
use plotters::prelude::*;

use crate::bench::load::Kept;
use crate::bench::{backups, load, notices, scale};
use crate::record;

/// Where it is.
pub(crate) const PATH: &str = "docs/growth.svg";

const SIZE: (u32, u32) = (1_200, 760);
const COLOURS: [RGBColor; 4] =
    [RGBColor(31, 95, 160), RGBColor(196, 84, 40), RGBColor(64, 132, 72), RGBColor(120, 80, 150)];

/// One thing that grows with another, both drawn by powers of ten: what does not grow is level.
struct Panel {
    title: &'static str,
    /// With what.
    by: &'static str,
    /// What is measured.
    unit: &'static str,
    lines: Vec<Line>,
}

struct Line {
    name: String,
    points: Vec<(f64, f64)>,
}

fn line<T>(name: &str, points: &[T], size: impl Fn(&T) -> u32, figure: impl Fn(&T) -> f64) -> Line {
    Line { name: name.to_owned(), points: points.iter().map(|at| (f64::from(size(at)), figure(at))).collect() }
}

/// The picture, as it is drawn from the record.
pub(crate) fn drawn() -> anyhow::Result<String> {
    let panels = panels()?;
    let mut svg = String::new();
    draw(&mut svg, &panels).map_err(|error| anyhow!("{PATH}: {error}"))?;
    Ok(svg + "\n")
}

fn panels() -> anyhow::Result<Vec<Panel>> {
    let mut panels = Vec::new();
    if let Some(scale) = record::read::<scale::Scale>()? {
        let scale = scale.figures;
        panels.push(Panel {
            title: "Writing to a conversation",
            by: "members",
            unit: "ms",
            lines: vec![
                line("until its sender has an answer", &scale.sends, |at| at.members, |at| at.sent.p50_ms),
                line("until it is in every inbox", &scale.sends, |at| at.members, |at| at.delivered_ms),
            ],
        });
        panels.push(Panel {
            title: "Finding somebody",
            by: "people",
            unit: "ms",
            lines: vec![
                line("by two letters", &scale.searches, |at| at.people, |at| at.two_letters.p50_ms),
                line("by both names", &scale.searches, |at| at.people, |at| at.full_name.p50_ms),
                line("by the username", &scale.searches, |at| at.people, |at| at.username.p50_ms),
            ],
        });
        panels.push(Panel {
            title: "Looking into an inbox",
            by: "conversations",
            unit: "ms",
            lines: vec![
                line("its first hundred", &scale.inboxes, |at| at.conversations, |at| at.list.p50_ms),
                line("how much is unread", &scale.inboxes, |at| at.conversations, |at| at.badge.p50_ms),
            ],
        });
    }
    if let Some(notices) = record::read::<notices::Notices>()? {
        let sweeps = notices.figures.sweeps;
        panels.push(Panel {
            title: "Looking whom to mail",
            by: "people",
            unit: "ms",
            lines: vec![
                line("nobody due", &sweeps, |at| at.people, |at| at.idle.took.p50_ms),
                line("a thousand due", &sweeps, |at| at.people, |at| at.busy.took.p50_ms),
            ],
        });
    }
    if let Some(backups) = record::read::<backups::Backups>()? {
        let backed = backups.figures.backed;
        panels.push(Panel {
            title: "Making a back-up",
            by: "messages",
            unit: "ms, MB",
            lines: vec![
                line("how long (ms)", &backed, |at| at.messages, |at| at.took_ms),
                line("memory above an idle function (MB)", &backed, |at| at.messages, backups::Backed::above_idle),
            ],
        });
    }
    if let Some(sends) = record::read::<load::Sends>()? {
        let mut cells = sends.figures.cells;
        cells.retain(|cell| cell.kept == Kept::Disk && cell.conversations > 1);
        cells.sort_by_key(|cell| cell.members);
        let lines = cells.chunk_by(|one, other| one.members == other.members).map(|same| Line {
            name: format!("{} members", same[0].members),
            points: same
                .iter()
                .map(|cell| (f64::from(u32::try_from(cell.clients).unwrap_or(u32::MAX)), cell.per_second()))
                .collect(),
        });
        panels.push(Panel {
            title: "Sends through the local stack",
            by: "clients",
            unit: "a second",
            lines: lines.collect(),
        });
    }
    Ok(panels)
}

fn draw(svg: &mut String, panels: &[Panel]) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    for (panel, area) in panels.iter().zip(root.split_evenly((2, 3))) {
        draw_panel(panel, &area)?;
    }
    root.present()?;
    Ok(())
}

fn draw_panel(panel: &Panel, area: &DrawingArea<SVGBackend<'_>, Shift>) -> Result<(), Box<dyn std::error::Error>> {
    let points = || panel.lines.iter().flat_map(|line| &line.points);
    let (left, right) = bounds(points().map(|(x, _)| *x));
    let (low, high) = bounds(points().map(|(_, y)| *y));
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .caption(panel.title, ("sans-serif", 17))
        .x_label_area_size(38)
        .y_label_area_size(56)
        // Above the lines is room for their names.
        .build_cartesian_2d((left..right).log_scale(), (low / 2.0..high * 12.0).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(RGBColor(240, 240, 240))
        .label_style(("sans-serif", 12))
        .x_labels(4)
        .y_labels(5)
        .x_desc(panel.by)
        .y_desc(panel.unit)
        .x_label_formatter(&|x| shown(*x))
        .y_label_formatter(&|y| shown(*y))
        .draw()?;
    for (line, colour) in panel.lines.iter().zip(COLOURS) {
        chart
            .draw_series(LineSeries::new(line.points.iter().copied(), colour.stroke_width(2)).point_size(3))?
            .label(&line.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 14, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .label_font(("sans-serif", 12))
        .background_style(WHITE)
        .draw()?;
    Ok(())
}

/// The least and the most of some figures.
fn bounds(figures: impl Iterator<Item = f64>) -> (f64, f64) {
    let (least, most) =
        figures.fold((f64::MAX, f64::MIN_POSITIVE), |(least, most), figure| (least.min(figure), most.max(figure)));
    (least.min(most).max(f64::MIN_POSITIVE), most)
}

/// A number as one reads it at an axis.
fn shown(number: f64) -> String {
    match number {
        large if large >= 1_000_000.0 => format!("{}M", large / 1_000_000.0),
        large if large >= 1_000.0 => format!("{}k", large / 1_000.0),
        small => format!("{small}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_is_drawn_under_its_name_and_always_the_same() {
        let points = [(10, 2.5), (1_000, 2.5), (100_000, 80.0)];
        let lines = vec![line("by name", &points, |at| at.0, |at| at.1), line("level", &points, |at| at.0, |_| 1.0)];
        let panels = [Panel { title: "Finding somebody", by: "people", unit: "ms", lines }];
        let drawn = || {
            let mut svg = String::new();
            draw(&mut svg, &panels).unwrap();
            svg
        };
        let svg = drawn();
        for text in ["Finding somebody", "people", "by name", "level", "100k"] {
            assert!(svg.contains(text), "{text}");
        }
        assert_eq!(svg, drawn());
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([0.5, 10.0, 2_000.0, 1_000_000.0].map(shown), ["0.5", "10", "2k", "1M"]);
    }
}
