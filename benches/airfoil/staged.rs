//! The airfoil loops as an expert writes them by hand: the yardstick for generated code.
//!
//! The same shape as a generated loop: rows of several elements are gathered into small arrays,
//! the arithmetic runs over these lanes in a plain loop that the compiler vectorizes, results go
//! back one element after the other. Instructions are chosen when the loop runs, table entries are
//! not checked. It works on the very arrays of the program in op2.

use op2::SimdLevel;

use crate::clock::{Clock, Loop};
use crate::flow::Flow;
use crate::plain::{Gas, State};

/// Elements at a time; eight doubles fill the widest register.
const LANES: usize = 8;

/// One iteration on the arrays of `flow`, which stay in the sequence of the tables.
pub(crate) fn step(flow: &Flow<f64>, level: SimdLevel, clock: &mut Clock) -> op2::Result<f64> {
    let gas = &Gas::benchmark();
    clock.time(Loop::SaveSoln, || save_soln(flow))?;
    let mut rms = 0.0;
    for _stage in 0..2 {
        clock.time(Loop::AdtCalc, || adt_calc(flow, gas, level))?;
        clock.time(Loop::ResCalc, || res_calc(flow, gas, level))?;
        clock.time(Loop::BresCalc, || bres_calc(flow, gas))?;
        rms = clock.time(Loop::Update, || update(flow, level))?;
    }
    Ok((rms / flow.cells.size() as f64).sqrt())
}

fn save_soln(flow: &Flow<f64>) -> op2::Result<()> {
    flow.qold.write()?.copy_from_slice(&flow.q.read()?);
    Ok(())
}

fn adt_calc(flow: &Flow<f64>, gas: &Gas, level: SimdLevel) -> op2::Result<()> {
    let (x, q, mut adt) = (flow.x.read()?, flow.q.read()?, flow.adt.write()?);
    widest(
        level,
        AdtCalc { cell_nodes: table(&flow.cell_nodes), x: &x, q: &q, adt: &mut adt, gas },
    );
    Ok(())
}

fn res_calc(flow: &Flow<f64>, gas: &Gas, level: SimdLevel) -> op2::Result<()> {
    let (x, q, adt) = (flow.x.read()?, flow.q.read()?, flow.adt.read()?);
    let mut res = flow.res.write()?;
    let (edge_nodes, edge_cells) = (table(&flow.edge_nodes), table(&flow.edge_cells));
    widest(level, ResCalc { edge_nodes, edge_cells, x: &x, q: &q, adt: &adt, res: &mut res, gas });
    Ok(())
}

/// Too few elements to be worth more than the plain loop.
fn bres_calc(flow: &Flow<f64>, gas: &Gas) -> op2::Result<()> {
    let (x, q, adt) = (flow.x.read()?, flow.q.read()?, flow.adt.read()?);
    let (bound, mut res) = (flow.bound.read()?, flow.res.write()?);
    let ends = table(&flow.bedge_nodes).iter().zip(table(&flow.bedge_cell));
    for ((nodes, &[cell]), &bound) in ends.zip(bound.iter()) {
        let [x1, x2] = nodes.map(|node| x[node as usize]);
        let (dx, dy, cell) = (x1[0] - x2[0], x1[1] - x2[1], cell as usize);
        gas.add_boundary_flux(dx, dy, &q[cell], adt[cell], bound, &mut res[cell]);
    }
    Ok(())
}

fn update(flow: &Flow<f64>, level: SimdLevel) -> op2::Result<f64> {
    let (q_old, mut q) = (flow.qold.read()?, flow.q.write()?);
    let (mut res, adt) = (flow.res.write()?, flow.adt.read()?);
    Ok(widest(level, Update { q_old: &q_old, q: &mut q, res: &mut res, adt: &adt }))
}

fn table<F, T, const A: usize>(map: &op2::Map<F, T, A>) -> &[[u32; A]] {
    // SAFETY: tables change only when the context renumbers, which this program never asks for.
    unsafe { map.core().table() }.as_chunks().0
}

/// A loop that is compiled for several instruction sets.
///
/// No closures in it: they cannot be forced into the function that has the instructions.
trait Work {
    type Result;

    fn run(self) -> Self::Result;
}

