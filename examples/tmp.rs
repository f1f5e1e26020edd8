use op2::prelude::*;
op2::sets! { pub Nodes; pub Edges; pub Cells; }
op2::constants! { pub EPS: f64 = 0.5; }
#[op2::function]
fn twice(x: f64) -> f64 { 2.0 * x * EPS }
#[op2::kernel]
fn flux(x1: &[f64; 2], x2: &[f64; 2], r1: Inc<f64>, r2: Inc<f64>) { let d = (x1[0] - x2[0]) * EPS + twice(1.0); *r1 += d; *r2 -= d; }
#[op2::kernel]
fn total(r: &f64, s: Inc<f64>, m: Max<f64>, i: &u64, n: Write<u64>) { *s += r; *m = (*m).max(*r); *n = *i; }
#[op2::kernel]
fn axpy<T: Real>(a: &T, x: &T, y: &mut T) { *y += *a * *x; }
#[op2::kernel]
fn avg(x: &[[f64; 2]; 2], y: Write<f64>) { *y = 0.5 * (x[0][0] + x[1][0]); }
fn main() -> op2::Result<()> {
    let cx = Context::from_env()?;
    let n = 100_000;
    let nodes = cx.set::<Nodes>(n)?; let edges = cx.set::<Edges>(n - 1)?;
    let en: Map<Edges, Nodes, 2> = cx.map("en", &edges, &nodes, (0..n as u32 - 1).map(|i| [i, i + 1]).collect::<Vec<_>>())?;
    let x: Dat<Nodes, [f64; 2]> = cx.dat("x", &nodes, (0..n).map(|i| [i as f64, 0.0]).collect::<Vec<_>>())?;
    let r: Dat<Nodes, f64> = cx.dat_zeros("r", &nodes)?;
    let q: Dat<Nodes, f64> = cx.dat_zeros("q", &nodes)?;
    let e: Dat<Edges, f64> = cx.dat_zeros("e", &edges)?;
    let num: Dat<Nodes, u64> = cx.dat_zeros("num", &nodes)?;
    let s = cx.global("s", 1.0)?; let m = cx.reduction::<f64>("m");
    par_loop!(flux, edges, x(Read, en[0]), x(Read, en[1]), r(Inc, en[0]), r(Inc, en[1]))?;
    par_loop!(total, nodes, r(Read), s(Inc), m(Max), index(), num(Write))?;
    let a = 2.0;
    par_loop!(axpy, nodes, a(Read), r(Read), q(Rw))?;
    par_loop!(avg, edges, x(Read, en), e(Write))?;
    println!("{:?} {:?} {} {} {:?} {:?}", &r.read()?[..3], &r.read()?[n - 2..], s.value()?, m.value()?, &q.read()?[..2], &e.read()?[..2]);
    println!("{:?}", &num.read()?[..4]);
    Ok(())
}
