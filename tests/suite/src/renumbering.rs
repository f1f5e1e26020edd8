//! `reorder` changes where things are, and nothing else.

use op2::builtins;
use op2::prelude::*;

use crate::meshes::{Edges, Nodes, permutation};
use crate::target::Target;

const LEN: usize = 5000;

#[op2::kernel]
fn number(i: &u64, x: Write<f64>) {
    *x = *i as f64;
}

#[op2::kernel]
fn weigh(x: &f64, i: &u64, r: Inc<f64>) {
    *r += *x * (*i as f64 + 1.0);
}

/// A ring of nodes, numbered at random.
struct Ring {
    cx: Context,
    nodes: Set<Nodes>,
    edges: Set<Edges>,
    ends: Map<Edges, Nodes, 2>,
    some: Subset<Edges>,
    x: Dat<Edges, f64>,
    r: Dat<Nodes, f64>,
    names: Dat<Nodes, [u32; 2]>,
}

fn ring(target: &Target) -> Ring {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(LEN).unwrap();
    let edges = cx.set::<Edges>(LEN).unwrap();
    let place = permutation(LEN, 11);
    let ends: Vec<[u32; 2]> = (0..LEN).map(|i| [place[i][0], place[(i + 1) % LEN][0]]).collect();
    Ring {
        ends: cx.map("ends", &edges, &nodes, ends).unwrap(),
        some: cx.subset("some", &edges, vec![1, 5, 9, 4000]).unwrap(),
        x: cx.dat_zeros("x", &edges).unwrap(),
        r: cx.dat_zeros("r", &nodes).unwrap(),
        names: cx
            .dat("names", &nodes, (0..LEN as u32).map(|i| [i, 7]).collect::<Vec<_>>())
            .unwrap(),
        cx,
        nodes,
        edges,
    }
}

impl Ring {
    /// Numbers, gathers, adds over a subset: everything that could notice.
    fn answer(&self) -> Vec<f64> {
        builtins::fill(0.0, &self.r).unwrap();
        par_loop!(number, self.edges, index(), self.x(Write)).unwrap();
        par_loop!(weigh, self.edges, self.x(Read), index(), self.r(Inc, self.ends[0])).unwrap();
        par_loop!(weigh, self.some, self.x(Read), index(), self.r(Inc, self.ends[1])).unwrap();
        self.r.to_vec().unwrap()
    }
}

/// The sums are of whole numbers, so that any order of elements gives the same bits.
pub fn results_stay_the_same(target: &Target) {
    let ring = ring(target);
    let before = ring.answer();
    let ends = ring.ends.to_vec().unwrap();
    let done = ring.cx.reorder(&Reorder::cuthill_mckee(&ring.ends)).unwrap();
    let (_, was, is) = &done.maps[0];
    // Blocks of a shuffled ring have no neighbors to bring together.
    assert!(target.ranks() > 1 || was.mean > 1000.0 && is.max <= 2, "{done}");
    assert_eq!(ring.answer(), before);
    assert_eq!(ring.ends.to_vec().unwrap(), ends);
    assert_eq!(ring.some.indices(), [1, 5, 9, 4000]);
    assert_eq!(ring.names.read().unwrap()[17], [17, 7]);
}

pub fn twice_is_as_good_as_once(target: &Target) {
    let ring = ring(target);
    let before = ring.answer();
    ring.cx.reorder(&Reorder::cuthill_mckee(&ring.ends)).unwrap();
    ring.cx.reorder(&Reorder::cuthill_mckee(&ring.ends).keep(&ring.edges)).unwrap();
    assert_eq!(ring.answer(), before);
    let Some(order) = ring.nodes.permutation() else {
        assert!(target.ranks() > 1, "the nodes were renumbered");
        return;
    };
    let mut seen = order.to_old().to_vec();
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..LEN as u32));
}

pub fn a_curve_orders_points(target: &Target) {
    let ring = ring(target);
    let before = ring.answer();
    // Neighbors on the ring are neighbors on a circle.
    let mut places = vec![[0.0; 2]; LEN];
    for (i, place) in permutation(LEN, 11).into_iter().enumerate() {
        let angle = i as f64 / LEN as f64 * std::f64::consts::TAU;
        places[place[0] as usize] = [angle.cos(), angle.sin()];
    }
    let points = ring.cx.dat("points", &ring.nodes, &places).unwrap();
    let done = ring.cx.reorder(&Reorder::hilbert(&points)).unwrap();
    let (_, was, is) = &done.maps[0];
    assert!(target.ranks() > 1 || is.mean < was.mean / 20.0, "{done}");
    assert_eq!(ring.answer(), before);
    assert_eq!(*points.read().unwrap(), places[..]);
}

pub fn what_is_declared_afterwards_uses_the_users_numbers(target: &Target) {
    let ring = ring(target);
    ring.cx.reorder(&Reorder::cuthill_mckee(&ring.ends)).unwrap();
    let late = ring.cx.dat("late", &ring.nodes, (0..LEN as u64).collect::<Vec<_>>()).unwrap();
    let same: Map<Nodes, Nodes, 1> = ring
        .cx
        .map("same", &ring.nodes, &ring.nodes, (0..LEN as u32).map(|i| [i]).collect::<Vec<_>>())
        .unwrap();
    let copy: Dat<Nodes, f64> = ring.cx.dat_zeros("copy", &ring.nodes).unwrap();
    par_loop!(number, ring.nodes, late(Read, same[0]), copy(Write)).unwrap();
    let copy = copy.read().unwrap();
    assert!((0..LEN).all(|i| copy[i] == i as f64));
    late.write().unwrap()[3] = 99;
    assert_eq!(late.read().unwrap()[3], 99);
}

pub fn a_guard_keeps_everything_where_it_is(target: &Target) {
    if target.ranks() > 1 {
        // Guards hold copies there.
        return;
    }
    let ring = ring(target);
    let before = ring.answer();
    let guard = ring.names.read().unwrap();
    let error = ring.cx.reorder(&Reorder::cuthill_mckee(&ring.ends)).unwrap_err().to_string();
    assert!(error.contains("dat `names`"), "{error}");
    drop(guard);
    assert!(ring.nodes.permutation().is_none());
    assert_eq!(ring.answer(), before);
}
