//! Loops through one entry of a map.

use op2::prelude::*;

use crate::meshes::{
    Cells, Edges, Graph, MANY, N, Nodes, Random, SIZES, counting, path, permutation, random_rows,
    random_values, reversed, star,
};
use crate::target::Target;

#[op2::kernel]
fn answer(x: Write<u32>) {
    *x = 42;
}

#[op2::kernel]
fn one_more(x: &mut u32) {
    *x += 1;
}

#[op2::kernel]
fn count(x: Inc<u32>) {
    *x += 1;
}

#[op2::kernel]
fn count_both(a: Inc<i32>, b: Inc<i32>) {
    *a += 1;
    *b += 10;
}

#[op2::kernel]
fn lower_to(value: &i32, x: Min<i32>) {
    *x = (*x).min(*value);
}

#[op2::kernel]
fn raise_to(value: &i32, x: Max<i32>) {
    *x = (*x).max(*value);
}

#[op2::kernel]
fn divide(by: &u32, x: &mut u32) {
    *x /= *by;
}

#[op2::kernel]
fn sum_of_ends(a: &u32, b: &u32, sum: Write<u32>) {
    *sum = *a + *b;
}

#[op2::kernel]
fn gather(x: &u32, y: Inc<u32>) {
    *y += *x;
}

#[op2::kernel]
fn gather_pairs(x: &[u32; 2], y: Inc<[u32; 2]>) {
    y[0] += x[0];
    y[1] += x[1];
}

#[op2::kernel]
fn scatter(x: &u32, y: Write<u32>) {
    *y = *x;
}

#[op2::kernel]
fn scatter_even(i: &u64, y: Write<u32>) {
    if *i % 2 == 0 {
        *y = 5;
    }
}

#[op2::kernel]
fn mark_even(i: &u64, y: Inc<u32>) {
    if *i % 2 == 0 {
        *y += 5;
    }
}

#[op2::kernel]
fn extremes(x: &f64, a: Min<f64>, b: Max<f64>) {
    *a = (*a).min(*x);
    *b = (*b).max(*x);
}

#[op2::kernel]
fn both_lower(x: &i32, a: Min<i32>, b: Min<i32>) {
    *a = (*a).min(*x);
    *b = (*b).min(-*x);
}

#[op2::kernel]
fn exchange(x1: &f64, x2: &f64, r1: Inc<f64>, r2: Inc<f64>) {
    let flux = 0.1 * (*x1 - *x2);
    *r1 += flux;
    *r2 -= flux;
}

#[op2::kernel]
fn own_number(i: &u64, y: Write<u32>) {
    *y = *i as u32;
}

pub fn write_reaches_every_element(target: &Target) {
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), N, &reversed(N));
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    par_loop!(answer, edges, x(Write, ends[0])).unwrap();
    assert!(x.read().unwrap().iter().all(|&x| x == 42));
}

pub fn rw_reaches_every_element_once(target: &Target) {
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), N, &reversed(N));
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    par_loop!(one_more, edges, x(Rw, ends[0])).unwrap();
    assert_eq!(x.read().unwrap().iter().sum::<u32>() as usize, N * (N + 1) / 2);
}

pub fn all_may_add_to_one_element(target: &Target) {
    for len in SIZES {
        let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), 1, &vec![[0_u32]; len]);
        let x = cx.dat_zeros::<_, u32>("x", &nodes).unwrap();
        par_loop!(count, edges, x(Inc, ends[0])).unwrap();
        assert_eq!(x.to_vec().unwrap(), [len as u32]);
    }
}

pub fn all_may_lower_and_raise_one_element(target: &Target) {
    for len in [N, MANY] {
        let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), 1, &vec![[0]; len]);
        let low = cx.dat("low", &nodes, [10]).unwrap();
        let high = cx.dat("high", &nodes, [-10]).unwrap();
        let (five, minus_five) = (5, -5);
        par_loop!(lower_to, edges, five(Read), low(Min, ends[0])).unwrap();
        par_loop!(raise_to, edges, minus_five(Read), high(Max, ends[0])).unwrap();
        assert_eq!((low.to_vec().unwrap(), high.to_vec().unwrap()), (vec![5], vec![-5]));
        par_loop!(raise_to, edges, minus_five(Read), low(Max, ends[0])).unwrap();
        assert_eq!(low.to_vec().unwrap(), [5], "an extreme keeps what is already beyond");
    }
}

