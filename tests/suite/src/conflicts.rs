//! The same data twice in one loop: allowed where the answer does not depend on the order of
//! elements, refused before anything runs where it would.
//!
//! Two names for one dat are told from two dats when the loop runs; the same name twice is found by
//! the compiler, and no business of these tests.

use op2::prelude::*;

use crate::meshes::{Edges, Graph, N, Nodes, counting, path};
use crate::target::Target;

#[op2::kernel]
fn read_two(a: &u32, b: &u32, out: Write<u32>) {
    *out = *a + *b;
}

#[op2::kernel]
fn read_add(a: &u32, b: Inc<u32>) {
    *b += *a;
}

#[op2::kernel]
fn read_write(a: &u32, b: Write<u32>) {
    *b = *a + 1;
}

#[op2::kernel]
fn read_change(a: &u32, b: &mut u32) {
    *b += *a;
}

#[op2::kernel]
fn add_add(a: Inc<u32>, b: Inc<u32>) {
    *a += 1;
    *b += 10;
}

#[op2::kernel]
fn add_lower(a: Inc<u32>, b: Min<u32>) {
    *a += 1;
    *b = (*b).min(1);
}

#[op2::kernel]
fn add_raise(a: Inc<u32>, b: Max<u32>) {
    *a += 1;
    *b = (*b).max(1);
}

#[op2::kernel]
fn lower_lower(a: Min<u32>, b: Min<u32>) {
    *a = (*a).min(5);
    *b = (*b).min(4);
}

#[op2::kernel]
fn change_change(a: &mut u32, b: &mut u32) {
    *a += 1;
    *b += 10;
}

#[op2::kernel]
fn write_write(a: Write<u32>, b: Write<u32>) {
    *a = 1;
    *b = 2;
}

#[op2::kernel]
fn read_raise(x: &u32, high: &u32, again: Max<u32>) {
    *again = (*again).max(*x + *high);
}

/// A path and a dat under two names, with the values `0, 1, 2, ...`.
struct Fixture {
    graph: Graph<2>,
    x: Dat<Nodes, u32>,
    alias: Dat<Nodes, u32>,
}

fn fixture(target: &Target) -> Fixture {
    let graph = Graph::new(target.context(), N + 1, &path(N));
    let x = graph.cx.dat("x", &graph.nodes, counting(N + 1)).unwrap();
    Fixture { graph, alias: x.clone(), x }
}

impl Fixture {
    /// The loop was refused for that reason, and has changed nothing.
    fn refused(&self, ran: op2::Result<()>, reason: &str) {
        let error = ran.unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
        assert!(error.contains("dat `x` is also argument 1"), "{error}");
        assert_eq!(self.x.to_vec().unwrap(), counting(N + 1));
    }
}

const ONE_MODE: &str = "one loop uses a dat in one mode";
const PASS_ONCE: &str = "pass it once";
const ONE_PLACE: &str = "one loop writes a value in one place";
const ONE_WAY: &str = "one loop increments a dat either directly or through maps";

pub fn reading_twice_is_fine(target: &Target) {
    let Fixture { graph: Graph { edges, nodes, ends, cx }, x, alias } = fixture(target);
    let out = cx.dat_zeros::<_, u32>("out", &edges).unwrap();
    par_loop!(read_two, edges, x(Read, ends[0]), alias(Read, ends[0]), out(Write)).unwrap();
    assert!(out.read().unwrap().iter().zip(0..).all(|(&out, i)| out == 2 * i));
    let on_nodes = cx.dat_zeros::<_, u32>("on_nodes", &nodes).unwrap();
    par_loop!(read_two, nodes, x(Read), alias(Read), on_nodes(Write)).unwrap();
    let same = cx.map("same", &nodes, &nodes, (0..=N as u32).map(|i| [i]).collect::<Vec<_>>());
    par_loop!(read_two, nodes, x(Read), alias(Read, (same.unwrap())[0]), on_nodes(Write)).unwrap();
    assert!(on_nodes.read().unwrap().iter().zip(0..).all(|(&out, i)| out == 2 * i));
}

pub fn reading_and_changing_is_refused(target: &Target) {
    let f = fixture(target);
    let (Graph { edges, nodes, ends, .. }, x, alias) = (&f.graph, &f.x, &f.alias);
    f.refused(par_loop!(read_add, edges, x(Read, ends[0]), alias(Inc, ends[1])), ONE_MODE);
    f.refused(par_loop!(read_write, edges, x(Read, ends[0]), alias(Write, ends[1])), ONE_MODE);
    f.refused(par_loop!(read_change, edges, x(Read, ends[0]), alias(Rw, ends[0])), ONE_MODE);
    f.refused(par_loop!(read_add, nodes, x(Read), alias(Inc)), ONE_MODE);
    f.refused(par_loop!(read_write, nodes, x(Read), alias(Write)), ONE_MODE);
    f.refused(par_loop!(read_change, nodes, x(Read), alias(Rw)), ONE_MODE);
}

