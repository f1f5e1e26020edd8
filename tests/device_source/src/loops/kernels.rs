//! The kernels: each takes arguments of some kinds.

use op2::prelude::*;

op2::constants! {
    SCALE: f64 = 2.0;
    SHIFT: [i32; 2] = [3, -4];
}

/// A struct whose numbers are of several types.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, op2::Element)]
pub(super) struct Tracer {
    pub(super) position: [f64; 2],
    pub(super) hits: i32,
    pub(super) marks: [u8; 4],
}

/// One that devices can add to in one piece.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, op2::Element)]
pub(super) struct Track {
    pub(super) position: [f64; 2],
    pub(super) hits: [i32; 2],
}

#[op2::kernel]
pub(super) fn every_mode(
    a: &[f64; 2],
    b: &mut [i32; 2],
    c: Write<f32>,
    d: Inc<[u64; 2]>,
    e: Min<f64>,
    f: Max<i64>,
    g: &mut bool,
) {
    *g = !*g || a[0] > 1.0;
    b[0] = b[0].wrapping_add(SHIFT[0]) - b[1];
    b[1] = SHIFT[1];
    if a[0] > 2.0 {
        *c = (a[0] * SCALE) as f32;
    }
    d[0] += a[1].abs() as u64;
    d[1] += 1;
    *e = (*e).min(a[0] - a[1]);
    *f = (*f).max(a[1] as i64);
}

#[op2::kernel]
pub(super) fn flux(
    x1: &[f64; 2],
    x2: &[f64; 2],
    q1: &[f64; 4],
    q2: &[f64; 4],
    r1: Inc<[f64; 4]>,
    r2: Inc<[f64; 4]>,
    rms: Inc<f64>,
) {
    let dx = x1[0] - x2[0];
    let dy = x1[1] - x2[1];
    for k in 0..4 {
        let flow = SCALE * (q1[k] * dy - q2[k] * dx);
        r1[k] += flow;
        r2[k] -= flow;
    }
    *rms += dx * dx + dy * dy;
}

#[op2::kernel]
pub(super) fn corners(x: &[[f64; 2]; 4], e: &u64, counts: Inc<[[i64; 2]; 4]>, most: Max<[f64; 2]>) {
    for k in 0..4 {
        counts[k][0] += 1;
        counts[k][1] += (*e % 7) as i64;
        most[0] = most[0].max(x[k][0]);
        most[1] = most[1].max(x[k][1] - x[k][0]);
    }
}

#[op2::kernel]
pub(super) fn numbers(
    n: &i32,
    c: Inc<[f32; 2]>,
    d: Inc<i32>,
    e: Inc<u32>,
    f: Inc<u64>,
    g: Inc<i64>,
) {
    c[1] += *n as f32;
    *d -= *n;
    *e += *n as u32;
    *f += 1;
    *g -= i64::from(*n);
}

#[op2::kernel]
pub(super) fn bytes(n: &i32, a: Inc<[u8; 3]>, b: Min<u8>, sum: Inc<[Tracer; 2]>) {
    a[0] += (*n % 5) as u8;
    a[2] += 200;
    *b = (*b).min(*n as u8);
    sum[0].position[1] += f64::from(*n);
    sum[1].hits += *n;
    sum[1].marks[2] += 1;
}

#[op2::kernel]
pub(super) fn least(n: &i32, a: Min<[f64; 2]>, b: Min<f32>, c: Min<i32>, d: Min<u64>, f: Min<i64>) {
    a[0] = a[0].min(f64::from(*n));
    a[1] = a[1].min(-f64::from(*n));
    *b = (*b).min(*n as f32 - 10.0);
    *c = (*c).min(*n);
    *d = (*d).min(*n as u64);
    *f = (*f).min(i64::from(*n) - 20);
}

#[op2::kernel]
pub(super) fn greatest(n: &i32, a: Max<[f64; 2]>, b: Max<f32>, c: Max<u32>, d: Max<[i64; 2]>) {
    a[0] = a[0].max(f64::from(*n));
    a[1] = a[1].max(-f64::from(*n));
    *b = (*b).max(*n as f32 - 10.0);
    *c = (*c).max(*n as u32);
    d[1] = d[1].max(-i64::from(*n));
}

#[op2::kernel]
pub(super) fn through(e: &u64, a: &mut [i32; 3], b: Write<[f64; 2]>, c: Write<[[u32; 2]; 1]>) {
    a[1] += a[0];
    a[2] = *e as i32;
    b[1] = *e as f64;
    c[0][1] = *e as u32;
}

#[op2::kernel]
pub(super) fn trace(x: &[Tracer; 2], n: &i32, sum: Inc<[Track; 2]>, own: &mut Tracer) {
    sum[0].position[1] += x[1].position[0];
    sum[1].hits[0] += *n;
    own.hits += x[1].hits;
    own.marks[0] = *n as u8;
}

#[op2::kernel]
pub(super) fn totals(
    x: &[f64; 2],
    n: &i32,
    by: &[f64; 2],
    from: &i32,
    sum: Inc<[[f64; 10]; 3]>,
    low: Min<[f32; 2]>,
    high: Max<i64>,
    all: Inc<Tracer>,
    least: Min<u8>,
) {
    for k in 0..3 {
        for j in 0..10 {
            sum[k][j] += x[0] * by[0] + by[1] * (k * j) as f64;
        }
    }
    low[0] = low[0].min(x[0] as f32);
    low[1] = low[1].min(x[1] as f32);
    *high = (*high).max(i64::from(*n - *from));
    all.position[0] += x[1];
    all.hits += 1;
    all.marks[1] += 1;
    *least = (*least).min(*n as u8);
}

#[op2::kernel]
pub(super) fn entry(
    a: Inc<f64>,
    i: &u64,
    j: &u64,
    x: &f64,
    own: Inc<[f64; 2]>,
    row: Inc<f64>,
    low: Min<i32>,
    d: Inc<f64>,
) {
    *a += *x * (3 * *i + *j + 1) as f64;
    own[0] += *x;
    own[1] += 1.0;
    *row += (*i + 2 * *j) as f64;
    *low = (*low).min(*i as i32 - *j as i32);
    *d += 1.0;
}

#[op2::kernel]
pub(super) fn tensor(x: &[[f64; 2]; 4], a: Inc<[[f64; 4]; 4]>) {
    for i in 0..4 {
        for j in 0..4 {
            a[i][j] += x[i][0] - 2.0 * x[j][1];
        }
    }
}

#[op2::kernel]
pub(super) fn nested(e: &u64, a: Inc<[[[[f64; 2]; 2]; 4]; 4]>) {
    for i in 0..4 {
        for j in 0..4 {
            for r in 0..2 {
                for c in 0..2 {
                    a[i][j][r][c] += (e % 5) as f64 + (8 * i + 4 * j + 2 * r + c) as f64;
                }
            }
        }
    }
}

#[op2::kernel]
pub(super) fn flat(e: &u64, a: Inc<[[f32; 12]; 8]>) {
    for i in 0..8 {
        for j in 0..12 {
            a[i][j] += (e % 5) as f32 + (12 * i + j) as f32;
        }
    }
}

#[op2::kernel]
pub(super) fn lone(i: &u64, j: &u64, a: Inc<f64>, b: Inc<[f64; 3]>, c: Inc<f64>) {
    *a += (*i + *j + 1) as f64;
    b[2] += 1.0;
    *c += *j as f64;
}

#[op2::kernel]
pub(super) fn diagonal(e: &u64, a: Write<f64>) {
    *a = *e as f64;
}
