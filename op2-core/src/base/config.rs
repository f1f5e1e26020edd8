//! Settings of a run, read once and passed down by value.
//!
//! Holds one table of environment variables; a new setting is a field and a row.
//! What a setting does is left to the floors that receive it. Nothing else in the
//! project reads `OP2_*` variables.
//!
//! A mistyped variable that silently does nothing costs an afternoon, so unknown
//! names are errors, and all mistakes are reported together.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

pub use super::auto_partition::AutoPartition;
pub use super::simd::{SimdLevel, UnknownSimdLevel};
use crate::base::device_settings::DeviceSettings;
use crate::base::layout::Layout;

/// What a run may choose without being compiled anew.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// Who executes loops.
    pub backend: Backend,
    /// Threads of the Rayon backend, at least 1; `None` is one per processor.
    pub threads: Option<usize>,
    /// Vector instructions; `None` is the best that the processor has.
    pub simd: Option<SimdLevel>,
    /// Whether loops check what is otherwise assumed, such as conflicting writes.
    pub checked: bool,
    /// How dats lie in memory unless declared otherwise.
    pub layout: Layout,
    /// How sets are shared among ranks where the program does not say.
    pub partition: AutoPartition,
    /// Whether sums are added in a sequence that depends neither on ranks nor on threads.
    pub reproducible: bool,
    /// What concerns devices only.
    pub device: DeviceSettings,
}

/// Who executes loops on this rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Backend {
    /// The calling thread.
    Seq,
    /// A pool of threads. Results are bitwise those of [`Backend::Seq`].
    #[default]
    Rayon,
    /// A device in the memory of the host that finds mistakes: what is not valid is poisoned, every
    /// access is checked. Slow.
    Memcheck,
    /// An `OpenCL` device.
    OpenCl,
    /// An NVIDIA GPU.
    Cuda,
}

impl Backend {
    /// All backends.
    pub const ALL: [Backend; 5] =
        [Backend::Seq, Backend::Rayon, Backend::Memcheck, Backend::OpenCl, Backend::Cuda];

    /// Whether loops run on a device, in a memory of its own.
    pub fn is_device(self) -> bool {
        matches!(self, Backend::Memcheck | Backend::OpenCl | Backend::Cuda)
    }

