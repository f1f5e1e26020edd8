//! What targets with a device promise of the values there. On others there is nothing to see.

use op2::prelude::*;

use crate::meshes::{Cells, Edges, Graph, Nodes, counting, permutation, random_rows};
use crate::target::Target;

#[op2::kernel]
fn one_more(x: &mut f64) {
    *x += 1.0;
}

#[op2::kernel]
fn double(x: &f64, y: Write<f64>) {
    *y = 2.0 * *x;
}

#[op2::kernel]
fn total(x: &f64, sum: Inc<f64>) {
    *sum += *x;
}

#[op2::kernel]
fn gather(x: &[[f64; 3]; 2], y: Inc<[f64; 3]>) {
    for k in 0..3 {
        y[k] += x[0][k] - 2.0 * x[1][k];
    }
}

#[op2::kernel]
fn mass(a: Inc<[[f64; 2]; 2]>) {
    for i in 0..2 {
        for j in 0..2 {
            a[i][j] += if i == j { 2.0 } else { 1.0 };
        }
    }
}

/// Copies to the device and back, so far.
fn copies(cx: &Context) -> (u64, u64) {
    let transfers = cx.transfers().expect("a device");
    (transfers.to_device, transfers.to_host)
}

pub fn values_move_only_when_they_are_needed(target: &Target) {
    if !target.has_device() {
        assert!(target.context().transfers().is_none());
        return;
    }
    let cx = target.context();
    let nodes = cx.set::<Nodes>(1000).unwrap();
    let x = cx.dat("x", &nodes, vec![1.0; 1000]).unwrap();
    let y = cx.dat_zeros::<_, f64>("y", &nodes).unwrap();
    assert_eq!(copies(&cx), (0, 0), "nothing has run");
    for _ in 0..5 {
        par_loop!(one_more, nodes, x(Rw)).unwrap();
    }
    assert_eq!(copies(&cx), (1, 0), "it stays there");
    par_loop!(double, nodes, x(Read), y(Write)).unwrap();
    assert_eq!(copies(&cx), (2, 0), "so does another");
    let sum = cx.reduction::<f64>("sum");
    par_loop!(total, nodes, y(Read), sum(Inc)).unwrap();
    assert_eq!((sum.value().unwrap(), copies(&cx)), (12_000.0, (2, 0)), "a sum moves no values");
    assert_eq!((y.read().unwrap()[999], copies(&cx)), (12.0, (2, 1)), "one is looked at");
    assert_eq!((y.read().unwrap()[0], copies(&cx)), (12.0, (2, 1)), "both copies are fresh");
    par_loop!(total, nodes, y(Read), sum(Inc)).unwrap();
    assert_eq!(copies(&cx), (2, 1), "being read on either side");
    y.write().unwrap()[0] = 0.0;
    assert_eq!(copies(&cx), (2, 1), "the host's copy is the fresh one now");
    par_loop!(one_more, nodes, y(Rw)).unwrap();
    assert_eq!(copies(&cx), (3, 1), "so it goes there");
    assert_eq!((y.read().unwrap()[..2].to_vec(), copies(&cx)), (vec![1.0, 13.0], (3, 2)));
    assert_eq!((x.read().unwrap()[5], copies(&cx)), (6.0, (3, 3)), "x was there all the time");
    let bytes = cx.transfers().unwrap();
    // Of several ranks, each moves the values of its own nodes.
    let rows = nodes.owned().len() as u64;
    assert_eq!((bytes.bytes_to_device, bytes.bytes_to_host), (24 * rows, 24 * rows));
}

pub fn renumbered_values_arrive_in_their_places(target: &Target) {
    let cx = target.context();
    let table = random_rows::<2>(500, 300, 7);
    let Graph { edges, nodes, ends, cx } = Graph::new(cx, 300, &table);
    let values: Vec<[f64; 3]> = (0..300).map(|i| [f64::from(i), 1.0, -f64::from(i)]).collect();
    let x = cx.dat("x", &nodes, &values).unwrap();
    let y = cx.dat_zeros::<_, [f64; 3]>("y", &edges).unwrap();
    par_loop!(gather, edges, x(Read, ends), y(Inc)).unwrap();
    cx.reorder(&Reorder::cuthill_mckee(&ends)).unwrap();
    par_loop!(gather, edges, x(Read, ends), y(Inc)).unwrap();
    for (edge, [a, b]) in y.read().unwrap().iter().zip(&table) {
        let (a, b) = (values[*a as usize], values[*b as usize]);
        let expected: [f64; 3] = std::array::from_fn(|k| 2.0 * (a[k] - 2.0 * b[k]));
        assert_eq!(*edge, expected);
    }
}

pub fn matrices_stay_where_they_are_filled(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(50).unwrap();
    let cells = cx.set::<Cells>(49).unwrap();
    let ends: Vec<[u32; 2]> = (0..49).map(|i| [i, i + 1]).collect();
    let ends = cx.map("ends", &cells, &nodes, ends).unwrap();
    let a: Mat<_, _, f64> = cx.mat("a", &Sparsity::new(&(&ends, &ends)).unwrap()).unwrap();
    for _ in 0..3 {
        par_loop!(mass, cells, a(Inc, ends, ends)).unwrap();
    }
    if target.has_device() {
        assert_eq!(copies(&cx), (1, 0));
    }
    assert_eq!(a.read().unwrap().get(7, 7).copied(), Some(12.0));
    assert_eq!(a.read().unwrap().get(7, 8).copied(), Some(3.0));
    a.zero().unwrap();
    par_loop!(mass, cells, a(Inc, ends, ends)).unwrap();
    assert_eq!(a.read().unwrap().get(0, 0).copied(), Some(2.0));
}

pub fn the_report_says_how_changes_are_kept_apart(target: &Target) {
    if !target.has_device() {
        return;
    }
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), 900, &permutation(900, 5));
    let x = cx.dat("x", &edges, counting(900)).unwrap();
    let sums = cx.dat_zeros::<_, u32>("sums", &nodes).unwrap();
    par_loop!(add_up, edges, x(Read), sums(Inc, ends[0])).unwrap();
    let report = cx.report().unwrap();
    let note = report.notes.iter().find(|note| note.starts_with("add_up: "));
    assert!(note.is_some(), "{:?}", report.notes);
    assert_eq!((&*report.rows[0].name, report.rows[0].calls), ("add_up", 1));
}

#[op2::kernel]
fn add_up(x: &u32, sum: Inc<u32>) {
    *sum += *x;
}

/// Two contexts with devices of their own do not know of each other.
pub fn two_contexts_have_values_of_their_own(target: &Target) {
    let (one, two) = (target.context(), target.context());
    let mut values = Vec::new();
    for (cx, start) in [(&one, 1.0), (&two, 5.0)] {
        let edges = cx.set::<Edges>(70).unwrap();
        let x = cx.dat("x", &edges, vec![start; 70]).unwrap();
        par_loop!(one_more, edges, x(Rw)).unwrap();
        values.push((edges, x));
    }
    for (edges, x) in &values {
        par_loop!(one_more, edges, x(Rw)).unwrap();
    }
    let first = values.iter().map(|(_, x)| x.read().unwrap()[69]).collect::<Vec<_>>();
    assert_eq!(first, [3.0, 7.0]);
}
