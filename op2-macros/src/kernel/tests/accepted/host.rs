#[kernel(host)]
fn prints(x: &f64, n: &mut u32, sum: Inc<f64>) {
    println!("{x} {}", GAM);
    let values: Vec<f64> = vec![1.0, SCALE];
    for v in values.iter() {
        *sum += v * x;
    }
    *n = values.iter().map(|v| v.to_bits().count_ones()).sum();
    if let Some(first) = values.first() {
        eprintln!("{first}");
    }
    helper(n);
}

#[kernel(host)]
fn leaves_where_nobody_looks(x: &f64, y: Write<[f64; 3]>, z: Write<f64>, w: Write<f64>) {
    *w = 1.0;
    for i in 0..3 {
        match find(x) {
            Some(found) if found > 1.0 => break,
            _ => {}
        }
        y[i] = *x;
    }
    let Some(_found) = find(x) else { return };
    *z = 1.0;
}
