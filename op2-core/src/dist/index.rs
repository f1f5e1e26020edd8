//! From users' numbers to local ones.
//!
//! A hash table that holds positions only: the numbers stay in the list that it was made from, and
//! are passed in. So it takes 6 to 12 bytes for each number. The order of users' numbers never shows in
//! results, because nothing is ever listed from the table.

use crate::base::error::{Error, Result};

/// Where each of some numbers stands in their list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Positions, or `EMPTY`; a power of two of them, at most two thirds in use.
    slots: Vec<u32>,
}

const EMPTY: u32 = u32::MAX;

impl Index {
    /// The index of `numbers`, in any sequence.
    ///
    /// # Errors
    /// A number is listed twice, or there are more than 32-bit local numbers can count.
    pub fn new(numbers: &[u64]) -> Result<Self> {
        countable(numbers.len())?;
        let capacity = (numbers.len() + numbers.len() / 2 + 1).next_power_of_two();
        let mut index = Self { slots: vec![EMPTY; capacity] };
        for (position, &number) in (0..).zip(numbers) {
            let slot = index.slot(numbers, number);
            if index.slots[slot] != EMPTY {
                return Err(Error::other(format!("element {number} is listed twice")));
            }
            index.slots[slot] = position;
        }
        Ok(index)
    }

    /// Where `number` stands in `numbers`, the list that the index was made from.
    pub fn find(&self, numbers: &[u64], number: u64) -> Option<u32> {
        let position = self.slots[self.slot(numbers, number)];
        (position != EMPTY).then_some(position)
    }

    /// The slot that holds the number, or the empty one where it would be. There always is an empty
    /// one.
    fn slot(&self, numbers: &[u64], number: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = spread(number) as usize & mask;
        while self.slots[slot] != EMPTY && numbers[self.slots[slot] as usize] != number {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

/// Makes sure that 32-bit local numbers can count so many elements, and one more.
pub(super) fn countable(elements: usize) -> Result<()> {
    if elements >= EMPTY as usize {
        return Err(Error::other(format!("{elements} elements are too many for one rank")));
    }
    Ok(())
}

/// Changes many bits of the result for any changed bit. One multiplication would put numbers of some
/// strides into few slots.
fn spread(number: u64) -> u64 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15; // 2^64 / golden ratio
    let mixed = number.wrapping_mul(ODD);
    let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(ODD);
    mixed ^ (mixed >> 32)
}

#[cfg(test)]
mod tests {
    use super::Index;

    #[test]
    fn each_number_is_found_where_it_stands() {
        for stride in [1, 2, 1 << 20, 1_346_269, u64::MAX / 6000] {
            let numbers: Vec<u64> = (0..3000).map(|i| (i * 7 % 3000) * stride).collect();
            let index = Index::new(&numbers).unwrap();
            for (position, &number) in (0..).zip(&numbers) {
                assert_eq!(index.find(&numbers, number), Some(position));
                assert_eq!(index.find(&numbers, number + 3000 * stride), None);
            }
        }
    }

    #[test]
    fn numbers_of_any_stride_are_found_after_few_steps() {
        for stride in [1, 3, 1 << 12, 832_040, 1_346_269, 1 << 40] {
            let numbers: Vec<u64> = (0..4000).map(|i| i * stride).collect();
            let index = Index::new(&numbers).unwrap();
            let mask = index.slots.len() - 1;
            let steps = |&number: &u64| {
                let home = super::spread(number) as usize & mask;
                index.slot(&numbers, number).wrapping_sub(home) & mask
            };
            let total: usize = numbers.iter().map(steps).sum();
            assert!(total < 2 * numbers.len(), "stride {stride}: {total} steps");
        }
    }

    #[test]
    fn no_numbers_are_an_index_too() {
        let index = Index::new(&[]).unwrap();
        assert_eq!(index.find(&[], 0), None);
    }

    #[test]
    fn a_number_listed_twice_is_named() {
        let error = Index::new(&[4, 9, 2, 9]).unwrap_err();
        assert_eq!(error.to_string(), "element 9 is listed twice");
    }
}
