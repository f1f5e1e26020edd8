//! Dats by themselves: declaration, guards, names, layouts.

use op2::Layout;
use op2::prelude::*;

use crate::meshes::{Graph, MANY, N, Nodes, counting, random_rows, random_values};
use crate::target::Target;

#[op2::kernel]
fn one_more(x: &mut u32) {
    *x += 1;
}

#[op2::kernel]
fn sum(x: &u32, total: Inc<u64>) {
    *total += *x as u64;
}

#[op2::kernel]
fn flux(
    x: &[[f64; 2]; 3],
    q1: &[f64; 4],
    q2: &[f64; 4],
    scale: &[f64; 3],
    r1: Inc<[f64; 4]>,
    r2: Inc<[f64; 4]>,
    own: Write<[f64; 3]>,
    low: Min<[f64; 4]>,
    total: Inc<[f64; 2]>,
) {
    let dx = x[1][0] - x[0][0];
    let dy = x[2][1] - x[0][1];
    for k in 0..4 {
        let f = (q1[k] - q2[k]) * dx + q1[3 - k] * dy;
        r1[k] += f;
        r2[k] -= f * scale[0];
        low[k] = low[k].min(f);
    }
    for k in 0..3 {
        own[k] = scale[k] * dx - dy;
    }
    total[0] += dx;
    total[1] += dx * dy;
}

#[op2::kernel]
fn relax(r: &mut [f64; 4], q: &mut [f64; 4]) {
    for k in 0..4 {
        q[k] += 0.25 * r[k];
        r[k] = 0.0;
    }
}

#[op2::kernel]
fn number_components(i: &u64, x: Write<[[u32; 2]; 3]>) {
    for j in 0..3 {
        x[j][0] = *i as u32;
        x[j][1] = j as u32;
    }
}

pub fn a_dat_holds_what_it_was_given(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    assert_eq!((x.name(), x.size()), ("x", N));
    assert_eq!(*x.read().unwrap(), counting(N)[..]);
    assert_eq!(x.to_vec().unwrap(), counting(N));
    let zeros: Dat<Nodes, [f64; 3]> = cx.dat_zeros("zeros", &nodes).unwrap();
    assert!(zeros.read().unwrap().iter().all(|&x| x == [0.0; 3]));
    let rows: Vec<_> = (0..N).map(|i| [[i as f64, 1.0], [2.0, 3.0], [4.0, -(i as f64)]]).collect();
    let x = cx.dat("rows", &nodes, &rows).unwrap();
    assert_eq!(*x.read().unwrap(), rows[..]);
}

pub fn the_number_of_values_must_fit(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(5).unwrap();
    for wrong in [0, 4, 6] {
        let error = cx.dat("x", &nodes, vec![1.0; wrong]).unwrap_err().to_string();
        assert_eq!(error, format!("dat `x`: {wrong} values given for set `Nodes` of 5"));
    }
    cx.dat("x", &nodes, [1.0; 5]).unwrap();
}

pub fn names_are_taken_while_a_handle_lives(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(5).unwrap();
    let first = cx.dat("x", &nodes, [1.0; 5]).unwrap();
    let clone = first.clone();
    let error = cx.dat("x", &nodes, [1.0; 5]).unwrap_err().to_string();
    assert_eq!(error, "dat `x`: another dat of this context has that name");
    drop(first);
    assert!(cx.dat_zeros::<_, u32>("x", &nodes).is_err(), "the clone is alive");
    drop(clone);
    cx.dat_zeros::<_, u32>("x", &nodes).unwrap();
    let own = nodes.clone();
    let map = cx.map("m", &nodes, &own, vec![[0]; 5]).unwrap();
    let error = cx.map("m", &nodes, &own, vec![[0]; 5]).unwrap_err().to_string();
    assert_eq!(error, "map `m`: another map of this context has that name");
    drop(map);
    cx.map("m", &nodes, &own, vec![[0, 1]; 5]).unwrap();
}

pub fn a_read_guard_lets_readers_by(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    let total = cx.global("total", 0);
    let guard = x.read().unwrap();
    let second = x.read().unwrap();
    par_loop!(sum, nodes, x(Read), total(Inc)).unwrap();
    let error = par_loop!(one_more, nodes, x(Rw)).unwrap_err().to_string();
    assert!(error.contains("argument 1 `x(Rw)`: dat `x` is in use"), "{error}");
    assert!(error.contains("a guard from `read()` is alive"), "{error}");
    let error = x.write().unwrap_err().to_string();
    assert!(error.starts_with("dat `x`: a guard from `read()`"), "{error}");
    assert_eq!(guard[7] + second[8], 15);
    drop(guard);
    par_loop!(one_more, nodes, x(Rw)).unwrap_err();
    drop(second);
    par_loop!(one_more, nodes, x(Rw)).unwrap();
    assert_eq!(x.read().unwrap()[7], 8);
}

