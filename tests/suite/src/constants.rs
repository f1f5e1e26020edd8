//! Constants that kernels read by name.
//!
//! A constant belongs to the process, and tests run side by side: each one here is used by one test.

use op2::prelude::*;

use crate::meshes::{MANY, N, Nodes};
use crate::target::Target;

op2::constants! {
    FACTOR: f64 = 2.0;
    OFFSETS: [i64; 3] = [1, 10, 100];
    LATER: f64;
    NEVER: f64;
    ALSO_NEVER: u32;
    STEP: f64 = 0.5;
    SIDES: [[f64; 2]; 2] = [[1.0, 2.0], [3.0, 4.0]];
    NARROW: f32 = 0.25;
    SMALL: u8 = 3;
    WIDE: f64 = 7.0;
    FLAG: bool = true;
    INNER: f64 = 3.0;
    OUTER: f64 = 5.0;
    GENERIC: f64 = 1.5;
    CALLED: f64 = 4.0;
}

/// An ordinary Rust constant.
const PLAIN: f64 = 8.0;
const PLAIN_ROW: [u32; 2] = [5, 6];

#[op2::kernel]
fn scale(x: &mut f64) {
    *x *= FACTOR;
}

#[op2::kernel]
fn add_offsets(x: &mut [i64; 3]) {
    for k in 0..3 {
        x[k] += OFFSETS[k];
    }
}

#[op2::kernel]
fn set_later(x: Write<f64>) {
    *x = LATER;
}

#[op2::kernel]
fn set_never(x: Write<f64>) {
    *x = NEVER + ALSO_NEVER as f64;
}

#[op2::kernel]
fn advance(x: &mut f64) {
    *x += STEP;
}

#[op2::kernel]
fn mixed(x: Write<[f64; 2]>, y: Write<f32>, n: Write<u32>) {
    x[0] = SIDES[0][1] * WIDE;
    x[1] = SIDES[1][0] + WIDE;
    *y = NARROW;
    *n = if FLAG { SMALL as u32 } else { 0 };
}

#[op2::function]
fn inner(x: f64) -> f64 {
    x * INNER
}

#[op2::function]
fn outer(x: f64) -> f64 {
    inner(x) + OUTER
}

#[op2::kernel]
fn through_functions(x: &f64, y: Write<f64>) {
    *y = outer(*x) + inner(1.0) * OUTER;
}

#[op2::kernel]
fn plain_ones(x: Write<f64>, n: Write<[u32; 2]>) {
    *x = PLAIN;
    n[0] = PLAIN_ROW[1];
    n[1] = PLAIN_ROW[0];
}

#[op2::kernel]
fn generic_scale<T: Real>(x: &mut T) {
    *x *= T::from_f64(GENERIC);
}

#[op2::kernel]
fn called(x: &f64, y: Inc<f64>) {
    *y += CALLED * *x;
}

pub fn a_kernel_reads_a_constant(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let x = cx.dat("x", &nodes, vec![1.5; MANY]).unwrap();
    par_loop!(scale, nodes, x(Rw)).unwrap();
    assert!(x.read().unwrap().iter().all(|&x| x == 3.0));
    assert_eq!((FACTOR.get(), FACTOR.name()), (2.0, "FACTOR"));
}

pub fn a_kernel_reads_an_array_constant(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let x = cx.dat("x", &nodes, vec![[1_i64, 2, 3]; MANY]).unwrap();
    par_loop!(add_offsets, nodes, x(Rw)).unwrap();
    assert!(x.read().unwrap().iter().all(|&x| x == [2, 12, 103]));
}

pub fn constants_of_all_types_in_one_kernel(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat_zeros::<_, [f64; 2]>("x", &nodes).unwrap();
    let y = cx.dat_zeros::<_, f32>("y", &nodes).unwrap();
    let n = cx.dat_zeros::<_, u32>("n", &nodes).unwrap();
    par_loop!(mixed, nodes, x(Write), y(Write), n(Write)).unwrap();
    assert!(x.read().unwrap().iter().all(|&x| x == [14.0, 10.0]));
    assert!(y.read().unwrap().iter().all(|&y| y == 0.25));
    assert!(n.read().unwrap().iter().all(|&n| n == 3));
}

pub fn a_constant_changes_between_loops(target: &Target) {
    if target.ranks() > 1 {
        // Ranks that are threads have their constants in common: tests/ranks/freshness.rs has them wait.
        return;
    }
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let x = cx.dat("x", &nodes, vec![0.0; MANY]).unwrap();
    for step in [0.5, 1.0, 2.0] {
        STEP.set(step);
        par_loop!(advance, nodes, x(Rw)).unwrap();
    }
    assert!(x.read().unwrap().iter().all(|&x| x == 3.5));
    assert_eq!(STEP.get(), 2.0);
}

pub fn a_constant_may_get_its_value_later(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat_zeros::<_, f64>("x", &nodes).unwrap();
    LATER.set(6.0);
    par_loop!(set_later, nodes, x(Write)).unwrap();
    assert!(x.read().unwrap().iter().all(|&x| x == 6.0));
}

pub fn a_constant_without_a_value_is_an_error(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, vec![1.0; N]).unwrap();
    let error = par_loop!(set_never, nodes, x(Write)).unwrap_err().to_string();
    assert!(error.contains("loop `set_never`"), "{error}");
    assert!(error.contains("constant `NEVER` is used before it is set"), "{error}");
    assert!(error.contains("call `NEVER.set(..)` first"), "{error}");
    assert_eq!(NEVER.try_get(), None);
    assert!(x.read().unwrap().iter().all(|&x| x == 1.0), "nothing was run");
}

pub fn functions_read_constants_too(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let x = cx.dat("x", &nodes, (0..MANY).map(|i| i as f64).collect::<Vec<_>>()).unwrap();
    let y = cx.dat_zeros::<_, f64>("y", &nodes).unwrap();
    par_loop!(through_functions, nodes, x(Read), y(Write)).unwrap();
    let expected = |i: usize| 3.0 * i as f64 + 5.0 + 15.0;
    assert!(y.read().unwrap().iter().enumerate().all(|(i, &y)| y == expected(i)));
}

pub fn rust_constants_are_read_by_name(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat_zeros::<_, f64>("x", &nodes).unwrap();
    let n = cx.dat_zeros::<_, [u32; 2]>("n", &nodes).unwrap();
    par_loop!(plain_ones, nodes, x(Write), n(Write)).unwrap();
    assert!(x.read().unwrap().iter().all(|&x| x == 8.0));
    assert!(n.read().unwrap().iter().all(|&n| n == [6, 5]));
}

pub fn generic_kernels_read_constants(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, vec![2.0_f64; N]).unwrap();
    let y = cx.dat("y", &nodes, vec![4.0_f32; N]).unwrap();
    par_loop!(generic_scale, nodes, x(Rw)).unwrap();
    par_loop!(generic_scale, nodes, y(Rw)).unwrap();
    assert!(x.read().unwrap().iter().all(|&x| x == 3.0));
    assert!(y.read().unwrap().iter().all(|&y| y == 6.0));
}

pub fn a_kernel_called_as_a_function_reads_constants(_target: &Target) {
    let (mut y, mut z) = (1.0, 0.0);
    called(&2.0, &mut y);
    through_functions(&2.0, &mut z);
    assert_eq!((y, z), (9.0, 26.0));
}
