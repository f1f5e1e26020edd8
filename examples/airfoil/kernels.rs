//! The kernels of the airfoil: 2D Euler equations, cell-centered, with artificial dissipation.

use op2::prelude::*;

op2::constants! {
    /// Ratio of specific heats.
    pub(crate) GAM: f64;
    /// `GAM - 1`.
    pub(crate) GM1: f64;
    /// Courant number.
    pub(crate) CFL: f64;
    /// Dissipation.
    pub(crate) EPS: f64;
    /// State of the free stream: density, momentum, energy per volume.
    pub(crate) QINF: [f64; 4];
}

/// Remembers the state at the start of a step.
#[op2::kernel]
pub(crate) fn save_soln<T: Real>(q: &[T; 4], qold: Write<[T; 4]>) {
    *qold = *q;
}

/// Area over time step of a cell, from the speed of sound through its four sides.
#[op2::kernel]
pub(crate) fn adt_calc<T: Real>(
    x1: &[T; 2],
    x2: &[T; 2],
    x3: &[T; 2],
    x4: &[T; 2],
    q: &[T; 4],
    adt: Write<T>,
) {
    let ri = T::ONE / q[0];
    let u = ri * q[1];
    let v = ri * q[2];
    let gm1 = T::from_f64(GM1);
    let c = (T::from_f64(GAM) * gm1 * (ri * q[3] - T::from_f64(0.5) * (u * u + v * v))).sqrt();
    let mut sum = T::ZERO;
    let mut dx = x2[0] - x1[0];
    let mut dy = x2[1] - x1[1];
    sum += (u * dy - v * dx).abs() + c * (dx * dx + dy * dy).sqrt();
    dx = x3[0] - x2[0];
    dy = x3[1] - x2[1];
    sum += (u * dy - v * dx).abs() + c * (dx * dx + dy * dy).sqrt();
    dx = x4[0] - x3[0];
    dy = x4[1] - x3[1];
    sum += (u * dy - v * dx).abs() + c * (dx * dx + dy * dy).sqrt();
    dx = x1[0] - x4[0];
    dy = x1[1] - x4[1];
    sum += (u * dy - v * dx).abs() + c * (dx * dx + dy * dy).sqrt();
    *adt = sum / T::from_f64(CFL);
}

/// Fluxes through an inner edge, added to the cells on both sides.
#[op2::kernel]
pub(crate) fn res_calc<T: Real>(
    x1: &[T; 2],
    x2: &[T; 2],
    q1: &[T; 4],
    q2: &[T; 4],
    adt1: &T,
    adt2: &T,
    res1: Inc<[T; 4]>,
    res2: Inc<[T; 4]>,
) {
    let half = T::from_f64(0.5);
    let gm1 = T::from_f64(GM1);
    let dx = x1[0] - x2[0];
    let dy = x1[1] - x2[1];
    let r1 = T::ONE / q1[0];
    let p1 = gm1 * (q1[3] - half * r1 * (q1[1] * q1[1] + q1[2] * q1[2]));
    let vol1 = r1 * (q1[1] * dy - q1[2] * dx);
    let r2 = T::ONE / q2[0];
    let p2 = gm1 * (q2[3] - half * r2 * (q2[1] * q2[1] + q2[2] * q2[2]));
    let vol2 = r2 * (q2[1] * dy - q2[2] * dx);
    let mu = half * (*adt1 + *adt2) * T::from_f64(EPS);

    let mut f = half * (vol1 * q1[0] + vol2 * q2[0]) + mu * (q1[0] - q2[0]);
    res1[0] += f;
    res2[0] -= f;
    f = half * (vol1 * q1[1] + p1 * dy + vol2 * q2[1] + p2 * dy) + mu * (q1[1] - q2[1]);
    res1[1] += f;
    res2[1] -= f;
    f = half * (vol1 * q1[2] - p1 * dx + vol2 * q2[2] - p2 * dx) + mu * (q1[2] - q2[2]);
    res1[2] += f;
    res2[2] -= f;
    f = half * (vol1 * (q1[3] + p1) + vol2 * (q2[3] + p2)) + mu * (q1[3] - q2[3]);
    res1[3] += f;
    res2[3] -= f;
}

/// Fluxes through a boundary edge: pressure on the wall, the free stream in the far field.
#[op2::kernel]
pub(crate) fn bres_calc<T: Real>(
    x1: &[T; 2],
    x2: &[T; 2],
    q1: &[T; 4],
    adt1: &T,
    res1: Inc<[T; 4]>,
    bound: &i32,
) {
    let half = T::from_f64(0.5);
    let gm1 = T::from_f64(GM1);
    let dx = x1[0] - x2[0];
    let dy = x1[1] - x2[1];
    let r1 = T::ONE / q1[0];
    let p1 = gm1 * (q1[3] - half * r1 * (q1[1] * q1[1] + q1[2] * q1[2]));
    if *bound == 1 {
        res1[1] += p1 * dy;
        res1[2] -= p1 * dx;
    } else {
        let q2 = [
            T::from_f64(QINF[0]),
            T::from_f64(QINF[1]),
            T::from_f64(QINF[2]),
            T::from_f64(QINF[3]),
        ];
        let vol1 = r1 * (q1[1] * dy - q1[2] * dx);
        let r2 = T::ONE / q2[0];
        let p2 = gm1 * (q2[3] - half * r2 * (q2[1] * q2[1] + q2[2] * q2[2]));
        let vol2 = r2 * (q2[1] * dy - q2[2] * dx);
        let mu = *adt1 * T::from_f64(EPS);
        res1[0] += half * (vol1 * q1[0] + vol2 * q2[0]) + mu * (q1[0] - q2[0]);
        res1[1] += half * (vol1 * q1[1] + p1 * dy + vol2 * q2[1] + p2 * dy) + mu * (q1[1] - q2[1]);
        res1[2] += half * (vol1 * q1[2] - p1 * dx + vol2 * q2[2] - p2 * dx) + mu * (q1[2] - q2[2]);
        res1[3] += half * (vol1 * (q1[3] + p1) + vol2 * (q2[3] + p2)) + mu * (q1[3] - q2[3]);
    }
}

/// One stage of the time step; adds up the change.
#[op2::kernel]
pub(crate) fn update<T: Real>(
    qold: &[T; 4],
    q: Write<[T; 4]>,
    res: &mut [T; 4],
    adt: &T,
    rms: Inc<T>,
) {
    let adti = T::ONE / *adt;
    for n in 0..4 {
        let del = adti * res[n];
        q[n] = qold[n] - del;
        res[n] = T::ZERO;
        *rms += del * del;
    }
}
