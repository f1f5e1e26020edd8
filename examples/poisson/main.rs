//! Poisson's equation, `-laplace u = f`, by linear (P1) finite elements.
//!
//! `cargo run --release --example poisson` solves a problem with a known solution on finer and finer
//! meshes of the unit square, and checks that the errors fall as theory says;
//! `-- --mesh FILE` solves on any mesh of triangles or tetrahedra; `-- --help` lists the options.
//!
//! To read it: `kernels` has the integrals over one cell, `poisson` puts them together to equations and
//! solves these by conjugate gradients with a preconditioner. Jacobi's is the default: it needs twice
//! the iterations of SSOR or IC(0), but each is made of loops that threads share, and on a square of
//! half a million triangles that takes two thirds of the time on two threads, and less on one, too.
//! `reference` compares with another program on the same meshes.

#[path = "../common/mod.rs"]
mod common;
mod kernels;
mod options;
mod poisson;
mod problem;
#[cfg(test)]
mod reference;
mod results;
mod slice;
mod solution;
mod study;

use std::path::Path;
use std::process::ExitCode;

use op2::Context;
use op2::io::Mesh;

use common::command_line;
use common::output::Channel;
use common::phases::Phases;
use common::run_report::RunReport;
use options::Options;
use problem::Problem;

fn main() -> ExitCode {
    command_line::main(simulate)
}

/// The whole program; gives whether the study showed the orders of theory.
fn simulate(options: &Options) -> op2::Result<Option<bool>> {
    let cx = options.run.context()?.build()?;
    match &options.mesh {
        Some(path) => solve_on_file(options, &cx, path).map(|()| None),
        None => refine(options, &cx),
    }
}

/// The refinement study.
fn refine(options: &Options, cx: &Context) -> op2::Result<Option<bool>> {
    let channel = Channel::of(cx, options.run.json.as_ref());
    channel.say(&format!("problem sines on the unit square; {cx:?}"));
    let study = cx.run(|| study::run(cx, &options.sides(), options.conditioning, channel))?;
    let table = cx.report()?;
    channel.say(&format!("{table}"));
    let verdict = study.convergence.verdict();
    let passed = verdict.map(|(passed, sentence)| {
        channel.say(&sentence);
        passed
    });
    let finest = study.levels.last().expect("there is a level");
    if cx.rank() == 0 {
        results::write(options, &finest.mesh, &finest.solution, Problem::SINES)?;
    }
    if let Some(target) = &options.run.json {
        let list: Vec<_> = study.levels.iter().map(study::Level::to_json).collect();
        RunReport::new("poisson", cx, &table, passed)
            .set("problem", "sines")
            .set("preconditioner", options.conditioning.to_string())
            .set("levels", list)
            .write(target)?;
    }
    Ok(passed)
}

/// One problem on one mesh.
fn solve_on_file(options: &Options, cx: &Context, path: &Path) -> op2::Result<()> {
    let channel = Channel::of(cx, options.run.json.as_ref());
    let task = options.task();
    let problem = task.problem;
    channel.say(&format!("problem {problem} on {}; {cx:?}", path.display()));
    let mut phases = Phases::default();
    let mesh = phases.time("mesh", || Mesh::read(path))?;
    let solution = cx
        .run(|| poisson::solve(cx, &mesh, task, &mut phases))
        .map_err(|error| op2::Error::other(format!("{}: {error}", path.display())))?;
    if cx.rank() == 0 {
        phases.time("write", || results::write(options, &mesh, &solution, problem))?;
    }
    let table = cx.report()?;
    channel.say(&format!("{table}\n{}\n{}", solution.table(), phases.line()));
    if let Some(target) = &options.run.json {
        let report = RunReport::new("poisson", cx, &table, None)
            .set("mesh", path.display().to_string())
            .set("problem", problem.to_string())
            .set("preconditioner", task.conditioning.to_string())
            .set("phases", phases.to_json());
        let numbers = solution.numbers().into_iter();
        numbers.fold(report, |report, (name, value)| report.set(name, value)).write(target)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::command_line::parse_line;
    use serde_json::Value;

    /// What a command line leaves as JSON, and whether it passed.
    fn run(name: &str, line: &str) -> (Value, Option<bool>) {
        let path = std::env::temp_dir().join(format!("op2-{name}-{}.json", std::process::id()));
        let line = format!("{line} --backend seq --json {}", path.display());
        let options: Options = parse_line(&line).unwrap().unwrap();
        let passed = simulate(&options).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        (serde_json::from_str(&text).unwrap(), passed)
    }

    fn keys(json: &Value) -> String {
        let mut keys: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        keys.sort_unstable();
        keys.join(" ")
    }

    #[test]
    fn a_study_reports_its_levels() {
        let (json, passed) = run("study", "--size 16 --levels 2");
        assert_eq!(passed, Some(true));
        assert_eq!(
            keys(&json),
            "app backend levels loops passed plan_seconds preconditioner problem threads \
             triad_gb_per_s"
        );
        assert_eq!(
            keys(&json["levels"][1]),
            "cells energy frobenius h h1_error h1_order integral_u iterations l2_error l2_order \
             max_u measure nnz nodes phases residual side"
        );
        assert_eq!((&json["levels"][1]["nodes"], &json["passed"]), (&289.into(), &true.into()));
    }

    #[test]
    fn a_mesh_reports_its_numbers_and_files() {
        let files = ["png", "vtu"]
            .map(|end| std::env::temp_dir().join(format!("op2-ps-{}.{end}", std::process::id())));
        let [png, vtu] = files.each_ref().map(|path| path.display());
        let mesh =
            concat!(env!("CARGO_MANIFEST_DIR"), "/op2-core/tests/data/gmsh_sq_0.2_v22.msh.xz");
        let line = format!("--mesh {mesh} --problem sines --png {png} --vtu {vtu}");
        let (json, passed) = run("mesh", &line);
        assert_eq!(passed, None);
        assert_eq!(
            keys(&json),
            "app backend cells energy frobenius h1_error integral_u iterations l2_error loops max_u \
             measure mesh nnz nodes passed phases plan_seconds preconditioner problem residual \
             threads triad_gb_per_s"
        );
        assert_eq!(json["nnz"], 262);
        assert!(json["phases"]["solve"].as_f64().unwrap() > 0.0);
        let [picture, results] = files.each_ref().map(|path| std::fs::read(path).unwrap());
        files.iter().for_each(|path| std::fs::remove_file(path).unwrap());
        assert!(picture.starts_with(b"\x89PNG\r\n"));
        let results = String::from_utf8_lossy(&results);
        assert!(
            ["u", "exact", "error"].iter().all(|name| results.contains(&format!("\"{name}\"")))
        );
    }

    #[test]
    fn a_mesh_that_is_not_there_is_an_error() {
        let options = parse_line("--mesh nowhere.msh").unwrap().unwrap();
        assert!(simulate(&options).unwrap_err().to_string().contains("nowhere.msh"));
    }
}
