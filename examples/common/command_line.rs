//! From the arguments of the process to the options of a program, and to its exit code.
//!
//! Which options there are is left to the programs and to `run_options`; how values are read, to
//! `given`.

use std::ffi::OsString;
use std::process::ExitCode;

use lexopt::Arg;

use super::given::Given;
use super::run_options::{Rank, RunOptions};

/// The options of a program; `default` is what a program does without any.
pub(crate) trait CommandLine: Default {
    /// The name that stands before messages.
    const PROGRAM: &'static str;

    /// What `--help` prints.
    fn help() -> String;

    /// The options that all programs have.
    fn run(&mut self) -> &mut RunOptions;

    /// Takes an option that only this program has, and its value; `false` if it is none of its own.
    ///
    /// # Errors
    /// What is wrong with the value, and what is valid.
    fn take(&mut self, option: &mut Given) -> Result<bool, String>;

    /// Refuses options of its own that contradict each other.
    ///
    /// # Errors
    /// What contradicts what.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

/// The `main` of a program: runs it with the options of the command line.
///
/// `program` says whether its result is the known one, where there is one. The exit code is 0 for
/// success, 1 for a wrong result or an error, 2 for a command line that is not understood. Errors
/// take one line.
///
/// Where several ranks are asked for, each runs the program, on a thread of its own.
pub(crate) fn main<C: CommandLine + Clone + Sync>(
    program: impl Fn(&C) -> op2::Result<Option<bool>> + Sync,
) -> ExitCode {
    let options = match parse::<C>(std::env::args_os().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{}", C::help());
            return ExitCode::SUCCESS;
        }
        Err(reason) => {
            eprintln!("{}: {reason}\nTry `--help`.", C::PROGRAM);
            return ExitCode::from(2);
        }
    };
    match on_ranks(options, &program) {
        Ok(passed) => ExitCode::from(u8::from(passed == Some(false))),
        Err(error) => {
            eprintln!("{}: {error}", C::PROGRAM);
            ExitCode::FAILURE
        }
    }
}

/// Runs the program as often as it asks for; the result is that of rank 0.
pub(crate) fn on_ranks<C: CommandLine + Clone + Sync>(
    mut options: C,
    program: &(impl Fn(&C) -> op2::Result<Option<bool>> + Sync),
) -> op2::Result<Option<bool>> {
    let Some(ranks) = options.run().ranks.filter(|ranks| *ranks > 1) else {
        return program(&options);
    };
    let results = op2::ranks(ranks, |comm| {
        let mut options = options.clone();
        options.run().rank = Rank(Some(comm));
        program(&options)
    })?;
    Ok(results[0])
}

/// Reads arguments; nothing where help is asked for.
///
/// # Errors
/// What is wrong, and which values are valid.
pub(crate) fn parse<C: CommandLine>(
    args: impl IntoIterator<Item = OsString>,
) -> Result<Option<C>, String> {
    let mut options = C::default();
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(arg) = parser.next().map_err(|error| error.to_string())? {
        let name = match arg {
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            Arg::Long(name) => name.to_owned(),
            Arg::Short(name) => return Err(format!("unknown option `-{name}`")),
            Arg::Value(value) => return Err(format!("unexpected argument `{}`", value.display())),
        };
        let mut option = Given::new(&name, &mut parser);
        if !(options.take(&mut option)? || options.run().take(&mut option)?) {
            return Err(format!("unknown option `--{name}`"));
        }
    }
    options.run().check()?;
    options.check()?;
    Ok(Some(options))
}

/// For tests: reads a line as a command line.
#[cfg(test)]
pub(crate) fn parse_line<C: CommandLine>(line: &str) -> Result<Option<C>, String> {
    parse(line.split_whitespace().map(OsString::from))
}

#[cfg(test)]
mod tests {
    use super::super::mesh_option::{MeshOption, MeshSource};
    use super::super::run_options::{JSON_HELP, JsonTarget, RUN_HELP};
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Options {
        run: RunOptions,
        mesh: MeshOption,
        steps: u32,
    }

    impl Default for Options {
        fn default() -> Self {
            Self { run: RunOptions::default(), mesh: MeshOption::size(4, 6), steps: 20 }
        }
    }

    impl CommandLine for Options {
        const PROGRAM: &'static str = "test";

        fn help() -> String {
            format!("  --steps N\n{RUN_HELP}{JSON_HELP}")
        }

        fn run(&mut self) -> &mut RunOptions {
            &mut self.run
        }

        fn take(&mut self, option: &mut Given) -> Result<bool, String> {
            match option.name() {
                "steps" => self.steps = option.number(1)?,
                _ => return self.mesh.take(option),
            }
            Ok(true)
        }
    }

    fn parse(line: &str) -> Result<Option<Options>, String> {
        parse_line(line)
    }

    #[test]
    fn nothing_asks_for_the_default() {
        assert_eq!(parse(""), Ok(Some(Options::default())));
    }

    #[test]
    fn options_of_the_program_and_of_all_programs_mix() {
        let options = parse("--threads 4 --steps 3 --json - --size 2,3 --backend rayon");
        let options = options.unwrap().unwrap();
        assert_eq!((options.steps, options.run.threads), (3, Some(4)));
        assert_eq!(options.run.backend, Some(op2::Backend::Rayon));
        assert_eq!(options.run.json, Some(JsonTarget::Stdout));
        assert_eq!(*options.mesh.source(), MeshSource::Size(2, 3));
    }

    #[test]
    fn help_wins_over_what_follows() {
        assert_eq!(parse("--steps 5 --help --nonsense"), Ok(None));
        assert_eq!(parse("-h"), Ok(None));
        for option in ["backend", "threads", "json"] {
            assert!(Options::help().contains(&format!("  --{option} ")), "{option}");
        }
    }

    #[test]
    fn wrong_lines_are_met_with_one_line() {
        for (line, complaint) in [
            ("--backend gpu", "`--backend gpu`: valid is seq, rayon, memcheck, opencl or cuda"),
            ("--steps 0", "`--steps 0`: valid is a whole number, at least 1"),
            ("--steps", "`--steps` needs a value: a whole number, at least 1"),
            ("--threads many", "`--threads many`: valid is a whole number, at least 1"),
            ("--json", "`--json` needs a file"),
            ("--json=", "`--json` needs a file, not an empty name"),
            ("--size 400", "`--size 400`: valid is two whole numbers I,J such as 400,600"),
            ("--mesh a --size 2,2", "give either `--mesh` or `--size`, not both"),
            ("--backend seq --threads 2", "`--backend seq` runs on one thread, not 2; use rayon"),
            ("--colour", "unknown option `--colour`"),
            ("-x", "unknown option `-x`"),
            ("mesh.dat", "unexpected argument `mesh.dat`"),
        ] {
            assert_eq!(parse(line), Err(complaint.to_owned()), "{line}");
        }
    }
}