pub fn a_global_is_read_beside_a_map(target: &Target) {
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), N, &reversed(N));
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    let two = cx.global("two", 2_u32);
    par_loop!(divide, edges, two(Read), x(Rw, ends[0])).unwrap();
    let expected: u32 = (0..N as u32).map(|i| i / 2).sum();
    assert_eq!(x.read().unwrap().iter().sum::<u32>(), expected);
}

pub fn an_edge_reads_both_its_ends(target: &Target) {
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), N + 1, &path(N));
    let x = cx.dat("x", &nodes, counting(N + 1)).unwrap();
    let sum = cx.dat_zeros::<_, u32>("sum", &edges).unwrap();
    par_loop!(sum_of_ends, edges, x(Read, ends[0]), x(Read, ends[1]), sum(Write)).unwrap();
    assert!(sum.read().unwrap().iter().zip(0..).all(|(&sum, i)| sum == 2 * i + 1));
}

pub fn pairs_of_elements_add_to_one(target: &Target) {
    let table: Vec<[u32; 1]> = (0..N as u32).map(|i| [i / 2]).collect();
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), N / 2, &table);
    let x = cx.dat("x", &edges, counting(N)).unwrap();
    let pairs: Vec<[u32; 2]> = (0..N as u32).map(|i| [i, i]).collect();
    let xs = cx.dat("xs", &edges, pairs).unwrap();
    let y = cx.dat("y", &nodes, vec![3; N / 2]).unwrap();
    let ys = cx.dat("ys", &nodes, vec![[3, 3]; N / 2]).unwrap();
    par_loop!(gather, edges, x(Read), y(Inc, ends[0])).unwrap();
    par_loop!(gather_pairs, edges, xs(Read), ys(Inc, ends[0])).unwrap();
    let expected = |k: u32| 3 + 2 * k + (2 * k + 1);
    assert!(y.read().unwrap().iter().zip(0..).all(|(&y, k)| y == expected(k)));
    assert!(ys.read().unwrap().iter().zip(0..).all(|(&y, k)| y == [expected(k); 2]));
}

pub fn writes_through_a_permutation_arrive(target: &Target) {
    for len in SIZES {
        let table = permutation(len, 3);
        let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), len, &table);
        let x = cx.dat("x", &edges, counting(len)).unwrap();
        let y = cx.dat("y", &nodes, vec![u32::MAX; len]).unwrap();
        par_loop!(scatter, edges, x(Read), y(Write, ends[0])).unwrap();
        let y = y.read().unwrap();
        assert!(table.iter().zip(0..).all(|(&[to], i)| y[to as usize] == i), "{len}");
    }
}

pub fn rw_through_a_permutation_arrives(target: &Target) {
    let table = permutation(MANY, 4);
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), MANY, &table);
    let x = cx.dat("x", &nodes, counting(MANY)).unwrap();
    par_loop!(one_more, edges, x(Rw, ends[0])).unwrap();
    par_loop!(one_more, edges, x(Rw, ends[0])).unwrap();
    assert!(x.read().unwrap().iter().zip(0..).all(|(&x, i)| x == i + 2));
}

pub fn a_write_left_out_writes_zero(target: &Target) {
    let table = permutation(MANY, 5);
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), MANY, &table);
    let y = cx.dat("y", &nodes, vec![9; MANY]).unwrap();
    par_loop!(scatter_even, edges, index(), y(Write, ends[0])).unwrap();
    let y = y.read().unwrap();
    let written = |i| if i % 2 == 0 { 5 } else { 0 };
    assert!(table.iter().enumerate().all(|(i, &[to])| y[to as usize] == written(i)));
}

pub fn an_increment_left_out_adds_nothing(target: &Target) {
    let table = permutation(MANY, 6);
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), MANY, &table);
    let y = cx.dat("y", &nodes, vec![9; MANY]).unwrap();
    par_loop!(mark_even, edges, index(), y(Inc, ends[0])).unwrap();
    let y = y.read().unwrap();
    let expected = |i| if i % 2 == 0 { 14 } else { 9 };
    assert!(table.iter().enumerate().all(|(i, &[to])| y[to as usize] == expected(i)));
}

