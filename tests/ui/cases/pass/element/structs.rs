//! Structs of numbers, arrays and structs; tuple structs; an array length as parameter.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

#[repr(C)]
#[derive(Clone, Copy, op2::Element)]
struct State {
    rho: f64,
    u: [f64; 2],
    tag: Tag,
}

#[repr(C)]
#[derive(Clone, Copy, op2::Element)]
struct Tag(u32, u32);

#[repr(C)]
#[derive(Clone, Copy, op2::Element)]
struct Modes<const N: usize> {
    values: [f64; N],
}

#[op2::kernel]
fn weigh(q: &State, m: &Modes<2>, sum: Inc<f64>) {
    *sum += q.rho * (q.u[0] + q.u[1]) * m.values[1];
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(1)?;
    let state = State { rho: 2.0, u: [1.0, 2.0], tag: Tag(1, 2) };
    let q = cx.dat("q", &cells, vec![state])?;
    let (m, sum) = (Modes { values: [0.0, 10.0] }, cx.reduction::<f64>("sum"));
    par_loop!(weigh, cells, q(Read), m(Read), sum(Inc))?;
    assert_eq!((sum.value()?, q.read()?[0].tag.1), (60.0, 2));
    Ok(())
}
