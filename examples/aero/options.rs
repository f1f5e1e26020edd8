//! The command line: the options of all programs, and those that only this one has.

use crate::common::command_line::CommandLine;
use crate::common::given::Given;
use crate::common::mesh_option::MeshOption;
use crate::common::run_options::{JSON_HELP, RUN_HELP, RunOptions};
use crate::stiffness::Form;

/// What the user asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Options {
    pub(crate) run: RunOptions,
    pub(crate) mesh: MeshOption,
    pub(crate) steps: u32,
    pub(crate) form: Form,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            run: RunOptions::default(),
            mesh: MeshOption::size(400, 600),
            steps: 20,
            form: Form::MatrixFree,
        }
    }
}

impl CommandLine for Options {
    const PROGRAM: &'static str = "aero";

    fn help() -> String {
        format!(
            "\
The aero program of OP2: potential flow around a NACA 0012 profile at Mach 0.1, by finite elements

Usage: aero [options]

Mesh
  --mesh FILE         read a mesh in OP2's text format (plain, .zst or .xz)
  --size I,J          generate a C-grid of 3*I*J cells              [400,600]

Run
  --steps N           number of steps of Newton's method            [20]
  --assembled         make a sparse matrix of each step      [matrix-free]
{RUN_HELP}
Results
  --png FILE          draw the speed around the profile
  --vtu FILE          write potential and velocity for ParaView
{JSON_HELP}"
        )
    }

    fn run(&mut self) -> &mut RunOptions {
        &mut self.run
    }

    fn take(&mut self, option: &mut Given) -> Result<bool, String> {
        match option.name() {
            "steps" => self.steps = option.number(1)?,
            "assembled" => self.form = Form::Assembled,
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

    #[test]
    fn nothing_asks_for_the_benchmark() {
        assert_eq!(parse_line(""), Ok(Some(Options::default())));
    }

    #[test]
    fn every_option_is_understood() {
        let line =
            "--size 60,90 --steps 3 --assembled --threads 2 --png a.png --vtu a.vtu --json a.json";
        let options: Options = parse_line(line).unwrap().unwrap();
        assert_eq!(*options.mesh.source(), MeshSource::Size(60, 90));
        assert_eq!((options.steps, options.form), (3, Form::Assembled));
        assert_eq!(options.run.threads, Some(2));
        assert_eq!(parse_line::<Options>("--iters 3"), Err("unknown option `--iters`".to_owned()));
    }

    #[test]
    fn the_help_tells_all_options() {
        let help = Options::help();
        for option in "mesh size steps assembled backend threads png vtu json".split_whitespace() {
            assert!(help.contains(&format!("\n  --{option} ")), "{option}");
        }
    }
}
