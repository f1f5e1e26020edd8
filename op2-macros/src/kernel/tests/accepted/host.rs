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
