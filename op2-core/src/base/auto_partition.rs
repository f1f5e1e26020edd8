//! How sets are shared among ranks where the program does not say.

use std::fmt;
use std::str::FromStr;

/// How sets are shared among ranks where the program does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AutoPartition {
    /// Equal blocks of the user's numbering.
    #[default]
    Blocks,
    /// Parts with few connections, by the map with the most entries. Needs the feature `metis`.
    Kway,
    /// Elements anywhere, without regard to their neighbors: the worst case, for tests.
    Scattered,
}

impl AutoPartition {
    /// All of them.
    pub const ALL: [AutoPartition; 3] =
        [AutoPartition::Blocks, AutoPartition::Kway, AutoPartition::Scattered];
}

impl fmt::Display for AutoPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            AutoPartition::Blocks => "blocks",
            AutoPartition::Kway => "kway",
            AutoPartition::Scattered => "scattered",
        })
    }
}

/// A text that names no [`AutoPartition`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no partition `{0}`; valid are blocks, kway, scattered")]
pub struct UnknownPartition(String);

impl FromStr for AutoPartition {
    type Err = UnknownPartition;

    fn from_str(text: &str) -> Result<Self, UnknownPartition> {
        let named = |way: &Self| way.to_string().eq_ignore_ascii_case(text.trim());
        Self::ALL.into_iter().find(named).ok_or_else(|| UnknownPartition(text.to_owned()))
    }
}
