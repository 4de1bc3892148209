//! What was measured: ratios of what took turns, and how they are told.

use std::fs;

use anyhow::Result;
use serde::Serialize;

/// One figure.
#[derive(Serialize)]
struct Row {
    name: String,
    value: f64,
    unit: &'static str,
    aim: Option<f64>,
    /// Whether less is better.
    #[serde(skip)]
    below: bool,
}

/// All figures of a run.
#[derive(Default)]
pub(crate) struct Figures(Vec<Row>);

impl Figures {
    /// A figure without an aim.
    pub(crate) fn tell(&mut self, name: &str, value: f64, unit: &'static str) {
        self.push(name, value, unit, None, false);
    }

    /// A figure that should be at most so much.
    pub(crate) fn at_most(&mut self, name: &str, value: f64, unit: &'static str, aim: f64) {
        self.push(name, value, unit, Some(aim), true);
    }

    /// The median of ratios with its extremes; it should be at least so much.
    pub(crate) fn ratio(&mut self, name: &str, ratios: &[f64], aim: Option<f64>) {
        self.push(name, median(ratios), "ratio", aim, false);
        let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        let most = ratios.iter().copied().fold(0.0, f64::max);
        self.push(&format!("{name}_min"), least, "ratio", None, false);
        self.push(&format!("{name}_max"), most, "ratio", None, false);
    }

    fn push(&mut self, name: &str, value: f64, unit: &'static str, aim: Option<f64>, below: bool) {
        self.0.push(Row {
            name: name.to_owned(),
            value: (value * 1000.0).round() / 1000.0,
            unit,
            aim,
            below,
        });
    }

    /// Tells them all.
    pub(crate) fn print(mut self, json: bool) -> Result<()> {
        if let Some(load) = load_average() {
            self.tell("load_average_1m", load, "processes");
        }
        if json {
            println!("{}", serde_json::to_string_pretty(&self.0)?);
            return Ok(());
        }
        println!("{:<34} {:>12} {:>8}  unit", "name", "value", "aim");
        for row in &self.0 {
            println!("{}", line(row));
        }
        Ok(())
    }
}

/// A row for people.
fn line(row: &Row) -> String {
    let aim = row.aim.map_or_else(String::new, |it| it.to_string());
    let missed = row.aim.is_some_and(|aim| {
        if row.below {
            row.value > aim
        } else {
            row.value < aim
        }
    });
    let verdict = if missed { "  missed" } else { "" };
    let (name, value, unit) = (&row.name, row.value, row.unit);
    format!("{name:<34} {value:>12} {aim:>8}  {unit}{verdict}")
}

/// The middle one, or the mean of the two in the middle.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.as_slice() {
        [] => 0.0,
        it if it.len() % 2 == 1 => it[middle],
        it => f64::midpoint(it[middle - 1], it[middle]),
    }
}

/// How busy this machine was, so that a reader can tell a quiet run from a noisy one.
fn load_average() -> Option<f64> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(&[]), 0.0);
    }

    #[test]
    fn a_missed_aim_is_seen() {
        let mut figures = Figures::default();
        figures.at_most("import_s", 11.0, "s", 10.0);
        figures.at_most("import_mb", 9.0, "MB", 10.0);
        figures.ratio("ratio", &[1.0, 3.0], Some(2.5));
        let missed: Vec<bool> = figures
            .0
            .iter()
            .map(|it| line(it).contains("missed"))
            .collect();
        assert_eq!(missed, [true, false, true, false, false]);
    }
}
