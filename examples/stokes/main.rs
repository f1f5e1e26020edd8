//! Stokes flow by finite elements: two spaces, velocity and pressure, and a matrix of blocks between them.
//!
//! `cargo run --release --example stokes` finds a known vortex on three meshes, and judges how fast the
//! errors fall; `-- --help` lists the options. To read it, begin with `spaces`, then `system` and
//! `kernels`; `flow` has the formulas.

#[path = "../common/mod.rs"]
mod common;
mod flow;
mod kernels;
mod options;
mod results;
mod spaces;
mod system;

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
use common::unit_square::unit_square;
use options::{Options, Solver};
use spaces::Spaces;
use system::{Errors, System};

/// The norms of the errors, and the orders that theory promises.
const NORMS: [(&str, f64); 3] = [("velocity L2", 3.0), ("velocity H1", 2.0), ("pressure L2", 2.0)];
/// How far below these an observed order may be.
const SLACK: f64 = 0.2;

fn main() -> ExitCode {
    command_line::main(simulate)
}

/// The whole program; gives whether errors fall as the theory says, where there are several meshes.
fn simulate(options: &Options) -> op2::Result<Option<bool>> {
    let mut phases = Phases::default();
    let cx = options.run.context()?.build()?;
    let channel = Channel::of(&cx, options.run.json.as_ref());
    let mut study = Study::new(channel);
    let last = cx.run(|| study.run(&cx, options, &mut phases))?;
    phases.time("write", || results::write(&cx, options, &last.system))?;
    let verdict = study.convergence.verdict();
    if let Some((_, sentence)) = &verdict {
        channel.say(sentence);
    }
    let passed = verdict.map(|(passed, _)| passed);

    let table = cx.report()?;
    channel.say(&format!("{table}"));
    channel.say(&phases.line());
    if let Some(target) = &options.run.json {
        let report = RunReport::new("stokes", &cx, &table, passed);
        study.summary(report, options, &last, &phases)?.write(target)?;
    }
    Ok(passed)
}

/// The flow on one mesh or on several.
struct Study {
    channel: Channel,
    convergence: Convergence,
    levels: Vec<Value>,
}

/// What is kept of the last mesh.
struct Last {
    system: System,
    /// Of MINRES.
    report: Option<SolveReport>,
    errors: Errors,
}

impl Study {
    fn new(channel: Channel) -> Self {
        let convergence = Convergence::new(&NORMS, SLACK);
        channel.say(&Row::head("MINRES", Some(&convergence)));
        Self { channel, convergence, levels: Vec::new() }
    }

    /// Solves on each mesh; gives the last.
    fn run(&mut self, cx: &Context, options: &Options, phases: &mut Phases) -> op2::Result<Last> {
        if let MeshSource::File(path) = options.mesh.source() {
            let mesh = phases.time("mesh", || -> op2::Result<Mesh> {
                let mut mesh = Mesh::read(path)?;
                mesh.orient();
                Ok(mesh)
            })?;
            return self.level(cx, &mesh, options, phases);
        }
        let mut last = None;
        for (i, j) in options.squares().map_err(op2::Error::other)? {
            // The names of sets and dats are free again.
            drop(last.take());
            let mesh = phases.time("mesh", || unit_square(i, j))?;
            last = Some(self.level(cx, &mesh, options, phases)?);
        }
        last.ok_or_else(|| op2::Error::other("there is no mesh"))
    }

    fn level(
        &mut self,
        cx: &Context,
        mesh: &Mesh,
        options: &Options,
        phases: &mut Phases,
    ) -> op2::Result<Last> {
        let before = phases.total();
        let spaces = phases.time("spaces", || Spaces::declare(cx, mesh))?;
        let system = phases.time("declare", || System::declare(cx, spaces))?;
        phases.time("assemble", || system.assemble())?;
        phases.time("prepare", || system.prepare())?;
        let report = phases.time("solve", || solve(cx, &system, options.solver))?;
        let errors = phases.time("compare", || system.errors(cx))?;
        let last = Last { system, report, errors };
        self.record(mesh, &last, phases.total() - before);
        Ok(last)
    }

    /// Adds a row to the table and to the JSON.
    fn record(&mut self, mesh: &Mesh, last: &Last, seconds: f64) {
        let (cells, errors) = (mesh.num_cells(2), last.errors);
        // The mean width of a triangle.
        let width = (mesh.measure() / cells as f64).sqrt();
        self.convergence.add(width, &[errors.velocity, errors.gradient, errors.pressure]);
        let iterations = last.report.as_ref().map(|report| report.iterations);
        let (velocity, pressure) = (last.system.spaces().nodes.size(), mesh.points.len());
        let row = Row {
            cells,
            unknowns: 2 * velocity + pressure,
            iterations,
            convergence: Some(&self.convergence),
            seconds,
        };
        self.channel.say(&row.to_string());
        self.levels.push(json!({
            "cells": cells,
            "velocity_nodes": velocity,
            "pressure_nodes": pressure,
            "iterations": iterations,
            "velocity_l2_error": errors.velocity,
            "velocity_h1_error": errors.gradient,
            "pressure_l2_error": errors.pressure,
        }));
    }

