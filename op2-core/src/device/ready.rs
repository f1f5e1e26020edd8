//! A loop that only has to be started: compiled, ordered, and all it touches on the device.

use std::sync::Arc;

use crate::base::error::Result;
use crate::device::accelerator::Accelerator;
use crate::device::api::Runner;
use crate::device::call::Call;
use crate::device::orders::Ordered;
use crate::device::programs::Compiled;
use crate::device::resident::Resident;

/// A loop that only has to be started.
pub struct Ready {
    pub(super) ordered: Arc<Ordered>,
    pub(super) resident: Resident,
    /// None where the Rust code runs.
    pub(super) program: Option<Arc<Compiled>>,
}

impl Accelerator {
    /// Compiles the loop and brings what it touches.
    ///
    /// # Errors
    /// The loop cannot be written or compiled (nothing was moved then), or the device's.
    pub(crate) fn ready(&self, call: &Call<'_>, ordered: Arc<Ordered>) -> Result<Ready> {
        let program = match self.device().runner() {
            Runner::Compiler(compiler) => Some(self.program(call, &ordered, compiler)?),
            Runner::Memcheck => {
                self.dump_for_others(call, &ordered)?;
                None
            }
        };
        let resident = self.bring(call)?;
        Ok(Ready { ordered, resident, program })
    }
}
