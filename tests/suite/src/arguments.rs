//! How arguments and spaces are spelled: anything that names a dat, a map or a set.

use std::sync::Arc;

use op2::prelude::*;

use crate::meshes::{Cells, Edges, N, Nodes, counting, path};
use crate::target::Target;

#[op2::kernel]
fn count_ends(a: Inc<u32>, b: Inc<u32>) {
    *a += 1;
    *b += 1;
}

#[op2::kernel]
fn count_one(a: Inc<u32>) {
    *a += 1;
}

#[op2::kernel]
fn count_all(ends: Inc<[u32; 2]>) {
    ends[0] += 1;
    ends[1] += 1;
}

#[op2::kernel]
fn one_more(x: &mut u32) {
    *x += 1;
}

#[op2::kernel]
fn axpy<T: Real>(a: &T, x: &T, y: Inc<T>) {
    *y += *a * *x;
}

struct Mesh {
    edges: Set<Edges>,
    nodes: Set<Nodes>,
    ends: Map<Edges, Nodes, 2>,
    degree: Dat<Nodes, u32>,
    maps: [Map<Edges, Nodes, 2>; 2],
    inner: Inner,
}

struct Inner {
    degree: Arc<Dat<Nodes, u32>>,
}

impl Mesh {
    fn new(cx: &Context) -> Self {
        let edges = cx.set::<Edges>(N).unwrap();
        let nodes = cx.set::<Nodes>(N + 1).unwrap();
        let ends = cx.map("ends", &edges, &nodes, path(N)).unwrap();
        let degree = cx.dat_zeros("degree", &nodes).unwrap();
        let (maps, inner) = ([ends.clone(), ends.clone()], Inner { degree: degree.clone().into() });
        Self { edges, nodes, ends, degree, maps, inner }
    }

    fn count(&self) -> op2::Result<()> {
        par_loop!(
            count_ends,
            self.edges,
            self.degree(Inc, self.ends[0]),
            self.degree(Inc, self.ends[1])
        )
    }

    fn degree(&self) -> &Dat<Nodes, u32> {
        &self.degree
    }

    /// Checks that every edge was counted so many times, and starts anew.
    fn assert_counted(&self, times: u32) {
        let mut degree = self.degree.write().unwrap();
        assert!(degree[1..N].iter().all(|&count| count == 2 * times));
        assert_eq!((degree[0], degree[N]), (times, times));
        degree.fill(0);
    }
}

pub fn fields_name_dats_maps_and_sets(target: &Target) {
    let mesh = Mesh::new(&target.context());
    par_loop!(
        count_ends,
        mesh.edges,
        mesh.degree(Inc, mesh.ends[0]),
        mesh.degree(Inc, mesh.ends[1])
    )
    .unwrap();
    mesh.count().unwrap();
    mesh.assert_counted(2);
    par_loop!(count_all, mesh.edges, mesh.inner.degree(Inc, mesh.ends)).unwrap();
    par_loop!(count_all, mesh.edges, (mesh.degree)(Inc, (mesh.ends))).unwrap();
    mesh.assert_counted(2);
}

pub fn references_name_what_they_refer_to(target: &Target) {
    let mesh = Mesh::new(&target.context());
    let (degree, ends, edges) = (&mesh.degree, &mesh.ends, &mesh.edges);
    par_loop!(count_ends, edges, degree(Inc, ends[0]), degree(Inc, ends[1])).unwrap();
    let (degree, ends, edges) = (&degree, &ends, &edges);
    par_loop!(count_all, edges, degree(Inc, ends)).unwrap();
    par_loop!(count_all, *edges, (*degree)(Inc, *ends)).unwrap();
    par_loop!(count_all, &mesh.edges, (&mesh.degree)(Inc, &mesh.ends)).unwrap();
    mesh.assert_counted(4);
}

pub fn shared_handles_name_what_they_hold(target: &Target) {
    let mesh = Mesh::new(&target.context());
    let (degree, ends, edges) =
        (Arc::new(mesh.degree.clone()), Arc::new(mesh.ends.clone()), Arc::new(mesh.edges.clone()));
    par_loop!(count_ends, edges, degree(Inc, ends[0]), degree(Inc, ends[1])).unwrap();
    let degree = &degree;
    par_loop!(count_all, edges, degree(Inc, ends)).unwrap();
    mesh.assert_counted(2);
}

