//! The airfoil program on a device: bandwidth of its loops, what starting and compiling them costs.
//!
//! `cargo bench --features cuda --bench device -- [--backend cuda|opencl] [--size I,J] [--rounds N]`, by default
//! CUDA and `1600,2400`, which are 11.5 million cells. Choose less for `OpenCL` on the processor.
//!
//! All is set beside the ruler: the bandwidth of copies within the device's memory, measured in every round.
//! Who is compared runs in turn. The answers are compared with those of the processor before anything
//! is timed. The settings are those of the environment (`OP2_CUDA_DEVICE`, `OP2_CONTRACT`, ..).

use std::env;
use std::process::ExitCode;

use op2::prelude::*;

use median::median;
use mesh::AirfoilMesh;
use options::Options;
use program::Program;
use ruler::Ruler;

#[path = "../airfoil/clock.rs"]
#[allow(dead_code, reason = "the benchmark of the processor uses more of it")]
mod clock;
#[cfg(test)]
#[path = "../../examples/common/mod.rs"]
mod common;
mod first_calls;
#[path = "../../examples/airfoil/flow.rs"]
#[allow(dead_code, reason = "the example uses more of it")]
mod flow;
#[path = "../../examples/airfoil/kernels.rs"]
mod kernels;
mod launches;
#[path = "../shared/median.rs"]
mod median;
#[path = "../../examples/airfoil/mesh.rs"]
#[allow(dead_code, unused_imports, reason = "the example uses more of it, and runs its tests")]
mod mesh;
mod options;
mod program;
mod races;
mod ruler;
mod step;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let options = match Options::read(env::args_os().skip(1)) {
        Ok(options) => options,
        Err(reason) => {
            eprintln!("{reason}\n{}", Options::USAGE);
            return ExitCode::from(2);
        }
    };
    if options.first_calls {
        return ended(first_calls::time_all(&options));
    }
    match options.context() {
        Ok(cx) => ended(measure(&options, cx)),
        // Where all benchmarks are started in a row, the others shall run.
        Err(error) if !options.given => {
            println!("skipped: {error}");
            ExitCode::SUCCESS
        }
        Err(error) => ended(Err(error.into())),
    }
}

fn ended(outcome: Outcome<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options, cx: Context) -> Outcome<()> {
    let mesh = AirfoilMesh::generate(options.i, options.j)?;
    println!(
        "{} on {}; {} cells, {} edges, {} rounds",
        options.backend,
        program::device(&cx).facts().name,
        mesh.cell_nodes.len(),
        mesh.edge_nodes.len(),
        options.rounds
    );
    let expected = program::of_processor(&mesh)?;
    {
        let program = Program::new(cx, mesh.clone())?;
        program.first_steps(&expected)?;
        let ruler = Ruler::new(&program.cx, options.cells())?;
        println!("\nCopies of {} MB, read and written: {}", ruler.megabytes(), ruler.all_ways()?);
        step::print(&program, &ruler, options.rounds)?;
        launches::print(&program.cx)?;
    }
    races::print(options, &mesh, &expected)?;
    first_calls::print(options)
}