pub fn random_increments_are_counted_exactly(target: &Target) {
    for (len, limit) in [(MANY, 30_011), (MANY, 501), (20_000, 3), (2500, 40_000)] {
        let table = random_rows::<2>(len, limit, 7);
        let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), limit, &table);
        let counts = cx.dat_zeros::<_, i32>("counts", &nodes).unwrap();
        par_loop!(count_both, edges, counts(Inc, ends[0]), counts(Inc, ends[1])).unwrap();
        let mut expected = vec![0; limit];
        for [a, b] in table {
            expected[a as usize] += 1;
            expected[b as usize] += 10;
        }
        assert_eq!(*counts.read().unwrap(), expected[..], "{len} edges, {limit} nodes");
    }
}

pub fn a_hub_counts_all_its_spokes(target: &Target) {
    let mut table = star(MANY);
    let mut random = Random(8);
    for last in (1..MANY).rev() {
        table.swap(last, random.below(last as u32 + 1) as usize);
    }
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), MANY + 1, &table);
    let counts = cx.dat_zeros::<_, i32>("counts", &nodes).unwrap();
    par_loop!(count_both, edges, counts(Inc, ends[0]), counts(Inc, ends[1])).unwrap();
    let counts = counts.read().unwrap();
    assert_eq!(counts[0], MANY as i32);
    assert!(counts[1..].iter().all(|&count| count == 10));
}

pub fn a_hub_knows_its_lowest_and_highest_spoke(target: &Target) {
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), MANY + 1, &star(MANY));
    let values = random_values(MANY, 9);
    let x = cx.dat("x", &edges, &values).unwrap();
    let low = cx.dat("low", &nodes, vec![2.0; MANY + 1]).unwrap();
    let high = cx.dat("high", &nodes, vec![-2.0; MANY + 1]).unwrap();
    par_loop!(extremes, edges, x(Read), low(Min, ends[0]), high(Max, ends[0])).unwrap();
    let lowest = values.iter().copied().fold(2.0, f64::min);
    let highest = values.iter().copied().fold(-2.0, f64::max);
    assert_eq!((low.read().unwrap()[0], high.read().unwrap()[0]), (lowest, highest));
    assert!(low.read().unwrap()[1..].iter().all(|&low| low == 2.0));
}

pub fn a_hub_is_changed_by_one_spoke_at_a_time(target: &Target) {
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), MANY + 1, &star(MANY));
    let x = cx.dat_zeros::<_, u32>("x", &nodes).unwrap();
    let ran = par_loop!(one_more, edges, x(Rw, ends[0]));
    if target.finds_mistakes() {
        let error = ran.unwrap_err().to_string();
        // Of ranks, each names those that it has.
        let which = if target.ranks() > 1 { "both" } else { "elements 0 and 1 both" };
        assert!(error.contains(&format!("{which} change element 0")), "{error}");
    } else {
        ran.unwrap();
        assert_eq!(x.read().unwrap()[0], MANY as u32);
    }
}

pub fn one_of_several_writes_wins(target: &Target) {
    let table = random_rows::<1>(MANY, 101, 10);
    let mut winners = Vec::new();
    for _ in 0..2 {
        let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), 101, &table);
        let y = cx.dat_zeros::<_, u32>("y", &nodes).unwrap();
        let ran = par_loop!(own_number, edges, index(), y(Write, ends[0]));
        if target.finds_mistakes() {
            assert!(ran.unwrap_err().to_string().contains("both write element"));
            return;
        }
        ran.unwrap();
        winners.push(y.to_vec().unwrap());
    }
    assert_eq!(winners[0], winners[1], "the winner is the same on every run");
    assert!(winners[0].iter().zip(0..).all(|(&won, to)| table[won as usize] == [to]));
}

pub fn extremes_through_two_entries_of_a_random_map(target: &Target) {
    let table = random_rows::<2>(MANY, 5003, 11);
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), 5003, &table);
    let values: Vec<i32> = (0..MANY as i32).map(|i| (i * 7919) % 10_007).collect();
    let x = cx.dat("x", &edges, &values).unwrap();
    let low = cx.dat("low", &nodes, vec![100; 5003]).unwrap();
    par_loop!(both_lower, edges, x(Read), low(Min, ends[0]), low(Min, ends[1])).unwrap();
    let mut expected = vec![100; 5003];
    for ([a, b], x) in table.into_iter().zip(values) {
        expected[a as usize] = x.min(expected[a as usize]);
        expected[b as usize] = expected[b as usize].min(-x);
    }
    assert_eq!(*low.read().unwrap(), expected[..]);
}

