//! Starting programs, and how long they took.

use std::any::Any;
use std::ffi::c_void;
use std::sync::Arc;

use op2_core::device::api::{self, Argument, Fault, LastStarted, Launch};

use crate::compile::Program;
use crate::driver::{Attributes, Driver, Failure};
use crate::memory::Memory;
use crate::{fault, group};

/// Groups of a launch, at most: in the first direction of a grid.
const MAX_GROUPS: usize = 0x7fff_ffff;

/// Starts a program.
///
/// # Safety
/// That of [`api::Compiler::launch`].
///
/// # Panics
/// Program or memory are of another GPU.
pub(crate) unsafe fn launch<D: Driver>(
    driver: &Arc<D>,
    program: &dyn api::Program,
    launch: &Launch<'_>,
    last: &LastStarted,
) -> Result<Option<Box<dyn api::Event>>, Fault> {
    let program = own(program, driver);
    let (groups, group) = size(&program.name, &program.attributes, launch)?;
    let mut values: Vec<u64> =
        launch.arguments.iter().map(|argument| value(argument, driver)).collect();
    let mut arguments: Vec<*mut c_void> =
        values.iter_mut().map(|value| (&raw mut *value).cast()).collect();
    let faulty = |failure| fault::fault(&failure, last);
    let timer = launch.timed.then(|| Timer::begin(driver)).transpose().map_err(faulty)?;
    if groups > 0 && group > 0 {
        // SAFETY: each argument points to a value of its kind, which lives through the call; that they
        // are those of the program is our caller's promise.
        let launched = unsafe { driver.launch(&program.module, groups, group, &mut arguments) };
        launched.map_err(faulty)?;
        last.set(&program.name);
    }
    let event = timer.map(Timer::end).transpose().map_err(faulty)?;
    Ok(event.map(|event| Box::new(event) as Box<dyn api::Event>))
}

/// Work-items of each group with which the GPU is busiest.
///
/// # Panics
/// The program is of another GPU.
pub(crate) fn best_group<D: Driver>(
    driver: &Arc<D>,
    program: &dyn api::Program,
    usual: usize,
    most: usize,
) -> usize {
    let program = own(program, driver);
    let most = (most as u32).min(program.attributes.max_group);
    let resident = |group| {
        let attributes = driver.attributes(&program.module, group);
        attributes.ok().map(|attributes| attributes.resident_groups)
    };
    group::best(usual as u32, most, resident) as usize
}

fn own<'a, D: Driver>(program: &'a dyn api::Program, driver: &Arc<D>) -> &'a Program<D> {
    let program: &dyn Any = program;
    let own = program.downcast_ref::<Program<D>>();
    own.filter(|own| Arc::ptr_eq(&own.driver, driver))
        .expect("programs are started on the device that compiled them")
}

/// Groups and their work-items, if the GPU can do so many.
fn size(name: &str, attributes: &Attributes, launch: &Launch<'_>) -> Result<(u32, u32), Fault> {
    let (groups, group, most) = (launch.groups, launch.group, attributes.max_group);
    if groups > MAX_GROUPS {
        return Err(Fault::TooBig(format!("loop `{name}`: {groups} groups; {MAX_GROUPS} at most")));
    }
    if group > most as usize {
        let registers = attributes.registers;
        return Err(Fault::TooBig(format!(
            "loop `{name}`: groups of {group} work-items; with {registers} registers each, {most} at most"
        )));
    }
    Ok((groups as u32, group as u32))
}

/// The bytes of an argument, from the first on.
fn value<D: Driver>(argument: &Argument<'_>, driver: &Arc<D>) -> u64 {
    match *argument {
        Argument::Memory(memory) => Memory::of(memory, driver).address().0,
        Argument::Nothing => 0,
        Argument::U32(number) => {
            let mut bytes = [0; 8];
            bytes[..4].copy_from_slice(&number.to_ne_bytes());
            u64::from_ne_bytes(bytes)
        }
    }
}

/// Two marks, one before a launch and one behind it.
struct Timer<D: Driver> {
    begin: D::Mark,
    end: D::Mark,
    driver: Arc<D>,
}

impl<D: Driver> Timer<D> {
    fn begin(driver: &Arc<D>) -> Result<Self, Failure> {
        let mark = || driver.mark(true);
        let timer = Self { begin: mark()?, end: mark()?, driver: Arc::clone(driver) };
        driver.set(&timer.begin)?;
        Ok(timer)
    }

    fn end(self) -> Result<Self, Failure> {
        self.driver.set(&self.end)?;
        Ok(self)
    }
}

impl<D: Driver> api::Event for Timer<D> {
    fn seconds(&self) -> Option<f64> {
        self.driver.wait(&self.end).ok()?;
        let milliseconds = self.driver.milliseconds(&self.begin, &self.end).ok()?;
        Some(f64::from(milliseconds) * 1e-3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATTRIBUTES: Attributes = Attributes {
        registers: 168,
        private_bytes: 0,
        local_bytes: 0,
        max_group: 384,
        resident_groups: 1,
    };

    fn sized(groups: usize, group: usize) -> Result<(u32, u32), Fault> {
        size("flux", &ATTRIBUTES, &Launch { groups, group, arguments: &[], timed: false })
    }

    #[test]
    fn launches_that_fit_are_taken() {
        assert_eq!(sized(1000, 128), Ok((1000, 128)));
        assert_eq!(sized(0, 128), Ok((0, 128)));
    }

    #[test]
    fn groups_that_need_too_many_registers_are_refused() {
        let text = "loop `flux`: groups of 512 work-items; with 168 registers each, 384 at most"
            .to_owned();
        assert_eq!(sized(1, 512), Err(Fault::TooBig(text)));
    }

    #[test]
    fn grids_end_somewhere() {
        let Err(Fault::TooBig(text)) = sized(1 << 31, 128) else { panic!() };
        assert!(text.contains("2147483648 groups"), "{text}");
    }
}
