//! The command line: the options of all programs, and those that only this one has.

use std::path::PathBuf;

use crate::common::command_line::CommandLine;
use crate::common::given::Given;
use crate::common::run_options::{JSON_HELP, RUN_HELP, RunOptions};
use crate::poisson::{Conditioning, Task};
use crate::problem::Problem;

/// The most squares along a side: more nodes, cells or matrix entries than this gives would not have
/// numbers.
const LARGEST_SIDE: u32 = 20_000;

/// What the user asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Options {
    pub(crate) run: RunOptions,
    /// A mesh to solve on, instead of the refinement study.
    pub(crate) mesh: Option<PathBuf>,
    /// What to solve there.
    problem: Option<Problem>,
    pub(crate) conditioning: Conditioning,
    /// Squares along a side of the finest mesh of the study.
    side: u32,
    levels: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            run: RunOptions::default(),
            mesh: None,
            problem: None,
            conditioning: Conditioning::Jacobi,
            side: 256,
            levels: 6,
        }
    }
}

impl Options {
    /// What to solve on a mesh, and how.
    pub(crate) fn task(&self) -> Task {
        let problem = self.problem.unwrap_or(Problem::SINES);
        Task { problem, conditioning: self.conditioning }
    }

    /// Squares along a side on each level of the study, from coarse to fine.
    pub(crate) fn sides(&self) -> Vec<u32> {
        (0..self.levels).rev().map(|halvings| self.side >> halvings).collect()
    }
}

impl CommandLine for Options {
    const PROGRAM: &'static str = "poisson";

    fn help() -> String {
        format!(
            "\
Poisson's equation, -laplace u = f, by linear finite elements on triangles or tetrahedra

Usage: poisson [options]

Mesh
  --mesh FILE         read triangles or tetrahedra (Gmsh, SU2, MFEM, VTK; plain, .zst or .xz)
  --size N            the unit square, cut into 2*N*N triangles     [256]
  --levels N          that mesh and N-1 coarser ones, each of half as many squares
                      along each side; errors must fall with order 2 and 1  [6]

Problem
  --problem NAME      what to solve on a mesh that was read         [sines]
                      sines       u = product of sin(pi x_i), given on the boundary
                      lshape      u = r^(2/3) sin(2 t/3), given on the boundary; plane meshes
                      constant=F  -laplace u = F, u = 0 on the boundary; surfaces, too

Run
  --preconditioner P  of conjugate gradients: jacobi, ssor or ic0   [jacobi]
{RUN_HELP}
Results
  --png FILE          draw u
  --vtu FILE          write u, and error and exact solution where known, for ParaView
{JSON_HELP}"
        )
    }

    fn run(&mut self) -> &mut RunOptions {
        &mut self.run
    }

    fn take(&mut self, option: &mut Given) -> Result<bool, String> {
        let valid_problem = "sines, lshape or constant=F, F being a number";
        let valid_size = format!("a whole number from 2 to {LARGEST_SIDE}");
        match option.name() {
            "mesh" => self.mesh = Some(option.path()?),
            "problem" => self.problem = Some(option.value(valid_problem, Problem::named)?),
            "preconditioner" => self.conditioning = option.chosen()?,
            "levels" => self.levels = option.number(1)?,
            "size" => {
                let size =
                    |text: &str| text.parse().ok().filter(|n| (2..=LARGEST_SIDE).contains(n));
                self.side = option.value(&valid_size, size)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn check(&self) -> Result<(), String> {
        if self.mesh.is_none() && self.problem.is_some_and(|problem| problem != Problem::SINES) {
            return Err(
                "the refinement study is of problem `sines`; other problems need `--mesh`".into()
            );
        }
        let parts = 1_u32.checked_shl(self.levels - 1).filter(|parts| self.side >= 2 * parts);
        match parts {
            Some(parts) if self.side.is_multiple_of(parts) => Ok(()),
            _ => Err(format!(
                "`--size {}` cannot be halved for {} levels down to 2 or more",
                self.side, self.levels
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::command_line::parse_line;

    fn parse(line: &str) -> Result<Options, String> {
        parse_line::<Options>(line).map(Option::unwrap)
    }

    #[test]
    fn nothing_asks_for_the_study() {
        let options = parse("").unwrap();
        assert_eq!(options, Options::default());
        assert_eq!(options.sides(), [8, 16, 32, 64, 128, 256]);
    }

    #[test]
    fn every_option_is_understood() {
        let line = "--mesh a.msh --problem constant=2 --size 12 --levels 2 --threads 2 --preconditioner ic0";
        let options = parse(line).unwrap();
        assert_eq!(options.mesh, Some("a.msh".into()));
        assert_eq!(options.problem, Some(Problem::constant(2.0)));
        assert_eq!((options.sides(), options.run.threads), (vec![6, 12], Some(2)));
        assert_eq!(options.conditioning, Conditioning::Ic0);
        assert!(parse("--problem cosines").unwrap_err().contains("sines, lshape or constant=F"));
        assert!(parse("--size 1").unwrap_err().contains("from 2 to"));
        assert!(parse("--levels 0").is_err());
    }

    #[test]
    fn contradictions_are_refused() {
        assert!(parse("--problem lshape").unwrap_err().contains("need `--mesh`"));
        assert!(parse("--size 12 --levels 4").unwrap_err().contains("halved"));
        assert!(parse("--size 4 --levels 3").is_err());
        assert!(parse("--levels 40").is_err());
        assert!(parse("--problem sines --size 1000 --levels 4").is_ok());
    }

    #[test]
    fn the_help_tells_all_options() {
        let help = Options::help();
        let options = "size levels mesh problem preconditioner backend threads png vtu json";
        for option in options.split_whitespace() {
            assert!(help.contains(&format!("\n  --{option} ")), "{option}");
        }
    }
}
