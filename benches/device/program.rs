//! The airfoil program on a device, its loops one by one, and what it must find.

use std::sync::Arc;

use op2::prelude::*;
use op2_core::device::accelerator::Accelerator;

use crate::Outcome;
use crate::clock::{Clock, Loop};
use crate::flow::Flow;
use crate::mesh::AirfoilMesh;

/// The flow on its mesh, renumbered for locality.
pub(crate) struct Program {
    pub(crate) cx: Context,
    pub(crate) flow: Flow<f64>,
}

/// The device of a context that has one.
pub(crate) fn device(cx: &Context) -> &Arc<Accelerator> {
    cx.engine().device().expect("a backend of devices")
}

/// Waits until all loops are done and their times are counted.
pub(crate) fn settle(cx: &Context) -> op2::Result<()> {
    device(cx).settle(&cx.engine().profile)
}

/// What the processor finds in the first steps.
pub(crate) fn of_processor(mesh: &AirfoilMesh) -> op2::Result<[f64; 2]> {
    let cx = Context::builder().build()?;
    let flow = Flow::<f64>::declare(&cx, mesh.clone())?;
    Ok([flow.step()?, flow.step()?])
}

impl Program {
    pub(crate) fn new(cx: Context, mesh: AirfoilMesh) -> op2::Result<Self> {
        let flow = Flow::declare(&cx, mesh)?;
        cx.reorder(&Reorder::cuthill_mckee(&flow.edge_cells))?;
        Ok(Self { cx, flow })
    }

    /// Compiles, orders and moves all that later steps use, and sees that the answer is right.
    pub(crate) fn first_steps(&self, expected: &[f64]) -> Outcome<()> {
        for expected in expected {
            let found = self.flow.step()?;
            let apart = (found / expected - 1.0).abs();
            // No number compares with NaN.
            if apart.is_nan() || apart > 1e-10 {
                let device = &device(&self.cx).facts().name;
                return Err(format!(
                    "rms {found:e} on {device}, but the processor has {expected:e}"
                )
                .into());
            }
        }
        Ok(settle(&self.cx)?)
    }

    /// A step, loop by loop: each from its call until it is done.
    pub(crate) fn step_apart(&self, clock: &mut Clock) -> op2::Result<()> {
        self.apart(Loop::SaveSoln, clock)?;
        for _stage in 0..2 {
            for which in [Loop::AdtCalc, Loop::ResCalc, Loop::BresCalc, Loop::Update] {
                self.apart(which, clock)?;
            }
        }
        Ok(())
    }

    /// One loop, from its call until it is done.
    pub(crate) fn apart(&self, which: Loop, clock: &mut Clock) -> op2::Result<()> {
        let device = device(&self.cx).device();
        clock.time(which, || {
            self.call(which)?;
            device.finish().map_err(op2::Error::other)
        })
    }

    fn call(&self, which: Loop) -> op2::Result<()> {
        match which {
            Loop::SaveSoln => self.flow.save_soln(),
            Loop::AdtCalc => self.flow.adt_calc(),
            Loop::ResCalc => self.flow.res_calc(),
            Loop::BresCalc => self.flow.bres_calc(),
            Loop::Update => self.flow.update(),
        }
    }
}
