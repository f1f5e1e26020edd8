//! The bandwidth that loops are compared with: that of copies within the device's memory.

use std::sync::Arc;
use std::time::Instant;

use op2::prelude::*;
use op2_core::device::api::{Device, Fault, Memory};

use crate::{Outcome, program};

/// Copies in a row, so that starting them and waiting for them does not count.
const COPIES: usize = 10;
/// The fastest of so many such rows counts.
const TRIES: usize = 5;
/// Bytes that no cache of a device holds.
const LEAST_BYTES: usize = 128 << 20;

/// Two pieces of memory between which is copied.
pub(crate) struct Ruler {
    device: Arc<dyn Device>,
    from: Box<dyn Memory>,
    to: Box<dyn Memory>,
}

impl Ruler {
    /// A ruler as long as the state of so many cells.
    pub(crate) fn new(cx: &Context, cells: usize) -> Outcome<Self> {
        let device = program::device(cx).device().clone();
        let bytes = LEAST_BYTES.max(cells * size_of::<[f64; 4]>());
        let allocate = || -> Result<_, Fault> {
            let memory = device.allocate(bytes)?;
            // Memory that was never written may not be there yet.
            device.clear(&*memory)?;
            Ok(memory)
        };
        let (from, to) = (allocate()?, allocate()?);
        let ruler = Self { device, from, to };
        ruler.gb_per_s()?;
        Ok(ruler)
    }

    pub(crate) fn megabytes(&self) -> usize {
        self.from.bytes() / 1_000_000
    }

    /// 10^9 bytes per second, those read and those written.
    pub(crate) fn gb_per_s(&self) -> Outcome<f64> {
        let bytes = self.from.bytes();
        let copy = || self.device.copy(&*self.from, &*self.to, bytes);
        Ok(2.0 * self.rate(COPIES, bytes, copy)?)
    }

    /// In words, with copies from and to the host, whose bytes count once.
    pub(crate) fn all_ways(&self) -> Outcome<String> {
        let mut host = vec![1; LEAST_BYTES];
        let up = self.rate(1, host.len(), || self.device.upload(&*self.from, 0, &host))?;
        let down = self.rate(1, LEAST_BYTES, || self.device.download(&*self.from, 0, &mut host))?;
        let within = self.gb_per_s()?;
        Ok(format!("{within:.1} GB/s; from the host {up:.1} GB/s, to the host {down:.1} GB/s"))
    }

    /// The fastest of several rows of calls, having called once before.
    fn rate(
        &self,
        calls: usize,
        bytes: usize,
        mut call: impl FnMut() -> Result<(), Fault>,
    ) -> Outcome<f64> {
        let mut row = |calls: usize| -> Result<_, Fault> {
            self.device.finish()?;
            let start = Instant::now();
            (0..calls).try_for_each(|_| call())?;
            self.device.finish()?;
            Ok(start.elapsed().as_secs_f64() / calls as f64)
        };
        row(1)?;
        let mut best = f64::INFINITY;
        for _ in 0..TRIES {
            best = best.min(row(calls)?);
        }
        Ok(bytes as f64 / best / 1e9)
    }
}
