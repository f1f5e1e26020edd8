#[kernel]
fn every_mode(
    read: &f64,
    rw: &mut f64,
    write: Write<f64>,
    inc: Inc<f64>,
    min: Min<f64>,
    max: op2::Max<[f64; 2]>,
) {
    *rw = 2.0 * *rw + read;
    *write = *rw;
    *inc += *write;
    *inc -= read;
    *min = (*min).min(*read);
    *min = min.min(*rw).min(0.5);
    *min = read.min(*min);
    max[0] = max[0].max(*read);
    max[1] = f64::max(max[1], *rw);
}

#[kernel]
fn written_in_parts(x: &[f64; 2], q: Write<[[f64; 2]; 2]>) {
    q[0][0] = x[0];
    q[0][1] = x[1] + q[0][0];
    for j in 0..2 {
        q[1][j] = x[j];
        q[1][j] *= 2.0;
    }
    let sum = q[0][1] + q[1][0];
    q[1][1] = sum;
}

#[kernel]
fn written_on_some_paths(x: &f64, y: Write<f64>) {
    if *x > 0.0 {
        *y = x.sqrt();
    }
}

#[kernel]
fn written_after_an_exit(x: &f64, y: Write<[f64; 2]>) {
    y[0] = *x;
    if *x < 0.0 {
        return;
    }
    y[1] = y[0];
}

#[kernel]
fn written_by_both_branches(x: &f64, y: Write<[f64; 2]>) {
    if *x > 0.0 {
        *y = [*x; 2];
    } else {
        y[0] = -x;
        y[1] = y[0] * 2.0;
    }
    let norm = y[0].hypot(y[1]);
    y[0] /= norm;
}

#[kernel]
fn written_row_by_row(x: &[f64; 3], m: Write<[[f64; 3]; 3]>) {
    for i in 0..3 {
        for j in 0..3 {
            if i == j {
                m[i][j] = x[i];
                continue;
            }
            m[i][j] = 0.0;
        }
        m[i][i] += m[i][0];
    }
    m[0][0] += m[2][1];
}

#[kernel]
fn a_local_covers_a_parameter(rms: Inc<f64>, q: Write<f64>) {
    {
        let rms = 2.0;
        let q = rms * 0.5;
        let _ = q + rms;
    }
    *q = 1.0;
    *rms += *q;
}
