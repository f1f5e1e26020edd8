//! The reproducible mode: the same bits on any number of ranks and threads, with any partition and any
//! numbering.

use std::sync::Arc;

use op2::comm::Comm;
use op2::prelude::*;

#[path = "shared/grid.rs"]
mod grid;

use grid::{Cells, Edges, Grid, Nodes, WAYS, Way};

/// Sums of numbers of every kind.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Element)]
struct Census {
    mass: f64,
    moments: [f32; 2],
    count: i32,
    large: i32,
}

#[op2::kernel]
fn exchange(
    a: &f64,
    b: &f64,
    weight: &f64,
    left: Inc<f64>,
    right: Inc<f64>,
    total: Inc<[f64; 2]>,
    most: Max<f64>,
    edges: Inc<u64>,
) {
    let flow = *weight * (*b - *a);
    *left += flow;
    *right -= 0.7 * flow;
    total[0] += flow;
    total[1] += flow * flow;
    *most = (*most).max(flow);
    *edges += 1;
}

#[op2::kernel]
fn advance(u: &mut f64, change: &mut f64, norm: Inc<f64>) {
    *u = 0.9 * *u + 1e-3 * *change;
    *norm += *change * *change;
    *change *= 0.1;
}

#[op2::kernel]
fn to_corners(u: &f64, corners: Inc<[[f32; 2]; 4]>) {
    for corner in 0..4 {
        corners[corner][0] += (*u * (0.1 + corner as f64)) as f32;
        corners[corner][1] -= (*u * 0.3) as f32;
    }
}

#[op2::kernel]
fn claim(i: &u64, u: &f64, owner: Write<[f64; 2]>) {
    owner[0] = *i as f64;
    owner[1] = *u;
}

#[op2::kernel]
fn relax(weight: &f64, x: &mut f64) {
    *x = 0.5 * *x + *weight;
}

#[op2::kernel]
fn lowest(u: &f64, corners: Min<[f64; 4]>) {
    for corner in 0..4 {
        corners[corner] = corners[corner].min(0.0 * *u);
    }
}

#[op2::kernel]
fn count_neighbors(ends: Inc<[i32; 2]>) {
    ends[0] += 1;
    ends[1] += 1;
}

#[op2::kernel]
fn survey(u: &f64, census: Inc<Census>) {
    census.mass += *u;
    census.moments[0] += *u as f32;
    census.moments[1] -= 1e-3;
    census.count += 1;
    census.large -= *u as i32 % 100;
}

#[op2::kernel]
fn least(u: &f64, low: Min<f64>) {
    *low = (*low).min(*u * 0.0);
}

#[op2::kernel]
fn swap(a: &mut f64, b: &mut f64) {
    let sum = *a + *b;
    *a = *b;
    *b = sum;
}

#[op2::kernel]
fn total(x: &f64, sum: Inc<f64>) {
    *sum += *x;
}

/// Numbers of both signs over some twenty powers of ten; the finalizer of `SplitMix64`.
fn random(seed: u64, size: usize) -> Vec<f64> {
    (1..=size as u64)
        .map(|i| {
            let mut bits = (seed << 40 | i).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            bits ^= bits >> 31;
            let size = 10.0_f64.powi((bits % 23) as i32 - 11);
            (f64::from((bits >> 32) as u32) / f64::from(1 << 31) - 1.0) * size
        })
        .collect()
}

/// What flows over the edges: added up in cells, and all in all.
struct Flow {
    u: Dat<Cells, f64>,
    change: Dat<Cells, f64>,
    weight: Dat<Edges, f64>,
    flows: Global<[f64; 2]>,
    most: Global<f64>,
    count: Global<u64>,
}

impl Flow {
    fn new(cx: &Context, Grid { edges, cells, .. }: &Grid) -> op2::Result<Self> {
        Ok(Self {
            u: cx.dat("u", cells, random(1, cells.size()))?,
            change: cx.dat_zeros("change", cells)?,
            weight: cx.dat("weight", edges, random(2, edges.size()))?,
            flows: cx.global("flows", [0.25, -1.0]),
            most: cx.global("most", 0.0),
            count: cx.global("count", 0),
        })
    }

