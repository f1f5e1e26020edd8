//! What a rank owns of sets and maps, in the user's numbering.

/// The elements of a set that this rank owns at present.
#[derive(Clone, Copy, Debug)]
pub struct OwnedSet<'a> {
    /// Elements on all ranks; users number them from 0.
    pub size: u64,
    /// The user's numbers of those owned here; every element is owned by one rank.
    pub owned: &'a [u64],
}

/// The rows of a map that this rank owns.
#[derive(Clone, Copy, Debug)]
pub struct OwnedMap<'a> {
    /// The place of the set that the map starts at, among the sets.
    pub from: usize,
    /// The place of the set it leads to.
    pub to: usize,
    /// Entries of each element, one at least.
    pub arity: usize,
    /// A row for each owned element of `from`, in their sequence (`[owned, arity]`); users' numbers,
    /// below the size of `to`.
    pub targets: &'a [u64],
}
