//! The command line of benchmarks that measure on a mesh in rounds: `[I,J [ROUNDS]]`.

use std::fmt::Display;
use std::process::ExitCode;

/// Size of the mesh and number of rounds.
pub(crate) struct Options {
    pub(crate) i: usize,
    pub(crate) j: usize,
    pub(crate) rounds: usize,
}

/// Runs the benchmark of this name: on the published mesh, in so many rounds, unless told otherwise.
pub(crate) fn main<E: Display>(
    name: &str,
    rounds: usize,
    run: impl FnOnce(&Options) -> Result<(), E>,
) -> ExitCode {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let Some(options) = options(&arguments, rounds) else {
        eprintln!("usage: cargo bench --bench {name} -- [I,J [ROUNDS]]");
        return ExitCode::from(2);
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn options(arguments: &[String], rounds: usize) -> Option<Options> {
    let mut options = Options { i: 400, j: 600, rounds };
    let mut arguments = arguments.iter();
    if let Some(size) = arguments.next() {
        let (i, j) = size.split_once(',')?;
        (options.i, options.j) = (i.parse().ok()?, j.parse().ok()?);
    }
    if let Some(rounds) = arguments.next() {
        options.rounds = rounds.parse().ok().filter(|&rounds| rounds > 0)?;
    }
    arguments.next().is_none().then_some(options)
}