pub fn two_ways_of_changing_are_refused(target: &Target) {
    let f = fixture(target);
    let (Graph { edges, nodes, ends, .. }, x, alias) = (&f.graph, &f.x, &f.alias);
    f.refused(par_loop!(add_lower, edges, x(Inc, ends[0]), alias(Min, ends[1])), ONE_MODE);
    f.refused(par_loop!(add_raise, nodes, x(Inc), alias(Max)), ONE_MODE);
}

pub fn one_value_twice_is_refused(target: &Target) {
    let f = fixture(target);
    let (Graph { edges, nodes, ends, .. }, x, alias) = (&f.graph, &f.x, &f.alias);
    f.refused(par_loop!(add_add, nodes, x(Inc), alias(Inc)), PASS_ONCE);
    f.refused(par_loop!(lower_lower, nodes, x(Min), alias(Min)), PASS_ONCE);
    f.refused(par_loop!(change_change, nodes, x(Rw), alias(Rw)), ONE_PLACE);
    f.refused(par_loop!(write_write, nodes, x(Write), alias(Write)), ONE_PLACE);
    f.refused(par_loop!(change_change, edges, x(Rw, ends[1]), alias(Rw, ends[1])), PASS_ONCE);
}

pub fn direct_and_indirect_changes_are_refused(target: &Target) {
    let f = fixture(target);
    let (Graph { nodes, cx, .. }, x, alias) = (&f.graph, &f.x, &f.alias);
    let same = cx.map("same", nodes, nodes, (0..=N as u32).map(|i| [i]).collect::<Vec<_>>());
    let same = same.unwrap();
    f.refused(par_loop!(add_add, nodes, x(Inc), alias(Inc, same[0])), ONE_WAY);
    f.refused(par_loop!(change_change, nodes, x(Rw), alias(Rw, same[0])), ONE_PLACE);
}

pub fn increments_and_extremes_through_several_entries_are_fine(target: &Target) {
    let Fixture { graph: Graph { edges, ends, .. }, x, alias } = fixture(target);
    par_loop!(add_add, edges, x(Inc, ends[0]), alias(Inc, ends[1])).unwrap();
    assert_eq!(x.read().unwrap()[..4], [1, 12, 13, 14]);
    par_loop!(add_add, edges, x(Inc, ends[0]), alias(Inc, ends[0])).unwrap();
    assert_eq!(x.read().unwrap()[..4], [12, 23, 24, 25]);
    par_loop!(lower_lower, edges, x(Min, ends[0]), alias(Min, ends[1])).unwrap();
    assert_eq!(x.read().unwrap()[..4], [5, 4, 4, 4]);
}

pub fn several_entries_of_one_element_change_together(target: &Target) {
    let pairs: Vec<[u32; 2]> = (0..N as u32).map(|i| [2 * i, 2 * i + 1]).collect();
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), 2 * N, &pairs);
    let x = cx.dat("x", &nodes, counting(2 * N)).unwrap();
    let alias = x.clone();
    par_loop!(change_change, edges, x(Rw, ends[0]), alias(Rw, ends[1])).unwrap();
    assert!(x.read().unwrap().iter().zip(0..).all(|(&x, i)| x == i + 1 + 9 * (i % 2)));
    par_loop!(write_write, edges, x(Write, ends[0]), alias(Write, ends[1])).unwrap();
    assert!(x.read().unwrap().iter().zip(0..).all(|(&x, i)| x == 1 + i % 2));
}

pub fn a_global_has_one_mode_in_a_loop(target: &Target) {
    let cx = target.context();
    let edges = cx.set::<Edges>(N).unwrap();
    let x = cx.dat("x", &edges, counting(N)).unwrap();
    let g = cx.global("g", 7).unwrap();
    let alias = g.clone();
    for ran in [
        par_loop!(read_raise, edges, x(Read), g(Read), alias(Max)),
        par_loop!(add_raise, edges, g(Inc), alias(Max)),
    ] {
        let error = ran.unwrap_err().to_string();
        assert!(error.contains("global `g` is also argument"), "{error}");
        assert!(error.contains("one loop uses it in one mode"), "{error}");
    }
    assert_eq!(g.value().unwrap(), 7);
    par_loop!(add_add, edges, g(Inc), alias(Inc)).unwrap();
    par_loop!(lower_lower, edges, g(Min), alias(Min)).unwrap();
    assert_eq!(g.value().unwrap(), 4);
}
