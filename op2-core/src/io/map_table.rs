//! A map alone in a file: `num_from num_to arity`, then one row of indices for each element.
//!
//! Made for testing plans with awkward maps; a mesh that a program solves on has coordinates and
//! several tables and is read with [`Op2Text`] directly.

use std::path::Path;

use super::{Op2Text, ReadError, RowError};

/// A map of any arity, as a flat table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapTable {
    /// Number of elements the map starts at.
    pub num_from: usize,
    /// Number of elements it may lead to.
    pub num_to: usize,
    /// Number of targets of each element, at least 1.
    pub arity: usize,
    /// The targets, `[num_from, arity]` row by row, each below `num_to`.
    pub entries: Vec<u32>,
}

impl MapTable {
    /// Largest arity accepted: no element of a mesh has as many neighbors.
    pub const LARGEST_ARITY: usize = 1024;

    /// Reads the map in the file at `path`.
    ///
    /// # Errors
    /// When the file cannot be read, its arity is not in `1..=LARGEST_ARITY`, a row is too short
    /// or too long, or a target is out of range.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ReadError> {
        let mut text = Op2Text::open(&path)?;
        let [num_from, num_to, arity] = text.counts(["from", "to", "arity"])?;
        if arity == 0 || arity > Self::LARGEST_ARITY {
            let reason = format!("arity {arity} is not in 1 to {}", Self::LARGEST_ARITY);
            return Err(ReadError { file: path.as_ref().into(), line: Some(1), reason });
        }
        let mut entries = Vec::new();
        text.table(num_from, arity, "map", |row| -> Result<(), RowError> {
            for _ in 0..arity {
                entries.push(row.index(num_to)?);
            }
            Ok(())
        })?;
        text.end()?;
        Ok(Self { num_from, num_to, arity, entries })
    }

    /// The targets as rows, when the arity is `A`.
    pub fn rows<const A: usize>(&self) -> Option<&[[u32; A]]> {
        let (rows, _) = self.entries.as_chunks();
        (A == self.arity).then_some(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::op2_text::tests::Scratch;

    fn read(text: &str) -> Result<MapTable, String> {
        let file = Scratch::new("table.map", text.as_bytes());
        MapTable::read(file.path()).map_err(|error| error.reason)
    }

    #[test]
    fn rows_have_the_arity_of_the_header() {
        let map = read("3 5 2\n0 1\n4 4\n2 0\n").unwrap();
        assert_eq!((map.num_from, map.num_to, map.arity), (3, 5, 2));
        assert_eq!(map.rows::<2>().unwrap(), [[0, 1], [4, 4], [2, 0]]);
        assert_eq!(map.rows::<3>(), None);
    }

    #[test]
    fn a_map_from_an_empty_set_is_a_map() {
        assert_eq!(read("0 10 2\n").unwrap().entries, []);
    }

    #[test]
    fn wrong_maps_are_refused() {
        assert!(read("1 5 0\n\n").unwrap_err().contains("arity 0"));
        assert!(read("1 5 4000000\n0\n").unwrap_err().contains("arity 4000000"));
        assert!(read("1 5 2\n0 5\n").unwrap_err().contains("`5` (column 3) is out of range"));
        assert!(read("1 5 2\n0 1 2\n").unwrap_err().contains("follows the last value"));
        assert!(read("2 5 2\n0 1\n").unwrap_err().contains("2 rows are announced"));
        assert!(read("1 0 1\n0\n").unwrap_err().contains("empty set"));
    }
}
