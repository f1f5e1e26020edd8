//! What a run was and what it took, as JSON.

use std::fs;
use std::io::{self, Write};

use op2::Context;
use serde_json::{Map, Value, json};

use super::run_options::JsonTarget;

/// The JSON of a run: what all programs report, and what each adds by [`set`](RunReport::set).
///
/// | key | meaning |
/// |---|---|
/// | `app` | the program |
/// | `backend`, `threads` | who ran the loops |
/// | `loops` | by loop: `name`, `calls`, `seconds`, `gb_per_s` (every array and map entry counted once) |
/// | `triad_gb_per_s` | the bandwidth of a simple loop in the same run, where it was measured |
/// | `plan_seconds` | the time spent on finding safe orders |
/// | `passed` | whether the result is the published one; null where none applies |
#[derive(Debug, Clone)]
pub(crate) struct RunReport {
    values: Map<String, Value>,
    /// Whether this is the rank that writes.
    first: bool,
}

impl RunReport {
    /// What there is to say of any run of `app`. `table` comes from the same context.
    pub(crate) fn new(app: &str, cx: &Context, table: &op2::Report, passed: Option<bool>) -> Self {
        let loops = table.rows.iter().map(|row| {
            json!({
                "name": row.name,
                "calls": row.calls,
                "seconds": row.seconds,
                "gb_per_s": row.gb_per_s().unwrap_or(0.0),
            })
        });
        Self { values: Map::new(), first: cx.rank() == 0 }
            .set("app", app)
            .set("backend", cx.settings().backend.to_string())
            .set("threads", cx.threads())
            .set("loops", loops.collect::<Vec<_>>())
            .set("triad_gb_per_s", table.triad.map(|triad| triad.gb_per_s))
            .set("plan_seconds", table.total().plan_seconds)
            .set("passed", passed)
    }

    /// Adds a key.
    #[must_use]
    pub(crate) fn set(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.values.insert(key.to_owned(), value.into());
        self
    }

    /// Adds results by iteration or step: `[[1, 2.0e-3], ..]`.
    #[must_use]
    pub(crate) fn set_series(self, key: &str, series: &[(u32, f64)]) -> Self {
        self.set(key, series.iter().map(|pair| json!(pair)).collect::<Vec<_>>())
    }

    /// Writes the report; of several ranks, the first does.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn write(self, target: &JsonTarget) -> io::Result<()> {
        if !self.first {
            return Ok(());
        }
        let text = format!("{:#}\n", self.into_json());
        match target {
            JsonTarget::Stdout => io::stdout().write_all(text.as_bytes()),
            JsonTarget::File(path) => fs::write(path, text),
        }
    }

    pub(crate) fn into_json(self) -> Value {
        Value::Object(self.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use op2::prelude::*;

    op2::sets! { Cells; }

    #[test]
    fn the_json_tells_the_loops_of_a_run() {
        let cx = Context::builder().backend(Backend::Seq).build().unwrap();
        let cells = cx.set::<Cells>(3).unwrap();
        let q: Dat<Cells, f64> = cx.dat_zeros("q", &cells).unwrap();
        op2::builtins::fill(1.0, &q).unwrap();
        let table = op2::Report::new(&cx.engine().profile.snapshot(), None);
        let json = RunReport::new("test", &cx, &table, None).set("cells", 3).into_json();
        assert_eq!((&json["app"], &json["backend"]), (&json!("test"), &json!("seq")));
        assert_eq!((&json["threads"], &json["cells"]), (&json!(1), &json!(3)));
        assert_eq!(json["loops"][0]["name"], "fill");
        assert_eq!(json["loops"][0].as_object().unwrap().len(), 4);
        assert_eq!((&json["passed"], &json["triad_gb_per_s"]), (&Value::Null, &Value::Null));
    }

    #[test]
    fn series_keep_every_digit() {
        let (rms, cx) = (4.836_839_124_188_207e-4, Context::builder().build().unwrap());
        let table = op2::Report::new(&[], None);
        let report = RunReport::new("test", &cx, &table, Some(true));
        let text = report.set_series("rms", &[(100, rms)]).into_json().to_string();
        let written = text.split("[100,").nth(1).unwrap().split(']').next().unwrap();
        assert_eq!(written.parse::<f64>().unwrap().to_bits(), rms.to_bits());
    }
}
