#[kernel]
fn macros(x: &f64) {
    println!("{}", x);
    assert!(*x > 0.0);
    let y = vec![1.0];
}

#[kernel]
fn closures(x: &f64, y: Write<f64>) {
    let f = |a: f64| a * 2.0;
    *y = f(*x);
    let g = 1.0;
    *y = g(*x);
}

#[kernel]
fn iterators(x: &[f64; 4], y: Write<f64>) {
    for v in x {
        let w = v;
    }
    *y = x.iter().sum();
}

#[kernel]
fn methods(x: &f64, y: Write<[f64; 4]>) {
    y[0] = x.fabs();
    y[1] = x.sqr();
    y[2] = x.clone();
    y[3] = x.frobnicate(1.0);
}

#[kernel]
fn argument_counts(x: &f64, y: Write<f64>) {
    *y = x.min();
    *y = f64::sqrt(*x, 2.0);
    *y = f64::frob(*x);
}

#[kernel]
fn unsafe_code(x: &f64) {
    unsafe { COUNT += 1 };
    static mut TOTAL: f64 = 0.0;
}

#[kernel]
fn nested_items(x: &f64) {
    fn helper() {}
    struct Point;
    use std::f64;
}

#[kernel]
fn references(x: &[f64; 4], y: &mut f64) {
    let a = &x[0];
    let b = &mut *y;
    let c = x[0..2];
}

#[kernel]
fn patterns(x: &[f64; 2], n: &i32) {
    let [a, b] = *x;
    let Some(c) = maybe() else { return };
    if let Some(d) = maybe() {}
    match *n {
        k if k > 0 => {}
        _ => {}
    }
    match maybe() {
        Some(k) => {}
        None => {}
    }
}

#[kernel]
fn values(x: &f64, y: Write<f64>) {
    let a = loop {
        break 1.0;
    };
    let b = { 'outer: { 2.0 } };
    let c = *x > 0.0 || return;
    let d = (*y = 1.0);
    let e = while false {};
}

#[kernel]
fn literals_and_paths(x: &f64, y: Write<f64>) {
    let a = "text";
    let b = 'c';
    let c = 1_u16;
    let d = consts::PI * physics::GAMMA;
    let e = <f64 as Real>::ZERO;
    let f = Vec3(1.0, 2.0, 3.0);
    let g: i8 = 1;
    const H: f64 = GAM;
    let s = State { rho: 1.0, ..State::default() };
    *y = *x as i16 as f64;
}

#[kernel]
fn questions(x: &f64) {
    let a = maybe()?;
    let b = later().await;
}
