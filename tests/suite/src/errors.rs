//! Mistakes that only a running program shows: all are reported, in the words of the mesh.

use op2::prelude::*;
use op2::{Error, Violation};

use crate::meshes::{Cells, Edges, Nodes, counting};
use crate::target::Target;

#[op2::kernel]
fn mixture(a: &u32, b: &u32, c: &mut u32, sum: Inc<u32>) {
    *c += *a + *b;
    *sum += *c;
}

#[op2::kernel]
fn one_more(x: &mut u32) {
    *x += 1;
}

#[op2::kernel]
fn highest(x: &u32, high: Max<u32>) {
    *high = (*high).max(*x);
}

fn violations(error: &Error) -> Vec<Violation> {
    match error {
        Error::Loop { violations, .. } => violations.clone(),
        other => panic!("not an error of a loop: {other}"),
    }
}

pub fn a_map_has_a_row_for_each_element(target: &Target) {
    let cx = target.context();
    let (edges, nodes) = (cx.set::<Edges>(4).unwrap(), cx.set::<Nodes>(9).unwrap());
    for wrong in [0, 3, 5] {
        let error = cx.map("ends", &edges, &nodes, vec![[0, 1]; wrong]).unwrap_err().to_string();
        assert_eq!(error, format!("map `ends`: {wrong} rows given for set `Edges` of 4"));
    }
}

pub fn map_entries_name_elements_of_the_target(target: &Target) {
    let cx = target.context();
    let (edges, nodes) = (cx.set::<Edges>(3).unwrap(), cx.set::<Nodes>(9).unwrap());
    for wrong in [9, 10, u32::MAX] {
        let table = [[0, 1], [8, wrong], [wrong, 3]];
        let error = cx.map("ends", &edges, &nodes, table).unwrap_err().to_string();
        let value = format!("value {wrong} is not in set `Nodes` of size 9");
        assert_eq!(error, format!("map `ends`: row 1, entry 1: {value}"));
    }
    let nowhere = cx.set::<Cells>(0).unwrap();
    assert!(cx.map("none", &edges, &nowhere, [[0], [0], [0]]).is_err());
    cx.map("ends", &edges, &nodes, [[8, 8], [8, 8], [0, 0]]).unwrap();
}

pub fn a_map_gives_its_table_back(target: &Target) {
    let cx = target.context();
    let (edges, nodes) = (cx.set::<Edges>(3).unwrap(), cx.set::<Nodes>(9).unwrap());
    let table = vec![[0, 1, 2], [8, 7, 8], [3, 3, 3]];
    let map = cx.map("corners", &edges, &nodes, &table).unwrap();
    assert_eq!((map.name(), map.to_vec().unwrap()), ("corners", table));
}

pub fn a_set_must_fit_local_numbers(target: &Target) {
    let cx = target.context();
    let error = cx.set::<Nodes>(u32::MAX as usize).unwrap_err().to_string();
    assert!(error.starts_with("set `Nodes`: 4294967295 elements: a set has at most"), "{error}");
}

pub fn sets_of_one_marker_are_told_apart(target: &Target) {
    let cx = target.context();
    let (edges, others) = (cx.set::<Edges>(4).unwrap(), cx.set::<Edges>(4).unwrap());
    assert_eq!((edges.name(), others.name()), ("Edges", "Edges#2"));
    let nodes = cx.set::<Nodes>(4).unwrap();
    let more_nodes = cx.set::<Nodes>(4).unwrap();
    let identity = [[0], [1], [2], [3]];
    let map = cx.map("map", &edges, &nodes, identity).unwrap();
    let elsewhere = cx.map("elsewhere", &edges, &more_nodes, identity).unwrap();
    let x = cx.dat("x", &nodes, [1, 2, 3, 4]).unwrap();
    let on_edges = cx.dat("on_edges", &edges, [1, 2, 3, 4]).unwrap();

    let error = par_loop!(one_more, others, on_edges(Rw)).unwrap_err().to_string();
    let reason = "dat `on_edges` lives on set `Edges` of 4, the loop runs over set `Edges#2` of 4";
    assert!(error.contains(reason), "{error}");
    let error = par_loop!(one_more, others, x(Rw, map[0])).unwrap_err().to_string();
    let reason = "map `map` starts at set `Edges` of 4, the loop runs over set `Edges#2` of 4";
    assert!(error.contains(reason), "{error}");
    let error = par_loop!(one_more, edges, x(Rw, elsewhere[0])).unwrap_err().to_string();
    let reason =
        "dat `x` lives on set `Nodes` of 4, but map `elsewhere` leads to set `Nodes#2` of 4";
    assert!(error.contains(reason), "{error}");
    let some = cx.subset("some", &others, [1]).unwrap();
    assert!(par_loop!(one_more, some, on_edges(Rw)).is_err());
    assert_eq!(on_edges.to_vec().unwrap(), [1, 2, 3, 4]);
    par_loop!(one_more, edges, on_edges(Rw)).unwrap();
}

