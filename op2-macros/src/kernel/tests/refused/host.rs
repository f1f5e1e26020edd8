#[kernel(host)]
fn seen_through(res: Inc<f64>, q: Write<f64>, x: &f64, y: &mut f64) {
    println!("{res} {}", x);
    dbg!(q);
    y.clone_from(x);
    *res = 1.0;
    let f = || *res += 1.0;
}
