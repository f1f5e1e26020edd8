//! The command line: the options of all programs, and those that only this one has.

use crate::common::command_line::CommandLine;
use crate::common::given::{Given, choice};
use crate::common::mesh_option::{MeshOption, MeshSource};
use crate::common::run_options::{JSON_HELP, RUN_HELP, RunOptions};

/// What the user asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Options {
    pub(crate) run: RunOptions,
    pub(crate) mesh: MeshOption,
    pub(crate) levels: u32,
    pub(crate) solver: Solver,
    pub(crate) shown: Shown,
}

choice! {
    /// How the system is solved.
    Solver { Minres = "minres", Lu = "lu" }
}
choice! {
    /// What the picture shows.
    Shown { Speed = "speed", Pressure = "pressure" }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            run: RunOptions::default(),
            mesh: MeshOption::size(64, 64),
            levels: 3,
            solver: Solver::Minres,
            shown: Shown::Speed,
        }
    }
}

impl CommandLine for Options {
    const PROGRAM: &'static str = "stokes";

    fn help() -> String {
        format!(
            "\
Stokes flow on triangles, with Taylor-Hood elements: a vortex that is known

Usage: stokes [options]

Mesh
  --mesh FILE         read triangles (Gmsh, SU2, MFEM, VTK; plain, .zst or .xz)
  --size I,J          the unit square, cut into 2*I*J triangles     [64,64]
  --levels N          that mesh and N-1 coarser ones, each of half as many squares
                      along each side                               [3]

Run
  --solver NAME       minres or lu (of a build with `--features direct`)  [minres]
{RUN_HELP}
Results
  --png FILE          draw the flow
  --show NAME         speed or pressure: what is drawn              [speed]
  --vtu FILE          write velocity and pressure for ParaView
{JSON_HELP}"
        )
    }

    fn run(&mut self) -> &mut RunOptions {
        &mut self.run
    }

    fn take(&mut self, option: &mut Given) -> Result<bool, String> {
        match option.name() {
            "levels" => self.levels = option.number(1)?,
            "solver" => self.solver = option.chosen()?,
            "show" => self.shown = option.chosen()?,
            _ => return self.mesh.take(option),
        }
        if self.solver == Solver::Lu && !cfg!(feature = "direct") {
            return Err("`--solver lu` needs a build with `--features direct`".to_owned());
        }
        Ok(true)
    }

    fn check(&self) -> Result<(), String> {
        self.squares().map(drop)
    }
}

impl Options {
    /// Squares along and across, from the coarsest mesh to the finest; nothing for a mesh from a file.
    ///
    /// # Errors
    /// A size that cannot be halved as often as there are coarser meshes.
    pub(crate) fn squares(&self) -> Result<Vec<(usize, usize)>, String> {
        let &MeshSource::Size(i, j) = self.mesh.source() else { return Ok(Vec::new()) };
        crate::common::convergence::coarser((i, j), self.levels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::command_line::parse_line;

    #[test]
    fn every_option_is_understood() {
        assert_eq!(parse_line(""), Ok(Some(Options::default())));
        let line = "--size 8,4 --levels 2 --show pressure --solver minres --png a.png";
        let options: Options = parse_line(line).unwrap().unwrap();
        assert_eq!(options.squares(), Ok(vec![(4, 2), (8, 4)]));
        assert_eq!((options.shown, options.solver), (Shown::Pressure, Solver::Minres));
        assert!(parse_line::<Options>("--size 6,6").unwrap_err().contains("cannot be halved"));
        let lu = parse_line::<Options>("--solver lu");
        assert_eq!(lu.is_ok(), cfg!(feature = "direct"));
    }

    #[test]
    fn the_help_tells_all_options() {
        let help = Options::help();
        for option in "mesh size levels solver backend threads png show vtu json".split_whitespace()
        {
            assert!(help.contains(&format!("\n  --{option} ")), "{option}");
        }
    }
}
