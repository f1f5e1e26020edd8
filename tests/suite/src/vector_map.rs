//! Loops through all entries of a map at once.

use op2::prelude::*;

use crate::meshes::{Cells, Graph, MANY, N, Nodes, permutation, random_rows, random_values};
use crate::target::Target;

#[op2::kernel]
fn mean(x: &[f64; 3], y: Write<f64>) {
    *y = (x[0] + x[1] + x[2]) / 3.0;
}

#[op2::kernel]
fn area(x: &[[f64; 2]; 3], area: Write<f64>, total: Inc<f64>) {
    let a = 0.5
        * ((x[1][0] - x[0][0]) * (x[2][1] - x[0][1]) - (x[2][0] - x[0][0]) * (x[1][1] - x[0][1]));
    *area = a;
    *total += a;
}

#[op2::kernel]
fn count_corners(counts: Inc<[i32; 3]>) {
    counts[0] += 1;
    counts[1] += 10;
    counts[2] += 100;
}

#[op2::kernel]
fn count_pairs(i: &u64, counts: Inc<[[i64; 2]; 4]>) {
    for k in 0..4 {
        counts[k][0] += 1;
        counts[k][1] += *i as i64;
    }
}

#[op2::kernel]
fn lower(x: &i32, low: Min<[i32; 3]>) {
    for k in 0..3 {
        low[k] = low[k].min(*x + k as i32);
    }
}

#[op2::kernel]
fn raise(x: &i32, high: Max<[i32; 3]>) {
    for k in 0..3 {
        high[k] = high[k].max(*x - k as i32);
    }
}

#[op2::kernel]
fn rotate(x: &mut [u32; 3]) {
    let first = x[0];
    x[0] = x[1];
    x[1] = x[2];
    x[2] = first;
}

#[op2::kernel]
fn number_corners(i: &u64, x: Write<[[u32; 2]; 3]>) {
    for k in 0..3 {
        x[k][0] = *i as u32;
        x[k][1] = k as u32;
    }
}

#[op2::kernel]
fn one_entry(x: &[f64; 1], y: Inc<[f64; 1]>) {
    y[0] += 2.0 * x[0];
}

#[op2::kernel]
fn deviation(first: &f64, all: &[f64; 3], y: Inc<[f64; 3]>) {
    for k in 0..3 {
        y[k] += all[k] - *first;
    }
}

/// Cells with three corners each, all corners different: a random numbering cut in threes.
fn apart(num_cells: usize, seed: u64) -> Vec<[u32; 3]> {
    let order = permutation(3 * num_cells, seed);
    order.as_chunks::<3>().0.iter().map(|rows| rows.map(|[node]| node)).collect()
}

pub fn a_cell_reads_all_its_corners(target: &Target) {
    let table = random_rows::<3>(MANY, 50_021, 1);
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), 50_021, &table);
    let values = random_values(50_021, 2);
    let x = cx.dat("x", &nodes, &values).unwrap();
    let y = cx.dat_zeros::<_, f64>("y", &edges).unwrap();
    par_loop!(mean, edges, x(Read, ends), y(Write)).unwrap();
    let of = |row: &[u32; 3]| {
        let [a, b, c] = row.map(|node| values[node as usize]);
        (a + b + c) / 3.0
    };
    assert!(y.read().unwrap().iter().zip(&table).all(|(&y, row)| y == of(row)));
}

pub fn triangles_cover_the_unit_square(target: &Target) {
    let side = 200_u32;
    let node = |i: u32, j: u32| i + j * (side + 1);
    let square = |i, j| {
        let (a, b, c, d) = (node(i, j), node(i + 1, j), node(i + 1, j + 1), node(i, j + 1));
        [[a, b, c], [a, c, d]]
    };
    let table: Vec<[u32; 3]> =
        (0..side).flat_map(|j| (0..side).flat_map(move |i| square(i, j))).collect();
    let at = |k: u32| f64::from(k) / f64::from(side);
    let coords: Vec<_> = (0..=side).flat_map(|j| (0..=side).map(move |i| [at(i), at(j)])).collect();
    let cx = target.context();
    let cells = cx.set::<Cells>(table.len()).unwrap();
    let nodes = cx.set::<Nodes>(coords.len()).unwrap();
    let corners = cx.map("corners", &cells, &nodes, table).unwrap();
    let x = cx.dat("x", &nodes, coords).unwrap();
    let areas = cx.dat_zeros::<_, f64>("areas", &cells).unwrap();
    let total = cx.global("total", 0.0).unwrap();
    par_loop!(area, cells, x(Read, corners), areas(Write), total(Inc)).unwrap();
    assert!((total.value().unwrap() - 1.0).abs() < 1e-12);
    let each = 0.5 / f64::from(side * side);
    assert!(areas.read().unwrap().iter().all(|&a| (a - each).abs() < 1e-15));
}

