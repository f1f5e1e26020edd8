//! Linear elasticity by finite elements: three unknowns at each node of a tetrahedral mesh, as 3 x 3 blocks
//! of a sparse matrix.
//!
//! `cargo run --release --example elasticity` bends a plate on three meshes, compares the displacement
//! with the known one, and judges how fast the error falls; `-- --help` lists the options. To read it,
//! begin with `solid`, then `kernels`; `problem` has the formulas.

mod brick;
#[path = "../common/mod.rs"]
mod common;
mod faces;
mod kernels;
mod options;
mod problem;
mod results;
mod solid;

use std::process::ExitCode;

use op2::io::Mesh;
use op2::prelude::*;
use op2::solve::SolveReport;
use serde_json::{Value, json};

use common::command_line;
use common::convergence::{Convergence, Row};
use common::mesh_option::MeshSource;
use common::output::Channel;
use common::phases::Phases;
use common::run_report::RunReport;
use options::Options;
use problem::Problem;
use solid::{Errors, Solid, Stress};

/// The brick that the program makes itself.
const SIDES: [f64; 3] = [4.0, 1.0, 1.0];

/// How far below the order of the theory an observed one may be.
const SLACK: f64 = 0.2;

/// Displacements that are linear must be found up to rounding: this part of them.
const ROUNDING: f64 = 1e-10;

fn main() -> ExitCode {
    command_line::main(simulate)
}

/// The whole program; gives whether the results are those of the theory, where that says something.
fn simulate(options: &Options) -> op2::Result<Option<bool>> {
    let mut phases = Phases::default();
    let cx = options.run.context()?.build()?;
    let channel = Channel::of(&cx, options.run.json.as_ref());
    let mut study = Study::new(options, channel);
    let last = cx.run(|| study.run(&cx, options, &mut phases))?;
    phases.time("write", || results::write(&cx, options, &last.mesh, &last.solid, &last.stress))?;
    study.say_deflection(&last);
    let passed = study.verdict();

    let table = cx.report()?;
    channel.say(&format!("{table}"));
    channel.say(&phases.line());
    if let Some(target) = &options.run.json {
        let report = RunReport::new("elasticity", &cx, &table, passed);
        study.summary(report, options, &last, &phases).write(target)?;
    }
    Ok(passed)
}

/// One problem on one mesh or on several.
struct Study {
    problem: Problem,
    channel: Channel,
    /// Of errors that come from the mesh; those of the stretched brick come from rounding.
    convergence: Option<Convergence>,
    /// The largest error in the displacement, as part of it.
    worst: f64,
    levels: Vec<Value>,
}

/// What is kept of the last mesh.
struct Last {
    mesh: Mesh,
    solid: Solid,
    stress: Stress,
    report: SolveReport,
    errors: Option<Errors>,
    deflection: Option<f64>,
}

impl Study {
    fn new(options: &Options, channel: Channel) -> Self {
        let convergence = match options.problem {
            Problem::Cantilever | Problem::Waves => {
                Some(Convergence::new(&[("L2", 2.0), ("H1", 1.0)], SLACK))
            }
            Problem::Stretch | Problem::Bracket => None,
        };
        let head = Row::head("CG", convergence.as_ref());
        channel.say(&format!("{head}  {:>13}", "deflection"));
        Self { problem: options.problem, channel, convergence, worst: 0.0, levels: Vec::new() }
    }

    /// Solves on each mesh; gives the last.
    fn run(&mut self, cx: &Context, options: &Options, phases: &mut Phases) -> op2::Result<Last> {
        if let MeshSource::File(path) = options.mesh.source() {
            let mesh = phases.time("mesh", || read(path, options.problem))?;
            return self.level(cx, mesh, options, phases);
        }
        let mut last = None;
        for (along, across) in options.bricks().map_err(op2::Error::other)? {
            // The names of sets and dats are free again.
            drop(last.take());
            let mesh = phases.time("mesh", || brick::brick(SIDES, [along, across, across]))?;
            last = Some(self.level(cx, mesh, options, phases)?);
        }
        last.ok_or_else(|| op2::Error::other("there is no mesh"))
    }

