//! What a kernel may be written with, and how it is named in a loop.

use op2::prelude::*;

use crate::meshes::{Edges, MANY, N, Nodes, counting};
use crate::target::Target;

/// Kernels in a module of their own.
pub mod inside {
    pub mod deeper {
        #[op2::kernel]
        pub fn triple(x: &mut u32) {
            *x *= 3;
        }
    }

    use op2::prelude::*;

    #[op2::kernel]
    pub(crate) fn store<T: Real>(x: &T, y: Write<T>) {
        *y = *x;
    }
}

use inside::deeper::triple as three_times;

#[op2::kernel]
fn branches(x: &i64, y: Write<i64>) {
    if *x % 3 == 0 {
        *y = 0;
    } else if *x % 3 == 1 {
        let mut sum = 0;
        for k in 0..*x {
            if k % 2 == 0 {
                continue;
            }
            if k > 20 {
                break;
            }
            sum += k;
        }
        *y = sum;
    } else {
        *y = -*x;
    }
}

#[op2::kernel]
fn collatz(start: &u64, steps: Write<u32>) {
    let mut n = *start;
    let mut count = 0;
    while n > 1 {
        n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
        count += 1;
    }
    *steps = count;
}

#[op2::kernel]
fn digits(x: &u64, y: Write<u32>) {
    let mut rest = *x;
    let mut sum = 0_u32;
    loop {
        sum += (rest % 10) as u32;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    *y = sum;
}

#[op2::kernel]
fn choose(kind: &u32, x: &f64, y: Write<f64>) {
    *y = match *kind {
        0 => *x,
        1 | 2 => -*x,
        3..=5 => {
            let half = *x / 2.0;
            half * half
        }
        _ => 0.0,
    };
}

#[op2::kernel]
fn early(x: &u32, y: Write<u32>) {
    *y = 1;
    if *x % 2 == 0 {
        return;
    }
    *y = 2;
}

#[op2::kernel]
fn nested(n: &u32, y: Write<u32>) {
    let mut pairs = 0;
    'outer: for i in 0..10 {
        for j in (0..10).rev() {
            if i * j > *n {
                break 'outer;
            }
            if j < i {
                continue 'outer;
            }
            pairs += 1;
        }
    }
    *y = pairs;
}

#[op2::kernel]
fn shadows(x: &f64, y: Write<[f64; 3]>) {
    let x = *x;
    let (a, b) = (x + 1.0, x * 2.0);
    let x = a;
    let mut row = [a, b, x];
    row[1] += 1.0;
    {
        let x = 100.0;
        row[2] = x;
    }
    *y = row;
}

#[op2::kernel]
fn mathematics(x: &f64, y: Write<[f64; 8]>) {
    y[0] = x.sqrt();
    y[1] = (*x - 2.0).abs().clamp(0.5, 3.0);
    y[2] = x.sin() * x.sin() + x.cos() * x.cos();
    y[3] = x.exp().ln();
    y[4] = x.powi(3) - x.powf(3.0);
    y[5] = x.floor() + x.ceil() + x.round() + x.trunc();
    y[6] = x.hypot(2.0 * *x);
    y[7] = f64::max(x.atan2(1.0), x.tanh());
}

#[op2::kernel]
fn integers(x: &i32, y: &u32, out: Write<[i64; 6]>) {
    out[0] = (*x / 3) as i64;
    out[1] = (*x % 3) as i64;
    out[2] = (*x).abs() as i64;
    out[3] = ((*y << 3) ^ (*y & 5) | (*y >> 1)) as i64;
    out[4] = y.wrapping_mul(2_654_435_761) as i64;
    out[5] = (*x as f64 * 0.5) as i64;
}

#[op2::function]
fn square(x: f64) -> f64 {
    x * x
}

#[op2::function]
fn norm(x: &[f64; 3]) -> f64 {
    let mut sum = 0.0;
    for k in 0..3 {
        sum += square(x[k]);
    }
    sum.sqrt()
}

