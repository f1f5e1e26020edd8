#[kernel]
fn assigned(m: Min<f64>, x: &f64) {
    *m = *x;
}

#[kernel]
fn compared(m: Min<f64>, n: Max<[f64; 2]>, x: &f64) {
    if *x < *m {
        *m = *x;
    }
    if n[0] <= *x {
        n[0] = *x;
    }
}

#[kernel]
fn wrong_direction(m: Min<f64>, n: Max<[i32; 2]>, x: &f64) {
    *m = (*m).max(*x);
    n[0] = n[0].min(1);
}

#[kernel]
fn other_element(n: Max<[f64; 2]>, x: &f64) {
    n[0] = n[1].max(*x);
    n[0] = n[0].max(n[1]);
    n[0] = 2.0 * n[0].max(*x);
}

#[kernel]
fn updated_read_and_handed_on(m: Min<f64>, y: Write<f64>) {
    *m += 1.0;
    *y = *m;
    lower(m);
    let n = m;
}

#[kernel]
fn extremum_of_references(a: &i32, b: &i32, y: Write<i32>) {
    *y = *a.min(b);
}