    fn exchange(&self, Grid { edges, edge_cells, .. }: &Grid) -> op2::Result<()> {
        let Self { u, change, weight, flows, most, count } = self;
        par_loop!(
            exchange,
            edges,
            u(Read, edge_cells[0]),
            u(Read, edge_cells[1]),
            weight(Read),
            change(Inc, edge_cells[0]),
            change(Inc, edge_cells[1]),
            flows(Inc),
            most(Max),
            count(Inc)
        )
    }
}

/// The bits of all that a program has computed, with names.
type Answer = Vec<(&'static str, Vec<u64>)>;

fn bits<T: Element>(values: &[T]) -> Vec<u64> {
    let bytes = op2_core::base::element::bytes_of(values);
    bytes
        .chunks(4)
        .map(|part| part.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)))
        .collect()
}

/// A program with loops of every kind whose result may depend on the sequence of elements.
fn program(cx: &Context, n: u32, way: Way, reorder: bool) -> op2::Result<Answer> {
    let grid = Grid::new(cx, n)?;
    let Grid { nodes, edges, cells, edge_nodes, edge_cells, cell_nodes, .. } = &grid;
    let flow = Flow::new(cx, &grid)?;
    let Flow { u, change, weight, flows, most, count } = &flow;
    let corners = cx.dat_zeros::<Nodes, [f32; 2]>("corners", nodes)?;
    let owner = cx.dat_zeros::<Nodes, [f64; 2]>("owner", nodes)?;
    let low = cx.dat("low", nodes, vec![1.0; nodes.size()])?;
    let relaxed = cx.dat_zeros::<Nodes, f64>("relaxed", nodes)?;
    let degree = cx.dat_zeros::<Nodes, i32>("degree", nodes)?;
    let some: Vec<u32> = (0..edges.size() as u32).filter(|edge| edge % 5 != 2).collect();
    let some = cx.subset("some", edges, some)?;
    let norm = cx.reduction::<f64>("norm");
    let census = Census { mass: 1.0, moments: [0.1, 0.0], count: 7, large: 0 };
    let (census, least_u) = (cx.global("census", census), cx.global("least", -0.0));
    grid.share(cx, way)?;
    if reorder {
        cx.reorder(&Reorder::cuthill_mckee(edge_cells))?;
    }
    let mut norms = Vec::new();
    for _ in 0..3 {
        flow.exchange(&grid)?;
        par_loop!(advance, cells, u(Rw), change(Rw), norm(Inc))?;
        par_loop!(to_corners, cells, u(Read), corners(Inc, cell_nodes))?;
        norms.push(norm.value()?);
    }
    par_loop!(claim, edges, index(), weight(Read), owner(Write, edge_nodes[1]))?;
    par_loop!(relax, some, weight(Read), relaxed(Rw, edge_nodes[0]))?;
    par_loop!(lowest, cells, u(Read), low(Min, cell_nodes))?;
    par_loop!(count_neighbors, some, degree(Inc, edge_nodes))?;
    par_loop!(survey, cells, u(Read), census(Inc))?;
    par_loop!(survey, cells, u(Read), census(Inc))?;
    par_loop!(least, cells, u(Read), least_u(Min))?;
    Ok(vec![
        ("u", bits(&u.to_vec()?)),
        ("change", bits(&change.to_vec()?)),
        ("corners", bits(&corners.to_vec()?)),
        ("owner", bits(&owner.to_vec()?)),
        ("low", bits(&low.to_vec()?)),
        ("relaxed", bits(&relaxed.to_vec()?)),
        ("degree", bits(&degree.to_vec()?)),
        ("norms", bits(&norms)),
        ("flows", bits(&[flows.value()?])),
        ("most", bits(&[most.value()?])),
        ("count", bits(&[count.value()?])),
        ("census", bits(&[census.value()?])),
        ("least", bits(&[least_u.value()?])),
    ])
}