fn widest<W: Work>(level: SimdLevel, work: W) -> W::Result {
    match level {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a context has only instructions that this processor has.
        SimdLevel::Avx512 => unsafe { with_avx512(work) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        SimdLevel::Avx2 => unsafe { with_avx2(work) },
        _ => work.run(),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,bmi1,bmi2")]
fn with_avx512<W: Work>(work: W) -> W::Result {
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2")]
fn with_avx2<W: Work>(work: W) -> W::Result {
    work.run()
}

/// Rows of several elements, where vector instructions like them to be.
#[repr(align(64))]
struct Rows<T, const L: usize>([T; L]);

/// An element through a table.
///
/// # Safety
/// The entry must be less than the number of elements: op2 has checked this for its maps.
#[inline(always)]
unsafe fn at<T: Copy>(array: &[T], entry: u32) -> T {
    // SAFETY: the caller's promise.
    unsafe { *array.get_unchecked(entry as usize) }
}

struct AdtCalc<'a> {
    cell_nodes: &'a [[u32; 4]],
    x: &'a [[f64; 2]],
    q: &'a [State],
    adt: &'a mut [f64],
    gas: &'a Gas,
}

impl Work for AdtCalc<'_> {
    type Result = ();

    #[inline(always)]
    fn run(mut self) {
        let mut first = 0;
        while first + LANES <= self.adt.len() {
            self.lanes::<LANES>(first);
            first += LANES;
        }
        while first < self.adt.len() {
            self.lanes::<1>(first);
            first += 1;
        }
    }
}

impl AdtCalc<'_> {
    #[inline(always)]
    fn lanes<const L: usize>(&mut self, first: usize) {
        let mut x = [const { Rows([[0.0; 2]; L]) }; 4];
        let cells = first..first + L;
        for (lane, nodes) in self.cell_nodes[cells.clone()].iter().enumerate() {
            for (corner, &node) in nodes.iter().enumerate() {
                // SAFETY: an entry of a map to the nodes.
                x[corner].0[lane] = unsafe { at(self.x, node) };
            }
        }
        let q = &self.q[cells.clone()];
        let mut adt = Rows([0.0; L]);
        for (lane, (adt, q)) in adt.0.iter_mut().zip(q).enumerate() {
            let corners = [x[0].0[lane], x[1].0[lane], x[2].0[lane], x[3].0[lane]];
            *adt = self.gas.area_over_step(corners, q);
        }
        self.adt[cells].copy_from_slice(&adt.0);
    }
}

struct ResCalc<'a> {
    edge_nodes: &'a [[u32; 2]],
    edge_cells: &'a [[u32; 2]],
    x: &'a [[f64; 2]],
    q: &'a [State],
    adt: &'a [f64],
    res: &'a mut [State],
    gas: &'a Gas,
}

impl Work for ResCalc<'_> {
    type Result = ();

    #[inline(always)]
    fn run(mut self) {
        let mut first = 0;
        while first + LANES <= self.edge_nodes.len() {
            self.lanes::<LANES>(first);
            first += LANES;
        }
        while first < self.edge_nodes.len() {
            self.lanes::<1>(first);
            first += 1;
        }
    }
}

impl ResCalc<'_> {
    #[inline(always)]
    fn lanes<const L: usize>(&mut self, first: usize) {
        let nodes = &self.edge_nodes[first..first + L];
        let cells = &self.edge_cells[first..first + L];
        let (mut x1, mut x2) = (Rows([[0.0; 2]; L]), Rows([[0.0; 2]; L]));
        let (mut q1, mut q2) = (Rows([[0.0; 4]; L]), Rows([[0.0; 4]; L]));
        let (mut adt1, mut adt2) = (Rows([0.0; L]), Rows([0.0; L]));
        for lane in 0..L {
            let ([node1, node2], [cell1, cell2]) = (nodes[lane], cells[lane]);
            // SAFETY: entries of maps to the nodes and to the cells.
            unsafe {
                (x1.0[lane], x2.0[lane]) = (at(self.x, node1), at(self.x, node2));
                (q1.0[lane], q2.0[lane]) = (at(self.q, cell1), at(self.q, cell2));
                (adt1.0[lane], adt2.0[lane]) = (at(self.adt, cell1), at(self.adt, cell2));
            }
        }
        let mut flux = Rows([[0.0; 4]; L]);
        for lane in 0..L {
            let (x1, x2) = (x1.0[lane], x2.0[lane]);
            let mu = 0.5 * (adt1.0[lane] + adt2.0[lane]) * self.gas.eps;
            let (dx, dy) = (x1[0] - x2[0], x1[1] - x2[1]);
            flux.0[lane] = self.gas.flux(dx, dy, &q1.0[lane], &q2.0[lane], mu);
        }
        for (flux, &[cell1, cell2]) in flux.0.iter().zip(cells) {
            for (n, flux) in flux.iter().enumerate() {
                // SAFETY: as above.
                unsafe {
                    self.res.get_unchecked_mut(cell1 as usize)[n] += flux;
                    self.res.get_unchecked_mut(cell2 as usize)[n] -= flux;
                }
            }
        }
    }
}

struct Update<'a> {
    q_old: &'a [State],
    q: &'a mut [State],
    res: &'a mut [State],
    adt: &'a [f64],
}

impl Work for Update<'_> {
    type Result = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let mut sums = Rows([[0.0; 4]; LANES]);
        let (q_old, q_old_rest) = self.q_old.as_chunks::<LANES>();
        let (q, q_rest) = self.q.as_chunks_mut::<LANES>();
        let (res, res_rest) = self.res.as_chunks_mut::<LANES>();
        let (adt, adt_rest) = self.adt.as_chunks::<LANES>();
        for (((q_old, q), res), adt) in q_old.iter().zip(q).zip(res).zip(adt) {
            Self::cells(q_old, q, res, adt, &mut sums.0);
        }
        Self::cells(q_old_rest, q_rest, res_rest, adt_rest, &mut sums.0);
        sums.0.as_flattened().iter().sum()
    }
}

impl Update<'_> {
    #[inline(always)]
    fn cells(
        q_old: &[State],
        q: &mut [State],
        res: &mut [State],
        adt: &[f64],
        sums: &mut [State; LANES],
    ) {
        for lane in 0..adt.len() {
            let step_over_area = 1.0 / adt[lane];
            for n in 0..4 {
                let change = step_over_area * res[lane][n];
                q[lane][n] = q_old[lane][n] - change;
                res[lane][n] = 0.0;
                sums[lane][n] += change * change;
            }
        }
    }
}
