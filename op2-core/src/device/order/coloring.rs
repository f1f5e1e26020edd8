//! Colors of elements: those of one color change no row in common.
//!
//! Targets that can only repeat what another one says are dropped: a loop that adds to five dats through
//! one map is colored as fast as one that adds to a single dat.

use std::ops::Range;

use super::first_fit::{Units, first_fit, in_turn};
use super::request::{ReachTable, Request, RequestTarget};

/// Elements by colors.
pub(super) struct Colored {
    /// Color by color, rising within each.
    pub(super) elements: Vec<u32>,
    /// Where each color's are.
    pub(super) launches: Vec<Range<u32>>,
}

/// Colors the elements; `None` as soon as more than `max_colors` would be needed.
pub(super) fn color(request: &Request<'_>, max_colors: usize) -> Option<Colored> {
    let elements = Elements::new(request);
    let mut colors = vec![0; request.positions];
    let num_colors =
        first_fit(&elements, &mut vec![0; elements.num_rows], max_colors, &mut colors)?;
    let (mut elements, launches) = in_turn(&colors, num_colors);
    if let Some(subset) = request.subset {
        elements.iter_mut().for_each(|position| *position = subset[*position as usize]);
    }
    Some(Colored { elements, launches })
}

/// The elements of a loop, with the rows of all targets that decide, one target after the other.
struct Elements<'a> {
    request: &'a Request<'a>,
    spaces: Vec<Space<'a>>,
    num_rows: usize,
}

struct Space<'a> {
    first_row: usize,
    reaches: &'a [ReachTable<'a>],
}

impl<'a> Elements<'a> {
    fn new(request: &'a Request<'a>) -> Self {
        let mut elements = Self { request, spaces: Vec::new(), num_rows: 0 };
        let mut targets: Vec<&RequestTarget<'a>> = request.targets.iter().collect();
        // Those with more entries first: they can only be implied by earlier ones.
        targets.sort_by_key(|target| std::cmp::Reverse(target.num_entries()));
        for target in targets {
            if !elements.spaces.iter().any(|space| space.implies(target)) {
                let (first_row, reaches) = (elements.num_rows, &target.reaches[..]);
                elements.spaces.push(Space { first_row, reaches });
                elements.num_rows += target.num_rows;
            }
        }
        elements
    }
}

impl Units for Elements<'_> {
    fn len(&self) -> usize {
        self.request.positions
    }

    #[inline]
    fn each_row(&self, position: usize, mut visit: impl FnMut(usize)) {
        let element = self.request.element(position);
        for space in &self.spaces {
            for reach in space.reaches {
                reach.each_row(element, |row| visit(space.first_row + row as usize));
            }
        }
    }
}

impl Space<'_> {
    /// Whether elements that share a row of `target` share one of this space anyway.
    fn implies(&self, target: &RequestTarget<'_>) -> bool {
        let has = |theirs: &ReachTable<'_>, column| {
            let covers =
                |ours: &ReachTable<'_>| ours.is_through(theirs) && ours.columns.contains(column);
            self.reaches.iter().any(covers)
        };
        target.reaches.iter().all(|theirs| theirs.columns.iter().all(|column| has(theirs, column)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{increments, path, request};
    use super::*;
    use crate::matrix::table::DROPPED;

    #[test]
    fn a_path_has_two_colors() {
        let path = path(5);
        let targets = [increments(&path, 2, 6)];
        let colored = color(&request(5, &targets), 2).unwrap();
        assert_eq!(colored.elements, [0, 2, 4, 1, 3]);
        assert_eq!(colored.launches, [0..3, 3..5]);
        assert!(color(&request(5, &targets), 1).is_none());
    }

    #[test]
    fn a_subset_is_listed_by_its_elements() {
        let path = path(6);
        let targets = [increments(&path, 2, 7)];
        let request = Request { subset: Some(&[1, 2, 5]), ..request(3, &targets) };
        let colored = color(&request, 9).unwrap();
        assert_eq!(
            (&colored.elements[..], &colored.launches[..]),
            (&[1, 5, 2][..], &[0..2, 2..3][..])
        );
    }

    #[test]
    fn what_leads_nowhere_is_not_shared() {
        let table = [0, DROPPED, DROPPED, 1, DROPPED, DROPPED];
        let targets = [increments(&table, 2, 2)];
        assert_eq!(color(&request(3, &targets), 1).unwrap().elements, [0, 1, 2]);
    }

    #[test]
    fn entries_of_all_targets_count_once() {
        let path = path(4);
        let both = increments(&path, 2, 5);
        let mut apart = both.clone();
        apart.reaches = vec![
            ReachTable { columns: vec![1], ..both.reaches[0].clone() },
            ReachTable { columns: vec![0], ..both.reaches[0].clone() },
        ];
        let mut second = both.clone();
        second.reaches[0].columns = vec![1];
        let rows = |targets: &[RequestTarget<'_>]| Elements::new(&request(4, targets)).num_rows;
        assert_eq!(rows(&[second.clone(), both.clone()]), 5);
        assert_eq!(rows(&[both.clone(), both.clone()]), 5);
        // Both entries lead to one dat here, and to one each there.
        let mut first = second.clone();
        first.reaches[0].columns = vec![0];
        assert_eq!(rows(&[first, second]), 10);
        assert_eq!(rows(&[apart.clone(), both.clone()]), 5);
        assert_eq!(rows(&[both, apart]), 5);
    }
}
