//! OP2's airfoil benchmark: inviscid flow around a NACA 0012 profile on a C-grid of quadrilaterals.
//!
//! `cargo run --release --example airfoil` makes the mesh of 720 000 cells, runs 1000 time steps and
//! compares the residuals with the published ones; `-- --help` lists the options.

#[path = "../common/mod.rs"]
mod common;
mod flow;
mod kernels;
mod mesh;
mod options;
mod output;
mod published;

#[cfg(test)]
#[allow(dead_code, reason = "benchmarks use the rest")]
#[path = "../../benches/airfoil/plain.rs"]
mod plain;

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use op2::io::{CellShape, Vtu};
use op2::prelude::*;

use common::command_line;
use common::mesh_option::MeshSource;
use common::output::Channel;
use common::profile_picture::{self, Caption};
use common::run_report::RunReport;
use flow::Flow;
use mesh::AirfoilMesh;
use options::{LayoutChoice, Options, Precision};
use output::Monitor;
use published::Published;

fn main() -> ExitCode {
    command_line::main(|options: &Options| match options.precision {
        Precision::F64 => simulate::<f64>(options),
        Precision::F32 => simulate::<f32>(options),
    })
}

/// The whole program in one precision; gives whether the published test passed, where it applies.
fn simulate<T: Real>(options: &Options) -> op2::Result<Option<bool>> {
    let channel = Channel::beside(options.run.json.as_ref());
    let cx = context(options)?;
    let mesh = load(options)?;
    let known = Published::find(&mesh);
    channel.say(&format!("{} cells; {cx:?}; {}", mesh.num_cells(), options.precision));
    let flow = Flow::<T>::declare(&cx, mesh)?;
    if options.reorder {
        channel.say(&cx.reorder(&Reorder::cuthill_mckee(&flow.edge_cells))?.to_string());
    }

    let monitor = Monitor::new(options.iters, known, options.precision, channel);
    let start = Instant::now();
    let monitor = cx.run(|| march(&flow, options.iters, monitor))?;
    let elapsed = start.elapsed();
    let (rms, passed) = monitor.finish();

    write_results(options, &flow)?;
    let cells = flow.cells.size();
    // The triad needs memory of its own.
    drop(flow);
    let table = cx.report()?;
    channel.say(&format!("{table}"));
    if let Some(target) = &options.run.json {
        let report = summary(options, &cx, cells, &table, elapsed, &rms, passed);
        report.write(target)?;
    }
    Ok(passed)
}

/// The time loop.
fn march<T: Real>(flow: &Flow<T>, iters: u32, mut monitor: Monitor) -> op2::Result<Monitor> {
    for iter in 1..=iters {
        let rms = flow.step()?;
        monitor.tick(iter);
        if monitor.wants(iter) {
            monitor.record(iter, rms);
        }
    }
    Ok(monitor)
}

/// The environment's settings, changed by the command line.
fn context(options: &Options) -> op2::Result<Context> {
    let layout = match options.layout {
        LayoutChoice::Aos => Layout::Aos,
        LayoutChoice::Soa => Layout::Soa,
    };
    options.run.context()?.layout(layout).build()
}

fn load(options: &Options) -> op2::Result<AirfoilMesh> {
    let mut mesh = match options.mesh.source() {
        MeshSource::File(path) => AirfoilMesh::read(path)?,
        &MeshSource::Size(i, j) => AirfoilMesh::generate(i, j).map_err(op2::Error::other)?,
    };
    mesh.validate()
        .map_err(|reason| op2::Error::other(format!("{}: {reason}", options.mesh.source())))?;
    if let Some(seed) = options.shuffle {
        mesh.shuffle(seed);
    }
    Ok(mesh)
}

/// The picture and the file for `ParaView`, if asked for.
fn write_results<T: Real>(options: &Options, flow: &Flow<T>) -> op2::Result<()> {
    if options.run.png.is_none() && options.run.vtu.is_none() {
        return Ok(());
    }
    let coords: Vec<[f64; 2]> = flow.x.read()?.iter().map(|x| x.map(T::to_f64)).collect();
    let cell_nodes = flow.cell_nodes.to_vec()?;
    let mach = flow.mach()?;
    if let Some(path) = &options.run.png {
        let subtitle = format!(
            "{} cells ({}), {} iterations, {}",
            flow.cells.size(),
            options.mesh.source(),
            options.iters,
            options.precision
        );
        let title = "NACA 0012 in a stream of Mach 0.4";
        let caption = Caption { title, subtitle: &subtitle, field: "Mach number" };
        profile_picture::write(path, &coords, &cell_nodes, &mach, &caption)?;
    }
    if let Some(path) = &options.run.vtu {
        write_vtu(path, flow, &coords, &cell_nodes, &mach)?;
    }
    Ok(())
}

fn write_vtu<T: Real>(
    path: &Path,
    flow: &Flow<T>,
    coords: &[[f64; 2]],
    cell_nodes: &[[u32; 4]],
    mach: &[f64],
) -> op2::Result<()> {
    let q: Vec<[f64; 4]> = flow.q.read()?.iter().map(|q| q.map(T::to_f64)).collect();
    let density: Vec<f64> = q.iter().map(|q| q[0]).collect();
    let momentum: Vec<[f64; 3]> = q.iter().map(|q| [q[1], q[2], 0.0]).collect();
    let energy: Vec<f64> = q.iter().map(|q| q[3]).collect();
    Vtu::new(coords, CellShape::Quad, cell_nodes)
        .cell_field("density", &density)
        .cell_field("momentum", &momentum)
        .cell_field("energy", &energy)
        .cell_field("mach", mach)
        .write(path)?;
    Ok(())
}

fn summary(
    options: &Options,
    cx: &Context,
    cells: usize,
    table: &op2::Report,
    elapsed: Duration,
    rms: &[(u32, f64)],
    passed: Option<bool>,
) -> RunReport {
    RunReport::new("airfoil", cx, table, passed)
        .set("mesh", options.mesh.source().to_string())
        .set("cells", cells)
        .set("precision", options.precision.to_string())
        .set("iters", options.iters)
        .set_series("rms", rms)
        .set("seconds", elapsed.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::command_line::parse_line;

    #[test]
    fn the_json_has_the_agreed_keys() {
        let path = std::env::temp_dir().join(format!("op2-airfoil-{}.json", std::process::id()));
        let line = format!("--size 6,4 --iters 2 --backend seq --json {}", path.display());
        let options: Options = parse_line(&line).unwrap().unwrap();
        assert_eq!(simulate::<f64>(&options).unwrap(), None);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut keys: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        keys.sort_unstable();
        let expected = "app backend cells iters loops mesh passed plan_seconds precision rms \
                        seconds threads triad_gb_per_s";
        assert_eq!(keys, expected.split_whitespace().collect::<Vec<_>>());
        assert_eq!((json["mesh"].as_str(), json["cells"].as_u64()), (Some("6x4"), Some(72)));
        assert_eq!(json["rms"][0][0], 2);
        assert_eq!(json["loops"].as_array().unwrap().len(), 5);
        assert!(json["triad_gb_per_s"].as_f64().unwrap() > 0.0);
        assert!(json["passed"].is_null());
    }
}