    fn level(
        &mut self,
        cx: &Context,
        mesh: Mesh,
        options: &Options,
        phases: &mut Phases,
    ) -> op2::Result<Last> {
        let before = phases.total();
        let faces = (&*options.clamp, &*options.load);
        let mut solid =
            phases.time("declare", || Solid::declare(cx, &mesh, self.problem, faces))?;
        phases.time("assemble", || solid.assemble())?;
        phases.time("support", || solid.support())?;
        let report = phases.time("solve", || solid.solve())?;
        let stress = phases.time("stress", || solid.stress(cx))?;
        let known = self.problem.is_known();
        let errors = phases.time("compare", || known.then(|| solid.errors(cx)).transpose())?;
        let deflection = solid.deflection(cx)?;
        let last = Last { mesh, solid, stress, report, errors, deflection };
        self.record(&last, phases.total() - before);
        Ok(last)
    }

    /// Adds a row to the table and to the JSON.
    fn record(&mut self, last: &Last, seconds: f64) {
        let cells = last.mesh.num_cells(3);
        let iterations = last.report.iterations;
        if let Some(errors) = last.errors {
            self.worst = self.worst.max(errors.l2 / errors.size);
            if let Some(convergence) = &mut self.convergence {
                // The mean width of a cell.
                let width = (last.mesh.measure() / cells as f64).cbrt();
                convergence.add(width, &[errors.l2, errors.h1]);
            }
        }
        let row = Row {
            cells,
            unknowns: 3 * last.mesh.points.len(),
            iterations: Some(iterations),
            convergence: self.convergence.as_ref(),
            seconds,
        };
        let deflection = last.deflection.map_or_else(String::new, |tip| format!("{tip:.6e}"));
        self.channel.say(&format!("{row}  {deflection:>13}"));
        self.levels.push(json!({
            "cells": cells,
            "nodes": last.mesh.points.len(),
            "nnz": 9 * last.solid.stiffness.num_entries(),
            "iterations": iterations,
            "tip_deflection": last.deflection,
            "l2_error": last.errors.map(|errors| errors.l2),
            "h1_error": last.errors.map(|errors| errors.h1),
        }));
    }

    /// Says how the deflection of the last mesh compares with the formula.
    fn say_deflection(&self, last: &Last) {
        let (_, sides) = faces::bounding_box(&last.mesh);
        let pair = last.deflection.zip(self.problem.deflection(sides));
        if let Some((found, formula)) = pair {
            let off = 100.0 * (found / formula - 1.0);
            self.channel.say(&format!(
                "the deflection is {off:+.2} % off that of the formula, {formula:.6e}"
            ));
        }
    }

    /// Says whether the results are right, where that is known.
    fn verdict(&self) -> Option<bool> {
        let (passed, sentence) = match self.problem {
            Problem::Bracket => return None,
            Problem::Stretch => {
                let passed = self.worst <= ROUNDING;
                let verdict = if passed { "PASSED" } else { "FAILED" };
                let off = self.worst;
                (passed, format!("{verdict}: off by {off:.1e} (allowed: {ROUNDING:e}, rounding)"))
            }
            Problem::Cantilever | Problem::Waves => self.convergence.as_ref()?.verdict()?,
        };
        self.channel.say(&sentence);
        Some(passed)
    }

    /// What this program adds to the report of a run.
    fn summary(
        self,
        report: RunReport,
        options: &Options,
        last: &Last,
        phases: &Phases,
    ) -> RunReport {
        let (_, sides) = faces::bounding_box(&last.mesh);
        report
            .set("mesh", options.mesh.source().to_string())
            .set("problem", self.problem.to_string())
            .set("cells", last.mesh.num_cells(3))
            .set("nodes", last.mesh.points.len())
            .set("measure", last.mesh.measure())
            .set("nnz", 9 * last.solid.stiffness.num_entries())
            .set("tip_deflection", last.deflection)
            .set("reference", self.problem.deflection(sides))
            .set("energy", last.stress.energy)
            .set("l2_error", last.errors.map(|errors| errors.l2))
            .set("h1_error", last.errors.map(|errors| errors.h1))
            .set("orders", self.convergence.as_ref().map(Convergence::to_json))
            .set("levels", self.levels)
            .set("iterations", last.report.iterations)
            .set("residual", last.report.residual())
            .set("phases", phases.to_json())
    }
}

