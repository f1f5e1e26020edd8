//! Kernels by hand: what the language has, one by one, and all functions of the mathematical library.

use op2::prelude::*;

op2::constants! {
    GAM: f64 = 1.4;
    OFFSETS: [f64; 3] = [1.0, 2.0, 3.0];
}

const NV: usize = 3;
const WEIGHTS: [[f32; 2]; 2] = [[0.1, 0.2], [0.3, 1e-30]];

/// Two fields that a literal may name in any order.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, op2::Element)]
pub struct Particle {
    #[allow(missing_docs)]
    pub position: [f64; 2],
    #[allow(missing_docs)]
    pub mass: f64,
}

/// The flux of the airfoil example, in a simple form.
#[op2::kernel]
pub fn flux(x1: &[f64; 2], x2: &[f64; 2], q: &[f64; 4], res: Inc<[f64; 4]>) {
    let dx = x1[0] - x2[0];
    let dy = x1[1] - x2[1];
    let ri = 1.0 / q[0];
    let p = (GAM - 1.0) * (q[3] - 0.5 * ri * (q[1] * q[1] + q[2] * q[2]));
    let vol = ri * (q[1] * dy - q[2] * dx);
    res[0] += vol * q[0];
    res[1] += vol * q[1] + p * dy;
    res[3] -= vol * (q[3] + p);
}

/// The larger of two, of any number type.
#[op2::function]
pub fn larger<T: op2::Number>(a: T, b: T) -> T {
    if a > b { a } else { b }
}

/// Adds a constant of its own, and says whether anything changed.
#[op2::function]
pub fn shift(row: &mut [f64; NV], by: f64) -> bool {
    for i in 0..NV {
        row[i] += by * OFFSETS[i];
    }
    by != 0.0
}

/// Helpers, constants, struct literals, and an order of evaluation that matters.
#[op2::kernel]
pub fn order(p: &mut Particle, rows: &mut [[f64; NV]; 2], n: &mut i32) {
    let before = rows[0][0] + if shift(&mut rows[0], p.mass) { rows[0][0] } else { 0.0 };
    *n += i32::from(*n < 10 && shift(&mut rows[1], GAM));
    *n *= *n + larger(*n, 3);
    let moved = Particle { mass: larger(before, p.mass), position: [p.position[1], before] };
    *p = moved;
}

/// Constants of its own, of a function, and a Rust constant.
#[op2::kernel]
pub fn advance(x: &[f64; NV], y: &mut [f64; NV]) {
    shift(y, x[0]);
    for i in 0..NV {
        y[i] = y[i] * GAM + OFFSETS[i] * f64::from(WEIGHTS[1][i % 2]);
    }
}

/// Loops that end early, and a match.
#[op2::kernel]
pub fn search(table: &[[u8; 4]; 4], found: Write<[u32; 2]>) {
    *found = [u32::MAX; 2];
    'rows: for i in (0..4).rev() {
        for j in 0..=3_usize {
            let kind = match table[i][j] {
                0 | 255 => continue 'rows,
                1..=9 => 1_u32,
                _ => j as u32,
            };
            if kind == 2 {
                *found = [i as u32, kind];
                break 'rows;
            }
        }
    }
}

/// A generic kernel with Rust constants.
#[op2::kernel]
pub fn weighted<T: Real, const N: usize>(x: &[T; N], y: Write<T>) {
    let mut sum = T::ZERO;
    for k in 0..N {
        sum += x[k] * T::from_f64(f64::from(WEIGHTS[k % 2][1]));
    }
    let (sin, cos) = sum.sin_cos();
    *y = sin.max(cos) + T::EPSILON;
}

/// As many numbers as its parameter says.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, op2::Element)]
pub struct Row<const N: usize> {
    #[allow(missing_docs)]
    pub values: [f64; N],
}

/// The sum of a row, whose length follows from the argument.
#[op2::function]
pub fn total<const N: usize>(row: &Row<N>) -> f64 {
    let mut sum = 0.0;
    for k in 0..N {
        sum += row.values[k];
    }
    sum
}

/// The mean of `M` copies of a number.
#[op2::function]
pub fn mean<const M: usize>(value: f64) -> f64 {
    let mut copies = [value; M];
    copies[0] += 1.0;
    let mut sum = 0.0;
    for k in 0..copies.len() {
        sum += copies[k];
    }
    sum / M as f64
}

