//! OP2's aero benchmark: full potential flow around a NACA 0012 profile by finite elements.
//!
//! `cargo run --release --example aero` makes the mesh of 720 000 cells, does 20 steps of Newton's
//! method, each with up to 200 iterations of conjugate gradients, and compares the corrections with
//! the known ones; `-- --help` lists the options.

#[path = "../common/mod.rs"]
mod common;
mod flow;
mod kernels;
mod mesh;
mod options;
mod output;
mod published;
mod stiffness;

use std::process::ExitCode;

use op2::io::{CellShape, Vtu};
use op2::prelude::*;

use common::command_line;
use common::mesh_option::MeshSource;
use common::output::Channel;
use common::phases::Phases;
use common::profile_picture::{self, Caption};
use common::run_report::RunReport;
use flow::{Flow, Step};
use mesh::AeroMesh;
use options::Options;
use output::{Monitor, Record};
use published::Published;

fn main() -> ExitCode {
    command_line::main(simulate)
}

/// The whole program; gives whether the known numbers were met, where they apply.
fn simulate(options: &Options) -> op2::Result<Option<bool>> {
    let mut phases = Phases::default();
    let cx = options.run.context()?.build()?;
    let channel = Channel::of(&cx, options.run.json.as_ref());
    let mesh = phases.time("mesh", || load(options))?;
    let (num_nodes, num_cells) = (mesh.coords.len(), mesh.num_cells());
    let known = Published::find(&mesh);
    channel.say(&format!("{num_nodes} nodes, {num_cells} cells; {cx:?}; {}", options.form));
    let flow = phases.time("declare", || Flow::declare(&cx, mesh, options.form))?;

    let monitor = Monitor::new(options.steps, known, channel);
    let record = cx.run(|| iterate(&flow, options.steps, monitor, &mut phases))?;

    phases.time("write", || write_results(options, &cx, &flow))?;
    // The triad needs memory of its own.
    drop(flow);
    let table = cx.report()?;
    channel.say(&format!("{table}"));
    channel.say(&phases.line());
    let passed = record.passed;
    if let Some(target) = &options.run.json {
        let report = RunReport::new("aero", &cx, &table, passed)
            .set("nodes", num_nodes)
            .set("cells", num_cells);
        summary(report, options, record, &phases).write(target)?;
    }
    Ok(passed)
}

/// The steps of Newton's method.
fn iterate(
    flow: &Flow,
    steps: u32,
    mut monitor: Monitor,
    phases: &mut Phases,
) -> op2::Result<Record> {
    for step in 1..=steps {
        phases.time("linearize", || flow.linearize())?;
        let cg_iterations = phases.time("solve", || flow.solve())?;
        let rms = phases.time("correct", || flow.correct())?;
        monitor.record(step, Step { rms, cg_iterations });
    }
    Ok(monitor.finish())
}

fn load(options: &Options) -> op2::Result<AeroMesh> {
    let source = options.mesh.source();
    let mesh = match source {
        MeshSource::File(path) => AeroMesh::read(path)?,
        &MeshSource::Size(i, j) => AeroMesh::generate(i, j).map_err(op2::Error::other)?,
    };
    mesh.validate().map_err(|reason| op2::Error::other(format!("{source}: {reason}")))?;
    Ok(mesh)
}

/// What this program adds to the report of a run.
fn summary(report: RunReport, options: &Options, record: Record, phases: &Phases) -> RunReport {
    let steps = ["linearize", "solve", "correct"];
    report
        .set("mesh", options.mesh.source().to_string())
        .set("precision", "f64")
        .set("operator", options.form.to_string())
        .set("steps", options.steps)
        .set_series("rms", &record.rms)
        .set("cg_iterations", record.cg_iterations)
        .set("seconds", steps.iter().map(|phase| phases.seconds(phase)).sum::<f64>())
        .set("phases", phases.to_json())
}

/// The picture and the file for `ParaView`, if asked for.
fn write_results(options: &Options, cx: &Context, flow: &Flow) -> op2::Result<()> {
    if options.run.png.is_none() && options.run.vtu.is_none() {
        return Ok(());
    }
    let coords = flow.x.to_vec()?;
    // Files and pictures go around a cell.
    let around = |[a, b, c, d]: [u32; 4]| [a, b, d, c];
    let cell_nodes: Vec<_> = flow.cell_nodes.to_vec()?.into_iter().map(around).collect();
    let velocity = flow.velocity(cx)?;
    let phi = flow.phi.to_vec()?;
    // All ranks gather the values; the first writes.
    if cx.rank() > 0 {
        return Ok(());
    }
    if let Some(path) = &options.run.png {
        draw(path, options, &coords, &cell_nodes, &velocity)?;
    }
    if let Some(path) = &options.run.vtu {
        let velocity: Vec<[f64; 3]> = velocity.iter().map(|&[u, v]| [u, v, 0.0]).collect();
        Vtu::new(&coords, CellShape::Quad, &cell_nodes)
            .point_field("potential", &phi)
            .cell_field("velocity", &velocity)
            .write(path)?;
    }
    Ok(())
}

/// Draws the speed in units of that of the free stream.
fn draw(
    path: &std::path::Path,
    options: &Options,
    coords: &[[f64; 2]],
    cell_nodes: &[[u32; 4]],
    velocity: &[[f64; 2]],
) -> op2::Result<()> {
    let speed: Vec<f64> = velocity.iter().map(|[u, v]| u.hypot(*v) / kernels::MACH.get()).collect();
    let mesh = options.mesh.source();
    let subtitle = format!("{} cells ({mesh}), {} steps", cell_nodes.len(), options.steps);
    let title = "NACA 0012 in a potential stream of Mach 0.1";
    let caption = Caption { title, subtitle: &subtitle, field: "speed" };
    Ok(profile_picture::write(path, coords, cell_nodes, &speed, &caption)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::command_line::parse_line;

    #[test]
    fn the_json_has_the_agreed_keys() {
        let path = std::env::temp_dir().join(format!("op2-aero-{}.json", std::process::id()));
        let line = format!("--size 6,4 --steps 2 --backend seq --json {}", path.display());
        let options: Options = parse_line(&line).unwrap().unwrap();
        assert_eq!(simulate(&options).unwrap(), None);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut keys: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        keys.sort_unstable();
        let expected = "app backend cells cg_iterations loops mesh nodes operator passed phases \
                        plan_seconds precision rms seconds steps threads triad_gb_per_s";
        assert_eq!(keys, expected.split_whitespace().collect::<Vec<_>>());
        assert_eq!((json["mesh"].as_str(), json["nodes"].as_u64()), (Some("6x4"), Some(88)));
        assert_eq!((&json["rms"][1][0], &json["operator"]), (&2.into(), &"matrix-free".into()));
        assert_eq!(json["cg_iterations"].as_array().unwrap().len(), 2);
        assert!(json["phases"]["solve"].as_f64().unwrap() > 0.0);
        assert!(json["passed"].is_null());
    }
}