pub fn a_write_guard_keeps_everyone_out(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    let total = cx.global("total", 0);
    let mut guard = x.write().unwrap();
    guard[3] = 1000;
    for error in [
        par_loop!(sum, nodes, x(Read), total(Inc)).unwrap_err(),
        par_loop!(one_more, nodes, x(Rw)).unwrap_err(),
    ] {
        let error = error.to_string();
        assert!(error.contains("a guard from `write()` is alive: drop it"), "{error}");
    }
    assert!(x.read().is_err() && x.write().is_err() && x.to_vec().is_err());
    assert_eq!(guard[3], 1000);
    drop(guard);
    par_loop!(one_more, nodes, x(Rw)).unwrap();
    par_loop!(sum, nodes, x(Read), total(Inc)).unwrap();
    let expected = (1..=N as u64).sum::<u64>() - 3 + 1000;
    assert_eq!(total.value().unwrap(), expected);
}

pub fn guards_of_other_dats_are_no_hindrance(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    let y = cx.dat("y", &nodes, counting(N)).unwrap();
    let mut guard = y.write().unwrap();
    par_loop!(one_more, nodes, x(Rw)).unwrap();
    guard.copy_from_slice(&x.read().unwrap());
    drop(guard);
    assert_eq!(y.read().unwrap()[N - 1], N as u32);
}

pub fn clones_are_the_same_dat(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    let y = x.clone();
    par_loop!(one_more, nodes, y(Rw)).unwrap();
    x.write().unwrap()[0] += 10;
    assert_eq!(y.read().unwrap()[..2], [11, 2]);
    let guard = x.read().unwrap();
    assert!(par_loop!(one_more, nodes, y(Rw)).is_err(), "a guard of one is a guard of all");
    assert_eq!(guard[0], 11);
}

/// What a few loops over a random mesh leave in all dats, to the last bit.
fn run_in(cx: Context, layout: Layout, mixed: bool) -> Vec<u64> {
    let other = if mixed { Layout::Aos } else { layout };
    let table = random_rows::<3>(MANY, 10_007, 1);
    let Graph { edges, nodes, ends, cx } = Graph::new(cx, 10_007, &table);
    let values = random_values(4 * 10_007, 2);
    let rows = |len: usize| (0..len).map(|i| [values[i % 10_007], values[(i + 9) % 10_007], 0.5]);
    let points: Vec<[f64; 2]> = values.as_chunks().0[..10_007].to_vec();
    let states: Vec<[f64; 4]> = values.as_chunks().0.to_vec();
    let x = cx.dat_in("x", &nodes, points, other).unwrap();
    let q = cx.dat_in("q", &nodes, states, layout).unwrap();
    let r = cx.dat_in("r", &nodes, vec![[0.0; 4]; 10_007], layout).unwrap();
    let scale = cx.dat_in("scale", &edges, rows(MANY).collect::<Vec<_>>(), other).unwrap();
    let own = cx.dat_in("own", &edges, vec![[1.0; 3]; MANY], layout).unwrap();
    let low = cx.dat_in("low", &nodes, vec![[0.5; 4]; 10_007], layout).unwrap();
    let total = cx.global("total", [0.0; 2]);
    assert_eq!((q.layout(), x.layout()), (layout, other));
    for _ in 0..2 {
        par_loop!(
            flux,
            edges,
            x(Read, ends),
            q(Read, ends[0]),
            q(Read, ends[1]),
            scale(Read),
            r(Inc, ends[0]),
            r(Inc, ends[1]),
            own(Write),
            low(Min, ends[2]),
            total(Inc)
        )
        .unwrap();
        par_loop!(relax, nodes, r(Rw), q(Rw)).unwrap();
        q.write().unwrap()[17][2] += 1.0;
    }
    let mut bits: Vec<u64> = total.value().unwrap().iter().map(|x| x.to_bits()).collect();
    bits.extend(q.read().unwrap().as_flattened().iter().map(|x| x.to_bits()));
    bits.extend(own.read().unwrap().as_flattened().iter().map(|x| x.to_bits()));
    bits.extend(low.read().unwrap().as_flattened().iter().map(|x| x.to_bits()));
    bits
}

pub fn layouts_do_not_change_a_bit(target: &Target) {
    if !target.keeps_bits() {
        return;
    }
    let by_rows = run_in(target.context(), Layout::Aos, false);
    assert!(by_rows == run_in(target.context(), Layout::Soa, false), "all dats by component");
    assert!(by_rows == run_in(target.context(), Layout::Soa, true), "some dats by component");
}

pub fn guards_see_rows_in_any_layout(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    for layout in [Layout::Aos, Layout::Soa] {
        let x = cx.dat_in("x", &nodes, vec![[[9_u32; 2]; 3]; N], layout).unwrap();
        assert_eq!(x.read().unwrap()[5], [[9; 2]; 3]);
        par_loop!(number_components, nodes, index(), x(Write)).unwrap();
        let expected = |i| [[i, 0], [i, 1], [i, 2]];
        assert!(x.read().unwrap().iter().zip(0..).all(|(&x, i)| x == expected(i)), "{layout}");
        x.write().unwrap()[3][1] = [70, 71];
        assert_eq!(x.to_vec().unwrap()[3], [[3, 0], [70, 71], [3, 2]]);
    }
}

pub fn data_outlives_the_context(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    drop(cx);
    par_loop!(one_more, nodes, x(Rw)).unwrap();
    drop(nodes);
    assert_eq!(x.read().unwrap()[9], 10);
}
