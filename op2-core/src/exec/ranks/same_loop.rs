//! Whether all ranks run the same loop with the same values: asked before each loop in the checked mode.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::base::comm::Comm;
use crate::base::error::{Error, Result};
use crate::par_loop::arg::{ArgRef, DataRef, Part, Route, Via};
use crate::par_loop::descriptor::LoopRef;

/// What a rank says of its loop: lines for ranks to compare, the first of which is the loop itself.
const LOOP: usize = 0;
/// Behind the words of a line stands a digest of the values that they name.
const DIGEST: char = '\t';

/// Compares the loop with those that the other ranks are about to run, with the maps that lead to its data,
/// and with the values of its constants and globals (`globals`, in their sequence). Those of plain arguments
/// count where elements run on several ranks: a loop that writes where it runs may well write the rank's number.
/// Collective.
///
/// # Errors
/// Another one, with the rank that runs it; the same on all ranks.
pub(super) fn check(
    comm: &dyn Comm,
    the_loop: &LoopRef<'_>,
    constants: &[u8],
    globals: &[Vec<u8>],
) -> Result<()> {
    let all = comm.all_gather(description(the_loop, constants, globals).as_bytes())?;
    let Some(rank) = all.iter().position(|theirs| *theirs != all[0]) else { return Ok(()) };
    Err(Error::Rank { rank, reason: difference(&all[rank], &all[0]) })
}

/// How what a rank says differs from what rank 0 says.
fn difference(theirs: &[u8], first: &[u8]) -> String {
    let (theirs, first) = (Said::read(theirs), Said::read(first));
    let (Some(here), Some(there)) = (&theirs, &first) else {
        let text = |said: &Option<Said<'_>>| said.as_ref().map_or_else(no_loop, Said::whole);
        return format!("it {}, while rank 0 {}", text(&theirs), text(&first));
    };
    if here.0[LOOP] != there.0[LOOP] {
        return format!("it {}, while rank 0 {}", here.whole(), there.whole());
    }
    let mut lines = here.0.iter().zip(&there.0);
    let Some((mine, zero)) = lines.find(|(mine, zero)| mine != zero) else {
        return format!("{} has other arguments than on rank 0", words(here.0[LOOP]));
    };
    let the_loop = words(here.0[LOOP]);
    if words(mine) == words(zero) {
        format!("in {the_loop}, {} has another value than on rank 0", words(mine))
    } else {
        format!("in {the_loop}, it has {}, while rank 0 has {}", words(mine), words(zero))
    }
}

fn no_loop() -> String {
    "runs no loop now: it declares or touches data".to_owned()
}

fn words(line: &str) -> &str {
    line.split(DIGEST).next().unwrap_or(line)
}

/// The lines that a rank has sent.
struct Said<'a>(Vec<&'a str>);

impl<'a> Said<'a> {
    /// Unless this is about something else than a loop.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok().filter(|text| text.starts_with("loop "))?;
        Some(Self(text.lines().collect()))
    }

    /// The loop and its data.
    fn whole(&self) -> String {
        let words: Vec<&str> = self.0.iter().map(|line| words(line)).collect();
        format!("runs {}", words.join(", "))
    }
}

/// The kernel, the place and the space; then the data with modes and maps; then digests of values.
fn description(the_loop: &LoopRef<'_>, constants: &[u8], globals: &[Vec<u8>]) -> String {
    let (kernel, space) = (the_loop.kernel().name, the_loop.space.name());
    let mut lines = vec![format!("loop `{kernel}` ({}) over `{space}`", the_loop.site)];
    let mut globals = globals.iter();
    let shared = the_loop.args.iter().any(|arg| arg.access.writes() && arg.via.rows().is_some());
    lines.extend(the_loop.args.iter().map(|arg| of_argument(arg, shared, &mut globals)));
    if !constants.is_empty() {
        lines.push(format!("a constant of its kernel{DIGEST}{}", digest(constants)));
    }
    // A name may hold anything; a line ends where it ends.
    lines.iter().map(|line| line.replace('\n', " ")).collect::<Vec<_>>().join("\n")
}

/// `shared`: whether elements of the loop run on several ranks.
fn of_argument<'a>(
    arg: &ArgRef<'_>,
    shared: bool,
    globals: &mut impl Iterator<Item = &'a Vec<u8>>,
) -> String {
    let (mode, way) = (arg.access.name(), way(arg.via));
    match arg.data {
        DataRef::Dat(dat) => format!("dat `{}` ({mode}{way})", dat.name),
        DataRef::Mat(mat) => format!("mat `{}` ({mode}{way})", mat.name),
        DataRef::Global(global) => {
            let value = globals.next().map_or(0, |value| digest(value));
            format!("{} `{}` ({mode}){DIGEST}{value}", global.what(), global.name)
        }
        DataRef::Value { bytes, .. } => {
            let value = if shared { digest(bytes) } else { 0 };
            format!("argument `{}`{DIGEST}{value}", arg.text)
        }
        DataRef::Index => "index()".to_owned(),
        DataRef::Point(point) => format!("index({point})"),
    }
}

fn way(via: Via<'_>) -> String {
    via.routes().flat_map(|route| [", ".to_owned(), name(route)]).collect()
}

fn name(route: Route<'_>) -> String {
    let mask = route.mask.map_or(String::new(), |mask| format!(" without `{}`", mask.name));
    match route.part {
        Part::All => format!("{}{mask}", route.map.name),
        Part::One(entry) => format!("{}[{entry}]{mask}", route.map.name),
        Part::Point(point) => format!("{}[index({point})]{mask}", route.map.name),
    }
}

fn digest(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}
