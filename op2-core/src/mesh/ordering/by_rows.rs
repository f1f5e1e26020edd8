//! Elements in the sequence of the rows they name: edges sorted by cell.

use std::cmp::Ordering;

/// Orders elements by the lowest row that each names, then by the next lowest, and so on; elements
/// that name the same rows keep their sequence.
///
/// `table` is `[elements * arity]` in the final numbering of the target set; entries left over after
/// the last whole element are ignored. Returns the order, `order[new] = old`.
///
/// # Panics
/// If there are more elements than local numbers (`u32`) can count.
pub fn order_by_rows(table: &[u32], arity: usize) -> Vec<u32> {
    if arity == 0 {
        return Vec::new();
    }
    let sorted = sort_each_element(table, arity);
    let mut order = order_by_lowest(&sorted, arity);
    let rows = |element: u32| &sorted[element as usize * arity..][..arity];
    for bucket in order.chunk_by_mut(|&a, &b| rows(a)[0] == rows(b)[0]) {
        bucket.sort_by(|&a, &b| compare(rows(a), rows(b)));
    }
    order
}

/// The table with the rows of each element in increasing sequence.
fn sort_each_element(table: &[u32], arity: usize) -> Vec<u32> {
    let mut sorted = table[..table.len() / arity * arity].to_vec();
    sorted.chunks_exact_mut(arity).for_each(<[u32]>::sort_unstable);
    sorted
}

/// Counting sort by the first row of each element.
fn order_by_lowest(sorted: &[u32], arity: usize) -> Vec<u32> {
    let lowest = || sorted.iter().step_by(arity);
    let num_elements = u32::try_from(sorted.len() / arity).expect("elements are counted in u32");
    let num_rows = lowest().max().map_or(0, |&row| row as usize + 1);
    let mut next = vec![0_u32; num_rows + 1];
    for &row in lowest() {
        next[row as usize + 1] += 1;
    }
    for row in 0..num_rows {
        next[row + 1] += next[row];
    }
    let mut order = vec![0; num_elements as usize];
    for (element, &row) in (0..num_elements).zip(lowest()) {
        let place = &mut next[row as usize];
        order[*place as usize] = element;
        *place += 1;
    }
    order
}

/// Compares what the counting sort left undecided.
fn compare(a: &[u32], b: &[u32]) -> Ordering {
    a[1..].cmp(&b[1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_sorted_by_cell() {
        let edges = [5, 2, 1, 0, 2, 1, 0, 3, 0, 1];
        assert_eq!(order_by_rows(&edges, 2), [1, 4, 3, 2, 0]);
    }

    #[test]
    fn the_next_row_decides_where_the_lowest_is_shared() {
        let cells = [9, 0, 4, 0, 3, 9, 4, 0, 8];
        assert_eq!(order_by_rows(&cells, 3), [1, 2, 0]);
        assert_eq!(order_by_rows(&[2, 0, 1], 1), [1, 2, 0]);
    }

    #[test]
    fn an_empty_map_has_an_empty_order() {
        assert!(order_by_rows(&[], 2).is_empty());
        assert!(order_by_rows(&[], 0).is_empty());
    }
}