#[op2::function]
fn normalize(x: &mut [f64; 3]) {
    let length = norm(x);
    for k in 0..3 {
        x[k] /= length;
    }
}

#[op2::function]
fn generic_square<T: Real>(x: T) -> T {
    x * x
}

#[op2::kernel]
fn with_helpers(x: &[f64; 3], y: Write<[f64; 3]>, length: Write<f64>) {
    let mut unit = *x;
    normalize(&mut unit);
    *y = unit;
    *length = norm(x);
}

#[op2::kernel]
fn generic<T: Real>(x: &T, y: Inc<T>) {
    *y += generic_square(*x) + T::ONE;
}

#[op2::kernel]
fn dot<T: Real, const D: usize>(a: &[T; D], b: &[T; D], out: Write<T>) {
    let mut sum = T::ZERO;
    for k in 0..D {
        sum += a[k] * b[k];
    }
    *out = sum;
}

#[op2::kernel(lanes = 1)]
fn one_lane(x: &f64, y: Write<f64>, total: Inc<f64>) {
    *y = *x + 1.0;
    *total += *x;
}

#[op2::kernel(lanes = 64)]
fn many_lanes(x: &f64, y: Write<f64>, total: Inc<f64>) {
    *y = *x + 1.0;
    *total += *x;
}

#[op2::kernel]
fn nothing() {}

pub fn branches_and_counted_loops(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, (0..N as i64).collect::<Vec<_>>()).unwrap();
    let y = cx.dat_zeros::<_, i64>("y", &nodes).unwrap();
    par_loop!(branches, nodes, x(Read), y(Write)).unwrap();
    let odd_sum = |x: i64| (0..x.min(21)).filter(|k| k % 2 == 1).sum();
    let expected = |x: i64| [0, odd_sum(x), -x][(x % 3) as usize];
    assert!(y.read().unwrap().iter().zip(0..).all(|(&y, x)| y == expected(x)));
}

pub fn loops_with_conditions(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, (1..=N as u64).collect::<Vec<_>>()).unwrap();
    let y = cx.dat_zeros::<_, u32>("y", &nodes).unwrap();
    par_loop!(collatz, nodes, x(Read), y(Write)).unwrap();
    assert_eq!(y.read().unwrap()[..8], [0, 1, 7, 2, 5, 8, 16, 3]);
    assert_eq!(y.read().unwrap()[26], 111);
    par_loop!(digits, nodes, x(Read), y(Write)).unwrap();
    let expected = |x: usize| x.to_string().bytes().map(|b| u32::from(b - b'0')).sum::<u32>();
    assert!(y.read().unwrap().iter().zip(1..).all(|(&y, x)| y == expected(x)));
}

pub fn choices_among_literals(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let kind = cx.dat("kind", &nodes, (0..N as u32).map(|i| i % 8).collect::<Vec<_>>()).unwrap();
    let x = cx.dat("x", &nodes, vec![6.0; N]).unwrap();
    let y = cx.dat_zeros::<_, f64>("y", &nodes).unwrap();
    par_loop!(choose, nodes, kind(Read), x(Read), y(Write)).unwrap();
    let expected = [6.0, -6.0, -6.0, 9.0, 9.0, 9.0, 0.0, 0.0];
    assert!(y.read().unwrap().iter().enumerate().all(|(i, &y)| y == expected[i % 8]));
}

pub fn early_returns_and_labels(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    let y = cx.dat_zeros::<_, u32>("y", &nodes).unwrap();
    par_loop!(early, nodes, x(Read), y(Write)).unwrap();
    assert!(y.read().unwrap().iter().enumerate().all(|(i, &y)| y == 1 + i as u32 % 2));
    par_loop!(nested, nodes, x(Read), y(Write)).unwrap();
    let pairs = |n| {
        let outer = (0..10).take_while(|i| i * 9 <= n);
        outer.map(|i| 10 - i).sum::<u32>()
    };
    let y = y.read().unwrap();
    // `i` counts from 0: with i = 0 and 1, no product passes 9.
    assert_eq!((y[9], y[90]), (pairs(9), pairs(90)));
}