/// Reads a mesh that fits the problem.
fn read(path: &std::path::Path, problem: Problem) -> op2::Result<Mesh> {
    let mut mesh = Mesh::read(path)?;
    mesh.orient();
    if problem.needs_box() && !faces::is_box(&mesh) {
        return Err(op2::Error::other(format!(
            "{}: the formula of `{problem}` holds in a box, but this mesh does not fill one; try `--problem bracket`",
            path.display()
        )));
    }
    Ok(mesh)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solid::tests::take_turn;
    use common::command_line::parse_line;

    fn run(line: &str) -> op2::Result<(Option<bool>, Value)> {
        let path = std::env::temp_dir().join(format!("op2-elastic-{}.json", std::process::id()));
        let options: Options =
            parse_line(&format!("{line} --json {}", path.display())).unwrap().unwrap();
        let _turn = take_turn(options.problem);
        let passed = simulate(&options)?;
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        Ok((passed, serde_json::from_str(&text).unwrap()))
    }

    #[test]
    fn linear_displacements_are_found_up_to_rounding() {
        let (passed, json) = run("--problem stretch --size 6,3 --levels 1").unwrap();
        assert_eq!(passed, Some(true));
        let tip = json["tip_deflection"].as_f64().unwrap();
        assert!((tip - json["reference"].as_f64().unwrap()).abs() < 1e-13);
        // Half of force times way.
        assert!((json["energy"].as_f64().unwrap() - 0.5e-3 * tip).abs() < 1e-15);
        assert_eq!((&json["nodes"], &json["cells"]), (&112.into(), &324.into()));
    }

    #[test]
    fn errors_fall_as_the_theory_says() {
        for (problem, size) in [("waves", "32,8"), ("cantilever", "48,12")] {
            let line = format!("--problem {problem} --size {size} --levels 2");
            let (passed, json) = run(&line).unwrap();
            assert_eq!(passed, Some(true), "{problem}: {}", json["orders"]);
        }
    }

    #[test]
    fn the_json_has_the_agreed_keys() {
        let (passed, json) = run("--size 4,1 --levels 1 --backend seq").unwrap();
        assert_eq!(passed, None);
        let mut keys: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        keys.sort_unstable();
        let expected = "app backend cells energy h1_error iterations l2_error levels loops measure \
                        mesh nnz nodes orders passed phases plan_seconds problem reference residual \
                        threads tip_deflection triad_gb_per_s";
        assert_eq!(keys, expected.split_whitespace().collect::<Vec<_>>());
        assert_eq!((&json["mesh"], &json["passed"]), (&"4x1".into(), &Value::Null));
        assert!((json["measure"].as_f64().unwrap() - 4.0).abs() < 1e-14);
    }

    #[test]
    fn meshes_of_others() {
        let Some(folder) = std::env::var_os("SHARED_MESHES") else {
            eprintln!("skipped: set SHARED_MESHES to the folder that holds su2_brick_tets.su2.xz");
            return;
        };
        let folder = std::path::Path::new(&folder);
        let brick = folder.join("su2_brick_tets.su2.xz");
        let (passed, json) = run(&format!("--problem stretch --mesh {}", brick.display())).unwrap();
        assert_eq!((passed, &json["cells"]), (Some(true), &59156.into()));
        assert!((json["measure"].as_f64().unwrap() - 2.0).abs() < 1e-12);
        let line = format!("--problem bracket --clamp z_m --load x_p --mesh {}", brick.display());
        let (passed, json) = run(&line).unwrap();
        assert_eq!((passed, &json["reference"]), (None, &Value::Null));
        assert!(json["tip_deflection"].as_f64().unwrap() > 0.0);
        let beam = folder.join("gmsh_cyl_v22.msh.xz");
        let error = run(&format!("--problem bracket --mesh {}", beam.display())).unwrap_err();
        assert!(error.to_string().contains("gmsh_cyl_v22"), "{error}");
    }
}
