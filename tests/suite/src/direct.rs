//! Loops without maps.

use op2::prelude::*;

use crate::meshes::{MANY, N, Nodes, SIZES, counting};
use crate::target::Target;

#[op2::kernel]
fn answer(x: Write<u32>) {
    *x = 42;
}

#[op2::kernel]
fn answers(x: Write<[u32; 2]>) {
    x[0] = 42;
    x[1] = 43;
}

#[op2::kernel]
fn one_more(x: &mut u32) {
    *x += 1;
}

#[op2::kernel]
fn count(_x: &u32, total: Inc<u64>) {
    *total += 1;
}

#[op2::kernel]
fn sum(x: &u32, total: Inc<u64>) {
    *total += *x as u64;
}

#[op2::kernel]
fn smallest(x: &u32, least: Min<u32>) {
    *least = (*least).min(*x);
}

#[op2::kernel]
fn largest(x: &u32, most: Max<u32>) {
    *most = (*most).max(*x);
}

#[op2::kernel]
fn number(i: &u64, x: Write<u32>) {
    *x = *i as u32 + 1;
}

#[op2::kernel]
fn even_ones(i: &u64, x: Write<u32>) {
    if *i % 2 == 0 {
        *x = 7;
    }
}

#[op2::kernel]
fn first_component(i: &u64, x: Write<[u32; 2]>) {
    x[0] = *i as u32;
}

#[op2::kernel]
fn add(x: &u32, y: Inc<u32>) {
    *y += *x;
}

#[op2::kernel]
fn add_twice(x: &u32, y: Inc<u32>) {
    *y += *x;
    *y += *x;
}

#[op2::kernel]
fn lower(x: &i64, y: Min<i64>) {
    *y = (*y).min(*x);
}

#[op2::kernel]
fn raise(x: &i64, y: Max<i64>) {
    *y = (*y).max(*x);
}

#[op2::kernel]
fn axpby(a: &f64, x: &[f64; 3], b: &f64, y: &[f64; 3], z: Write<[f64; 3]>) {
    for k in 0..3 {
        z[k] = *a * x[k] + *b * y[k];
    }
}

pub fn write_stores_a_value(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    par_loop!(answer, nodes, x(Write)).unwrap();
    assert!(x.read().unwrap().iter().all(|&x| x == 42));
}

pub fn write_stores_both_components(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat_zeros::<_, [u32; 2]>("x", &nodes).unwrap();
    par_loop!(answers, nodes, x(Write)).unwrap();
    assert!(x.read().unwrap().iter().all(|&x| x == [42, 43]));
}

pub fn rw_sees_the_old_value(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    par_loop!(one_more, nodes, x(Rw)).unwrap();
    let total: usize = x.read().unwrap().iter().map(|&x| x as usize).sum();
    assert_eq!(total, N * (N + 1) / 2);
}

pub fn a_global_starts_from_its_value(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    let total = cx.global("total", 10_u64).unwrap();
    par_loop!(count, nodes, x(Read), total(Inc)).unwrap();
    assert_eq!(total.value().unwrap(), N as u64 + 10);
}

pub fn extremes_keep_what_is_already_beyond(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, counting(N).iter().map(|i| i + 10).collect::<Vec<_>>()).unwrap();
    let least = cx.global("least", 3_u32).unwrap();
    let most = cx.global("most", N as u32 + 100).unwrap();
    par_loop!(smallest, nodes, x(Read), least(Min)).unwrap();
    par_loop!(largest, nodes, x(Read), most(Max)).unwrap();
    assert_eq!((least.value().unwrap(), most.value().unwrap()), (3, N as u32 + 100));
    least.set(N as u32);
    most.set(0);
    par_loop!(smallest, nodes, x(Read), least(Min)).unwrap();
    par_loop!(largest, nodes, x(Read), most(Max)).unwrap();
    assert_eq!((least.value().unwrap(), most.value().unwrap()), (10, N as u32 + 9));
}

pub fn writes_by_the_program_are_seen(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    par_loop!(one_more, nodes, x(Rw)).unwrap();
    x.write().unwrap().iter_mut().for_each(|x| *x *= 2);
    par_loop!(one_more, nodes, x(Rw)).unwrap();
    let x = x.read().unwrap();
    assert!(x.iter().enumerate().all(|(i, &x)| x == 2 * (i as u32 + 1) + 1));
}