pub fn names_shadow_as_in_rust(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, vec![3.0; N]).unwrap();
    let y = cx.dat_zeros::<_, [f64; 3]>("y", &nodes).unwrap();
    par_loop!(shadows, nodes, x(Read), y(Write)).unwrap();
    assert!(y.read().unwrap().iter().all(|&y| y == [4.0, 7.0, 100.0]));
}

pub fn mathematics_of_real_numbers(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let values: Vec<f64> = (0..N).map(|i| 0.25 + i as f64 / 512.0).collect();
    let x = cx.dat("x", &nodes, &values).unwrap();
    let y = cx.dat_zeros::<_, [f64; 8]>("y", &nodes).unwrap();
    par_loop!(mathematics, nodes, x(Read), y(Write)).unwrap();
    for (x, y) in values.iter().zip(y.read().unwrap().iter()) {
        let rounded = x.floor() + x.ceil() + x.round() + x.trunc();
        let expected = [
            x.sqrt(),
            (x - 2.0).abs().clamp(0.5, 3.0),
            1.0,
            *x,
            0.0,
            rounded,
            5_f64.sqrt() * x,
            x.atan().max(x.tanh()),
        ];
        let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-12 * (1.0 + b.abs());
        assert!(y.iter().zip(&expected).all(near), "{x}: {y:?}, {expected:?}");
    }
}

pub fn arithmetic_of_integers(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, (0..N as i32).map(|i| i - 2000).collect::<Vec<_>>()).unwrap();
    let y = cx.dat("y", &nodes, counting(N)).unwrap();
    let out = cx.dat_zeros::<_, [i64; 6]>("out", &nodes).unwrap();
    par_loop!(integers, nodes, x(Read), y(Read), out(Write)).unwrap();
    for (i, out) in (0..N as i64).zip(out.read().unwrap().iter()) {
        let x = i - 2000;
        let hashed = (i as u32).wrapping_mul(2_654_435_761);
        let bits = ((i << 3) ^ (i & 5)) | (i >> 1);
        assert_eq!(*out, [x / 3, x % 3, x.abs(), bits, i64::from(hashed), x / 2]);
    }
}

pub fn kernels_call_functions(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, vec![[2.0, 3.0, 6.0]; N]).unwrap();
    let unit = cx.dat_zeros::<_, [f64; 3]>("unit", &nodes).unwrap();
    let length = cx.dat_zeros::<_, f64>("length", &nodes).unwrap();
    par_loop!(with_helpers, nodes, x(Read), unit(Write), length(Write)).unwrap();
    assert!(length.read().unwrap().iter().all(|&length| length == 7.0));
    assert!(unit.read().unwrap().iter().all(|&x| x == [2.0 / 7.0, 3.0 / 7.0, 6.0 / 7.0]));
}

pub fn generic_kernels_are_inferred_or_named(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let (x, y) = (vec![3.0_f64; N], vec![0.5_f64; N]);
    let (x, y) = (cx.dat("x", &nodes, x).unwrap(), cx.dat("y", &nodes, y).unwrap());
    par_loop!(generic, nodes, x(Read), y(Inc)).unwrap();
    par_loop!(generic::<f64>, nodes, x(Read), y(Inc)).unwrap();
    assert!(y.read().unwrap().iter().all(|&y| y == 20.5));
    let x = cx.dat("x32", &nodes, vec![3.0_f32; N]).unwrap();
    let y = cx.dat("y32", &nodes, vec![0.5_f32; N]).unwrap();
    par_loop!(generic, nodes, x(Read), y(Inc)).unwrap();
    par_loop!(generic::<f32>, nodes, x(Read), y(Inc)).unwrap();
    assert!(y.read().unwrap().iter().all(|&y| y == 20.5));
}

