#[kernel]
fn structs(state: &State, out: Write<State>, p: &mut Pair) {
    let momentum = state.rho * state.velocity[0];
    let speed = state.velocity[0].hypot(state.velocity[1]);
    *out = State { rho: state.rho, velocity: [momentum, speed], flag: true };
    p.0 += 1.0;
    p.1[1] = out.rho;
}

#[kernel]
fn struct_fields(s: Inc<State>, cells: Inc<[State; 2]>, v: &[f64; 2]) {
    s.rho += v[0];
    s.velocity[1] -= v[1];
    cells[1].rho += v[0];
}

#[kernel]
fn tuples(x: &[f64; 3], y: Write<f64>) {
    let pair = (x[0], 2_u32);
    let (sine, cosine) = x[1].sin_cos();
    let ((a, _), b) = (pair, x[2]);
    let nested = (pair, [1, 2]);
    *y = pair.0 + a * sine + b * cosine + f64::from(pair.1) + nested.1[0] as f64;
}

#[kernel]
fn aliases(x: &Real, q: &Vec4, y: Write<Real>) {
    let half = 0.5;
    let z = half * x;
    let w = q[0] + q[1];
    *y = z + w;
}

#[kernel]
fn integers(a: &i32, b: &u64, c: &[u8; 4], out: &mut [i64; 2], bits: Write<u32>, flag: &bool) {
    let n = a.abs().pow(2) as i64;
    let spread = a.abs_diff(-3);
    let wide = b.wrapping_mul(6364136223846793005).wrapping_add(1) >> 33;
    let small = c[0] ^ 0xff | c[1] & !c[2] << 1;
    let big = 5_000_000_000 as u64;
    out[0] = if *flag { n } else { -n };
    out[1] = (wide % big) as i64 + small as i64 - i64::from(c[3]);
    *bits = spread + b.count_ones() + u32::MAX.min(7);
}

#[kernel]
fn floats(x: &f32, n: &i32, y: Write<f32>, ok: Write<bool>) {
    let a = x.powi(*n).max(1e-3) + x.powf(1.5);
    let b = a.mul_add(2.0, x.exp().ln_1p()).clamp(0.0, 1.0_f32);
    let c = b.rem_euclid(0.25).copysign(-*x).to_degrees();
    let d = (c as f64).atan2(1.0) as f32;
    *ok = d.is_finite() && !c.is_nan();
    *y = d.recip() + d.signum() * 1.;
}

#[kernel]
fn references(x: &[f64; 2], y: &f64, z: &f64, out: Write<f64>) {
    let row = x;
    let sum = y + z;
    let copy = *x;
    if y < z {
        *out = row[0];
    } else {
        *out = copy[1] + sum;
    }
}
