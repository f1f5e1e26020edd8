//! The table at the end of a run: where the time went, and how much of the machine was used.
//!
//! Holds the report as data and its two forms, text and JSON. Counting is left to
//! [`Profile`], measuring bandwidth to [`triad`].
//!
//! Invariant: loops are in the order in which they first ran, one row per name.

use std::borrow::Cow;
use std::fmt;

use crate::base::buffer::OutOfMemory;
use crate::base::error::{Error, Result as OpResult};
use crate::base::json;
use crate::base::profile::{LoopCounters, Profile};
use crate::base::table::{self, NOTHING, bytes, count, decimals, percent, ratio, seconds};
use crate::base::triad::{Triad, triad};
use crate::context::Context;

/// Counters of a run beside the bandwidth of the machine it ran on.
///
/// `Display` prints a table, [`Report::to_json`] gives the same data to programs.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// One row per loop name.
    pub rows: Vec<Row>,
    /// The bandwidth that loops are compared with; without it that column is empty.
    pub triad: Option<Triad>,
    /// Sentences below the table, such as reasons of plans and fall-backs.
    pub notes: Vec<String>,
}

/// The counters of all loops of one name.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The name of the loop.
    pub name: Cow<'static, str>,
    /// Calls.
    pub calls: u64,
    /// Time of all calls.
    pub seconds: f64,
    /// Time of the fastest call; infinite without a call.
    pub min_seconds: f64,
    /// Useful bytes moved.
    pub bytes: u64,
    /// Floating-point operations.
    pub flops: u64,
    /// Elements executed.
    pub elements: u64,
    /// Time spent on plans, not part of `seconds`.
    pub plan_seconds: f64,
}

impl Context {
    /// What the loops have cost this rank so far, beside the memory bandwidth measured now.
    ///
    /// # Errors
    /// Not enough memory for the measurement.
    pub fn report(&self) -> OpResult<Report> {
        self.engine().settle()?;
        let mut report = Report::measure(&self.engine().profile, self.threads())
            .map_err(|e| Error::OutOfMemory { what: "the triad".into(), bytes: e.bytes })?;
        if self.ranks() > 1 {
            report.note(format!("rank {} of {}: {}", self.rank(), self.ranks(), self.traffic()));
        }
        Ok(report)
    }
}

impl Report {
    /// Measures the bandwidth of `threads` threads now and sets the counters beside it.
    ///
    /// # Errors
    /// The measurement finds no memory.
    #[doc(hidden)]
    pub fn measure(profile: &Profile, threads: usize) -> Result<Report, OutOfMemory> {
        Ok(Report::new(&profile.snapshot(), Some(triad(threads)?)))
    }

    /// Merges `counters` by name.
    #[doc(hidden)]
    pub fn new(counters: &[LoopCounters], triad: Option<Triad>) -> Report {
        let mut report = Report { rows: Vec::new(), triad, notes: Vec::new() };
        for entry in counters {
            match report.rows.iter_mut().find(|row| row.name == entry.name) {
                Some(row) => row.add(&Row::of(entry)),
                None => report.rows.push(Row::of(entry)),
            }
            for sentence in entry.plan.iter().chain(&entry.notes) {
                report.note(format!("{}: {sentence}", entry.name));
            }
        }
        report
    }

    /// Adds a sentence below the table, once, however often it is given.
    pub fn note(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }

    /// The sum of all rows, under the name `total`.
    pub fn total(&self) -> Row {
        let mut total = Row::of(&LoopCounters::new("total", "", 0));
        self.rows.iter().for_each(|row| total.add(row));
        total
    }

    /// The share of `row` in the time of all loops, 0 to 1.
    pub fn share(&self, row: &Row) -> Option<f64> {
        ratio(row.seconds, self.total().seconds)
    }

    /// The bandwidth of `row` as a fraction of the triad's.
    pub fn triad_fraction(&self, row: &Row) -> Option<f64> {
        ratio(row.gb_per_s()?, self.triad?.gb_per_s)
    }