pub fn float_increments_are_those_of_a_plain_loop(target: &Target) {
    for (len, limit) in [(MANY, 30_011), (MANY, 11)] {
        let table = random_rows::<2>(len, limit, 12);
        let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), limit, &table);
        let values = random_values(limit, 13);
        let x = cx.dat("x", &nodes, &values).unwrap();
        let r = cx.dat("r", &nodes, vec![0.5; limit]).unwrap();
        par_loop!(
            exchange,
            edges,
            x(Read, ends[0]),
            x(Read, ends[1]),
            r(Inc, ends[0]),
            r(Inc, ends[1])
        )
        .unwrap();
        let mut expected = vec![0.5; limit];
        for [a, b] in table.iter().map(|row| row.map(|node| node as usize)) {
            let flux = 0.1 * (values[a] - values[b]);
            expected[a] += flux;
            expected[b] -= flux;
        }
        // As many terms of size 0.1 as there are edges per node.
        let size = 1.0 + 0.2 * len as f64 / limit as f64;
        let r = r.read().unwrap();
        assert!(r.iter().zip(&expected).all(|(&r, &plain)| target.agrees(r, plain, size)));
    }
}

pub fn one_dat_is_reached_through_two_maps(target: &Target) {
    let cx = target.context();
    let edges = cx.set::<Edges>(MANY).unwrap();
    let nodes = cx.set::<Nodes>(997).unwrap();
    let (left, right) = (random_rows::<1>(MANY, 997, 14), random_rows::<3>(MANY, 997, 15));
    let left_map = cx.map("left", &edges, &nodes, &left).unwrap();
    let right_map = cx.map("right", &edges, &nodes, &right).unwrap();
    let counts = cx.dat_zeros::<_, i32>("counts", &nodes).unwrap();
    par_loop!(count_both, edges, counts(Inc, left_map[0]), counts(Inc, right_map[2])).unwrap();
    let mut expected = vec![0; 997];
    for ([a], [.., b]) in left.into_iter().zip(right) {
        expected[a as usize] += 1;
        expected[b as usize] += 10;
    }
    assert_eq!(*counts.read().unwrap(), expected[..]);
}

pub fn two_dats_on_two_sets_are_incremented_at_once(target: &Target) {
    let cx = target.context();
    let edges = cx.set::<Edges>(MANY).unwrap();
    let (nodes, cells) = (cx.set::<Nodes>(613).unwrap(), cx.set::<Cells>(40_009).unwrap());
    let (to_nodes, to_cells) = (random_rows::<1>(MANY, 613, 16), random_rows(MANY, 40_009, 17));
    let node = cx.map("node", &edges, &nodes, &to_nodes).unwrap();
    let cell: Map<Edges, Cells, 1> = cx.map("cell", &edges, &cells, &to_cells).unwrap();
    let on_nodes = cx.dat_zeros::<_, i32>("on_nodes", &nodes).unwrap();
    let on_cells = cx.dat_zeros::<_, i32>("on_cells", &cells).unwrap();
    par_loop!(count_both, edges, on_nodes(Inc, node[0]), on_cells(Inc, cell[0])).unwrap();
    let (mut by_node, mut by_cell) = (vec![0; 613], vec![0; 40_009]);
    to_nodes.iter().for_each(|&[node]| by_node[node as usize] += 1);
    to_cells.iter().for_each(|&[cell]| by_cell[cell as usize] += 10);
    assert_eq!(*on_nodes.read().unwrap(), by_node[..]);
    assert_eq!(*on_cells.read().unwrap(), by_cell[..]);
}

pub fn a_loop_over_nothing_leaves_the_target_alone(target: &Target) {
    let Graph { edges, nodes, ends, cx } = Graph::<1>::new(target.context(), 3, &[]);
    let x = cx.dat("x", &nodes, [1, 2, 3]).unwrap();
    par_loop!(answer, edges, x(Write, ends[0])).unwrap();
    par_loop!(count, edges, x(Inc, ends[0])).unwrap();
    assert_eq!(x.to_vec().unwrap(), [1, 2, 3]);
}
