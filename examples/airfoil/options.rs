//! The command line.
//!
//! Reads and checks it; what the choices mean to op2 is left to `main`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::{Arg, ValueExt};

const HELP: &str = "\
The airfoil program of OP2: inviscid flow around a NACA 0012 profile at Mach 0.4

Usage: airfoil [options]

Mesh
  --mesh FILE         read a mesh in OP2's text format (plain, .zst or .xz)
  --size I,J          generate a C-grid of 3*I*J cells              [400,600]
  --shuffle SEED      renumber the mesh at random
  --reorder           renumber the mesh for locality, after any shuffling

Run
  --iters N           number of iterations                          [1000]
  --backend NAME      seq or rayon                  [as OP2_BACKEND says]
  --threads N         number of threads             [as OP2_THREADS says]
  --layout NAME       aos or soa: how a dat stores its components   [aos]
  --precision NAME    f64 or f32                                    [f64]

Results
  --png FILE          draw the Mach number around the profile
  --vtu FILE          write the flow for ParaView
  --json FILE         write residuals and times as JSON; - is standard output
  -h, --help          print this
";

/// What the user asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Options {
    pub(crate) mesh: MeshSource,
    pub(crate) shuffle: Option<u64>,
    pub(crate) reorder: bool,
    pub(crate) iters: u32,
    /// `None` leaves the choice to the environment.
    pub(crate) backend: Option<BackendChoice>,
    /// `None` leaves the choice to the environment.
    pub(crate) threads: Option<usize>,
    pub(crate) layout: LayoutChoice,
    pub(crate) precision: Precision,
    pub(crate) png: Option<PathBuf>,
    pub(crate) vtu: Option<PathBuf>,
    pub(crate) json: Option<JsonTarget>,
}

/// Where the mesh comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MeshSource {
    File(PathBuf),
    Size(usize, usize),
}

impl std::fmt::Display for MeshSource {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(out, "{}", path.display()),
            Self::Size(i, j) => write!(out, "{i}x{j}"),
        }
    }
}

/// Where the JSON goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JsonTarget {
    Stdout,
    File(PathBuf),
}

/// A choice between names, written alike on the command line and in reports.
pub(crate) trait Choice: Copy + 'static {
    const ALL: &'static [(&'static str, Self)];
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $name { $($variant),* }

        impl Choice for $name {
            const ALL: &'static [(&'static str, Self)] = &[$(($text, Self::$variant)),*];
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
                out.write_str(match self { $(Self::$variant => $text),* })
            }
        }
    };
}

choice! {
    /// Who runs the loops.
    BackendChoice { Seq = "seq", Rayon = "rayon" }
}
choice! {
    /// How a dat stores its components.
    LayoutChoice { Aos = "aos", Soa = "soa" }
}
choice! {
    /// The type of the flow's numbers.
    Precision { F64 = "f64", F32 = "f32" }
}

impl Options {
    /// Reads the command line of this program.
    ///
    /// # Errors
    /// The code to exit with: success after printing the help, 2 after complaining.
    pub(crate) fn from_env() -> Result<Self, ExitCode> {
        match Self::parse(std::env::args_os().skip(1)) {
            Ok(Some(options)) => Ok(options),
            Ok(None) => {
                print!("{HELP}");
                Err(ExitCode::SUCCESS)
            }
            Err(reason) => {
                eprintln!("airfoil: {reason}\nTry `--help`.");
                Err(ExitCode::from(2))
            }
        }
    }