    fn name(self) -> &'static str {
        match self {
            Backend::Seq => "seq",
            Backend::Rayon => "rayon",
            Backend::Memcheck => "memcheck",
            Backend::OpenCl => "opencl",
            Backend::Cuda => "cuda",
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Backend {
    type Err = UnknownBackend;

    fn from_str(text: &str) -> Result<Backend, UnknownBackend> {
        let named = |backend: &Backend| backend.name().eq_ignore_ascii_case(text.trim());
        let found = Backend::ALL.into_iter().find(named);
        found.ok_or_else(|| UnknownBackend(text.to_owned()))
    }
}

/// A text that names no [`Backend`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no backend `{0}`; valid are {valid}", valid = list(&Backend::ALL))]
pub struct UnknownBackend(String);

/// Everything wrong with the `OP2_*` variables of a run, one line each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the environment cannot be used:\n  {}", lines.join("\n  "))]
pub struct ConfigError {
    /// The mistakes, each naming its variable; then, if one was unknown, the valid ones.
    pub lines: Vec<String>,
}

impl Settings {
    /// Reads the environment of the process.
    ///
    /// # Errors
    /// As [`Settings::from_vars`].
    pub fn from_env() -> Result<Settings, ConfigError> {
        // Lossy, because another program's variable need not be text to be ignored.
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        Settings::from_vars(std::env::vars_os().map(|(name, value)| (text(name), text(value))))
    }

    /// Reads the `OP2_*` variables among `vars`; an empty value counts as not set.
    ///
    /// # Errors
    /// Lists every variable with an unusable value and every `OP2_*` name that does not exist.
    pub fn from_vars(
        vars: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Settings, ConfigError> {
        let mut settings = Settings::default();
        let mut lines = Vec::new();
        let mut any_unknown = false;
        for (name, value) in vars.into_iter().filter(|(name, _)| is_ours(name)) {
            match VARIABLES.iter().find(|variable| variable.name == name) {
                None => {
                    any_unknown = true;
                    lines.push(unknown(&name));
                }
                Some(_) if value.trim().is_empty() => {}
                Some(variable) => {
                    let mistake = (variable.read)(&mut settings, value.trim()).err();
                    lines.extend(mistake.map(|why| format!("{name}={value}: {why}")));
                }
            }
        }
        lines.sort(); // The environment has no order; messages should have one.
        if any_unknown {
            lines.extend(explain());
        }
        if lines.is_empty() { Ok(settings) } else { Err(ConfigError { lines }) }
    }
}

/// An environment variable: one row of the table below.
struct Variable {
    name: &'static str,
    values: &'static str,
    meaning: &'static str,
    read: fn(&mut Settings, &str) -> Result<(), String>,
}

const VARIABLES: [Variable; 15] = [
    Variable {
        name: "OP2_BACKEND",
        values: "seq, rayon, memcheck, opencl, cuda",
        meaning: "who executes loops",
        read: |settings, value| parse(value).map(|backend| settings.backend = backend),
    },
    Variable {
        name: "OP2_THREADS",
        values: "1, 2, ...",
        meaning: "threads of the rayon backend; one per processor if not set",
        read: |settings, value| {
            parse_threads(value).map(|threads| settings.threads = Some(threads))
        },
    },
    Variable {
        name: "OP2_SIMD",
        values: "avx512, avx2, baseline, scalar",
        meaning: "vector instructions of loops; the best available if not set",
        read: |settings, value| {
            let level = require(parse(value)?, &SimdLevel::supported());
            level.map(|level| settings.simd = Some(level))
        },
    },
    Variable {
        name: "OP2_CHECKED",
        values: "0, 1",
        meaning: "whether loops check what they otherwise assume",
        read: |settings, value| parse_switch(value).map(|checked| settings.checked = checked),
    },
    Variable {
        name: "OP2_PARTITION",
        values: "blocks, kway, scattered",
        meaning: "how ranks share sets that the program does not partition; blocks if not set",
        read: |settings, value| parse(value).map(|way| settings.partition = way),
    },
    Variable {
        name: "OP2_REPRODUCIBLE",
        values: "0, 1",
        meaning: "whether sums have the same bits on any number of ranks and threads; slower",
        read: |settings, value| parse_switch(value).map(|on| settings.reproducible = on),
    },
    Variable {
        name: "OP2_OPENCL_DEVICE",
        values: "0, 1, ..., a part of a name",
        meaning: "which OpenCL device; the first GPU if not set",
        read: |settings, value| {
            settings.device.opencl = Some(value.into());
            Ok(())
        },
    },
    Variable {
        name: "OP2_CUDA_DEVICE",
        values: "0, 1, ..., a part of a name",
        meaning: "which CUDA device; the first if not set",
        read: |settings, value| {
            settings.device.cuda = Some(value.into());
            Ok(())
        },
    },
    Variable {
        name: "OP2_DEVICE_LAYOUT",
        values: "aos, soa",
        meaning: "how dats lie on devices; what suits the device if not set",
        read: |settings, value| parse(value).map(|layout| settings.device.layout = Some(layout)),
    },
    Variable {
        name: "OP2_RACES",
        values: "auto, atomics, coloring, staging",
        meaning: "how devices keep changes apart; for one kernel: res_calc=atomics,...",
        read: |settings, value| parse(value).map(|races| settings.device.races = races),
    },
    Variable {
        name: "OP2_DIRECT_MESSAGES",
        values: "0, 1",
        meaning: "whether MPI uses device memory itself; where it says that it can if not set",
        read: |settings, value| {
            parse_switch(value).map(|direct| settings.device.direct_messages = Some(direct))
        },
    },
    Variable {
        name: "OP2_CONTRACT",
        values: "0, 1",
        meaning: "whether devices may fuse multiplications and additions",
        read: |settings, value| {
            parse_switch(value).map(|contract| settings.device.contract = contract)
        },
    },
    Variable {
        name: "OP2_DUMP_SOURCE",
        values: "a folder",
        meaning: "where the sources of device programs are written",
        read: |settings, value| {
            settings.device.dump = Some(value.into());
            Ok(())
        },
    },
    Variable {
        name: "OP2_PTX_DIR",
        values: "a folder",
        meaning: "compiled CUDA programs that came with the program",
        read: |settings, value| {
            settings.device.shipped = Some(value.into());
            Ok(())
        },
    },
    Variable {
        name: "OP2_CACHE_DIR",
        values: "a folder",
        meaning: "where compiled programs are kept; the user's cache folder if not set",
        read: |settings, value| {
            settings.device.cache = Some(value.into());
            Ok(())
        },
    },
];

/// Set for building the OP2 library in C++, which our users often have beside this one.
const FOREIGN: [&str; 2] = ["OP2_INSTALL_PATH", "OP2_COMPILER"];

fn is_ours(name: &str) -> bool {
    name.starts_with("OP2_") && !FOREIGN.contains(&name)
}

fn parse<T: FromStr<Err: fmt::Display>>(value: &str) -> Result<T, String> {
    value.parse().map_err(|error: T::Err| error.to_string())
}

fn parse_threads(value: &str) -> Result<usize, String> {
    let threads: Option<NonZeroUsize> = value.parse().ok();
    threads.map(NonZeroUsize::get).ok_or_else(|| "must be a whole number from 1 on".to_owned())
}

fn parse_switch(value: &str) -> Result<bool, String> {
    match value {
        "0" => Ok(false),
        "1" => Ok(true),
        _ => Err("must be 0 or 1".to_owned()),
    }
}

/// Refuses a level that would stop the program at its first wide instruction.
fn require(level: SimdLevel, supported: &[SimdLevel]) -> Result<SimdLevel, String> {
    let refuse = || format!("this processor has only {}", list(supported));
    supported.contains(&level).then_some(level).ok_or_else(refuse)
}

fn unknown(name: &str) -> String {
    let nearest = VARIABLES.iter().min_by_key(|variable| edits(name, variable.name));
    match nearest {
        Some(near) if edits(name, near.name) <= 3 => {
            format!("{name}: there is no such variable; did you mean {}?", near.name)
        }
        _ => format!("{name}: there is no such variable"),
    }
}

fn explain() -> impl Iterator<Item = String> {
    let row = |variable: &Variable| {
        let Variable { name, values, meaning, .. } = variable;
        format!("  {name:<17} {values:<36} {meaning}")
    };
    std::iter::once("valid are:".to_owned()).chain(VARIABLES.iter().map(row))
}

/// How many letters must be added, removed or changed to turn one name into the
/// other (Levenshtein's distance, one row of the table at a time).
fn edits(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.bytes().enumerate() {
            let change = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

fn list<T: ToString>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        Settings::from_vars(vars.iter().map(owned))
    }

    fn lines(vars: &[(&str, &str)]) -> Vec<String> {
        read(vars).unwrap_err().lines
    }

    #[test]
    fn nothing_set_is_the_default_and_other_programs_are_ignored() {
        let others = [("PATH", "/bin"), ("OP2", "1"), ("OP2_INSTALL_PATH", "/opt/op2")];
        assert_eq!(read(&others), Ok(Settings::default()));
        assert_eq!(read(&[("OP2_THREADS", " ")]), Ok(Settings::default()));
    }

    #[test]
    fn every_variable_sets_its_field() {
        let all = [
            ("OP2_BACKEND", "SEQ"),
            ("OP2_THREADS", "4"),
            ("OP2_SIMD", "Scalar"),
            ("OP2_CHECKED", "1"),
            ("OP2_PARTITION", "scattered"),
            ("OP2_REPRODUCIBLE", "1"),
            ("OP2_OPENCL_DEVICE", "1"),
            ("OP2_CUDA_DEVICE", "h100"),
            ("OP2_DEVICE_LAYOUT", "aos"),
            ("OP2_RACES", "staging,res_calc=atomics"),
            ("OP2_DIRECT_MESSAGES", "0"),
            ("OP2_CONTRACT", "1"),
            ("OP2_DUMP_SOURCE", "sources"),
            ("OP2_PTX_DIR", "ptx"),
            ("OP2_CACHE_DIR", "cache"),
        ];
        assert_eq!(all.map(|(name, _)| name), VARIABLES.map(|variable| variable.name));
        let expected = Settings {
            backend: Backend::Seq,
            threads: Some(4),
            simd: Some(SimdLevel::Scalar),
            checked: true,
            layout: Layout::Aos,
            partition: AutoPartition::Scattered,
            reproducible: true,
            device: DeviceSettings {
                opencl: Some("1".into()),
                cuda: Some("h100".into()),
                layout: Some(Layout::Aos),
                races: "staging,res_calc=atomics".parse().unwrap(),
                direct_messages: Some(false),
                contract: true,
                dump: Some("sources".into()),
                shipped: Some("ptx".into()),
                cache: Some("cache".into()),
            },
        };
        assert_eq!(read(&all), Ok(expected));
    }

    #[test]
    fn unusable_values_are_named_with_what_would_be_valid() {
        assert_eq!(
            lines(&[("OP2_BACKEND", "metal")]),
            [
                "OP2_BACKEND=metal: there is no backend `metal`; valid are seq, rayon, memcheck, opencl, cuda"
            ]
        );
        for value in ["0", "-1", "two", "1.5"] {
            let expected = format!("OP2_THREADS={value}: must be a whole number from 1 on");
            assert_eq!(lines(&[("OP2_THREADS", value)]), [expected]);
        }
        assert_eq!(lines(&[("OP2_CHECKED", "yes")]), ["OP2_CHECKED=yes: must be 0 or 1"]);
        assert!(lines(&[("OP2_SIMD", "mmx")])[0].starts_with("OP2_SIMD=mmx: "));
    }

    #[test]
    fn all_mistakes_are_reported_at_once_in_a_fixed_order() {
        let found = lines(&[("OP2_THREADS", "0"), ("OP2_CHECKED", "2"), ("OP2_BACKEND", "gpu")]);
        let names: Vec<&str> = found.iter().filter_map(|line| line.split('=').next()).collect();
        assert_eq!(names, ["OP2_BACKEND", "OP2_CHECKED", "OP2_THREADS"]);
    }

    #[test]
    fn an_unknown_variable_is_answered_with_the_nearest_and_all_valid_ones() {
        let found = lines(&[("OP2_THREDS", "4"), ("OP2_COLOUR", "red")]);
        assert_eq!(found[0], "OP2_COLOUR: there is no such variable");
        assert_eq!(found[1], "OP2_THREDS: there is no such variable; did you mean OP2_THREADS?");
        for variable in VARIABLES {
            let line = found.iter().find(|line| line.trim().starts_with(variable.name));
            assert!(line.is_some_and(|line| line.contains(variable.meaning)), "{found:#?}");
        }
    }

    #[test]
    fn a_level_the_processor_lacks_is_refused_with_those_it_has() {
        let has = [SimdLevel::Avx2, SimdLevel::Baseline, SimdLevel::Scalar];
        assert_eq!(
            require(SimdLevel::Avx512, &has),
            Err("this processor has only avx2, baseline, scalar".to_owned())
        );
        assert_eq!(require(SimdLevel::Avx2, &has), Ok(SimdLevel::Avx2));
    }

    #[test]
    fn backends_are_read_back_from_their_names() {
        for backend in Backend::ALL {
            assert_eq!(backend.to_string().parse(), Ok(backend));
        }
    }

    #[test]
    fn edits_count_letters() {
        assert_eq!(edits("OP2_SIMD", "OP2_SIMD"), 0);
        assert_eq!(edits("OP2_THREDS", "OP2_THREADS"), 1);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("", "abc"), 3);
    }
}