/// Lengths that stand in the body, in the type of an argument, or in a call.
#[op2::kernel]
pub fn lengths(x: &Row<3>, y: &mut [f64; 4]) {
    const ALL: usize = 2 * HALF;
    const HALF: usize = 3;
    let mut twice = [0.5; ALL - 1];
    for k in 0..twice.len() {
        twice[k] *= x.values[k % HALF];
    }
    *y = [total(x), twice[4], mean::<HALF>(x.values[0]), twice.len() as f64];
}

/// The item after the present one.
#[op2::function]
pub fn next(k: &mut u32) -> usize {
    *k += 1;
    *k as usize
}

/// An index that changes the one before it.
#[op2::kernel]
pub fn walk(table: &[[u8; 4]; 4], found: Write<[u32; 2]>) {
    let mut k = u32::from(table[0][0] % 3);
    let mut copy = *table;
    let there = table[k as usize][next(&mut k)];
    copy[next(&mut k) % 4][next(&mut k) % 4] = there;
    *found = [u32::from(copy[1][2]) * 256 + u32::from(there), k];
}

/// What devices refuse: the `==` of a struct may be written by hand.
#[op2::kernel]
pub fn alike(a: &Particle, b: &Particle, same: Write<u8>) {
    *same = 0;
    if *a == *b {
        *same = 1;
    }
}

/// Where NaN stays, and where it gives way.
#[op2::kernel]
pub fn bounds<T: Real>(x: &[T; 3], y: Write<[T; 3]>) {
    *y = [x[0].clamp(T::ZERO, T::ONE), x[0].min(x[1]) + T::ZERO, x[0].max(x[2]) + T::ZERO];
}

/// The half of a number, in a function that bears the name of another type.
#[op2::function]
pub fn half_of_f64(f64: f32) -> f32 {
    0.5 * f64
}

/// Speaks of `f64`, and computes with `f32`.
#[op2::kernel]
pub fn single(f64s: &[f32; 2], y: Write<f32>) {
    *y = half_of_f64(f64s[0]) + f64s[1];
}

/// The functions that [`functions`] calls, and by how many units in the last place a device's may differ from the
/// exact result: what the OpenCL specification (7.4) allows, for both precisions. Where it is 0, bits agree.
pub const FUNCTIONS: [(&str, f64); 26] = [
    ("cbrt", 2.0),
    ("hypot", 4.0),
    ("powf", 16.0),
    ("powi", 0.0),
    ("exp", 3.0),
    ("exp2", 3.0),
    ("exp_m1", 3.0),
    ("ln", 3.0),
    ("ln_1p", 2.0),
    ("log10", 3.0),
    ("log2", 3.0),
    ("sin", 4.0),
    ("cos", 4.0),
    ("tan", 5.0),
    ("asin", 4.0),
    ("acos", 4.0),
    ("atan", 5.0),
    ("atan2", 6.0),
    ("sinh", 4.0),
    ("cosh", 4.0),
    ("tanh", 5.0),
    ("asinh", 4.0),
    ("acosh", 4.0),
    ("atanh", 5.0),
    ("to_degrees", 0.0),
    ("to_radians", 0.0),
];

/// Every function whose result may be rounded otherwise, where Rust's own is exact to a few last digits: its
/// `acosh` is not near 1, nor its `atanh` near -1.
#[op2::kernel]
pub fn functions<T: Real>(x: &[T; 2], y: Write<[T; 26]>) {
    let (a, b) = (x[0], x[1]);
    let two = T::ONE + T::ONE;
    let unit = a / (a.abs() + T::ONE);
    *y = [
        a.abs().cbrt(),
        a.hypot(b),
        a.abs().powf(b),
        a.powi(3),
        a.exp(),
        a.exp2(),
        a.exp_m1(),
        a.abs().ln(),
        a.abs().ln_1p(),
        a.abs().log10(),
        a.abs().log2(),
        a.sin(),
        a.cos(),
        a.tan(),
        unit.asin(),
        unit.acos(),
        a.atan(),
        a.atan2(b),
        a.sinh(),
        a.cosh(),
        a.tanh(),
        a.asinh(),
        (a.abs() + two).acosh(),
        (unit / two).atanh(),
        a.to_degrees(),
        a.to_radians(),
    ];
}