    /// The report as one JSON object: `triad`, `loops`, `total`, `notes`. What could
    /// not be computed is `null`; times are in seconds, bandwidths in 10^9 bytes per second.
    pub fn to_json(&self) -> String {
        json::object([
            ("triad", self.triad.map_or_else(|| json::NULL.to_owned(), json_triad)),
            ("loops", json::array(self.rows.iter().map(|row| self.json_row(row)))),
            ("total", self.json_row(&self.total())),
            ("notes", json::array(self.notes.iter().map(|note| json::string(note)))),
        ])
    }

    fn json_row(&self, row: &Row) -> String {
        json::object([
            ("name", json::string(&row.name)),
            ("calls", row.calls.to_string()),
            ("seconds", json::number(row.seconds)),
            ("min_seconds", json::number(row.min_seconds)),
            ("share", json::number(self.share(row))),
            ("bytes", row.bytes.to_string()),
            ("flops", row.flops.to_string()),
            ("elements", row.elements.to_string()),
            ("gb_per_s", json::number(row.gb_per_s())),
            ("triad_fraction", json::number(self.triad_fraction(row))),
            ("plan_seconds", json::number(row.plan_seconds)),
        ])
    }
}

impl Row {
    fn of(counters: &LoopCounters) -> Row {
        Row {
            name: counters.name.clone(),
            calls: counters.calls,
            seconds: counters.seconds,
            min_seconds: counters.min_seconds,
            bytes: counters.bytes,
            flops: counters.flops,
            elements: counters.elements,
            plan_seconds: counters.plan_seconds,
        }
    }

    fn add(&mut self, other: &Row) {
        self.calls += other.calls;
        self.seconds += other.seconds;
        self.min_seconds = self.min_seconds.min(other.min_seconds);
        self.bytes += other.bytes;
        self.flops += other.flops;
        self.elements += other.elements;
        self.plan_seconds += other.plan_seconds;
    }

    /// Useful bytes per time, in 10^9 bytes per second; `None` when no time was spent.
    pub fn gb_per_s(&self) -> Option<f64> {
        ratio(self.bytes as f64 / 1e9, self.seconds)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_table(f)?;
        if let Some(Triad { gb_per_s, threads, .. }) = self.triad {
            let threads =
                if threads == 1 { "1 thread".into() } else { format!("{threads} threads") };
            writeln!(f, "triad: {gb_per_s:.1} GB/s on {threads}, 24 bytes per element")?;
        }
        if !self.notes.is_empty() {
            writeln!(f, "notes:")?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "  {note}"))
    }
}

/// A column of the table: its title, and what it shows of a row.
struct Column {
    title: &'static str,
    cell: fn(&Report, &Row) -> String,
}

const COLUMNS: [Column; 8] = [
    Column { title: "loop", cell: |_, row| row.name.to_string() },
    Column { title: "calls", cell: |_, row| count(row.calls) },
    Column { title: "time", cell: |_, row| seconds(row.seconds) },
    Column { title: "share", cell: |report, row| percent(report.share(row)) },
    Column { title: "moved", cell: |_, row| bytes(row.bytes) },
    Column { title: "GB/s", cell: |_, row| row.gb_per_s().map_or(NOTHING.into(), decimals) },
    Column { title: "% triad", cell: |report, row| percent(report.triad_fraction(row)) },
    Column { title: "plan", cell: |_, row| seconds(row.plan_seconds) },
];

impl Report {
    fn write_table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cells = |row: &Row| COLUMNS.each_ref().map(|column| (column.cell)(self, row));
        let body: Vec<_> = self.rows.iter().map(cells).collect();
        let titles = COLUMNS.each_ref().map(|column| column.title);
        table::write(f, titles, &body, Some(&cells(&self.total())))
    }
}

