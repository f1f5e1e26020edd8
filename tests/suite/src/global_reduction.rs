//! Sums, minima and maxima over a loop: globals and reduction handles.

use op2::prelude::*;

use crate::meshes::{Graph, MANY, N, Nodes, SIZES, counting, random_rows, random_values};
use crate::target::Target;

/// Sum, minimum and maximum of one number type, alone and in twos.
macro_rules! reduces {
    ($($ty:ident)*) => {$(
        mod $ty {
            use op2::prelude::*;

            use crate::meshes::Nodes;
            use crate::target::Target;

            #[op2::kernel]
            fn one(x: &$ty, sum: Inc<$ty>, low: Min<$ty>, high: Max<$ty>) {
                *sum += *x;
                *low = (*low).min(*x);
                *high = (*high).max(*x);
            }

            #[op2::kernel]
            fn two(
                x: &[$ty; 2], sum: Inc<[$ty; 2]>, low: Min<[$ty; 2]>, high: Max<[$ty; 2]>,
            ) {
                for k in 0..2 {
                    sum[k] += x[k];
                    low[k] = low[k].min(x[k]);
                    high[k] = high[k].max(x[k]);
                }
            }

            pub(super) fn all(target: &Target, len: usize) {
                let cx = target.context();
                let nodes = cx.set::<Nodes>(len).unwrap();
                // 17 and 100 are coprime, so that all of 0..100 occur: sums stay exact in any type.
                let values: Vec<$ty> = (0..len).map(|i| ((17 * i + 3) % 100) as $ty).collect();
                let total = values.iter().sum::<$ty>();
                let x = cx.dat("x", &nodes, &values).unwrap();
                let (sum, low, high) = (
                    cx.global("sum", 5 as $ty).unwrap(),
                    cx.global("low", 50 as $ty).unwrap(),
                    cx.global("high", 50 as $ty).unwrap(),
                );
                par_loop!(one, nodes, x(Read), sum(Inc), low(Min), high(Max)).unwrap();
                assert_eq!(sum.value().unwrap(), 5 as $ty + total);
                assert_eq!((low.value().unwrap(), high.value().unwrap()), (0 as $ty, 99 as $ty));

                let pairs: Vec<[$ty; 2]> = values.iter().map(|&x| [x, 99 as $ty - x]).collect();
                let x = cx.dat("pairs", &nodes, pairs).unwrap();
                let mirrored = 99 as $ty * len as $ty - total;
                let sum = cx.global("sum", [1 as $ty, 2 as $ty]).unwrap();
                let (low, high) = (cx.reduction::<[$ty; 2]>("low"), cx.reduction::<[$ty; 2]>("high"));
                par_loop!(two, nodes, x(Read), sum(Inc), low(Min), high(Max)).unwrap();
                assert_eq!(sum.value().unwrap(), [1 as $ty + total, 2 as $ty + mirrored]);
                assert_eq!(low.value().unwrap(), [0 as $ty; 2]);
                assert_eq!(high.value().unwrap(), [99 as $ty; 2]);
            }
        }
    )*};
}

reduces!(u32 i32 u64 i64 f32 f64);

#[op2::kernel]
fn add(x: &u32, sum: Inc<u64>) {
    *sum += *x as u64;
}

#[op2::kernel]
fn add_to_both(x: &u32, sum: Inc<u64>, ten_sums: Inc<u64>) {
    *sum += *x as u64;
    *ten_sums += 10 * *x as u64;
}

#[op2::kernel]
fn sum_and_extremes(x: &f64, sum: Inc<f64>, low: Min<f64>, high: Max<f64>) {
    *sum += *x;
    *low = (*low).min(*x);
    *high = (*high).max(*x);
}

#[op2::kernel]
fn sum_of_ends(a: &f64, b: &f64, sum: Inc<f64>) {
    *sum += *a * *b;
}

#[op2::kernel]
fn scale(by: &f64, x: &mut f64) {
    *x *= *by;
}

#[op2::kernel]
fn largest(x: &f64, high: Max<f64>) {
    *high = (*high).max(*x);
}

#[op2::kernel]
fn smallest(x: &f64, low: Min<f64>) {
    *low = (*low).min(*x);
}