pub fn increments_of_all_corners_are_counted_exactly(target: &Target) {
    for (len, limit) in [(MANY, 20_011), (MANY, 97), (5000, 2)] {
        let table = random_rows::<3>(len, limit, 3);
        let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), limit, &table);
        let counts = cx.dat_zeros::<_, i32>("counts", &nodes).unwrap();
        par_loop!(count_corners, edges, counts(Inc, ends)).unwrap();
        let mut expected = vec![0; limit];
        for row in table {
            row.into_iter().zip([1, 10, 100]).for_each(|(node, by)| expected[node as usize] += by);
        }
        assert_eq!(*counts.read().unwrap(), expected[..], "{len} cells, {limit} nodes");
    }
}

pub fn increments_of_rows_are_counted_exactly(target: &Target) {
    let table = random_rows::<4>(MANY, 9001, 4);
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), 9001, &table);
    let counts = cx.dat_zeros::<_, [i64; 2]>("counts", &nodes).unwrap();
    par_loop!(count_pairs, edges, index(), counts(Inc, ends)).unwrap();
    let mut expected = vec![[0, 0]; 9001];
    for (row, i) in table.into_iter().zip(0..) {
        for node in row {
            expected[node as usize][0] += 1;
            expected[node as usize][1] += i;
        }
    }
    assert_eq!(*counts.read().unwrap(), expected[..]);
}

pub fn extremes_of_all_corners(target: &Target) {
    let table = random_rows::<3>(MANY, 4001, 5);
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), 4001, &table);
    let values: Vec<i32> = (0..MANY as i32).map(|i| (i * 7919) % 10_007).collect();
    let x = cx.dat("x", &edges, &values).unwrap();
    let low = cx.dat("low", &nodes, vec![i32::MAX; 4001]).unwrap();
    let high = cx.dat("high", &nodes, vec![i32::MIN; 4001]).unwrap();
    par_loop!(lower, edges, x(Read), low(Min, ends)).unwrap();
    par_loop!(raise, edges, x(Read), high(Max, ends)).unwrap();
    let (mut lowest, mut highest) = (vec![i32::MAX; 4001], vec![i32::MIN; 4001]);
    for (row, x) in table.into_iter().zip(values) {
        for (node, k) in row.into_iter().zip(0..) {
            let node = node as usize;
            lowest[node] = lowest[node].min(x + k);
            highest[node] = highest[node].max(x - k);
        }
    }
    assert_eq!(*low.read().unwrap(), lowest[..]);
    assert_eq!(*high.read().unwrap(), highest[..]);
}

pub fn rw_changes_all_corners(target: &Target) {
    for num_cells in [N, MANY / 3] {
        let table = apart(num_cells, 6);
        let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), 3 * num_cells, &table);
        let x = cx.dat("x", &nodes, crate::meshes::counting(3 * num_cells)).unwrap();
        par_loop!(rotate, edges, x(Rw, ends)).unwrap();
        let x = x.read().unwrap();
        let rotated = |&[a, b, c]: &[u32; 3]| [a, b, c].map(|node| x[node as usize]) == [b, c, a];
        assert!(table.iter().all(rotated));
    }
}

pub fn write_fills_all_corners(target: &Target) {
    let table = apart(MANY / 3, 7);
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), 3 * (MANY / 3), &table);
    let x = cx.dat("x", &nodes, vec![[77, 77]; nodes.size()]).unwrap();
    par_loop!(number_corners, edges, index(), x(Write, ends)).unwrap();
    let x = x.read().unwrap();
    for (row, i) in table.into_iter().zip(0..) {
        assert_eq!(row.map(|node| x[node as usize]), [[i, 0], [i, 1], [i, 2]]);
    }
}

pub fn one_entry_is_an_array_of_one(target: &Target) {
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), N, &permutation(N, 8));
    let x = cx.dat("x", &nodes, vec![1.5; N]).unwrap();
    let y = cx.dat("y", &nodes, vec![1.0; N]).unwrap();
    par_loop!(one_entry, edges, x(Read, ends), y(Inc, ends)).unwrap();
    assert!(y.read().unwrap().iter().all(|&y| y == 4.0));
}

pub fn one_entry_and_all_entries_in_one_loop(target: &Target) {
    let table = random_rows::<3>(MANY, 2003, 9);
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), 2003, &table);
    let values: Vec<f64> = (0..2003).map(f64::from).collect();
    let x = cx.dat("x", &nodes, &values).unwrap();
    let y = cx.dat_zeros::<_, f64>("y", &nodes).unwrap();
    par_loop!(deviation, edges, x(Read, ends[0]), x(Read, ends), y(Inc, ends)).unwrap();
    let mut expected = vec![0.0; 2003];
    for row in table {
        for node in row {
            expected[node as usize] += values[node as usize] - values[row[0] as usize];
        }
    }
    // Whole numbers: exact in any order.
    assert_eq!(*y.read().unwrap(), expected[..]);
}
