#[kernel]
fn constants(x: &f64, y: &mut [f64; 3]) {
    let scale = GAM - 1.0;
    let unknown = OFFSET;
    let n = COUNT;
    let area = std::f64::consts::PI * x * x + f64::consts::E;
    for i in 0..n {
        y[i] = scale * area;
    }
    let bound = LIMITS[2] * x;
    y[0] += bound + unknown[0];
    if FLAG {
        y[1] = PARAMS.gamma;
    }
}

#[kernel]
fn a_constant_shadowed_by_a_local(x: &f64, y: Write<[f64; NV]>) {
    const EPS: f64 = 1.0e-3;
    const LEN: usize = 2;
    let first = EPS * GAM;
    {
        let GAM = 2.0;
        y[0] = GAM * x;
    }
    let mut row = [0.0; LEN];
    for k in 0..LEN {
        row[k] = GAM + first;
    }
    y[1] = row[0];
}

#[kernel]
fn shadowed_names(x: &[f64; 2], y: Write<f64>) {
    let x = x[0] + x[1];
    let y1 = x;
    for x in 0..3 {
        let y1 = y1 + x as f64;
        let x = y1;
        let _unused = x;
    }
    *y = x + y1;
}

#[kernel]
fn functions(x: &[f64; 2], q: &[f32; 2], y: Write<f64>) {
    let scale = 0.5;
    let mut error = 0.0;
    let f = flux(x, scale, &mut error);
    let g = physics::euler::flux::<f32, 2>(q, &q[0], 1.5);
    let (a, b) = split(f + 1.0, g);
    *y = a * f64::from(b) + flux(x, 1.0, &mut error) + x[0];
}

#[kernel]
fn upper_case_lengths(x: &[f64; N], y: Write<[f64; N]>) {
    for i in 0..N {
        y[i] = x[i];
    }
    let scale = 1.0 / N as f64;
    for i in 0..N {
        y[i] *= scale;
    }
}
