//! A table with a column for each size, and at the end how much the figure grew.

use super::timing::Spread;
use crate::markdown;

pub(crate) struct Curve<'a, T> {
    /// What was measured, from the smallest size to the largest.
    points: &'a [T],
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl<'a, T> Curve<'a, T> {
    pub(crate) fn new(title: &str, points: &'a [T], size: impl Fn(&T) -> String) -> Self {
        let mut header = vec![title.to_owned()];
        header.extend(points.iter().map(size));
        header.push("growth".to_owned());
        Self { points, header, rows: Vec::new() }
    }

    /// Adds a line of one figure.
    pub(crate) fn line(&mut self, what: &str, figure: impl Fn(&T) -> f64, shown: impl Fn(f64) -> String) {
        let figures: Vec<f64> = self.points.iter().map(figure).collect();
        self.push(what, figures.iter().map(|&figure| shown(figure)).collect(), &figures);
    }

    /// Adds a line of times; it is their middle that grows.
    pub(crate) fn spread(&mut self, what: &str, spread: impl Fn(&T) -> Spread) {
        let spreads: Vec<Spread> = self.points.iter().map(spread).collect();
        let middles: Vec<f64> = spreads.iter().map(|spread| spread.p50_ms).collect();
        self.push(what, spreads.iter().map(Spread::to_string).collect(), &middles);
    }

    fn push(&mut self, what: &str, cells: Vec<String>, figures: &[f64]) {
        let growth = growth(figures).map_or_else(String::new, |growth| format!("{growth:.2}"));
        let mut row = vec![what.to_owned()];
        row.extend(cells);
        row.push(growth);
        self.rows.push(row);
    }

    pub(crate) fn markdown(&self) -> String {
        let header: Vec<&str> = self.header.iter().map(String::as_str).collect();
        markdown::table(&header, &self.rows)
    }
}

/// Divides the last figure by the first, if there are two.
pub(crate) fn growth(figures: &[f64]) -> Option<f64> {
    match figures {
        [first, .., last] => Some(last / first),
        _ => None,
    }
}

/// Writes milliseconds so that they are easy to compare by eye.
pub(crate) fn time(milliseconds: f64) -> String {
    if milliseconds < 1_000.0 { format!("{milliseconds:.1} ms") } else { format!("{:.1} s", milliseconds / 1_000.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_column_compares_the_largest_with_the_smallest() {
        let points = [(2, 500.0), (9, 900.0), (40, 1_600.0)];
        let mut curve = Curve::new("waiting", &points, |&(size, _)| format!("{size} people"));
        curve.line("for an answer", |&(_, figure)| figure, time);
        assert_eq!(
            curve.markdown(),
            "| waiting       | 2 people | 9 people | 40 people | growth |\n\
             | ------------- | -------: | -------: | --------: | -----: |\n\
             | for an answer | 500.0 ms | 900.0 ms |     1.6 s |   3.20 |\n"
        );
    }

    #[test]
    fn one_size_does_not_grow() {
        assert_eq!(growth(&[]), None);
        assert_eq!(growth(&[3.0]), None);
        assert_eq!(growth(&[3.0, 9.0, 6.0]), Some(2.0));
    }
}
