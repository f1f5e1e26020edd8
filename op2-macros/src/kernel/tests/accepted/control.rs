#[kernel]
fn limiter(q: &[f64; 5], phi: Write<f64>) {
    let mut r = f64::MAX;
    for i in 1..=3 {
        let (left, right) = (q[i] - q[i - 1], q[i + 1] - q[i]);
        if left * right <= 0.0 {
            *phi = 0.0;
            return;
        }
        r = r.min(left / right);
    }
    *phi = if r >= 1.0 {
        let s = r.min(2.0);
        s.max(1.0)
    } else if r > 0.5 {
        2.0 * r
    } else {
        r
    };
}

#[kernel]
fn newton(a: &f64, root: Write<f64>, steps: Inc<u32>) {
    let mut x = a.max(1.0);
    let mut count = 0;
    while count < 50 {
        let next = 0.5 * (x + a / x);
        count += 1;
        if (next - x).abs() < 1e-14 * x {
            break;
        }
        x = next;
    }
    *root = x;
    *steps += count;
}

#[kernel]
fn search(table: &[[i32; 4]; 4], key: &i32, at: Write<[u32; 2]>) {
    let mut found = [4, 4];
    'rows: for i in 0..4 {
        for j in (0..4).rev() {
            if table[i][j] < 0 {
                continue 'rows;
            }
            if table[i][j] == *key {
                found = [i as u32, j as u32];
                break 'rows;
            }
        }
    }
    *at = found;
}

#[kernel]
fn classify(kind: &i32, flux: &f64, res: Inc<[f64; 2]>, walls: Inc<i64>) {
    let sign = match kind {
        1 | 2 => 1.0,
        3..=5 => -1.0,
        _ => 0.0,
    };
    match *kind % 2 {
        0 => res[0] += sign * flux,
        _ => {
            res[1] -= sign * flux;
            *walls += 1;
        }
    }
}

#[kernel]
fn collatz(start: &u64, length: Write<u32>, peak: Max<u64>) {
    let mut n = *start;
    let mut steps = 0;
    loop {
        *peak = (*peak).max(n);
        if n <= 1 {
            break;
        }
        n = if n & 1 == 0 { n >> 1 } else { 3 * n + 1 };
        steps += 1;
    }
    *length = steps;
}

#[kernel]
fn late(x: &[f64; 3], y: Write<[f64; 3]>) {
    let scale;
    if x[0] > 0.0 && !(x[1] > 1.0 || x[2] != 0.0) {
        scale = 2.0;
    } else {
        scale = -x[1];
    }
    let mut k = 0;
    while k < 3 {
        y[k] = scale * x[k];
        k += 1;
    }
}
