//! Poisson's equation, `-laplace u = f`, by linear (P1) finite elements.
//!
//! `cargo run --release --example poisson` solves a problem with a known solution on finer and finer
//! meshes of the unit square, and checks that the errors fall as theory says;
//! `-- --mesh FILE` solves on any mesh of triangles or tetrahedra; `-- --help` lists the options.
//!
//! To read it: `kernels` has the integrals over one cell, `poisson` puts them together to equations and
//! solves these by conjugate gradients with a preconditioner. Jacobi's is the default: it needs some twice
//! the iterations of SSOR or IC(0), but each of these is a loop that threads share.

#[path = "../common/mod.rs"]
mod common;
mod kernels;
mod options;
mod output;
mod poisson;
mod problem;
mod quadrature;
#[cfg(test)]
mod reference;
mod slice;
mod solution;
mod square;
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
use solution::Solution;

fn main() -> ExitCode {
    command_line::main(simulate)
}

/// The whole program; gives whether the study showed the orders of theory.
fn simulate(options: &Options) -> op2::Result<Option<bool>> {
    options.check().map_err(op2::Error::other)?;
    let cx = options.run.context()?.build()?;
    match &options.mesh {
        Some(path) => solve_on_file(options, &cx, path).map(|()| None),
        None => refine(options, &cx),
    }
}

/// The refinement study.
fn refine(options: &Options, cx: &Context) -> op2::Result<Option<bool>> {
    let channel = Channel::beside(options.run.json.as_ref());
    channel.say(&format!("problem sines on the unit square; {cx:?}"));
    let levels = cx.run(|| study::run(cx, &options.sides(), options.conditioning, channel))?;
    let table = cx.report()?;
    channel.say(&format!("{table}"));
    let verdict = study::verdict(&levels);
    let passed = verdict.map(|(passed, sentence)| {
        channel.say(&sentence);
        passed
    });
    let finest = levels.last().expect("there is a level");
    let mesh = square::unit_square(finest.side).map_err(op2::Error::other)?;
    write_results(options, &mesh, &finest.solution, Problem::SINES)?;
    if let Some(target) = &options.run.json {
        let list: Vec<_> = levels.iter().map(study::Level::to_json).collect();
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
    let channel = Channel::beside(options.run.json.as_ref());
    let task = options.task();
    let problem = task.problem;
    channel.say(&format!("problem {problem} on {}; {cx:?}", path.display()));
    let mut phases = Phases::default();
    let mesh = phases.time("mesh", || Mesh::read(path))?;
    let solution = cx
        .run(|| poisson::solve(cx, &mesh, task, &mut phases))
        .map_err(|error| op2::Error::other(format!("{}: {error}", path.display())))?;
    phases.time("write", || write_results(options, &mesh, &solution, problem))?;
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

/// The picture and the file for `ParaView`, if asked for.
fn write_results(
    options: &Options,
    mesh: &Mesh,
    solution: &Solution,
    problem: Problem,
) -> op2::Result<()> {
    if let Some(path) = &options.run.png {
        output::draw(path, mesh, solution, &format!("problem {problem}"))?;
    }
    if let Some(path) = &options.run.vtu {
        output::write_vtu(path, mesh, solution)?;
    }
    Ok(())
}
