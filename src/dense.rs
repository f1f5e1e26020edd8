//! Small dense algebra for kernels: vectors `[T; N]` and matrices `[[T; N]; M]` by rows.
//!
//! Functions that kernels call by path. They are generic in the number (`f64`, `f32`) and, where a
//! formula allows it, in the size; what is written for one size carries it in its name.
//!
//! ```
//! use op2::dense;
//! use op2::prelude::*;
//!
//! op2::sets! { Nodes; Cells; }
//!
//! /// Area of a triangle, and the gradient of a field that is linear on it.
//! #[op2::kernel]
//! fn gradient(x: &[[f64; 2]; 3], u: &[f64; 3], area: Write<f64>, g: Write<[f64; 2]>) {
//!     let sides = [[x[1][0] - x[0][0], x[1][1] - x[0][1]], [x[2][0] - x[0][0], x[2][1] - x[0][1]]];
//!     *area = 0.5 * dense::det2(&sides);
//!     *g = dense::solve2(&sides, &[u[1] - u[0], u[2] - u[0]]);
//! }
//!
//! let (mut area, mut g) = (0.0, [0.0; 2]);
//! gradient(&[[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]], &[1.0, 3.0, 4.0], &mut area, &mut g);
//! assert_eq!((area, g), (1.0, [1.0, 3.0]));
//! ```
//!
//! A matrix without an inverse gives infinities or NaN, as a division by zero does.

// Kernels and their functions are written with indices.
#![allow(clippy::needless_range_loop, clippy::manual_swap)]

use crate::{Real, function};

/// The inner product of two vectors.
#[function]
pub fn dot<T: Real, const N: usize>(a: &[T; N], b: &[T; N]) -> T {
    let mut sum = T::ZERO;
    for i in 0..N {
        sum += a[i] * b[i];
    }
    sum
}

/// The Euclidean length of a vector.
#[function]
pub fn norm<T: Real, const N: usize>(a: &[T; N]) -> T {
    dot(a, a).sqrt()
}

/// The vector of length 1 in the same direction.
#[function]
pub fn normalized<T: Real, const N: usize>(a: &[T; N]) -> [T; N] {
    let length = norm(a);
    let mut b = [T::ZERO; N];
    for i in 0..N {
        b[i] = a[i] / length;
    }
    b
}

/// A vector times a number.
#[function]
pub fn scaled<T: Real, const N: usize>(factor: T, a: &[T; N]) -> [T; N] {
    let mut b = [T::ZERO; N];
    for i in 0..N {
        b[i] = factor * a[i];
    }
    b
}

/// The sum of two vectors.
#[function]
pub fn add<T: Real, const N: usize>(a: &[T; N], b: &[T; N]) -> [T; N] {
    let mut c = [T::ZERO; N];
    for i in 0..N {
        c[i] = a[i] + b[i];
    }
    c
}

/// The difference of two vectors.
#[function]
pub fn sub<T: Real, const N: usize>(a: &[T; N], b: &[T; N]) -> [T; N] {
    let mut c = [T::ZERO; N];
    for i in 0..N {
        c[i] = a[i] - b[i];
    }
    c
}

