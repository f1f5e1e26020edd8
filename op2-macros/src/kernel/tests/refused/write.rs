#[kernel]
fn read_before(q: Write<[f64; 2]>, x: &f64) {
    q[0] = q[1] + x;
}

#[kernel]
fn updated_before(q: Write<f64>, x: &f64) {
    *q += x;
}

#[kernel]
fn one_branch(q: Write<f64>, x: &f64, y: &mut f64) {
    if *x > 0.0 {
        *q = 1.0;
    }
    *y = *q;
}

#[kernel]
fn part_of_a_loop(q: Write<[f64; 4]>, y: &mut f64) {
    for i in 0..3 {
        q[i] = 1.0;
    }
    *y = q[2] + q[3];
}

#[kernel]
fn loop_left_early(q: Write<[f64; 4]>, x: &f64, y: &mut f64) {
    for i in 0..4 {
        if *x > 0.0 {
            break;
        }
        q[i] = 1.0;
    }
    *y = q[0];
}

#[kernel]
fn loop_that_may_not_run(q: Write<f64>, n: &u32, y: &mut f64) {
    for _ in 0..*n {
        *q = 1.0;
    }
    *y = *q;
}

#[kernel]
fn next_round(q: Write<[f64; 4]>) {
    for i in 0..4 {
        if i > 0 {
            q[i] = q[i - 1];
        } else {
            q[i] = 1.0;
        }
    }
}

#[kernel]
fn any_element(q: Write<[f64; 4]>, k: &u32, y: &mut f64) {
    let mut j = *k as usize;
    q[j] = 1.0;
    j += 1;
    *y = q[j];
}

#[kernel]
fn handed_on(q: Write<[f64; 4]>, p: Write<f64>) {
    fill(q);
    set(&mut *p);
    let r = q;
}

#[kernel]
fn second_operand(q: Write<f64>, x: &f64, y: &mut f64) {
    let ok = *x > 0.0 && {
        *q = 1.0;
        true
    };
    *y = *q;
}