fn context(comm: Option<Arc<dyn Comm>>, threads: usize, on: bool) -> op2::Result<Context> {
    let backend = if threads == 1 { Backend::Seq } else { Backend::Rayon };
    let builder = Context::builder().reproducible(on).backend(backend).threads(threads);
    match comm {
        Some(comm) => builder.comm(comm),
        None => builder,
    }
    .build()
}

/// The names of what differs.
fn differing(found: &Answer, expected: &Answer) -> Vec<&'static str> {
    let pairs = found.iter().zip(expected).filter(|(found, expected)| found != expected);
    pairs.map(|(found, _)| found.0).collect()
}

fn assert_same(found: &Answer, expected: &Answer, what: &str) {
    assert_eq!(differing(found, expected), [""; 0], "{what}");
}

#[test]
fn ranks_partitions_and_numberings_change_no_bit() {
    for n in [3, 13] {
        let one = program(&context(None, 1, true).unwrap(), n, Way::Nothing, false).unwrap();
        let other = program(&context(None, 1, true).unwrap(), n, Way::Nothing, true).unwrap();
        assert_same(&other, &one, "reordered");
        for ranks in [2, 3, 5, 7] {
            for &way in WAYS {
                for reorder in [false, true] {
                    let what = format!("{n} {ranks} {way:?} {reorder}");
                    let all = op2::ranks(ranks, |comm| {
                        program(&context(Some(comm), 1, true)?, n, way, reorder)
                    });
                    for found in all.unwrap_or_else(|error| panic!("{what}: {error}")) {
                        assert_same(&found, &one, &what);
                    }
                }
            }
        }
    }
}

/// Enough elements for several blocks, and for threads.
const LARGE: u32 = 100;

#[test]
fn threads_change_no_bit() {
    let one = program(&context(None, 1, true).unwrap(), LARGE, Way::Nothing, false).unwrap();
    for threads in [2, 3] {
        for reorder in [false, true] {
            let cx = context(None, threads, true).unwrap();
            let found = program(&cx, LARGE, Way::Nothing, reorder).unwrap();
            assert_same(&found, &one, &format!("{threads} threads {reorder}"));
        }
    }
    for (ranks, way, reorder) in
        [(2, Way::Boxes, true), (3, Way::Scattered, false), (2, Way::OnTheLast, false)]
    {
        let all =
            op2::ranks(ranks, |comm| program(&context(Some(comm), 2, true)?, LARGE, way, reorder));
        for found in all.unwrap() {
            assert_same(&found, &one, &format!("{ranks} ranks {way:?}"));
        }
    }
}

#[test]
fn the_plain_reference_and_the_checked_mode_have_the_same_bits() {
    let one = program(&context(None, 1, true).unwrap(), 40, Way::Nothing, false).unwrap();
    let builder = || Context::builder().reproducible(true).backend(Backend::Seq);
    for level in SIMD_LEVELS.into_iter().filter(|level| level.is_supported()) {
        let found = program(&builder().simd(level).build().unwrap(), 40, Way::Nothing, false);
        assert_same(&found.unwrap(), &one, &level.to_string());
    }
    // The checked mode refuses what has no defined winner, so it gets a smaller program.
    let sums = |cx: &Context| -> op2::Result<Answer> {
        let grid = Grid::new(cx, 40)?;
        let flow = Flow::new(cx, &grid)?;
        flow.exchange(&grid)?;
        let (change, flows) = (flow.change.to_vec()?, flow.flows.value()?);
        Ok(vec![("change", bits(&change)), ("flows", bits(&[flows]))])
    };
    let expected = sums(&builder().build().unwrap()).unwrap();
    let found = sums(&builder().checked(true).build().unwrap()).unwrap();
    assert_same(&found, &expected, "checked");
    let found = op2::ranks(3, |comm| sums(&builder().checked(true).comm(comm).build()?)).unwrap();
    assert_same(&found[0], &expected, "checked on ranks");
}

const SIMD_LEVELS: [op2::SimdLevel; 4] = [
    op2::SimdLevel::Scalar,
    op2::SimdLevel::Baseline,
    op2::SimdLevel::Avx2,
    op2::SimdLevel::Avx512,
];

