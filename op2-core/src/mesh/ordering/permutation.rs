//! A renumbering of one set, known in both directions.

use thiserror::Error;

/// A one-to-one renumbering of the elements of a set, kept in both directions: only the checked
/// constructor makes one, so applying it cannot lose or repeat a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permutation {
    to_old: Vec<u32>,
    to_new: Vec<u32>,
}

/// Why an order is not a renumbering, or does not fit what it is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PermutationError {
    /// More elements than 32-bit local numbers can count.
    #[error("an order of {len} elements is longer than local numbers can count")]
    TooLong {
        /// Length of the order.
        len: usize,
    },
    /// An entry names an element that the set does not have.
    #[error("entry {entry} names element {index}, but the set has {size}")]
    OutOfRange {
        /// Where it stands.
        entry: usize,
        /// The element it names.
        index: u32,
        /// Elements of the set.
        size: usize,
    },
    /// Two entries of an order name the same element.
    #[error("entries {first} and {second} of the order both name element {index}")]
    Repeated {
        /// The element named twice.
        index: u32,
        /// Where it is named first.
        first: usize,
        /// Where it is named again.
        second: usize,
    },
    /// An array has not one row (of the stated width) for each element.
    #[error("an array of {found} values does not hold {width} for each of {size} elements")]
    Length {
        /// Length of the array.
        found: usize,
        /// Values that each row should have.
        width: usize,
        /// Elements of the set.
        size: usize,
    },
}

impl Permutation {
    /// The renumbering that lists old numbers in their new sequence: `to_old[new] = old`.
    ///
    /// # Errors
    /// If an element is missing, and therefore another named twice or out of range.
    pub fn new(to_old: Vec<u32>) -> Result<Self, PermutationError> {
        const UNSEEN: u32 = u32::MAX;
        let size = to_old.len();
        if u32::try_from(size).is_err() {
            return Err(PermutationError::TooLong { len: size });
        }
        let mut to_new = vec![UNSEEN; size];
        for (new, &old) in (0..).zip(&to_old) {
            let entry = new as usize;
            match to_new.get_mut(old as usize) {
                None => return Err(PermutationError::OutOfRange { entry, index: old, size }),
                Some(place) if *place == UNSEEN => *place = new,
                Some(place) => {
                    let first = *place as usize;
                    return Err(PermutationError::Repeated { index: old, first, second: entry });
                }
            }
        }
        Ok(Self { to_old, to_new })
    }

    /// The renumbering that changes nothing.
    pub fn identity(size: u32) -> Self {
        Self { to_old: (0..size).collect(), to_new: (0..size).collect() }
    }

    /// How many elements are renumbered.
    pub fn len(&self) -> usize {
        self.to_old.len()
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.to_old.is_empty()
    }

    /// The old number of each new one.
    pub fn to_old(&self) -> &[u32] {
        &self.to_old
    }

    /// The new number of each old one.
    pub fn to_new(&self) -> &[u32] {
        &self.to_new
    }

    /// The renumbering that undoes this one.
    #[must_use]
    pub fn inverse(&self) -> Self {
        Self { to_old: self.to_new.clone(), to_new: self.to_old.clone() }
    }

    /// This renumbering, followed by `next`, as one.
    ///
    /// # Errors
    /// If the two are of sets of different sizes.
    pub fn then(&self, next: &Self) -> Result<Self, PermutationError> {
        Ok(Self {
            to_old: next.apply(&self.to_old, 1)?,
            to_new: self.inverse().apply(&next.to_new, 1)?,
        })
    }

    /// The rows of an array in their new sequence. `rows` is `[len * width]`: the values of a dat, or
    /// (with the arity as width) the table of a map *from* the renumbered set.
    ///
    /// # Errors
    /// If the array has another length.
    pub fn apply<T: Copy>(&self, rows: &[T], width: usize) -> Result<Vec<T>, PermutationError> {
        let size = self.len();
        if size.checked_mul(width) != Some(rows.len()) {
            return Err(PermutationError::Length { found: rows.len(), width, size });
        }
        let mut moved = Vec::with_capacity(rows.len());
        for &old in &self.to_old {
            moved.extend_from_slice(&rows[old as usize * width..][..width]);
        }
        Ok(moved)
    }

    /// Replaces old numbers by new ones in the table of a map *to* the renumbered set.
    ///
    /// # Errors
    /// If an entry is not an element of the set; the table is then left as it was.
    pub fn renumber(&self, table: &mut [u32]) -> Result<(), PermutationError> {
        let size = self.len();
        if let Some(entry) = table.iter().position(|&old| old as usize >= size) {
            return Err(PermutationError::OutOfRange { entry, index: table[entry], size });
        }
        for index in table {
            *index = self.to_new[*index as usize];
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rotate() -> Permutation {
        Permutation::new(vec![2, 0, 1]).unwrap()
    }

    #[test]
    fn both_directions_are_known() {
        assert_eq!(rotate().to_old(), [2, 0, 1]);
        assert_eq!(rotate().to_new(), [1, 2, 0]);
        assert_eq!(rotate().len(), 3);
        assert!(Permutation::identity(0).is_empty());
    }

    #[test]
    fn rows_move_and_come_back() {
        let rows = ['a', 'A', 'b', 'B', 'c', 'C'];
        let moved = rotate().apply(&rows, 2).unwrap();
        assert_eq!(moved, ['c', 'C', 'a', 'A', 'b', 'B']);
        assert_eq!(rotate().inverse().apply(&moved, 2).unwrap(), rows);
    }

    #[test]
    fn maps_still_lead_to_the_same_values() {
        let (table, values) = ([0, 1, 1, 2], ['a', 'b', 'c']);
        let mut renumbered = table;
        rotate().renumber(&mut renumbered).unwrap();
        let moved = rotate().apply(&values, 1).unwrap();
        let through = |table: [u32; 4], values: &[char]| table.map(|row| values[row as usize]);
        assert_eq!(through(renumbered, &moved), through(table, &values));
    }

    #[test]
    fn two_renumberings_make_one() {
        let swap = Permutation::new(vec![1, 0, 2]).unwrap();
        let both = rotate().then(&swap).unwrap();
        let rows = [10, 11, 12];
        let in_turn = swap.apply(&rotate().apply(&rows, 1).unwrap(), 1).unwrap();
        assert_eq!(both.apply(&rows, 1).unwrap(), in_turn);
        assert_eq!(both, Permutation::new(both.to_old().to_vec()).unwrap());
        assert_eq!(rotate().then(&rotate().inverse()).unwrap(), Permutation::identity(3));
    }

    #[test]
    fn what_is_no_permutation_is_refused() {
        let repeated = PermutationError::Repeated { index: 1, first: 0, second: 2 };
        assert_eq!(Permutation::new(vec![1, 0, 1]), Err(repeated));
        let beyond = PermutationError::OutOfRange { entry: 1, index: 3, size: 3 };
        assert_eq!(Permutation::new(vec![1, 3, 0]), Err(beyond));
    }

    #[test]
    fn what_does_not_fit_is_refused_and_left_alone() {
        let error = PermutationError::Length { found: 4, width: 2, size: 3 };
        assert_eq!(rotate().apply(&[0; 4], 2), Err(error));
        assert!(rotate().then(&Permutation::identity(4)).is_err());
        let mut table = [0, 7];
        assert!(rotate().renumber(&mut table).is_err());
        assert_eq!(table, [0, 7]);
    }
}
