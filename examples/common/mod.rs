//! What the programs of this folder share: the command line, what they print, their JSON.
//!
//! A program describes its options in one struct and hands [`main`](command_line::main) the
//! function to run. Options of its own go where those of all programs go:
//!
//! ```text
//! #[derive(Default)]
//! struct Options {
//!     run: RunOptions,            // --backend --threads --png --vtu --json
//!     mesh: MeshOption,           // --mesh FILE, --size I,J; leave it out where it does not fit
//!     degree: Option<u32>,        // its own
//! }
//!
//! impl CommandLine for Options {
//!     const PROGRAM: &'static str = "poisson";
//!
//!     fn help() -> String {
//!         format!("...\nRun\n  --degree N          of the elements\n{RUN_HELP}\nResults\n...{JSON_HELP}")
//!     }
//!
//!     fn run(&mut self) -> &mut RunOptions {
//!         &mut self.run
//!     }
//!
//!     fn take(&mut self, option: &mut Given) -> Result<bool, String> {
//!         match option.name() {
//!             "degree" => self.degree = Some(option.number(1)?),
//!             _ => return self.mesh.take(option),
//!         }
//!         Ok(true)
//!     }
//! }
//!
//! fn main() -> ExitCode {
//!     command_line::main(solve) // fn solve(options: &Options) -> op2::Result<Option<bool>>
//! }
//! ```
//!
//! The value of an option is read by [`Given`](given::Given), which says what is valid where it is
//! not. A name chosen among several is an enum made by [`choice!`](given::choice). Then a program
//! usually
//!
//! - makes its context by [`RunOptions::context`](run_options::RunOptions::context),
//! - writes text through the [`Channel`](output::Channel) that leaves standard output to the JSON,
//! - times its parts with [`Phases`](phases::Phases),
//! - compares with a known number by a [`Reference`](reference::Reference), or errors on finer and finer
//!   meshes with the theory by a [`Convergence`](convergence::Convergence),
//! - and writes a [`RunReport`](run_report::RunReport), to which it adds keys of its own.
//!
//! Beside these, `c_grid` holds the grid that airfoil and aero are measured on, `profile_picture`
//! draws their results; `unit_square` and `quadrature` have the mesh and the rules of the finite element
//! programs. Each program compiles this folder as a module of its own and uses what it needs.

#![allow(dead_code, unused_imports, unused_macros, reason = "not every program uses everything")]

pub(crate) mod command_line;
pub(crate) mod convergence;
pub(crate) mod given;
pub(crate) mod mesh_option;
pub(crate) mod output;
pub(crate) mod phases;
pub(crate) mod profile_picture;
pub(crate) mod quadrature;
pub(crate) mod reference;
pub(crate) mod run_options;
pub(crate) mod run_report;
pub(crate) mod unit_square;
