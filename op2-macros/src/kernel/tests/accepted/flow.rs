/// Walls reflect, the rest keeps its value.
#[kernel]
fn mirror(normal: &[f64; 2], kind: &u8, u: &[f64; 2], ghost: Write<[f64; 2]>) {
    let un = normal[0] * u[0] + normal[1] * u[1];
    match *kind {
        0 => *ghost = [u[0] - 2.0 * un * normal[0], u[1] - 2.0 * un * normal[1]],
        1 => {
            for k in 0..ghost.len() {
                ghost[k] = -u[k];
            }
        }
        _ => *ghost = *u,
    }
}

#[kernel]
fn source_term(t: &f64, q: &[f64; 4], qdot: Inc<[f64; 4]>, worst: Max<f64>) {
    let amplitude = AMPLITUDE * (2.0 * f64::consts::PI * FREQUENCY * t).sin();
    qdot[3] += amplitude * q[0];
    *worst = worst.max(amplitude.abs());
}

#[kernel]
fn every_path_leaves(x: &f64, y: Write<f64>) {
    loop {
        if *x > 1.0 {
            *y = 1.0;
            break;
        } else if *x > 0.0 {
            *y = 0.5;
            return;
        }
        *y = 0.0;
        break;
    }
    *y += 1.0;
}

#[kernel]
fn blocks_have_values(x: &[f64; 2], y: Write<[f64; 2]>) {
    let norm = {
        let square = x[0] * x[0] + x[1] * x[1];
        square.sqrt()
    };
    let unit = if norm > 0.0 { [x[0] / norm, x[1] / norm] } else { [0.0; 2] };
    (*y)[0] = unit[0];
    y[1] = if unit[1] < 0.0 { -unit[1] } else { unit[1] };
}

#[function]
fn minmod(a: f64, b: f64) -> f64 {
    if a * b <= 0.0 {
        0.0
    } else if a.abs() < b.abs() {
        a
    } else {
        b
    }
}

#[function]
pub fn swap_rows(m: &mut [[f64; 2]; 2], pivot: usize) {
    let other = 1 - pivot;
    let row = m[pivot];
    m[pivot] = m[other];
    m[other] = row;
}