pub fn a_loop_over_nothing_does_nothing(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(0).unwrap();
    let x = cx.dat("x", &nodes, Vec::<u32>::new()).unwrap();
    let (total, least) = (cx.global("total", 5_u64).unwrap(), cx.global("least", 7_u32).unwrap());
    par_loop!(answer, nodes, x(Write)).unwrap();
    par_loop!(sum, nodes, x(Read), total(Inc)).unwrap();
    par_loop!(smallest, nodes, x(Read), least(Min)).unwrap();
    assert_eq!((total.value().unwrap(), least.value().unwrap()), (5, 7));
    assert!(x.read().unwrap().is_empty());
}

pub fn every_size_of_set_is_covered_once(target: &Target) {
    let cx = target.context();
    for size in SIZES {
        let nodes = cx.set::<Nodes>(size).unwrap();
        let x = cx.dat_zeros::<_, u32>("x", &nodes).unwrap();
        let total = cx.global("total", 0_u64).unwrap();
        par_loop!(number, nodes, index(), x(Write)).unwrap();
        par_loop!(one_more, nodes, x(Rw)).unwrap();
        par_loop!(sum, nodes, x(Read), total(Inc)).unwrap();
        assert!(x.read().unwrap().iter().zip(2..).all(|(&x, i)| x == i), "{size}");
        assert_eq!(total.value().unwrap(), (size * (size + 3) / 2) as u64, "{size}");
    }
}

pub fn a_write_left_out_keeps_the_old_value(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let x = cx.dat("x", &nodes, counting(MANY)).unwrap();
    par_loop!(even_ones, nodes, index(), x(Write)).unwrap();
    let kept = |(i, &x): (usize, &u32)| x == if i % 2 == 0 { 7 } else { i as u32 };
    assert!(x.read().unwrap().iter().enumerate().all(kept));
}

pub fn a_component_left_out_keeps_the_old_value(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let x = cx.dat("x", &nodes, vec![[8, 9]; MANY]).unwrap();
    par_loop!(first_component, nodes, index(), x(Write)).unwrap();
    assert!(x.read().unwrap().iter().enumerate().all(|(i, &x)| x == [i as u32, 9]));
}

pub fn increments_add_to_the_old_value(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let x = cx.dat("x", &nodes, counting(MANY)).unwrap();
    let y = cx.dat("y", &nodes, vec![100_u32; MANY]).unwrap();
    par_loop!(add, nodes, x(Read), y(Inc)).unwrap();
    par_loop!(add_twice, nodes, x(Read), y(Inc)).unwrap();
    assert!(y.read().unwrap().iter().enumerate().all(|(i, &y)| y == 100 + 3 * i as u32));
}

pub fn extremes_combine_with_the_old_value(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let half = MANY as i64 / 2;
    let x = cx.dat("x", &nodes, (0..MANY as i64).collect::<Vec<_>>()).unwrap();
    let low = cx.dat("low", &nodes, vec![half; MANY]).unwrap();
    let high = cx.dat("high", &nodes, vec![half; MANY]).unwrap();
    par_loop!(lower, nodes, x(Read), low(Min)).unwrap();
    par_loop!(raise, nodes, x(Read), high(Max)).unwrap();
    assert!(low.read().unwrap().iter().zip(0..).all(|(&low, i)| low == half.min(i)));
    assert!(high.read().unwrap().iter().zip(0..).all(|(&high, i)| high == half.max(i)));
}

pub fn several_dats_and_values_make_one_loop(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let x: Vec<_> = (0..MANY).map(|i| [i as f64, 1.0, -1.0]).collect();
    let x = cx.dat("x", &nodes, x).unwrap();
    let y = cx.dat("y", &nodes, vec![[1.0, 2.0, 3.0]; MANY]).unwrap();
    let z = cx.dat_zeros::<_, [f64; 3]>("z", &nodes).unwrap();
    let (a, b) = (2.0, 10.0);
    par_loop!(axpby, nodes, a(Read), x(Read), b(Read), y(Read), z(Write)).unwrap();
    let z = z.read().unwrap();
    assert!(z.iter().enumerate().all(|(i, &z)| z == [2.0 * i as f64 + 10.0, 22.0, 28.0]));
}
