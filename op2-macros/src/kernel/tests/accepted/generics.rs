#[kernel]
pub fn axpy<T: Real>(a: &T, x: &T, y: &mut T) {
    *y += *a * *x;
}

#[kernel]
fn normalize<T>(v: &mut [T; 3])
where
    T: Real,
{
    let norm = (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt();
    let scale = if norm > T::EPSILON { T::from_f64(1.0) / norm } else { T::ZERO };
    for k in 0..3 {
        v[k] *= scale;
    }
}

#[kernel]
fn dot<T: Real, const N: usize>(a: &[T; N], b: &[T; N], sum: Inc<T>, last: Write<[T; N]>) {
    let mut local = T::ZERO;
    for i in 0..N {
        local += a[i] * b[i];
        last[i] = local;
    }
    *sum += local + last[N - 1];
}

#[kernel]
fn mass<const N: usize>(x: &[[f64; 2]; N], m: Inc<[[f64; N]; N]>) {
    let area = 0.5 * ((x[1][0] - x[0][0]) * (x[2][1] - x[0][1])).abs();
    for i in 0..N {
        for j in 0..N {
            let weight = if i == j { 2.0 } else { 1.0 };
            m[i][j] += area * weight / (N * (N + 1)) as f64;
        }
    }
}

#[function]
fn lerp<T: Real>(a: T, b: T, t: T) -> T {
    a + (b - a) * t
}

#[function]
fn sides<const N: usize>(x: &[[f64; 2]; N], lengths: &mut [f64; N]) -> (f64, bool) {
    let mut sum = 0.0;
    for i in 0..x.len() {
        let j = (i + 1) % N;
        let length = (x[j][0] - x[i][0]).hypot(x[j][1] - x[i][1]);
        lengths[i] = length;
        sum += length;
    }
    if sum == 0.0 {
        return (0.0, false);
    }
    (sum, sum.is_finite())
}
