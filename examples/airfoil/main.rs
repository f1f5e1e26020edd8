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
use flow::{Flow, mach_number};
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
    let cx = context(options)?;
    let channel = Channel::of(&cx, options.run.json.as_ref());
    let mesh = load(options)?;
    let known = Published::find(&mesh);
    channel.say(&format!("{} cells; {cx:?}; {}", mesh.num_cells(), options.precision));
    let flow = Flow::<T>::declare(&cx, mesh)?;
    let shares = cx.partition(&Partition::rcb_of(&flow.cell_nodes, &flow.x))?;
    if cx.ranks() > 1 {
        channel.say(&shares.to_string());
    }
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
    if let Some(target) = options.run.json.as_ref().filter(|_| cx.rank() == 0) {
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

/// The picture and the file for `ParaView`, if asked for: the first rank gathers the values and writes.
fn write_results<T: Real>(options: &Options, flow: &Flow<T>) -> op2::Result<()> {
    if options.run.png.is_none() && options.run.vtu.is_none() {
        return Ok(());
    }
    let cell_nodes = flow.cell_nodes.to_vec()?;
    let (Some(x), Some(q)) = (flow.x.gather(0)?, flow.q.gather(0)?) else { return Ok(()) };
    let coords: Vec<[f64; 2]> = x.into_iter().map(|x| x.map(T::to_f64)).collect();
    let q: Vec<[f64; 4]> = q.into_iter().map(|q| q.map(T::to_f64)).collect();
    let mach: Vec<f64> = q.iter().map(mach_number).collect();
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
        write_vtu(path, &q, &coords, &cell_nodes, &mach)?;
    }
    Ok(())
}

fn write_vtu(
    path: &Path,
    q: &[[f64; 4]],
    coords: &[[f64; 2]],
    cell_nodes: &[[u32; 4]],
    mach: &[f64],
) -> op2::Result<()> {
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

    #[test]
    fn the_reproducible_flow_has_the_same_bits_on_any_number_of_ranks() {
        let folder = std::env::temp_dir().join(format!("op2-airfoil-files-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = |ranks, ending| folder.join(format!("{ranks}.{ending}"));
        let flow = |comm| {
            let builder = Context::builder().reproducible(true).threads(2);
            let cx = builder.comm(comm).build()?;
            let mesh = AirfoilMesh::generate(60, 90).expect("a mesh of this size");
            let flow = Flow::<f64>::declare(&cx, mesh)?;
            if cx.ranks() == 3 {
                cx.partition(&Partition::rcb(&flow.x))?;
            }
            let mut rms = Vec::new();
            for _ in 0..20 {
                rms.push(flow.step()?.to_bits());
            }
            let [vtu, png] = ["vtu", "png"].map(|ending| file(cx.ranks(), ending));
            let line = format!("--size 60,90 --vtu {} --png {}", vtu.display(), png.display());
            let options: Options = parse_line(&line).unwrap().unwrap();
            write_results(&options, &flow)?;
            Ok((rms, flow.q.to_vec()?))
        };
        let one = op2::ranks(1, flow).unwrap().remove(0);
        for ranks in [2, 3] {
            for (rms, q) in op2::ranks(ranks, flow).unwrap() {
                assert_eq!(rms, one.0, "{ranks} ranks");
                let bits = |q: &[[f64; 4]]| q.as_flattened().iter().map(|x| x.to_bits()).collect();
                let [found, expected]: [Vec<u64>; 2] = [bits(&q), bits(&one.1)];
                assert!(found == expected, "{ranks} ranks");
            }
            for ending in ["vtu", "png"] {
                let read = |ranks| std::fs::read(file(ranks, ending)).unwrap();
                assert!(read(ranks) == read(1), "{ending} of {ranks} ranks");
            }
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }

    /// By hand: a rank reads the cells of others that share a side with its own, their flow and their time
    /// step, in each of two stages; coordinates do not change.
    #[test]
    fn a_step_sends_what_it_must_and_no_more() {
        for ranks in [2, 4] {
            let edge_cells = AirfoilMesh::generate(12, 18).unwrap().edge_cells;
            let all = op2::ranks(ranks, |comm| {
                let cx = Context::builder().backend(Backend::Seq).comm(comm).build()?;
                let mesh = AirfoilMesh::generate(12, 18).map_err(op2::Error::other)?;
                let flow = Flow::<f64>::declare(&cx, mesh)?;
                cx.partition(&Partition::rcb_of(&flow.cell_nodes, &flow.x))?;
                flow.step()?;
                let first = cx.traffic();
                flow.step()?;
                let second = cx.traffic();
                let (messages, bytes) =
                    (second.messages - first.messages, second.bytes - first.bytes);
                Ok((flow.cells.owned(), messages, bytes))
            });
            let all = all.unwrap();
            let mut owner =
                vec![0; edge_cells.iter().flatten().max().map_or(0, |&c| c as usize + 1)];
            for (rank, (cells, ..)) in all.iter().enumerate() {
                cells.iter().for_each(|&cell| owner[cell as usize] = rank);
            }
            let mut read = std::collections::HashSet::new();
            for &[a, b] in &edge_cells {
                for (here, there) in [(a, b), (b, a)] {
                    if owner[here as usize] != owner[there as usize] {
                        read.insert((owner[here as usize], there));
                    }
                }
            }
            let pairs: std::collections::HashSet<_> =
                read.iter().map(|&(reader, cell)| (reader, owner[cell as usize])).collect();
            let sent = |what: fn(&(Vec<u32>, u64, u64)) -> u64| all.iter().map(what).sum::<u64>();
            let (stages, q_and_adt) = (2, 5 * 8);
            assert_eq!(sent(|rank| rank.1), stages * pairs.len() as u64, "{ranks} ranks");
            assert_eq!(sent(|rank| rank.2), stages * q_and_adt * read.len() as u64);
        }
    }
}
