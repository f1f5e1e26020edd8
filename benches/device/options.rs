//! The command line.

use std::ffi::OsString;
use std::str::FromStr;

use lexopt::{Arg, Parser, ValueExt};
use op2::{Backend, Context, ContextBuilder};

/// What is measured where.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Options {
    pub(crate) backend: Backend,
    /// Whether the backend was asked for.
    pub(crate) given: bool,
    pub(crate) i: usize,
    pub(crate) j: usize,
    pub(crate) rounds: usize,
    /// Only times the first calls, in the process that the benchmark starts for it.
    pub(crate) first_calls: bool,
}

impl Options {
    pub(crate) const USAGE: &str = "usage: cargo bench --features cuda --bench device -- [--backend cuda|opencl] [--size I,J] [--rounds N]";

    /// Reads the command line; cargo adds `--bench` to it.
    pub(crate) fn read(arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut options = Self {
            backend: Backend::Cuda,
            given: false,
            i: 1600,
            j: 2400,
            rounds: 11,
            first_calls: false,
        };
        let mut parser = Parser::from_args(arguments);
        while let Some(argument) = parser.next().map_err(|error| error.to_string())? {
            match argument {
                Arg::Long("bench") => {}
                Arg::Long("first-calls") => options.first_calls = true,
                Arg::Long("backend") => {
                    options.backend = compiling(&text(&mut parser)?)?;
                    options.given = true;
                }
                Arg::Long("size") => {
                    let size = text(&mut parser)?;
                    let (i, j) = size.split_once(',').ok_or("`--size` needs two numbers I,J")?;
                    (options.i, options.j) = (number(i)?, number(j)?);
                }
                Arg::Long("rounds") => options.rounds = number(&text(&mut parser)?)?,
                other => return Err(other.unexpected().to_string()),
            }
        }
        Ok(options)
    }

    /// How many cells the mesh has.
    pub(crate) fn cells(&self) -> usize {
        3 * self.i * self.j
    }

    /// The settings of the environment, with the backend.
    pub(crate) fn builder(&self) -> op2::Result<ContextBuilder> {
        Ok(Context::builder_from_env()?.backend(self.backend))
    }

    pub(crate) fn context(&self) -> op2::Result<Context> {
        self.builder()?.build()
    }
}

fn text(parser: &mut Parser) -> Result<String, String> {
    let value = parser.value().and_then(ValueExt::string);
    value.map_err(|error| error.to_string())
}

fn number<T: FromStr + PartialEq + Default>(text: &str) -> Result<T, String> {
    let number = text.trim().parse().ok().filter(|number| *number != T::default());
    number.ok_or_else(|| format!("`{text}` is no whole number, at least 1"))
}

/// A backend whose devices compile loops.
fn compiling(name: &str) -> Result<Backend, String> {
    match name.parse() {
        Ok(backend @ (Backend::Cuda | Backend::OpenCl)) => Ok(backend),
        _ => Err(format!("`--backend {name}`: valid are cuda and opencl")),
    }
}