pub fn all_mistakes_of_a_loop_are_reported(target: &Target) {
    let (cx, other) = (target.context(), target.context());
    let (edges, nodes) = (cx.set::<Edges>(4).unwrap(), cx.set::<Nodes>(4).unwrap());
    let more_nodes = cx.set::<Nodes>(4).unwrap();
    let ends = cx.map("ends", &edges, &nodes, [[0, 1], [1, 2], [2, 3], [3, 0]]).unwrap();
    let a = cx.dat("a", &more_nodes, counting(4)).unwrap();
    let b = cx.dat("b", &nodes, counting(4)).unwrap();
    let c = b.clone();
    let sum = other.global("sum", 0);
    let guard = b.read().unwrap();
    let line = line!() + 2;
    let ran =
        par_loop!(mixture, edges, a(Read, ends[0]), b(Read, ends[1]), c(Rw, ends[0]), sum(Inc));
    let error = ran.unwrap_err();
    let found = violations(&error);
    let arguments: Vec<_> = found.iter().filter_map(|v| v.argument).collect();
    let texts =
        [(1, "a(Read, ends[0])"), (3, "c(Rw, ends[0])"), (3, "c(Rw, ends[0])"), (4, "sum(Inc)")];
    assert_eq!(arguments, texts);
    let reasons = [
        "dat `a` lives on set `Nodes#2` of 4, but map `ends` leads to set `Nodes` of 4",
        "dat `b` is in use: a guard from `read()` is alive: drop it before the loop",
        "dat `b` is also argument 2 `b(Read, ends[1])`: one loop uses a dat in one mode",
        "global `sum` belongs to another context than the loop's set",
    ];
    for (violation, reason) in found.iter().zip(reasons) {
        assert!(violation.reason.starts_with(reason), "{violation}");
    }
    let text = error.to_string();
    let head = format!("loop `mixture` ({}:{line})\n  argument 1 `a(Read, ends[0])`: ", file!());
    assert!(text.starts_with(&head), "{text}");
    assert_eq!(text.lines().count(), 5, "one line each: {text}");
    assert_eq!(format!("{error:?}"), text, "`main` prints the debug form");
    assert_eq!(guard[..], [0, 1, 2, 3]);
}

pub fn one_mistake_is_one_line(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(4).unwrap();
    let x = cx.dat("x", &nodes, counting(4)).unwrap();
    let guard = x.read().unwrap();
    let error = par_loop!(one_more, nodes, x(Rw)).unwrap_err();
    let place = format!("loop `one_more` ({}:{})", file!(), line!() - 1);
    let reason = "dat `x` is in use: a guard from `read()` is alive: drop it before the loop";
    assert_eq!(error.to_string(), format!("{place}, argument 1 `x(Rw)`: {reason}"));
    drop(guard);
}

pub fn a_refused_loop_leaves_reductions_alone(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(4).unwrap();
    let x = cx.dat("x", &nodes, counting(4)).unwrap();
    let high = cx.reduction::<u32>("high");
    let guard = x.write().unwrap();
    par_loop!(highest, nodes, x(Read), high(Max)).unwrap_err();
    drop(guard);
    par_loop!(highest, nodes, x(Read), high(Max)).unwrap();
    assert_eq!(high.value().unwrap(), 3);
}
