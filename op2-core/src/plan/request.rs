//! What a plan needs to know of a loop, as plain data.

/// A loop, reduced to what decides the order of its elements.
///
/// Sets and maps have checked these rules when they were declared, and planning relies on them:
/// there are at most `u32::MAX` positions, without a subset as many as elements; the elements of a
/// subset are different from each other; each element has `arity` entries in each table; each entry
/// is below the target's `size`.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// How many elements the loop runs over.
    pub positions: usize,
    /// The element at each position (`[positions]`); `None` if position and element are the same.
    pub subset: Option<&'a [u32]>,
    /// The rows that the loop may change through maps; empty for a direct loop.
    pub targets: &'a [Target<'a>],
}

impl Request<'_> {
    /// The element at a position.
    #[inline]
    pub(super) fn element(&self, position: u32) -> u32 {
        self.subset.map_or(position, |subset| subset[position as usize])
    }
}

/// The rows that one argument of a loop may change through a map.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The map's table (`[elements * arity]`).
    pub values: &'a [u32],
    /// Entries of each element.
    pub arity: usize,
    /// The entries of each element that are written.
    pub columns: ColumnSet,
    /// Elements of the target set.
    pub size: usize,
    /// Names the written dat: only targets of one group conflict with each other.
    pub group: usize,
    /// Whether rows are combined with what they hold (`Inc`, `Min`, `Max`), so that parts of the loop
    /// may work on copies; false for `Write` and `Rw`.
    pub combines: bool,
    /// Size of one row of the dat.
    pub row_bytes: usize,
}

/// Which entries of a map an argument uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnSet {
    /// All entries: `dat(Inc, map)`.
    All,
    /// One entry: `dat(Inc, map[k])`.
    One(usize),
}

impl ColumnSet {
    /// The entries, of those that a map of this arity has.
    pub(super) fn of(self, arity: usize) -> std::ops::Range<usize> {
        match self {
            Self::All => 0..arity,
            Self::One(column) => column..column + 1,
        }
    }
}
