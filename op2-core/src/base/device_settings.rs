//! What a run may choose of devices.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::base::layout::Layout;

/// What a run may choose of the device that executes its loops.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceSettings {
    /// Which `OpenCL` device: its number, or a part of its name.
    pub opencl: Option<String>,
    /// Which CUDA device: its number, or a part of its name.
    pub cuda: Option<String>,
    /// How dats lie there; `None` is what suits the device.
    pub layout: Option<Layout>,
    /// How work-items that change one row are kept apart.
    pub races: RaceWishes,
    /// Whether messages between ranks go straight out of the device's memory and into it; `None` is
    /// where MPI says that it can.
    pub direct_messages: Option<bool>,
    /// Whether a multiplication and an addition may become one operation that rounds once.
    pub contract: bool,
    /// A folder into which the source of every program is written.
    pub dump: Option<PathBuf>,
    /// A folder of compiled programs that was shipped with the program.
    pub shipped: Option<PathBuf>,
    /// A folder where compiled programs are kept from run to run; `None` is the user's cache folder.
    pub cache: Option<PathBuf>,
}

/// How a device keeps work-items apart that change the same row through maps: a wish, which is
/// fulfilled where the answer stays right. The report says what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RaceStrategy {
    /// Whatever suits the loop and the device, with the same bits on every run.
    #[default]
    Auto,
    /// Changes that the device makes in one piece. Floating-point sums may differ in their last bits from run to
    /// run.
    Atomics,
    /// Elements of one color change no row in common and run at once; colors in turn.
    Coloring,
    /// Blocks of elements sum up in memory of their own first; blocks of one color at once, colors in
    /// turn.
    Staging,
}

impl RaceStrategy {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Atomics, Self::Coloring, Self::Staging];

    fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Atomics => "atomics",
            Self::Coloring => "coloring",
            Self::Staging => "staging",
        }
    }
}

impl fmt::Display for RaceStrategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for RaceStrategy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|s| s.name().eq_ignore_ascii_case(text.trim()));
        let valid: Vec<&str> = Self::ALL.iter().map(|strategy| strategy.name()).collect();
        let valid = valid.join(", ");
        found.ok_or_else(|| format!("there is no race strategy `{text}`; valid are {valid}"))
    }
}

/// The wish for all loops, and those for some of them by the names of their kernels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RaceWishes {
    /// For loops that are not named.
    pub usual: RaceStrategy,
    /// Kernel and wish; a later one counts.
    pub loops: Vec<(String, RaceStrategy)>,
}

impl RaceWishes {
    /// The wish for the loops of a kernel.
    pub fn of(&self, kernel: &str) -> RaceStrategy {
        let named = self.loops.iter().rev().find(|(name, _)| name == kernel);
        named.map_or(self.usual, |(_, strategy)| *strategy)
    }
}

impl FromStr for RaceWishes {
    type Err = String;

    /// `staging`, `res_calc=atomics,bres_calc=coloring`, or both.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut races = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some((kernel, strategy)) => {
                    races.loops.push((kernel.trim().to_owned(), strategy.parse()?));
                }
                None => races.usual = part.parse()?,
            }
        }
        Ok(races)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_may_have_wishes_of_their_own() {
        let races: RaceWishes = "coloring, res_calc = atomics,res_calc=Staging".parse().unwrap();
        assert_eq!(races.of("res_calc"), RaceStrategy::Staging);
        assert_eq!(races.of("bres_calc"), RaceStrategy::Coloring);
        assert_eq!("".parse::<RaceWishes>().unwrap().of("update"), RaceStrategy::Auto);
        let error = "res_calc=fast".parse::<RaceWishes>().unwrap_err();
        assert_eq!(
            error,
            "there is no race strategy `fast`; valid are auto, atomics, coloring, staging"
        );
    }
}
