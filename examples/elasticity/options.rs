//! The command line: the options of all programs, and those that only this one has.

use crate::common::command_line::CommandLine;
use crate::common::given::Given;
use crate::common::mesh_option::{MeshOption, MeshSource};
use crate::common::run_options::{JSON_HELP, RUN_HELP, RunOptions};
use crate::problem::Problem;

/// What the user asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Options {
    pub(crate) run: RunOptions,
    pub(crate) mesh: MeshOption,
    pub(crate) levels: u32,
    pub(crate) problem: Problem,
    pub(crate) clamp: String,
    pub(crate) load: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            run: RunOptions::default(),
            mesh: MeshOption::size(64, 16),
            levels: 3,
            problem: Problem::Cantilever,
            clamp: "x-min".to_owned(),
            load: "x-max".to_owned(),
        }
    }
}

impl CommandLine for Options {
    const PROGRAM: &'static str = "elasticity";

    fn help() -> String {
        format!(
            "\
Linear elasticity on tetrahedra: a plate clamped at one end and pulled down at the other

Usage: elasticity [options]

Mesh
  --mesh FILE         read tetrahedra (Gmsh, SU2, MFEM, VTK; plain, .zst or .xz)
  --size I,J          a brick of I*J*J cubes, each cut into six     [64,16]
  --levels N          that brick and N-1 coarser ones, each of half as many cubes
                      along each side                               [3]

Problem
  --problem NAME      cantilever, stretch, waves (with known solutions)
                      or bracket (without)                          [cantilever]
  --clamp FACE        of the bracket: a group of the file, or x-min, x-max, y-min, ..  [x-min]
  --load FACE         of the bracket: where it is pulled down       [x-max]

Run
{RUN_HELP}
Results
  --png FILE          draw the deformed solid and its stress
  --vtu FILE          write displacement and stress for ParaView
{JSON_HELP}"
        )
    }

    fn run(&mut self) -> &mut RunOptions {
        &mut self.run
    }

    fn take(&mut self, option: &mut Given) -> Result<bool, String> {
        let face = |option: &mut Given| option.value("a face", |face| Some(face.to_owned()));
        match option.name() {
            "levels" => self.levels = option.number(1)?,
            "problem" => self.problem = option.chosen()?,
            "clamp" => self.clamp = face(option)?,
            "load" => self.load = face(option)?,
            _ => return self.mesh.take(option),
        }
        Ok(true)
    }

    fn check(&self) -> Result<(), String> {
        self.bricks().map(drop)
    }
}

impl Options {
    /// Cubes along and across the bricks, from the coarsest to the finest; nothing for a mesh from a file.
    ///
    /// # Errors
    /// A size that cannot be halved as often as there are coarser meshes.
    pub(crate) fn bricks(&self) -> Result<Vec<(usize, usize)>, String> {
        let &MeshSource::Size(i, j) = self.mesh.source() else { return Ok(Vec::new()) };
        crate::common::convergence::coarser((i, j), self.levels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::command_line::parse_line;

    fn parse(line: &str) -> Options {
        parse_line(line).unwrap().unwrap()
    }

    #[test]
    fn every_option_is_understood() {
        assert_eq!(parse(""), Options::default());
        let options = parse("--mesh a.su2 --problem bracket --clamp wall --load z-max --threads 2");
        assert_eq!(*options.mesh.source(), MeshSource::File("a.su2".into()));
        assert_eq!((&*options.clamp, &*options.load), ("wall", "z-max"));
        assert_eq!((options.problem, options.run.threads), (Problem::Bracket, Some(2)));
        assert!(parse_line::<Options>("--problem arch").unwrap_err().contains("cantilever"));
    }

    #[test]
    fn bricks_become_finer() {
        assert_eq!(parse("").bricks(), Ok(vec![(16, 4), (32, 8), (64, 16)]));
        assert_eq!(parse("--mesh a.su2").bricks(), Ok(vec![]));
        assert!(parse_line::<Options>("--size 6,3").unwrap_err().contains("cannot be halved"));
    }

    #[test]
    fn the_help_tells_all_options() {
        let help = Options::help();
        let names = "mesh size levels problem clamp load backend threads png vtu json";
        for option in names.split_whitespace() {
            assert!(help.contains(&format!("\n  --{option} ")), "{option}");
        }
    }
}