#[op2::kernel]
fn add_matrix(x: &f64, sum: Inc<[[f64; 3]; 2]>) {
    for i in 0..2 {
        for j in 0..3 {
            sum[i][j] += *x * (3 * i + j) as f64;
        }
    }
}

pub fn unsigned_numbers_reduce(target: &Target) {
    u32::all(target, N);
    u32::all(target, MANY);
    u64::all(target, MANY);
}

pub fn signed_numbers_reduce(target: &Target) {
    i32::all(target, N);
    i32::all(target, MANY);
    i64::all(target, MANY);
}

pub fn real_numbers_reduce(target: &Target) {
    f32::all(target, N);
    f32::all(target, MANY);
    f64::all(target, N);
    f64::all(target, MANY);
}

pub fn every_size_of_set_reduces(target: &Target) {
    let cx = target.context();
    for size in SIZES {
        let nodes = cx.set::<Nodes>(size).unwrap();
        let x = cx.dat("x", &nodes, counting(size)).unwrap();
        let sum = cx.global("sum", 1).unwrap();
        par_loop!(add, nodes, x(Read), sum(Inc)).unwrap();
        let expected = 1 + (0..size as u64).sum::<u64>();
        assert_eq!(sum.value().unwrap(), expected, "{size}");
    }
}

pub fn a_global_passed_twice_gets_both_sums(target: &Target) {
    let cx = target.context();
    for size in [N, MANY] {
        let nodes = cx.set::<Nodes>(size).unwrap();
        let x = cx.dat("x", &nodes, counting(size)).unwrap();
        let sum = cx.global("sum", 0).unwrap();
        par_loop!(add_to_both, nodes, x(Read), sum(Inc), sum(Inc)).unwrap();
        assert_eq!(sum.value().unwrap(), 11 * (0..size as u64).sum::<u64>());
        let sum = cx.reduction::<u64>("sum");
        par_loop!(add_to_both, nodes, x(Read), sum(Inc), sum(Inc)).unwrap();
        assert_eq!(sum.value().unwrap(), 11 * (0..size as u64).sum::<u64>());
    }
}

pub fn two_globals_in_one_loop(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let x = cx.dat("x", &nodes, counting(MANY)).unwrap();
    let (a, b) = (cx.global("a", 0).unwrap(), cx.global("b", 7).unwrap());
    par_loop!(add_to_both, nodes, x(Read), a(Inc), b(Inc)).unwrap();
    let sum = (0..MANY as u64).sum::<u64>();
    assert_eq!((a.value().unwrap(), b.value().unwrap()), (sum, 7 + 10 * sum));
}

pub fn a_loop_run_again_adds_again(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    let sum = cx.global("sum", 0).unwrap();
    for _ in 0..3 {
        par_loop!(add, nodes, x(Read), sum(Inc)).unwrap();
    }
    // The same loop, written anew.
    par_loop!(add, nodes, x(Read), sum(Inc)).unwrap();
    assert_eq!(sum.value().unwrap(), 4 * (0..N as u64).sum::<u64>());
    sum.set(1);
    par_loop!(add, nodes, x(Read), sum(Inc)).unwrap();
    assert_eq!(sum.value().unwrap(), 1 + (0..N as u64).sum::<u64>());
}

pub fn a_global_of_many_components(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let x = cx.dat("x", &nodes, vec![1.0; MANY]).unwrap();
    let sum = cx.global("sum", [[1.0; 3]; 2]).unwrap();
    par_loop!(add_matrix, nodes, x(Read), sum(Inc)).unwrap();
    let expected = |k: usize| 1.0 + (k * MANY) as f64;
    let expected = [[0, 1, 2].map(expected), [3, 4, 5].map(expected)];
    assert_eq!(sum.value().unwrap(), expected);
}

pub fn real_sums_are_those_of_a_plain_loop(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let values = random_values(MANY, 1);
    let x = cx.dat("x", &nodes, &values).unwrap();
    let sum = cx.global("sum", 0.25).unwrap();
    let (low, high) = (cx.global("low", 0.0).unwrap(), cx.global("high", 0.0).unwrap());
    par_loop!(sum_and_extremes, nodes, x(Read), sum(Inc), low(Min), high(Max)).unwrap();
    let plain = 0.25 + values.iter().fold(0.0, |sum, x| sum + x);
    assert!(target.agrees(sum.value().unwrap(), plain, MANY as f64));
    assert_eq!(low.value().unwrap(), values.iter().copied().fold(0.0, f64::min));
    assert_eq!(high.value().unwrap(), values.iter().copied().fold(0.0, f64::max));
}

