//! What starting a loop costs: calls on a small set.

use std::time::Instant;

use op2::prelude::*;

use crate::program::settle;

op2::sets! {
    Points;
    Sides;
}

#[op2::kernel]
fn direct(x: &f64, y: Write<f64>) {
    *y = 2.0 * *x;
}

#[op2::kernel]
fn spread(w: &f64, left: Inc<f64>, right: Inc<f64>) {
    *left += *w;
    *right -= *w;
}

#[op2::kernel]
fn total(x: &f64, sum: Inc<f64>) {
    *sum += *x;
}

const POINTS: u32 = 1000;
const CALLS: u32 = 2000;
const ROUNDS: usize = 7;

/// Measures and prints loops on a thousand elements.
pub(crate) fn print(cx: &Context) -> op2::Result<()> {
    println!("\nCalls on {POINTS} elements, the fastest of {ROUNDS} rounds of {CALLS} calls");
    println!("{:10} {:>10} {:>14} {:>14}", "loop", "us/call", "until started", "on the device");
    let points = cx.set::<Points>(POINTS as usize)?;
    let sides = cx.set::<Sides>(POINTS as usize)?;
    let ring: Vec<[u32; 2]> = (0..POINTS).map(|i| [i, (i + 1) % POINTS]).collect();
    let ends: Map<Sides, Points, 2> = cx.map("ring_ends", &sides, &points, ring)?;
    let x = cx.dat("ring_x", &points, vec![1.0; POINTS as usize])?;
    let y: Dat<Points, f64> = cx.dat_zeros("ring_y", &points)?;
    let w = cx.dat("ring_w", &sides, vec![0.5; POINTS as usize])?;
    let sum = cx.global("ring_sum", 0.0);

    time(cx, "direct", || par_loop!(direct, points, x(Read), y(Write)))?;
    time(cx, "spread", || par_loop!(spread, sides, w(Read), y(Inc, ends[0]), y(Inc, ends[1])))?;
    time(cx, "total", || par_loop!(total, points, x(Read), sum(Inc)))
}

fn time(cx: &Context, name: &str, call: impl Fn() -> op2::Result<()>) -> op2::Result<()> {
    call()?;
    let (mut best, mut device) = ([f64::INFINITY; 2], f64::INFINITY);
    for _ in 0..ROUNDS {
        cx.reset_report();
        let start = Instant::now();
        (0..CALLS).try_for_each(|_| call())?;
        let started = start.elapsed();
        settle(cx)?;
        let done = start.elapsed();
        let each = |seconds: f64| seconds * 1e6 / f64::from(CALLS);
        let now = [done, started].map(|time| each(time.as_secs_f64()));
        if now[0] < best[0] {
            best = now;
        }
        let counters = cx.engine().profile.snapshot();
        let of_name = counters.iter().filter(|counters| counters.name == name);
        device = device.min(each(of_name.map(|counters| counters.seconds).sum()));
    }
    println!("{name:10} {:10.2} {:14.2} {device:14.2}", best[0], best[1]);
    Ok(())
}
