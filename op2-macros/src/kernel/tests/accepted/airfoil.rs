#[kernel]
fn save_soln(q: &[f64; 4], qold: Write<[f64; 4]>) {
    for i in 0..4 {
        qold[i] = q[i];
    }
}

/// Area over time step.
#[kernel(lanes = 64)]
pub fn adt_calc(
    x1: &[f64; 2],
    x2: &[f64; 2],
    x3: &[f64; 2],
    x4: &[f64; 2],
    q: &[f64; 4],
    adt: Write<f64>,
) {
    let ri = 1.0 / q[0];
    let u = ri * q[1];
    let v = ri * q[2];
    let c = (GAM * GM1 * (ri * q[3] - 0.5 * (u * u + v * v))).sqrt();
    let mut sum = 0.0;
    let dx = x2[0] - x1[0];
    let dy = x2[1] - x1[1];
    sum += (u * dy - v * dx).abs() + c * (dx * dx + dy * dy).sqrt();
    let dx = x3[0] - x2[0];
    let dy = x3[1] - x2[1];
    sum += (u * dy - v * dx).abs() + c * (dx * dx + dy * dy).sqrt();
    let dx = x4[0] - x3[0];
    let dy = x4[1] - x3[1];
    sum += (u * dy - v * dx).abs() + c * (dx * dx + dy * dy).sqrt();
    let dx = x1[0] - x4[0];
    let dy = x1[1] - x4[1];
    sum += (u * dy - v * dx).abs() + c * (dx * dx + dy * dy).sqrt();
    *adt = sum / CFL;
}

#[kernel(lanes = 8)]
fn res_calc(
    x1: &[f64; 2],
    x2: &[f64; 2],
    q1: &[f64; 4],
    q2: &[f64; 4],
    adt1: &f64,
    adt2: &f64,
    res1: Inc<[f64; 4]>,
    res2: op2::Inc<[f64; 4]>,
) {
    let dx = x1[0] - x2[0];
    let dy = x1[1] - x2[1];

    let ri = 1.0 / q1[0];
    let p1 = GM1 * (q1[3] - 0.5 * ri * (q1[1] * q1[1] + q1[2] * q1[2]));
    let vol1 = ri * (q1[1] * dy - q1[2] * dx);

    let ri = 1.0 / q2[0];
    let p2 = GM1 * (q2[3] - 0.5 * ri * (q2[1] * q2[1] + q2[2] * q2[2]));
    let vol2 = ri * (q2[1] * dy - q2[2] * dx);

    let mu = 0.5 * (adt1 + adt2) * EPS;

    let f = 0.5 * (vol1 * q1[0] + vol2 * q2[0]) + mu * (q1[0] - q2[0]);
    res1[0] += f;
    res2[0] -= f;
    let f = 0.5 * (vol1 * q1[1] + p1 * dy + vol2 * q2[1] + p2 * dy) + mu * (q1[1] - q2[1]);
    res1[1] += f;
    res2[1] -= f;
    let f = 0.5 * (vol1 * q1[2] - p1 * dx + vol2 * q2[2] - p2 * dx) + mu * (q1[2] - q2[2]);
    res1[2] += f;
    res2[2] -= f;
    let f = 0.5 * (vol1 * (q1[3] + p1) + vol2 * (q2[3] + p2)) + mu * (q1[3] - q2[3]);
    res1[3] += f;
    res2[3] -= f;
}

#[kernel]
fn bres_calc(
    x1: &[f64; 2],
    x2: &[f64; 2],
    q1: &[f64; 4],
    adt1: &f64,
    res1: Inc<[f64; 4]>,
    bound: &i32,
) {
    let dx = x1[0] - x2[0];
    let dy = x1[1] - x2[1];
    let ri = 1.0 / q1[0];
    let p1 = GM1 * (q1[3] - 0.5 * ri * (q1[1] * q1[1] + q1[2] * q1[2]));
    if *bound == 1 {
        res1[1] += p1 * dy;
        res1[2] -= p1 * dx;
    } else {
        let vol1 = ri * (q1[1] * dy - q1[2] * dx);
        let ri = 1.0 / QINF[0];
        let p2 = GM1 * (QINF[3] - 0.5 * ri * (QINF[1] * QINF[1] + QINF[2] * QINF[2]));
        let vol2 = ri * (QINF[1] * dy - QINF[2] * dx);
        let mu = *adt1 * EPS;
        res1[0] += 0.5 * (vol1 * q1[0] + vol2 * QINF[0]) + mu * (q1[0] - QINF[0]);
        res1[3] += 0.5 * (vol1 * (q1[3] + p1) + vol2 * (QINF[3] + p2)) + mu * (q1[3] - QINF[3]);
    }
}

#[kernel]
fn update(qold: &[f64; 4], q: Write<[f64; 4]>, res: &mut [f64; 4], adt: &f64, rms: Inc<f64>) {
    let adti = 1.0 / adt;
    for i in 0..4 {
        let del = adti * res[i];
        q[i] = qold[i] - del;
        res[i] = 0.0;
        *rms += del * del;
    }
}