/// The vector product.
#[function]
pub fn cross<T: Real>(a: &[T; 3], b: &[T; 3]) -> [T; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// The vector product of two vectors of the plane: the area of the parallelogram.
#[function]
pub fn cross2<T: Real>(a: &[T; 2], b: &[T; 2]) -> T {
    a[0] * b[1] - a[1] * b[0]
}

/// The matrix `a b^T`.
#[function]
pub fn outer<T: Real, const M: usize, const N: usize>(a: &[T; M], b: &[T; N]) -> [[T; N]; M] {
    let mut c = [[T::ZERO; N]; M];
    for i in 0..M {
        for j in 0..N {
            c[i][j] = a[i] * b[j];
        }
    }
    c
}

/// The unit matrix.
#[function]
pub fn identity<T: Real, const N: usize>() -> [[T; N]; N] {
    let mut a = [[T::ZERO; N]; N];
    for i in 0..N {
        a[i][i] = T::ONE;
    }
    a
}

/// Rows and columns exchanged.
#[function]
pub fn transposed<T: Real, const M: usize, const N: usize>(a: &[[T; N]; M]) -> [[T; M]; N] {
    let mut b = [[T::ZERO; M]; N];
    for i in 0..M {
        for j in 0..N {
            b[j][i] = a[i][j];
        }
    }
    b
}

/// The sum of the diagonal.
#[function]
pub fn trace<T: Real, const N: usize>(a: &[[T; N]; N]) -> T {
    let mut sum = T::ZERO;
    for i in 0..N {
        sum += a[i][i];
    }
    sum
}

/// `A x`.
#[function]
pub fn mat_vec<T: Real, const M: usize, const N: usize>(a: &[[T; N]; M], x: &[T; N]) -> [T; M] {
    let mut y = [T::ZERO; M];
    for i in 0..M {
        for j in 0..N {
            y[i] += a[i][j] * x[j];
        }
    }
    y
}

/// `A^T x`.
#[function]
pub fn mat_t_vec<T: Real, const M: usize, const N: usize>(a: &[[T; N]; M], x: &[T; M]) -> [T; N] {
    let mut y = [T::ZERO; N];
    for i in 0..M {
        for j in 0..N {
            y[j] += a[i][j] * x[i];
        }
    }
    y
}

/// `A B`.
#[function]
pub fn mat_mat<T: Real, const M: usize, const K: usize, const N: usize>(
    a: &[[T; K]; M],
    b: &[[T; N]; K],
) -> [[T; N]; M] {
    let mut c = [[T::ZERO; N]; M];
    for i in 0..M {
        for k in 0..K {
            for j in 0..N {
                c[i][j] += a[i][k] * b[k][j];
            }
        }
    }
    c
}

/// `A^T B`.
#[function]
pub fn mat_t_mat<T: Real, const M: usize, const K: usize, const N: usize>(
    a: &[[T; M]; K],
    b: &[[T; N]; K],
) -> [[T; N]; M] {
    let mut c = [[T::ZERO; N]; M];
    for k in 0..K {
        for i in 0..M {
            for j in 0..N {
                c[i][j] += a[k][i] * b[k][j];
            }
        }
    }
    c
}

/// `A B^T`.
#[function]
pub fn mat_mat_t<T: Real, const M: usize, const K: usize, const N: usize>(
    a: &[[T; K]; M],
    b: &[[T; K]; N],
) -> [[T; N]; M] {
    let mut c = [[T::ZERO; N]; M];
    for i in 0..M {
        for j in 0..N {
            for k in 0..K {
                c[i][j] += a[i][k] * b[j][k];
            }
        }
    }
    c
}

/// The determinant.
#[function]
pub fn det2<T: Real>(a: &[[T; 2]; 2]) -> T {
    a[0][0] * a[1][1] - a[0][1] * a[1][0]
}

/// The determinant.
#[function]
pub fn det3<T: Real>(a: &[[T; 3]; 3]) -> T {
    dot(&a[0], &cross(&a[1], &a[2]))
}

/// The determinant.
#[function]
pub fn det4<T: Real>(a: &[[T; 4]; 4]) -> T {
    let (s, c) = (minors(&a[0], &a[1]), minors(&a[2], &a[3]));
    s[0] * c[5] - s[1] * c[4] + s[2] * c[3] + s[3] * c[2] - s[4] * c[1] + s[5] * c[0]
}

/// The inverse.
#[function]
pub fn inverse2<T: Real>(a: &[[T; 2]; 2]) -> [[T; 2]; 2] {
    let d = det2(a);
    [[a[1][1] / d, -a[0][1] / d], [-a[1][0] / d, a[0][0] / d]]
}

/// The inverse.
#[function]
pub fn inverse3<T: Real>(a: &[[T; 3]; 3]) -> [[T; 3]; 3] {
    let (x, y, z) = (cross(&a[1], &a[2]), cross(&a[2], &a[0]), cross(&a[0], &a[1]));
    let d = dot(&a[0], &x);
    [[x[0] / d, y[0] / d, z[0] / d], [x[1] / d, y[1] / d, z[1] / d], [x[2] / d, y[2] / d, z[2] / d]]
}

/// The inverse, from the minors of the upper and the lower two rows.
#[function]
pub fn inverse4<T: Real>(a: &[[T; 4]; 4]) -> [[T; 4]; 4] {
    let (s, c) = (minors(&a[0], &a[1]), minors(&a[2], &a[3]));
    let d = s[0] * c[5] - s[1] * c[4] + s[2] * c[3] + s[3] * c[2] - s[4] * c[1] + s[5] * c[0];
    let (p, q, r, t) = (a[0], a[1], a[2], a[3]);
    [
        [
            (q[1] * c[5] - q[2] * c[4] + q[3] * c[3]) / d,
            (p[2] * c[4] - p[1] * c[5] - p[3] * c[3]) / d,
            (t[1] * s[5] - t[2] * s[4] + t[3] * s[3]) / d,
            (r[2] * s[4] - r[1] * s[5] - r[3] * s[3]) / d,
        ],
        [
            (q[2] * c[2] - q[0] * c[5] - q[3] * c[1]) / d,
            (p[0] * c[5] - p[2] * c[2] + p[3] * c[1]) / d,
            (t[2] * s[2] - t[0] * s[5] - t[3] * s[1]) / d,
            (r[0] * s[5] - r[2] * s[2] + r[3] * s[1]) / d,
        ],
        [
            (q[0] * c[4] - q[1] * c[2] + q[3] * c[0]) / d,
            (p[1] * c[2] - p[0] * c[4] - p[3] * c[0]) / d,
            (t[0] * s[4] - t[1] * s[2] + t[3] * s[0]) / d,
            (r[1] * s[2] - r[0] * s[4] - r[3] * s[0]) / d,
        ],
        [
            (q[1] * c[1] - q[0] * c[3] - q[2] * c[0]) / d,
            (p[0] * c[3] - p[1] * c[1] + p[2] * c[0]) / d,
            (t[1] * s[1] - t[0] * s[3] - t[2] * s[0]) / d,
            (r[0] * s[3] - r[1] * s[1] + r[2] * s[0]) / d,
        ],
    ]
}

/// The minors of two rows, by pairs of columns 01, 02, 03, 12, 13, 23.
#[function]
fn minors<T: Real>(a: &[T; 4], b: &[T; 4]) -> [T; 6] {
    [
        a[0] * b[1] - a[1] * b[0],
        a[0] * b[2] - a[2] * b[0],
        a[0] * b[3] - a[3] * b[0],
        a[1] * b[2] - a[2] * b[1],
        a[1] * b[3] - a[3] * b[1],
        a[2] * b[3] - a[3] * b[2],
    ]
}

/// `A^-1 b`, by Cramer's rule.
#[function]
pub fn solve2<T: Real>(a: &[[T; 2]; 2], b: &[T; 2]) -> [T; 2] {
    let d = det2(a);
    [(b[0] * a[1][1] - a[0][1] * b[1]) / d, (a[0][0] * b[1] - b[0] * a[1][0]) / d]
}

/// `A^-1 b`, by Cramer's rule.
#[function]
pub fn solve3<T: Real>(a: &[[T; 3]; 3], b: &[T; 3]) -> [T; 3] {
    let (x, y, z) = (cross(&a[1], &a[2]), cross(&a[2], &a[0]), cross(&a[0], &a[1]));
    let d = dot(&a[0], &x);
    [
        (x[0] * b[0] + y[0] * b[1] + z[0] * b[2]) / d,
        (x[1] * b[0] + y[1] * b[1] + z[1] * b[2]) / d,
        (x[2] * b[0] + y[2] * b[1] + z[2] * b[2]) / d,
    ]
}

/// `A^-1 b`, by elimination, the largest number of each column first.
#[function]
pub fn solve4<T: Real>(a: &[[T; 4]; 4], b: &[T; 4]) -> [T; 4] {
    solve(a, b)
}

/// `A^-1 b` for any size, by elimination, the largest number of each column first.
#[function]
pub fn solve<T: Real, const N: usize>(a: &[[T; N]; N], b: &[T; N]) -> [T; N] {
    let mut left = *a;
    let mut x = *b;
    for k in 0..N {
        let mut pivot = k;
        for i in k + 1..N {
            if left[i][k].abs() > left[pivot][k].abs() {
                pivot = i;
            }
        }
        for j in 0..N {
            let value = left[k][j];
            left[k][j] = left[pivot][j];
            left[pivot][j] = value;
        }
        let value = x[k];
        x[k] = x[pivot];
        x[pivot] = value;
        for i in k + 1..N {
            let factor = left[i][k] / left[k][k];
            for j in k + 1..N {
                let above = left[k][j];
                left[i][j] -= factor * above;
            }
            let above = x[k];
            x[i] -= factor * above;
        }
    }
    for row in 0..N {
        let k = N - 1 - row;
        for j in k + 1..N {
            let known = x[j];
            x[k] -= left[k][j] * known;
        }
        x[k] /= left[k][k];
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors() {
        let (a, b) = ([1.0, 2.0, 2.0], [3.0, 0.0, 4.0]);
        assert_eq!((dot(&a, &b), norm(&a)), (11.0, 3.0));
        assert_eq!(cross(&a, &b), [8.0, 2.0, -6.0]);
        assert_eq!(cross2(&[1.0_f32, 2.0], &[3.0, 4.0]), -2.0);
        assert_eq!(normalized(&[0.0, 3.0, 4.0]), [0.0, 0.6, 0.8]);
        assert_eq!((add(&a, &b), sub(&a, &b)), ([4.0, 2.0, 6.0], [-2.0, 2.0, -2.0]));
        assert_eq!(outer(&[1.0, 2.0], &a), [[1.0, 2.0, 2.0], [2.0, 4.0, 4.0]]);
    }

    #[test]
    fn products() {
        let a = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        assert_eq!(mat_vec(&a, &[1.0, 0.0, -1.0]), [-2.0, -2.0]);
        assert_eq!(mat_t_vec(&a, &[1.0, -1.0]), [-3.0, -3.0, -3.0]);
        assert_eq!(transposed(&a), [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]);
        let square = [[14.0, 32.0], [32.0, 77.0]];
        assert_eq!(mat_mat(&a, &transposed(&a)), square);
        assert_eq!(mat_mat_t(&a, &a), square);
        assert_eq!(mat_t_mat(&transposed(&a), &transposed(&a)), square);
        assert_eq!(trace(&square), 91.0);
        assert_eq!(mat_mat(&identity::<f64, 2>(), &a), a);
    }

    /// Matrices of whole numbers with determinants that are powers of two: all results are exact.
    #[test]
    fn determinants_and_inverses() {
        let two = [[3.0, 1.0], [2.0, 2.0]];
        assert_eq!(det2(&two), 4.0);
        assert_eq!(inverse2(&two), [[0.5, -0.25], [-0.5, 0.75]]);
        let three = [[2.0, 0.0, 1.0], [1.0, 1.0, 0.0], [0.0, 3.0, 1.0]];
        assert_eq!(det3(&three), 5.0);
        let three = [[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [1.0, 0.0, -2.0]];
        assert_eq!(det3(&three), 4.0);
        assert_eq!(mat_mat(&three, &inverse3(&three)), identity());
        let four = [
            [0.0, 1.0, 0.0, 2.0],
            [1.0, 0.0, 3.0, 0.0],
            [0.0, 2.0, 1.0, 0.0],
            [2.0, 0.0, 0.0, 1.0],
        ];
        assert_eq!(det4(&four), 23.0);
        let inverse = inverse4(&four);
        let product = mat_mat(&four, &inverse);
        for i in 0..4 {
            for j in 0..4 {
                let expected = if i == j { 1.0_f64 } else { 0.0 };
                assert!((product[i][j] - expected).abs() < 1e-15, "{product:?}");
            }
        }
        assert_eq!(inverse4(&scale4(2.0)), scale4(0.5));
    }

    fn scale4(factor: f64) -> [[f64; 4]; 4] {
        identity::<f64, 4>().map(|row| scaled(factor, &row))
    }

    #[test]
    fn systems() {
        assert_eq!(solve2(&[[3.0, 1.0], [2.0, 2.0]], &[5.0, 6.0]), [1.0, 2.0]);
        let three = [[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [1.0, 0.0, -2.0]];
        assert_eq!(solve3(&three, &[5.0, 11.0, -5.0]), [1.0, 2.0, 3.0]);
        assert_eq!(solve(&three, &[5.0, 11.0, -5.0]), [1.0, 2.0, 3.0]);
        let four = [
            [0.0, 1.0, 0.0, 2.0],
            [1.0, 0.0, 3.0, 0.0],
            [0.0, 2.0, 1.0, 0.0],
            [2.0_f32, 0.0, 0.0, 1.0],
        ];
        assert_eq!(solve4(&four, &[10.0, 10.0, 7.0, 6.0]).map(f32::round), [1.0, 2.0, 3.0, 4.0]);
        let four: [[f64; 4]; 4] = [
            [0.0, 1.0, 0.0, 2.0],
            [1.0, 0.0, 0.0, 2.0],
            [0.0, 0.0, 1.0, 0.0],
            [2.0, 0.0, 0.0, 0.0],
        ];
        assert_eq!(solve4(&four, &[10.0, 9.0, 3.0, 2.0]), [1.0, 2.0, 3.0, 4.0]);
    }
}