    /// Reads arguments; nothing where help is asked for.
    ///
    /// # Errors
    /// What is wrong, and which values are valid.
    fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Option<Self>, String> {
        let mut options = Self::default();
        let (mut file, mut size) = (None, None);
        let mut parser = lexopt::Parser::from_args(args);
        while let Some(arg) = parser.next().map_err(|error| error.to_string())? {
            let name = match arg {
                Arg::Long(name) => name.to_owned(),
                Arg::Short('h') => return Ok(None),
                Arg::Short(name) => return Err(format!("unknown option `-{name}`")),
                Arg::Value(value) => {
                    return Err(format!("unexpected argument `{}`", value.display()));
                }
            };
            match name.as_str() {
                "help" => return Ok(None),
                "reorder" => options.reorder = true,
                "mesh" => file = Some(path(&name, &mut parser)?),
                "size" => size = Some(pair(&name, &mut parser)?),
                "shuffle" => options.shuffle = Some(number(&name, &mut parser, 0)?),
                "iters" => options.iters = number(&name, &mut parser, 1)?,
                "backend" => options.backend = Some(chosen(&name, &mut parser)?),
                "threads" => options.threads = Some(number(&name, &mut parser, 1)?),
                "layout" => options.layout = chosen(&name, &mut parser)?,
                "precision" => options.precision = chosen(&name, &mut parser)?,
                "png" => options.png = Some(path(&name, &mut parser)?),
                "vtu" => options.vtu = Some(path(&name, &mut parser)?),
                "json" => options.json = Some(json_target(path(&name, &mut parser)?)),
                _ => return Err(format!("unknown option `--{name}`")),
            }
        }
        options.mesh = mesh_source(file, size)?.unwrap_or(options.mesh);
        options.check_threads()?;
        Ok(Some(options))
    }

    fn check_threads(&self) -> Result<(), String> {
        match (self.backend, self.threads) {
            (Some(BackendChoice::Seq), Some(threads)) if threads > 1 => {
                Err(format!("`--backend seq` runs on one thread, not {threads}; use rayon"))
            }
            _ => Ok(()),
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mesh: MeshSource::Size(400, 600),
            shuffle: None,
            reorder: false,
            iters: 1000,
            backend: None,
            threads: None,
            layout: LayoutChoice::Aos,
            precision: Precision::F64,
            png: None,
            vtu: None,
            json: None,
        }
    }
}

fn mesh_source(
    file: Option<PathBuf>,
    size: Option<(usize, usize)>,
) -> Result<Option<MeshSource>, String> {
    match (file, size) {
        (Some(_), Some(_)) => Err("give either `--mesh` or `--size`, not both".to_owned()),
        (Some(file), None) => Ok(Some(MeshSource::File(file))),
        (None, Some((i, j))) => Ok(Some(MeshSource::Size(i, j))),
        (None, None) => Ok(None),
    }
}

fn json_target(path: PathBuf) -> JsonTarget {
    if path.as_os_str() == "-" { JsonTarget::Stdout } else { JsonTarget::File(path) }
}

fn path(name: &str, parser: &mut lexopt::Parser) -> Result<PathBuf, String> {
    let value = parser.value().map_err(|_| format!("`--{name}` needs a file"))?;
    if value.is_empty() {
        return Err(format!("`--{name}` needs a file, not an empty name"));
    }
    Ok(value.into())
}

fn text(name: &str, parser: &mut lexopt::Parser, valid: &str) -> Result<String, String> {
    let value = parser.value().map_err(|_| format!("`--{name}` needs a value: {valid}"))?;
    value.string().map_err(|_| format!("the value of `--{name}` is not text; valid is {valid}"))
}

fn number<T>(name: &str, parser: &mut lexopt::Parser, least: T) -> Result<T, String>
where
    T: Copy + std::str::FromStr + PartialOrd + std::fmt::Display,
{
    let valid = format!("a whole number, at least {least}");
    let value = text(name, parser, &valid)?;
    match value.parse() {
        Ok(number) if number >= least => Ok(number),
        _ => Err(format!("`--{name} {value}`: valid is {valid}")),
    }
}

