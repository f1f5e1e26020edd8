#[kernel]
fn returns(x: &f64) -> f64 {
    *x
}

#[kernel]
const unsafe extern "C" fn qualified(x: &f64) {}

#[kernel]
async fn asynchronous(x: &f64) {}

#[kernel]
fn lifetimes<'a>(x: &'a f64, y: Write<'a, f64>) {
    *y = *x;
}

#[kernel]
fn by_value(dt: f64, [a, b]: &[f64; 2], _: &f64, x: impl Real, q: &[f64]) {}

#[kernel]
fn types(a: &usize, b: &i8, c: &&f64, d: Inc<f64, f64>, e: &str, f: Inc) {}

#[kernel]
fn method(&self, x: &f64) {}

#[kernel(lanes = 3)]
fn lanes(x: &f64) {}

#[kernel(fast)]
fn option(x: &f64) {}

#[kernel]
#[cfg(test)]
fn cfg_inside(#[cfg(unix)] x: &f64) {
    #[cfg(debug_assertions)]
    let y = 1.0;
    #[cfg(unix)]
    {
        y += 1.0;
    }
}

#[function(lanes = 8)]
fn function_modes(x: Inc<f64>, y: impl Fn()) -> &f64 {
    x
}