#[test]
fn without_the_mode_bits_depend_on_the_cut() {
    let one = program(&context(None, 1, false).unwrap(), 13, Way::Nothing, false).unwrap();
    let all = op2::ranks(3, |comm| program(&context(Some(comm), 1, false)?, 13, Way::Boxes, true));
    let differing = differing(&all.unwrap()[0], &one);
    for what in ["change", "corners", "norms", "flows", "census"] {
        assert!(differing.contains(&what), "{what} is no test: {differing:?}");
    }
    assert!(!differing.contains(&"degree") && !differing.contains(&"count"));
}

#[test]
fn a_sum_is_the_exact_one_rounded_once() {
    let sum_of = |cx: &Context, values: &[f64], start: f64| -> op2::Result<f64> {
        let cells = cx.set::<Cells>(values.len())?;
        let x = cx.dat("x", &cells, values)?;
        let sum = cx.global("sum", start);
        par_loop!(total, cells, x(Read), sum(Inc))?;
        sum.value()
    };
    let mut values: Vec<f64> = (0..1000).map(|i| f64::from(i) * 1e280).collect();
    values.extend(values.clone().iter().map(|x| -x));
    values.extend([f64::MAX, 3.0, f64::MAX, -f64::MAX, 1e-17, -f64::MAX]);
    for ranks in [1, 2, 5] {
        let sums = op2::ranks(ranks, |comm| {
            let cx = context(Some(comm), 1, true)?;
            Ok([
                sum_of(&cx, &values, 0.5)?,
                sum_of(&cx, &[f64::MAX, f64::MAX], 0.0)?,
                sum_of(&cx, &[1.0, f64::INFINITY, 1.0], 0.0)?,
                sum_of(&cx, &[f64::NEG_INFINITY, f64::INFINITY], 0.0)?,
                sum_of(&cx, &[], -0.0)?,
            ])
        });
        for found in sums.unwrap() {
            let inf = f64::INFINITY;
            let expected = [3.5, inf, inf, f64::NAN, -0.0];
            assert_eq!(found.map(f64::to_bits), expected.map(f64::to_bits), "{ranks} ranks");
        }
    }
}

#[test]
fn what_is_handed_on_from_rank_to_rank_is_refused_on_all() {
    let run = |cx: &Context, ends: Vec<[u32; 2]>| -> op2::Result<Vec<f64>> {
        let nodes = cx.set::<Nodes>(12)?;
        let edges = cx.set::<Edges>(ends.len())?;
        let ends = cx.map("ends", &edges, &nodes, ends)?;
        let x = cx.dat("x", &nodes, (0..12).map(f64::from).collect::<Vec<_>>())?;
        par_loop!(swap, edges, x(Rw, ends[0]), x(Rw, ends[1]))?;
        x.to_vec()
    };
    let path: Vec<[u32; 2]> = (0..11).map(|i| [i, i + 1]).collect();
    let pairs: Vec<[u32; 2]> = (0..6).map(|i| [2 * i, 2 * i + 1]).collect();
    let one = run(&context(None, 1, true).unwrap(), pairs.clone()).unwrap();
    assert!(run(&context(None, 1, true).unwrap(), path.clone()).is_ok());
    let all = op2::ranks(3, |comm| {
        let refused = run(&context(Some(comm.clone()), 1, true)?, path.clone()).unwrap_err();
        Ok((refused.to_string(), run(&context(Some(comm), 1, true)?, pairs.clone())?))
    });
    for (refused, found) in all.unwrap() {
        assert!(
            refused.contains("loop `swap`") && refused.contains("in one sequence"),
            "{refused}"
        );
        assert_eq!(found, one);
    }
}

#[test]
fn devices_do_not_promise_it() {
    let builder = Context::builder().reproducible(true).backend(Backend::Memcheck);
    let refused = builder.build().unwrap_err().to_string();
    assert!(refused.contains("not by memcheck"), "{refused}");
}
