//! The command line: the options of all programs, and those that only this one has.
//!
//! What the choices mean to op2 is left to `main`.

use crate::common::command_line::CommandLine;
use crate::common::given::{Given, choice};
use crate::common::mesh_option::MeshOption;
use crate::common::run_options::{JSON_HELP, RUN_HELP, RunOptions};

/// What the user asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Options {
    pub(crate) run: RunOptions,
    pub(crate) mesh: MeshOption,
    pub(crate) shuffle: Option<u64>,
    pub(crate) reorder: bool,
    pub(crate) iters: u32,
    pub(crate) layout: LayoutChoice,
    pub(crate) precision: Precision,
}

choice! {
    /// How a dat stores its components.
    LayoutChoice { Aos = "aos", Soa = "soa" }
}
choice! {
    /// The type of the flow's numbers.
    Precision { F64 = "f64", F32 = "f32" }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            run: RunOptions::default(),
            mesh: MeshOption::size(400, 600),
            shuffle: None,
            reorder: false,
            iters: 1000,
            layout: LayoutChoice::Aos,
            precision: Precision::F64,
        }
    }
}

impl CommandLine for Options {
    const PROGRAM: &'static str = "airfoil";

    fn help() -> String {
        format!(
            "\
The airfoil program of OP2: inviscid flow around a NACA 0012 profile at Mach 0.4

Usage: airfoil [options]

Mesh
  --mesh FILE         read a mesh in OP2's text format (plain, .zst or .xz)
  --size I,J          generate a C-grid of 3*I*J cells              [400,600]
  --shuffle SEED      renumber the mesh at random
  --reorder           renumber the mesh for locality, after any shuffling

Run
  --iters N           number of iterations                          [1000]
{RUN_HELP}\
\u{20} --layout NAME       aos or soa: how a dat stores its components   [aos]
  --precision NAME    f64 or f32                                    [f64]

Results
  --png FILE          draw the Mach number around the profile
  --vtu FILE          write the flow for ParaView
{JSON_HELP}"
        )
    }

    fn run(&mut self) -> &mut RunOptions {
        &mut self.run
    }

    fn take(&mut self, option: &mut Given) -> Result<bool, String> {
        match option.name() {
            "reorder" => self.reorder = true,
            "shuffle" => self.shuffle = Some(option.number(0)?),
            "iters" => self.iters = option.number(1)?,
            "layout" => self.layout = option.chosen()?,
            "precision" => self.precision = option.chosen()?,
            _ => return self.mesh.take(option),
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::command_line::parse_line;
    use crate::common::mesh_option::MeshSource;
    use crate::common::run_options::JsonTarget;

    fn parse(line: &str) -> Result<Option<Options>, String> {
        parse_line(line)
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
        let options = options.unwrap().unwrap();
        assert_eq!(*options.mesh.source(), MeshSource::Size(60, 90));
        let run = RunOptions {
            backend: Some(op2::Backend::Rayon),
            threads: Some(4),
            png: Some("a.png".into()),
            vtu: Some("a.vtu".into()),
            json: Some(JsonTarget::Stdout),
            ..RunOptions::default()
        };
        let expected = Options {
            run,
            mesh: options.mesh.clone(),
            shuffle: Some(7),
            reorder: true,
            iters: 10,
            layout: LayoutChoice::Soa,
            precision: Precision::F32,
        };
        assert_eq!(options, expected);
        let options = parse("--mesh=m.dat.zst --json=out.json").unwrap().unwrap();
        assert_eq!(*options.mesh.source(), MeshSource::File("m.dat.zst".into()));
        assert_eq!(options.run.json, Some(JsonTarget::File("out.json".into())));
    }

    #[test]
    fn the_help_tells_all_options() {
        let help = Options::help();
        let names = "mesh size shuffle reorder iters backend threads layout precision png vtu json";
        for option in names.split_whitespace() {
            assert!(help.contains(&format!("\n  --{option} ")), "{option}");
        }
    }

    #[test]
    fn wrong_values_are_met_with_the_valid_ones() {
        for (line, complaint) in [
            ("--layout", "`--layout` needs a value: aos or soa"),
            ("--precision f16", "`--precision f16`: valid is f64 or f32"),
            ("--iters 0", "`--iters 0`: valid is a whole number, at least 1"),
        ] {
            assert_eq!(parse(line), Err(complaint.to_owned()), "{line}");
        }
        assert!(parse("--reorder=yes").is_err());
    }

    #[test]
    fn names_are_written_as_they_are_read() {
        assert_eq!(LayoutChoice::Soa.to_string(), "soa");
        assert_eq!(Precision::F32.to_string(), "f32");
    }
}
