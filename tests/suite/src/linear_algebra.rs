//! The built-ins: arithmetic on whole dats, and norms.

use op2::builtins;
use op2::prelude::*;

use crate::meshes::{MANY, N, Nodes, random_values};
use crate::target::Target;

pub fn norm_and_inner_product_of_small_vectors(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(2).unwrap();
    let x = cx.dat("x", &nodes, [3.0, 4.0]).unwrap();
    let y = cx.dat("y", &nodes, [4.0, 5.0]).unwrap();
    assert_eq!(builtins::norm2(&x).unwrap(), 5.0);
    assert_eq!(builtins::dot(&x, &y).unwrap(), 32.0);
    assert_eq!(builtins::abs_max(&y).unwrap(), 5.0);
}

pub fn integers_and_arrays_take_part(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, vec![[3_i64, -4]; N]).unwrap();
    assert_eq!(builtins::sum(&x).unwrap(), [3 * N as i64, -4 * N as i64]);
    assert_eq!(builtins::dot(&x, &x).unwrap(), 25 * N as i64);
    assert_eq!(builtins::norm2(&x).unwrap(), (25.0 * N as f64).sqrt());
    assert_eq!(builtins::abs_max(&x).unwrap(), 4);
    assert_eq!(builtins::min(&x).unwrap(), [3, -4]);
    let f = cx.dat("f", &nodes, vec![0.5_f32; N]).unwrap();
    assert_eq!(builtins::sum(&f).unwrap(), N as f32 / 2.0);
}

/// Every operation on operands of its own, against plain arithmetic on plain arrays.
pub fn results_are_those_of_plain_arithmetic(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let (a, b) = (random_values(MANY, 1), random_values(MANY, 2));
    let x = cx.dat("x", &nodes, &a).unwrap();
    let y = cx.dat("y", &nodes, &b).unwrap();
    let z: Dat<Nodes, f64> = cx.dat_zeros("z", &nodes).unwrap();
    let expect = |plain: &dyn Fn(f64, f64) -> f64| {
        let plain: Vec<f64> = a.iter().zip(&b).map(|(&a, &b)| plain(a, b)).collect();
        assert_eq!(&*z.read().unwrap(), &plain[..]);
    };
    builtins::add(&x, &y, &z).unwrap();
    expect(&|a, b| a + b);
    builtins::sub(&x, &y, &z).unwrap();
    expect(&|a, b| a - b);
    builtins::mul(&x, &y, &z).unwrap();
    expect(&|a, b| a * b);
    builtins::div(&x, &y, &z).unwrap();
    expect(&|a, b| a / b);
    builtins::copy(&x, &z).unwrap();
    builtins::axpy(0.25, &y, &z).unwrap();
    expect(&|a, b| a + 0.25 * b);
    builtins::scale(2.0, &z).unwrap();
    expect(&|a, b| (a + 0.25 * b) * 2.0);
    builtins::fill(7.0, &z).unwrap();
    expect(&|_, _| 7.0);
    let sum: f64 = a.iter().sum();
    assert!(target.agrees(builtins::sum(&x).unwrap(), sum, MANY as f64));
    let dot: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
    assert!(target.agrees(builtins::dot(&x, &y).unwrap(), dot, MANY as f64));
    let largest = a.iter().fold(f64::NEG_INFINITY, |m, &a| m.max(a));
    assert_eq!(builtins::max(&x).unwrap(), largest);
    let smallest = a.iter().fold(f64::INFINITY, |m, &a| m.min(a));
    assert_eq!(builtins::min(&x).unwrap(), smallest);
}

pub fn a_result_may_be_an_operand(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(3).unwrap();
    let x = cx.dat("x", &nodes, [[6.0, 8.0]; 3]).unwrap();
    let y = cx.dat("y", &nodes, [[2.0, 4.0]; 3]).unwrap();
    let both = |x_is: [f64; 2], y_is: [f64; 2]| {
        assert_eq!((x.read().unwrap()[2], y.read().unwrap()[2]), (x_is, y_is));
    };
    builtins::sub(&x, &y, &x).unwrap();
    both([4.0, 4.0], [2.0, 4.0]);
    builtins::sub(&x, &y, &y).unwrap();
    both([4.0, 4.0], [2.0, 0.0]);
    builtins::add(&x, &y, &y).unwrap();
    both([4.0, 4.0], [6.0, 4.0]);
    builtins::div(&x, &x, &x).unwrap();
    both([1.0, 1.0], [6.0, 4.0]);
    builtins::mul(&y, &y, &y).unwrap();
    both([1.0, 1.0], [36.0, 16.0]);
    builtins::axpy(2.0, &y, &y).unwrap();
    builtins::copy(&x, &x).unwrap();
    both([1.0, 1.0], [108.0, 48.0]);
}

pub fn an_empty_set_has_empty_sums(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(0).unwrap();
    let x: Dat<Nodes, f64> = cx.dat_zeros("x", &nodes).unwrap();
    assert_eq!(builtins::sum(&x).unwrap(), 0.0);
    assert_eq!(builtins::norm2(&x).unwrap(), 0.0);
    assert_eq!(builtins::abs_max(&x).unwrap(), 0.0);
    assert_eq!(builtins::min(&x).unwrap(), f64::INFINITY);
}

pub fn dats_of_different_sets_do_not_mix(target: &Target) {
    let cx = target.context();
    let (one, other) = (cx.set::<Nodes>(3).unwrap(), cx.set::<Nodes>(4).unwrap());
    let x: Dat<Nodes, f64> = cx.dat_zeros("x", &one).unwrap();
    let y: Dat<Nodes, f64> = cx.dat_zeros("y", &other).unwrap();
    let error = builtins::axpy(1.0, &x, &y).unwrap_err().to_string();
    assert!(error.contains("dat `x` lives on set `Nodes` of 3"), "{error}");
}
