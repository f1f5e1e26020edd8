#[kernel]
fn sum_written_out(res: Inc<[f64; 4]>, x: &f64, i: &u32) {
    res[0] = res[0] + x;
    res[*i as usize] = 2.0 * x + res[*i as usize];
    res[1] = res[1] - x;
}

#[kernel]
fn assigned(res: Inc<[f64; 4]>, rms: op2::Inc<'_, f64>, x: &f64) {
    res[0] = *x;
    *rms = x * *rms;
    *rms = x + *rms + 1.0;
}

#[kernel]
fn other_operators(res: Inc<[f64; 4]>, x: &f64) {
    res[0] *= 2.0;
    res[1] /= x;
    res[2] += x;
}

#[kernel]
fn read(res: Inc<[f64; 4]>, rms: Inc<f64>, y: Write<f64>) {
    let r = res[0];
    *y = r + *rms;
    if *rms > 1.0 {
        res[1] += 1.0;
    }
    res[2] += res[3];
    let k = res[res[0] as usize];
}

#[kernel]
fn handed_on(res: Inc<[f64; 4]>, rms: Inc<f64>) {
    add_flux(res);
    add(&mut res[0], *rms);
    let other = res;
}

#[kernel]
fn shadowed_only_later(rms: Inc<f64>) {
    *rms *= 2.0;
    let rms = 1.0;
    let twice = rms * 2.0;
}
