//! Local numbers and the user's numbers of one set, in both directions.

use std::sync::Arc;

use crate::mesh::ordering::Permutation;

/// Which of the user's elements are stored here, and under which local numbers. There is one where
/// the two differ: after a renumbering, and wherever a rank stores a part of a set.
#[derive(Clone, Debug)]
pub enum Numbering {
    /// All elements, in another sequence.
    Whole(Arc<Permutation>),
    /// The elements that a rank has: its own and copies of others'.
    Part(Stored),
}

impl Numbering {
    /// The user's number of each local one.
    pub fn to_user(&self) -> &[u32] {
        match self {
            Self::Whole(order) => order.to_old(),
            Self::Part(stored) => &stored.to_user,
        }
    }

    /// The local number of a user's element that is in the set; `None` if it is not stored here.
    pub fn local(&self, user: u32) -> Option<u32> {
        match self {
            Self::Whole(order) => order.to_new().get(user as usize).copied(),
            Self::Part(stored) => stored.local(user),
        }
    }

    /// The renumbering of the whole set.
    pub fn permutation(&self) -> Option<&Arc<Permutation>> {
        match self {
            Self::Whole(order) => Some(order),
            Self::Part(_) => None,
        }
    }
}

/// The elements that one rank stores.
#[derive(Clone, Debug)]
pub struct Stored {
    to_user: Vec<u32>,
    /// Local numbers, sorted by the user's.
    by_user: Vec<u32>,
}

impl Stored {
    /// The elements `to_user`, numbered as they are listed; each is there once.
    pub fn new(to_user: Vec<u32>) -> Self {
        let mut by_user: Vec<u32> = (0..to_user.len() as u32).collect();
        by_user.sort_unstable_by_key(|&local| to_user[local as usize]);
        Self { to_user, by_user }
    }

    fn local(&self, user: u32) -> Option<u32> {
        let found = self.by_user.binary_search_by_key(&user, |&at| self.to_user[at as usize]);
        found.ok().map(|at| self.by_user[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_in_both_directions() {
        let part = Numbering::Part(Stored::new(vec![7, 2, 9, 0]));
        assert_eq!(part.to_user(), [7, 2, 9, 0]);
        let found: Vec<_> = (0..10).map(|user| part.local(user)).collect();
        let mut expected = vec![None; 10];
        for (local, user) in [7, 2, 9, 0].into_iter().enumerate() {
            expected[user] = Some(local as u32);
        }
        assert_eq!(found, expected);
        let order = Permutation::new(vec![2, 0, 1]).unwrap();
        let whole = Numbering::Whole(Arc::new(order));
        assert_eq!(
            (whole.to_user(), whole.local(2), whole.local(3)),
            (&[2, 0, 1][..], Some(0), None)
        );
    }
}