    /// What this program adds to the report of a run.
    fn summary(
        self,
        report: RunReport,
        options: &Options,
        last: &Last,
        phases: &Phases,
    ) -> op2::Result<RunReport> {
        let (system, errors) = (&last.system, last.errors);
        Ok(report
            .set("mesh", options.mesh.source().to_string())
            .set("solver", options.solver.to_string())
            .set("cells", system.spaces().mesh.cells.size())
            .set("velocity_nodes", system.spaces().nodes.size())
            .set("pressure_nodes", system.spaces().mesh.nodes.size())
            .set("measure", system.area()?)
            .set("nnz", system.num_numbers())
            .set("velocity_l2_error", errors.velocity)
            .set("velocity_h1_error", errors.gradient)
            .set("pressure_l2_error", errors.pressure)
            .set("orders", self.convergence.to_json())
            .set("levels", self.levels)
            .set("iterations", last.report.as_ref().map(|report| report.iterations))
            .set("residual", last.report.as_ref().map(SolveReport::residual))
            .set("phases", phases.to_json()))
    }
}

/// Solves; gives the report of an iteration.
#[cfg_attr(not(feature = "direct"), expect(unused_variables, reason = "for the direct solver"))]
fn solve(cx: &Context, system: &System, solver: Solver) -> op2::Result<Option<SolveReport>> {
    match solver {
        Solver::Minres => system.solve().map(Some),
        #[cfg(feature = "direct")]
        Solver::Lu => system.factorize(cx).map(|()| None),
        #[cfg(not(feature = "direct"))]
        Solver::Lu => Err(op2::Error::other("this build has no direct solver")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::command_line::parse_line;

    fn run(line: &str) -> op2::Result<(Option<bool>, Value)> {
        // Tests run beside each other.
        let name =
            format!("op2-stokes-{}-{:?}.json", std::process::id(), std::thread::current().id());
        let path = std::env::temp_dir().join(name);
        let line = format!("{line} --json {}", path.display());
        let passed = simulate(&parse_line(&line).unwrap().unwrap())?;
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        Ok((passed, serde_json::from_str(&text).unwrap()))
    }

    #[test]
    fn errors_fall_as_the_theory_says() {
        let (passed, json) = run("--size 16,16 --levels 2").unwrap();
        assert_eq!(passed, Some(true), "{}", json["orders"]);
        assert!((json["measure"].as_f64().unwrap() - 1.0).abs() < 1e-14);
        assert_eq!((&json["velocity_nodes"], &json["pressure_nodes"]), (&1089.into(), &289.into()));
    }

    #[cfg(feature = "direct")]
    #[test]
    fn both_solvers_find_the_same_flow() {
        let (_, one) = run("--size 6,6 --levels 1").unwrap();
        let (_, other) = run("--size 6,6 --levels 1 --solver lu").unwrap();
        for key in ["velocity_l2_error", "velocity_h1_error", "pressure_l2_error"] {
            let (one, other) = (one[key].as_f64().unwrap(), other[key].as_f64().unwrap());
            assert!((one / other - 1.0).abs() < 1e-6, "{key}: {one} {other}");
        }
    }

    #[test]
    fn the_json_has_the_agreed_keys() {
        let (passed, json) = run("--size 2,2 --levels 1 --backend seq").unwrap();
        assert_eq!(passed, None);
        let mut keys: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        keys.sort_unstable();
        let expected = "app backend cells iterations levels loops measure mesh nnz orders passed phases \
                        plan_seconds pressure_l2_error pressure_nodes residual solver threads \
                        triad_gb_per_s velocity_h1_error velocity_l2_error velocity_nodes";
        assert_eq!(keys, expected.split_whitespace().collect::<Vec<_>>());
    }

    #[test]
    fn flow_through_the_boundary_of_any_mesh() {
        let Some(folder) = std::env::var_os("SHARED_MESHES") else {
            eprintln!("skipped: set SHARED_MESHES to the folder that holds gmsh_lshape_v22.msh.xz");
            return;
        };
        let mesh = std::path::Path::new(&folder).join("gmsh_lshape_v22.msh.xz");
        let (passed, json) = run(&format!("--mesh {}", mesh.display())).unwrap();
        assert_eq!((passed, &json["cells"]), (None, &5370.into()));
        assert!(json["velocity_l2_error"].as_f64().unwrap() < 1e-3);
    }
}