fn json_triad(triad: Triad) -> String {
    json::object([
        ("gb_per_s", json::number(triad.gb_per_s)),
        ("threads", triad.threads.to_string()),
        ("repetitions", triad.repetitions.to_string()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters(name: &'static str, calls: u64, seconds: f64, bytes: u64) -> LoopCounters {
        let min_seconds = seconds / calls.max(1) as f64;
        let empty = LoopCounters::new(name, "airfoil.rs", 1);
        LoopCounters { calls, seconds, min_seconds, bytes, ..empty }
    }

    fn airfoil() -> Report {
        let res_calc = LoopCounters {
            plan: Some("88 blocks in 2 colors".to_owned()),
            plan_seconds: 0.003,
            ..counters("res_calc", 2000, 6.0, 90_000_000_000)
        };
        let bres_calc = LoopCounters {
            notes: vec!["2800 elements: the calling thread".to_owned()],
            ..counters("bres_calc", 2000, 0.0, 0)
        };
        let update = counters("update", 2000, 2.0, 40_000_000_000);
        let triad = Triad { gb_per_s: 25.0, threads: 2, repetitions: 10 };
        Report::new(&[res_calc, bres_calc, update], Some(triad))
    }

    #[test]
    fn the_table_is_aligned_and_readable() {
        let expected = "\
loop       calls    time    share    moved  GB/s  % triad     plan
------------------------------------------------------------------
res_calc   2,000  6.00 s   75.0 %  90.0 GB  15.0   60.0 %  3.00 ms
bres_calc  2,000       -    0.0 %        -     -        -        -
update     2,000  2.00 s   25.0 %  40.0 GB  20.0   80.0 %        -
------------------------------------------------------------------
total      6,000  8.00 s  100.0 %   130 GB  16.2   65.0 %  3.00 ms
triad: 25.0 GB/s on 2 threads, 24 bytes per element
notes:
  res_calc: 88 blocks in 2 colors
  bres_calc: 2800 elements: the calling thread
";
        assert_eq!(airfoil().to_string(), expected);
    }

    #[test]
    fn an_empty_report_has_no_nonsense_numbers() {
        let text = Report::new(&[], None).to_string();
        assert!(text.contains("total"), "{text}");
        assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
    }

    #[test]
    fn loops_of_one_name_are_one_row() {
        let report = Report::new(
            &[counters("a", 1, 1.0, 5), counters("b", 1, 1.0, 5), counters("a", 2, 1.0, 7)],
            None,
        );
        let [a, b] = &report.rows[..] else { panic!("two rows: {report}") };
        assert_eq!((a.calls, a.seconds, a.min_seconds, a.bytes), (3, 2.0, 0.5, 12));
        assert_eq!((b.calls, report.share(b)), (1, Some(1.0 / 3.0)));
    }

    #[test]
    fn json_has_the_same_numbers() {
        let json = airfoil().to_json();
        for part in [
            r#"{"triad":{"gb_per_s":25,"threads":2,"repetitions":10},"loops":[{"name":"res_calc","calls":2000,"seconds":6,"#,
            r#""bytes":90000000000,"#,
            r#""gb_per_s":15,"triad_fraction":0.6,"plan_seconds":0.003}"#,
            r#"{"name":"bres_calc","calls":2000,"seconds":0,"min_seconds":0,"share":0,"#,
            r#""gb_per_s":null,"triad_fraction":null"#,
            r#""total":{"name":"total","calls":6000,"seconds":8,"#,
            r#""notes":["res_calc: 88 blocks in 2 colors","bres_calc: 2800 elements: the calling thread"]}"#,
        ] {
            assert!(json.contains(part), "{part}\nis not in\n{json}");
        }
    }

    #[test]
    fn json_of_nothing_is_valid() {
        let json = Report::new(&[], None).to_json();
        assert!(json.starts_with(r#"{"triad":null,"loops":[],"total":{"name":"total","calls":0,"#));
        assert!(json.contains(r#""min_seconds":null"#), "{json}");
    }
}
