//! What starting a loop costs: calls on a set of one element, on every backend that is there.
//!
//! `cargo bench --bench call`; with the features `opencl` and `cuda` also on their devices.

use std::hint::black_box;
use std::time::Instant;

use op2::prelude::*;

op2::sets! {
    Nodes;
    Edges;
}

#[op2::kernel]
fn direct(x: &f64, y: Write<f64>) {
    *y = 2.0 * *x;
}

#[op2::kernel]
fn flux(x1: &f64, x2: &f64, w: &f64, r1: Inc<f64>, r2: Inc<f64>) {
    let f = *w * (*x1 - *x2);
    *r1 += f;
    *r2 -= f;
}

#[op2::kernel]
fn total(x: &f64, sum: Inc<f64>) {
    *sum += *x;
}

fn main() -> op2::Result<()> {
    println!("{:8} {:10} {:>10}", "backend", "loop", "ns/call");
    for backend in Backend::ALL {
        let cx = match Context::builder().backend(backend).build() {
            Ok(cx) => cx,
            Err(error) if backend.is_device() => {
                println!("{backend:8} skipped: {error}");
                continue;
            }
            Err(error) => return Err(error),
        };
        let nodes = cx.set::<Nodes>(2)?;
        let edges = cx.set::<Edges>(1)?;
        let ends: Map<Edges, Nodes, 2> = cx.map("ends", &edges, &nodes, [[0, 1]])?;
        let x = cx.dat("x", &nodes, [1.0, 2.0])?;
        let r = cx.dat("r", &nodes, [0.0; 2])?;
        let w = cx.dat("w", &edges, [1.0])?;
        let y: Dat<Edges, f64> = cx.dat_zeros("y", &edges)?;
        let sum = cx.global("sum", 0.0);

        time(&cx, "direct", || par_loop!(direct, edges, w(Read), y(Write)))?;
        time(&cx, "flux", || {
            par_loop!(
                flux,
                edges,
                x(Read, ends[0]),
                x(Read, ends[1]),
                w(Read),
                r(Inc, ends[0]),
                r(Inc, ends[1])
            )
        })?;
        time(&cx, "reduction", || par_loop!(total, nodes, x(Read), sum(Inc)))?;
    }
    Ok(())
}

/// The fastest of several rounds, in nanoseconds per call, from the first call until the last is done.
fn time(cx: &Context, name: &str, call: impl Fn() -> op2::Result<()>) -> op2::Result<()> {
    let backend = cx.settings().backend;
    // Calls on devices take much longer.
    let calls = if backend.is_device() { 2_000 } else { 20_000 };
    let mut best = f64::INFINITY;
    for _ in 0..15 {
        let start = Instant::now();
        for _ in 0..calls {
            black_box(call())?;
        }
        settle(cx)?;
        best = best.min(start.elapsed().as_secs_f64() / f64::from(calls));
    }
    println!("{backend:8} {name:10} {:>10.0}", best * 1e9);
    Ok(())
}

/// Waits until a device, where there is one, is done.
fn settle(cx: &Context) -> op2::Result<()> {
    let engine = cx.engine();
    engine.device().map_or(Ok(()), |device| device.settle(&engine.profile))
}
