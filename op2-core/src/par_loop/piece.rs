//! Parts of a loop's elements: on several ranks a loop runs in pieces.

/// A part of a loop's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// All of them: one rank.
    All,
    /// Those that need no values of other ranks.
    Core,
    /// The others that belong to this rank.
    Rest,
    /// Copies of other ranks' elements.
    Exec,
    /// All that run here, those and copies, in the sequence of the reproducible mode.
    Sequence,
}