pub fn sums_over_values_behind_a_map(target: &Target) {
    let table = random_rows::<2>(MANY, 3001, 2);
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), 3001, &table);
    let values = random_values(3001, 3);
    let x = cx.dat("x", &nodes, &values).unwrap();
    let sum = cx.global("sum", 0.0).unwrap();
    par_loop!(sum_of_ends, edges, x(Read, ends[0]), x(Read, ends[1]), sum(Inc)).unwrap();
    let product = |&[a, b]: &[u32; 2]| values[a as usize] * values[b as usize];
    let plain = table.iter().map(product).fold(0.0, |sum, x| sum + x);
    assert!(target.agrees(sum.value().unwrap(), plain, MANY as f64));
}

pub fn a_global_changed_between_loops_is_seen(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let x = cx.dat("x", &nodes, vec![1.0; MANY]).unwrap();
    let by = cx.global("by", 2.0).unwrap();
    for factor in [2.0, 3.0, 5.0] {
        by.set(factor);
        par_loop!(scale, nodes, by(Read), x(Rw)).unwrap();
    }
    assert!(x.read().unwrap().iter().all(|&x| x == 30.0));
    assert_eq!(by.value().unwrap(), 5.0, "reading leaves it alone");
}

pub fn a_reduced_global_is_read_by_the_next_loop(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let values: Vec<f64> = (0..MANY).map(|i| i as f64).collect();
    let x = cx.dat("x", &nodes, values).unwrap();
    let high = cx.global("high", 0.0).unwrap();
    par_loop!(largest, nodes, x(Read), high(Max)).unwrap();
    par_loop!(scale, nodes, high(Read), x(Rw)).unwrap();
    let high = (MANY - 1) as f64;
    assert!(x.read().unwrap().iter().enumerate().all(|(i, &x)| x == i as f64 * high));
}

pub fn a_reduction_starts_from_the_identity(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let values: Vec<f64> = (0..N).map(|i| -1.0 - i as f64).collect();
    let x = cx.dat("x", &nodes, values).unwrap();
    let r = cx.reduction::<f64>("r");
    par_loop!(largest, nodes, x(Read), r(Max)).unwrap();
    assert_eq!(r.value().unwrap(), -1.0, "all values are negative");
    par_loop!(smallest, nodes, x(Read), r(Min)).unwrap();
    assert_eq!(r.value().unwrap(), -(N as f64), "reading has set it back, so it may be a minimum");
    let sum = cx.reduction::<[[f64; 3]; 2]>("sum");
    par_loop!(add_matrix, nodes, x(Read), sum(Inc)).unwrap();
    assert_eq!(sum.value().unwrap()[0][0], 0.0);
}

pub fn a_reduction_collects_until_it_is_read(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    let sum = cx.reduction::<u64>("sum");
    let once = (0..N as u64).sum::<u64>();
    par_loop!(add, nodes, x(Read), sum(Inc)).unwrap();
    par_loop!(add, nodes, x(Read), sum(Inc)).unwrap();
    assert_eq!(sum.value().unwrap(), 2 * once);
    assert_eq!(sum.value().unwrap(), 0, "reading starts it anew");
    par_loop!(add, nodes, x(Read), sum(Inc)).unwrap();
    assert_eq!(sum.clone().value().unwrap(), once, "a clone is the same handle");
}

pub fn a_reduction_holds_one_kind_of_result(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, random_values(N, 4)).unwrap();
    let r = cx.reduction::<f64>("r");
    par_loop!(smallest, nodes, x(Read), r(Min)).unwrap();
    let error = par_loop!(largest, nodes, x(Read), r(Max)).unwrap_err().to_string();
    assert!(error.contains("reduction `r` holds a Min that was not read"), "{error}");
    assert!(error.contains("argument 2 `r(Max)`"), "{error}");
    assert!(r.value().unwrap() < -0.9, "the refused loop has changed nothing");
    par_loop!(largest, nodes, x(Read), r(Max)).unwrap();
    assert!(r.value().unwrap() > 0.9);
}
