//! The small dense functions, called from kernels of this crate.

use op2::dense::{self, cross, det3, inverse3, mat_mat};
use op2::prelude::*;

use crate::meshes::{N, Nodes};
use crate::target::Target;

#[op2::kernel]
fn three(
    a: &[[f64; 3]; 3],
    b: &[f64; 3],
    d: Write<f64>,
    unit: Write<[[f64; 3]; 3]>,
    x: Write<[f64; 3]>,
) {
    *d = det3(a);
    let inverse = inverse3(a);
    *unit = mat_mat(a, &inverse);
    *x = dense::solve3(a, b);
}

#[op2::kernel]
fn any<T: Real, const K: usize>(a: &[[T; K]; K], b: &[T; K], x: Write<[T; K]>, n: Inc<T>) {
    *x = dense::solve(a, b);
    let y = dense::mat_vec(a, b);
    *n += dense::norm(&y) + dense::dot(b, &y);
}

#[op2::kernel]
fn normal(x: &[[f64; 3]; 3], n: Write<[f64; 3]>) {
    let (a, b) = (dense::sub(&x[1], &x[0]), dense::sub(&x[2], &x[0]));
    let c = cross(&a, &b);
    *n = dense::normalized(&c);
}

pub fn kernels_of_another_crate_call_dense_functions(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let a =
        cx.dat("a", &nodes, vec![[[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [1.0, 0.0, -2.0]]; N]).unwrap();
    let b = cx.dat("b", &nodes, vec![[5.0, 11.0, -5.0]; N]).unwrap();
    let d: Dat<Nodes, f64> = cx.dat_zeros("d", &nodes).unwrap();
    let unit: Dat<Nodes, [[f64; 3]; 3]> = cx.dat_zeros("unit", &nodes).unwrap();
    let x: Dat<Nodes, [f64; 3]> = cx.dat_zeros("x", &nodes).unwrap();
    par_loop!(three, nodes, a(Read), b(Read), d(Write), unit(Write), x(Write)).unwrap();
    assert!(d.read().unwrap().iter().all(|&d| d == 4.0));
    let one = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    assert!(unit.read().unwrap().iter().all(|&unit| unit == one));
    assert!(x.read().unwrap().iter().all(|&x| x == [1.0, 2.0, 3.0]));
}

pub fn dense_functions_serve_any_size_and_precision(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let a = cx.dat("a", &nodes, vec![[[0.0_f32, 2.0], [4.0, 0.0]]; N]).unwrap();
    let b = cx.dat("b", &nodes, vec![[2.0_f32, 4.0]; N]).unwrap();
    let x: Dat<Nodes, [f32; 2]> = cx.dat_zeros("x", &nodes).unwrap();
    let n: Dat<Nodes, f32> = cx.dat_zeros("n", &nodes).unwrap();
    par_loop!(any, nodes, a(Read), b(Read), x(Write), n(Inc)).unwrap();
    assert!(x.read().unwrap().iter().all(|&x| x == [1.0, 1.0]));
    assert!(n.read().unwrap().iter().all(|&n| n == 128.0_f32.sqrt() + 48.0));
}

pub fn normals_point_up(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let corners = [[0.0, 0.0, 1.0], [2.0, 0.0, 1.0], [0.0, 4.0, 1.0]];
    let x = cx.dat("x", &nodes, vec![corners; N]).unwrap();
    let n: Dat<Nodes, [f64; 3]> = cx.dat_zeros("n", &nodes).unwrap();
    par_loop!(normal, nodes, x(Read), n(Write)).unwrap();
    assert!(n.read().unwrap().iter().all(|&n| n == [0.0, 0.0, 1.0]));
}