fn pair(name: &str, parser: &mut lexopt::Parser) -> Result<(usize, usize), String> {
    let valid = "two whole numbers I,J such as 400,600";
    let value = text(name, parser, valid)?;
    let parsed = value
        .split_once(',')
        .and_then(|(i, j)| Some((i.trim().parse().ok()?, j.trim().parse().ok()?)));
    parsed.ok_or_else(|| format!("`--{name} {value}`: valid is {valid}"))
}

fn chosen<C: Choice>(name: &str, parser: &mut lexopt::Parser) -> Result<C, String> {
    let names: Vec<_> = C::ALL.iter().map(|(name, _)| *name).collect();
    let valid = names.join(" or ");
    let value = text(name, parser, &valid)?;
    match C::ALL.iter().find(|(name, _)| *name == value) {
        Some(&(_, choice)) => Ok(choice),
        None => Err(format!("`--{name} {value}`: valid is {valid}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Options>, String> {
        Options::parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn nothing_asks_for_the_benchmark() {
        assert_eq!(parse("").unwrap(), Some(Options::default()));
    }

    #[test]
    fn every_option_is_understood() {
        let options = parse(
            "--size 60,90 --shuffle 7 --reorder --iters 10 --backend rayon --threads 4 \
             --layout soa --precision f32 --png a.png --vtu a.vtu --json -",
        );
        let expected = Options {
            mesh: MeshSource::Size(60, 90),
            shuffle: Some(7),
            reorder: true,
            iters: 10,
            backend: Some(BackendChoice::Rayon),
            threads: Some(4),
            layout: LayoutChoice::Soa,
            precision: Precision::F32,
            png: Some("a.png".into()),
            vtu: Some("a.vtu".into()),
            json: Some(JsonTarget::Stdout),
        };
        assert_eq!(options.unwrap(), Some(expected));
        let options = parse("--mesh=m.dat.zst --json=out.json").unwrap().unwrap();
        assert_eq!(options.mesh, MeshSource::File("m.dat.zst".into()));
        assert_eq!(options.json, Some(JsonTarget::File("out.json".into())));
    }

    #[test]
    fn help_wins_over_what_follows() {
        assert_eq!(parse("--iters 5 --help --nonsense"), Ok(None));
        assert_eq!(parse("-h"), Ok(None));
        for option in ["mesh", "size", "shuffle", "reorder", "iters", "backend", "threads"] {
            assert!(HELP.contains(&format!("--{option} ")), "{option}");
        }
    }

    #[test]
    fn wrong_values_are_met_with_the_valid_ones() {
        for (line, complaint) in [
            ("--backend cuda", "`--backend cuda`: valid is seq or rayon"),
            ("--layout", "`--layout` needs a value: aos or soa"),
            ("--precision f16", "`--precision f16`: valid is f64 or f32"),
            ("--iters 0", "`--iters 0`: valid is a whole number, at least 1"),
            ("--threads many", "`--threads many`: valid is a whole number, at least 1"),
            ("--size 400", "`--size 400`: valid is two whole numbers I,J such as 400,600"),
            ("--size -1,2", "`--size -1,2`: valid is two whole numbers I,J such as 400,600"),
            ("--mesh a --size 2,2", "give either `--mesh` or `--size`, not both"),
            ("--backend seq --threads 2", "`--backend seq` runs on one thread, not 2; use rayon"),
            ("--colour", "unknown option `--colour`"),
            ("-x", "unknown option `-x`"),
            ("mesh.dat", "unexpected argument `mesh.dat`"),
        ] {
            assert_eq!(parse(line), Err(complaint.to_owned()), "{line}");
        }
        assert!(parse("--reorder=yes").is_err());
    }

    #[test]
    fn names_are_written_as_they_are_read() {
        assert_eq!(BackendChoice::Rayon.to_string(), "rayon");
        assert_eq!(LayoutChoice::Soa.to_string(), "soa");
        assert_eq!(Precision::F32.to_string(), "f32");
        assert_eq!(MeshSource::Size(60, 90).to_string(), "60x90");
    }
}