pub fn const_generic_kernels_serve_any_dimension(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let out = cx.dat_zeros::<_, f64>("out", &nodes).unwrap();
    let a = cx.dat("a", &nodes, vec![[3.0, 4.0]; N]).unwrap();
    let b = cx.dat("b", &nodes, vec![[4.0, 5.0]; N]).unwrap();
    par_loop!(dot, nodes, a(Read), b(Read), out(Write)).unwrap();
    assert!(out.read().unwrap().iter().all(|&x| x == 32.0));
    par_loop!(dot::<f64, 2>, nodes, a(Read), a(Read), out(Write)).unwrap();
    assert!(out.read().unwrap().iter().all(|&x| x == 25.0));
    let a = cx.dat("a5", &nodes, vec![[1.0; 5]; N]).unwrap();
    par_loop!(dot, nodes, a(Read), a(Read), out(Write)).unwrap();
    assert!(out.read().unwrap().iter().all(|&x| x == 5.0));
}

pub fn kernels_have_paths_and_other_names(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, vec![1_u32; N]).unwrap();
    par_loop!(inside::deeper::triple, nodes, x(Rw)).unwrap();
    par_loop!(three_times, nodes, x(Rw)).unwrap();
    par_loop!(self::inside::deeper::triple, nodes, x(Rw)).unwrap();
    par_loop!(crate::kernels::inside::deeper::triple, nodes, x(Rw)).unwrap();
    assert!(x.read().unwrap().iter().all(|&x| x == 81));
    let a = cx.dat("a", &nodes, vec![2.5; N]).unwrap();
    let b = cx.dat_zeros::<_, f64>("b", &nodes).unwrap();
    par_loop!(inside::store::<f64>, nodes, a(Read), b(Write)).unwrap();
    assert!(b.read().unwrap().iter().all(|&b| b == 2.5));
}

pub fn a_kernel_may_stand_inside_a_function(target: &Target) {
    #[op2::kernel]
    fn local(x: &mut u32) {
        *x += 5;
    }
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat_zeros::<_, u32>("x", &nodes).unwrap();
    // A variable of the same name is no hindrance.
    let local = &x;
    par_loop!(local, nodes, local(Rw)).unwrap();
    assert!(x.read().unwrap().iter().all(|&x| x == 5));
}

pub fn the_number_of_lanes_does_not_change_values(target: &Target) {
    let cx = target.context();
    for size in [0, 1, 63, 64, 65, 130, MANY] {
        let edges = cx.set::<Edges>(size).unwrap();
        let x = cx.dat("x", &edges, (0..size).map(|i| i as f64).collect::<Vec<_>>()).unwrap();
        let y = cx.dat_zeros::<_, f64>("y", &edges).unwrap();
        let z = cx.dat_zeros::<_, f64>("z", &edges).unwrap();
        let (a, b) = (cx.global("a", 0.0).unwrap(), cx.global("b", 0.0).unwrap());
        par_loop!(one_lane, edges, x(Read), y(Write), a(Inc)).unwrap();
        par_loop!(many_lanes, edges, x(Read), z(Write), b(Inc)).unwrap();
        assert_eq!(*y.read().unwrap(), *z.read().unwrap());
        let sum = (0..size as u64).sum::<u64>() as f64;
        assert_eq!((a.value().unwrap(), b.value().unwrap()), (sum, sum));
    }
}

pub fn a_kernel_may_do_nothing(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    par_loop!(nothing, nodes).unwrap();
    par_loop!(nothing, nodes,).unwrap();
}

pub fn a_kernel_is_a_plain_function_too(_target: &Target) {
    let (mut y, mut out) = (10.0, 0.0);
    generic(&3.0, &mut y);
    dot(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0], &mut out);
    assert_eq!((y, out), (20.0, 32.0));
    let mut steps = 0;
    collatz(&27, &mut steps);
    assert_eq!(steps, 111);
    let mut row = [2.0, 3.0, 6.0];
    normalize(&mut row);
    assert_eq!((row, norm(&[3.0, 4.0, 0.0])), ([2.0 / 7.0, 3.0 / 7.0, 6.0 / 7.0], 5.0));
    nothing();
}