pub fn temporaries_live_as_long_as_the_loop(target: &Target) {
    let mesh = Mesh::new(&target.context());
    let edges = || mesh.edges.clone();
    let make = || mesh.degree.clone();
    par_loop!(count_all, edges(), make()(Inc, mesh.ends.clone())).unwrap();
    par_loop!(count_all, mesh.edges.clone(), (mesh.degree())(Inc, mesh.ends)).unwrap();
    par_loop!(
        count_ends,
        { &mesh.edges },
        { mesh.degree() }(Inc, { &mesh.ends }[0]),
        { mesh.degree() }(Inc, { &mesh.ends }[1])
    )
    .unwrap();
    mesh.assert_counted(3);
}

pub fn arrays_of_handles_are_indexed(target: &Target) {
    let mesh = Mesh::new(&target.context());
    let dats = [mesh.degree.clone(), mesh.degree.clone()];
    let which = 1;
    par_loop!(count_all, mesh.edges, dats[which](Inc, (mesh.maps[which]))).unwrap();
    par_loop!(count_all, mesh.edges, dats[0](Inc, (mesh.maps[0].clone()))).unwrap();
    // The last index is the entry.
    par_loop!(
        count_ends,
        mesh.edges,
        dats[0](Inc, mesh.maps[which][0]),
        dats[1](Inc, mesh.maps[which][1])
    )
    .unwrap();
    mesh.assert_counted(3);
}

pub fn an_entry_may_be_a_const_parameter(target: &Target) {
    const FIRST: usize = 0;
    fn count<const K: usize>(mesh: &Mesh) -> op2::Result<()> {
        par_loop!(count_one, mesh.edges, mesh.degree(Inc, mesh.ends[K]))
    }
    let mesh = Mesh::new(&target.context());
    par_loop!(count_one, mesh.edges, mesh.degree(Inc, mesh.ends[FIRST])).unwrap();
    count::<1>(&mesh).unwrap();
    mesh.assert_counted(1);
    count::<0>(&mesh).unwrap();
    count::<1>(&mesh).unwrap();
    mesh.assert_counted(1);
}

pub fn loops_stand_in_generic_functions(target: &Target) {
    fn count<E: SetMarker, V: SetMarker>(
        set: &Set<E>,
        map: &Map<E, V, 2>,
        dat: &Dat<V, u32>,
    ) -> op2::Result<()> {
        par_loop!(count_ends, set, dat(Inc, map[0]), dat(Inc, map[1]))
    }
    fn scaled<S: SetMarker, T: Real>(cx: &Context, set: &Set<S>, by: f64) -> op2::Result<f64> {
        let x = cx.dat("scaled x", set, vec![T::ONE; set.size()])?;
        let y = cx.dat_zeros::<_, T>("scaled y", set)?;
        let by = T::from_f64(by);
        par_loop!(axpy, set, by(Read), x(Read), y(Inc))?;
        par_loop!(axpy::<T>, set, by(Read), x(Read), y(Inc))?;
        Ok(y.read()?.iter().map(|y| y.to_f64()).sum())
    }
    let cx = target.context();
    let mesh = Mesh::new(&cx);
    count(&mesh.edges, &mesh.ends, &mesh.degree).unwrap();
    mesh.assert_counted(1);
    let cells = cx.set::<Cells>(100).unwrap();
    assert_eq!(scaled::<_, f64>(&cx, &cells, 0.25).unwrap(), 50.0);
    assert_eq!(scaled::<_, f32>(&cx, &mesh.nodes, 2.0).unwrap(), 4.0 * (N + 1) as f64);
}

pub fn a_loop_is_an_expression(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    let run = |times: usize| -> op2::Result<()> {
        (0..times).try_for_each(|_| par_loop!(one_more, nodes, x(Rw)))
    };
    run(3).unwrap();
    if par_loop!(one_more, nodes, x(Rw)).is_ok() {
        par_loop! { one_more, nodes, x(Rw) }.unwrap();
    }
    assert!(x.read().unwrap().iter().zip(0..).all(|(&x, i)| x == i + 5));
}
