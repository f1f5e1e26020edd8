//! What compiling loops costs: the first call of each, in processes of their own.
//!
//! The first process finds nothing compiled, the second what the first has left. Compiled programs are kept by
//! op2 (`OP2_CACHE_DIR`), by NVIDIA's driver (`CUDA_CACHE_PATH`), and by drivers of `OpenCL`, where the usual
//! variables say.

use std::path::Path;
use std::process::{self, Command};
use std::time::Instant;
use std::{env, fs};

use crate::Outcome;
use crate::clock::{Clock, Loop};
use crate::mesh::AirfoilMesh;
use crate::options::Options;
use crate::program::Program;

/// Where compiled programs are kept.
const CACHES: [&str; 4] = ["OP2_CACHE_DIR", "CUDA_CACHE_PATH", "POCL_CACHE_DIR", "XDG_CACHE_HOME"];
/// A mesh on which nothing takes time but compiling.
const SIZE: (usize, usize) = (12, 18);

/// What a process has found, in seconds: opening the device, the first call of each loop, and its second.
struct Found {
    open: f64,
    first: [f64; Loop::COUNT],
    second: [f64; Loop::COUNT],
}

/// Measures and prints both starts.
pub(crate) fn print(options: &Options) -> Outcome<()> {
    let folder = env::temp_dir().join(format!("op2-first-calls-{}", process::id()));
    fs::create_dir_all(&folder)?;
    let found = start(options, &folder).and_then(|cold| Ok((cold, start(options, &folder)?)));
    fs::remove_dir_all(&folder).ok();
    let (cold, warm) = found?;
    println!("\nFirst calls of a process, on {} cells: ms", 3 * SIZE.0 * SIZE.1);
    println!(
        "{:10} {:>16} {:>14} {:>12}",
        "", "nothing compiled", "compiled before", "second call"
    );
    let row = |name: &str, cold: f64, warm: f64, second: Option<f64>| {
        let second = second.map_or_else(String::new, |second| format!("{:.3}", second * 1e3));
        println!("{name:10} {:16.1} {:15.1} {second:>12}", cold * 1e3, warm * 1e3);
    };
    row("device", cold.open, warm.open, None);
    for which in Loop::ALL {
        let i = which as usize;
        row(which.name(), cold.first[i], warm.first[i], Some(warm.second[i]));
    }
    let all = |found: &Found| found.open + found.first.iter().sum::<f64>();
    row("together", all(&cold), all(&warm), None);
    println!("`device` is opening it. NVRTC is loaded in the first loop that it compiles.");
    Ok(())
}

/// Starts this program again.
fn start(options: &Options, folder: &Path) -> Outcome<Found> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["--first-calls", "--backend", &options.backend.to_string()]);
    command.env_remove("OP2_PTX_DIR").envs(CACHES.map(|name| (name, folder)));
    let output = command.stderr(process::Stdio::inherit()).output()?;
    let text = String::from_utf8(output.stdout)?;
    if !output.status.success() {
        return Err(
            format!("the process that times first calls ended with {}", output.status).into()
        );
    }
    let seconds: Vec<f64> =
        text.split_whitespace().map(str::parse).collect::<Result<_, _>>().map_err(|error| {
            format!("the process that times first calls said {text:?}: {error}")
        })?;
    let found = seconds.split_first().and_then(|(&open, loops)| {
        let (first, second) = loops.split_at_checked(Loop::COUNT)?;
        Some(Found { open, first: first.try_into().ok()?, second: second.try_into().ok()? })
    });
    found.ok_or_else(|| format!("the process that times first calls said {text:?}").into())
}

/// What that process does: it prints seconds, in the sequence of [`Found`].
pub(crate) fn time_all(options: &Options) -> Outcome<()> {
    let mesh = AirfoilMesh::generate(SIZE.0, SIZE.1)?;
    let start = Instant::now();
    let cx = options.context()?;
    println!("{}", start.elapsed().as_secs_f64());
    let program = Program::new(cx, mesh)?;
    for _ in 0..2 {
        let mut clock = Clock::default();
        Loop::ALL.into_iter().try_for_each(|which| program.apart(which, &mut clock))?;
        clock.seconds.iter().for_each(|seconds| println!("{seconds}"));
    }
    Ok(())
}
