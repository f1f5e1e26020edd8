//! The loops of random programs. What they read they bring into a small range, so that nothing overflows.

use crate::run::Value;

#[op2::function]
fn small(x: i64) -> i64 {
    x.rem_euclid(1_000_003)
}

#[op2::kernel]
pub(crate) fn assign(i: &u64, salt: &i64, y: op2::Write<Value>) {
    let number = *i as i64;
    *y = [small(number * 31 + *salt), small(number * number + 7)];
}

#[op2::kernel]
pub(crate) fn advance(salt: &i64, w: &Value, y: &mut Value) {
    y[0] = small(small(y[0]) * 3 + small(w[1]) + *salt);
    y[1] = small(small(y[1]) * 5 + small(w[0]));
}

#[op2::kernel]
pub(crate) fn measure(
    w: &Value,
    sum: op2::Inc<Value>,
    low: op2::Min<Value>,
    high: op2::Max<Value>,
) {
    for k in 0..2 {
        let value = small(w[k]);
        sum[k] += value;
        low[k] = low[k].min(value - 500_000);
        high[k] = high[k].max(value);
    }
}

#[op2::kernel]
pub(crate) fn use_sums(sum: &Value, low: &Value, high: &Value, y: &mut Value) {
    y[0] = small(small(y[0]) + small(sum[0]) + small(low[1]));
    y[1] = small(small(y[1]) + small(sum[1]) * 3 + small(high[0]));
}

#[op2::kernel]
pub(crate) fn collect<const A: usize>(xs: &[Value; A], w: &Value, y: &mut Value) {
    let mut sums = [small(y[0]) + small(w[0]), small(y[1])];
    for j in 0..A {
        sums[0] = small(sums[0] * 3 + small(xs[j][1]));
        sums[1] = small(sums[1] * 5 + small(xs[j][0]));
    }
    *y = sums;
}

#[op2::kernel]
pub(crate) fn replace<const A: usize>(xs: &[Value; A], y: op2::Write<Value>) {
    let mut sums = [17, 4];
    for j in 0..A {
        sums[0] = small(sums[0] * 7 + small(xs[j][0]));
        sums[1] = small(sums[1] * 11 + small(xs[j][1]));
    }
    *y = sums;
}

#[op2::kernel]
pub(crate) fn look(salt: &i64, x: &Value, y: &mut Value) {
    y[0] = small(small(y[0]) + small(x[0]) * 3);
    y[1] = small(small(y[1]) + small(x[1]) + *salt);
}

#[op2::kernel]
pub(crate) fn spread<const A: usize>(salt: &i64, w: &Value, ys: op2::Inc<[Value; A]>) {
    for j in 0..A {
        ys[j][0] += small(small(w[0]) * (j as i64 + 2));
        ys[j][1] -= small(w[1]) + *salt;
    }
}

#[op2::kernel]
pub(crate) fn spread_and_measure<const A: usize>(
    w: &Value,
    ys: op2::Inc<[Value; A]>,
    sum: op2::Inc<Value>,
    high: op2::Max<Value>,
) {
    for k in 0..2 {
        let value = small(w[k]);
        sum[k] += value;
        high[k] = high[k].max(value * 2);
        for j in 0..A {
            ys[j][k] += value;
        }
    }
}

#[op2::kernel]
pub(crate) fn give(i: &u64, w: &Value, y: op2::Inc<Value>) {
    y[0] += small(w[1]) + *i as i64;
    y[1] += small(w[0]);
}

#[op2::kernel]
pub(crate) fn flow(a: &Value, b: &Value, w: &Value, left: op2::Inc<Value>, right: op2::Inc<Value>) {
    for k in 0..2 {
        let value = small(small(a[k]) * 3 + small(b[1 - k]) + small(w[k]));
        left[k] += value;
        right[k] -= value * 2;
    }
}

#[op2::kernel]
pub(crate) fn relay(x: &Value, w: &Value, y: op2::Inc<Value>) {
    y[0] += small(small(x[0]) * 3 + small(w[1]));
    y[1] += small(small(x[1]) * 5 + small(w[0]));
}

#[op2::kernel]
pub(crate) fn lower(x: &Value, w: &Value, y: op2::Min<Value>) {
    y[0] = y[0].min(small(x[0]) - small(w[0]));
    y[1] = y[1].min(small(x[1]) - 500_000);
}

#[op2::kernel]
pub(crate) fn raise<const A: usize>(w: &Value, ys: op2::Max<[Value; A]>) {
    for j in 0..A {
        ys[j][0] = ys[j][0].max(small(small(w[0]) * (j as i64 + 2)));
        ys[j][1] = ys[j][1].max(small(w[1]));
    }
}

/// What it leaves in a row depends on the other rows of the element.
#[op2::kernel]
pub(crate) fn turn<const A: usize>(w: &Value, ys: &mut [Value; A]) {
    let first = ys[0];
    for j in 0..A {
        let mut next = first;
        if j + 1 < A {
            next = ys[j + 1];
        }
        ys[j][0] = small(small(ys[j][0]) + small(next[1]) * 3 + small(w[0]));
        ys[j][1] = small(small(ys[j][1]) * 5 + small(next[0]));
    }
}

#[op2::kernel]
pub(crate) fn overwrite<const A: usize>(w: &Value, ys: op2::Write<[Value; A]>) {
    for j in 0..A {
        ys[j] = [small(w[0]) + j as i64, small(w[1])];
    }
}

#[op2::kernel]
pub(crate) fn copy(x: &Value, y: op2::Write<Value>) {
    *y = [small(x[1]), small(x[0])];
}

#[op2::kernel]
pub(crate) fn agree(x: &Value, y: &mut Value) {
    y[0] = y[0].max(small(x[0]));
    y[1] = y[1].min(small(x[1]));
}

#[op2::kernel]
pub(crate) fn measure_through<const A: usize>(
    xs: &[Value; A],
    w: &Value,
    sum: op2::Inc<Value>,
    low: op2::Min<Value>,
) {
    for j in 0..A {
        for k in 0..2 {
            let value = small(small(xs[j][k]) * 3 + small(w[k]));
            sum[k] += value;
            low[k] = low[k].min(value);
        }
    }
}
