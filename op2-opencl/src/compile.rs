//! From text to a program.
//!
//! All drivers keep compiled programs on disk themselves, so this does not.

use std::any::Any;
use std::borrow::Cow;
use std::ffi::CString;
use std::ptr;
use std::sync::{Arc, Mutex};

use cl_sys as cl;
use op2_core::device::api::{Device, Fault, Program, Source};
use op2_core::kernel::source::Dialect;

use crate::driver::{self, Binary, DeviceId, Kernel};
use crate::fault::Code;
use crate::queue::Queue;

/// A compiled program.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// Of the loop.
    pub(crate) name: Arc<str>,
    /// Work-items of a group, at most.
    pub(crate) max_group: usize,
    /// How many it declares.
    pub(crate) num_arguments: usize,
    /// Whoever sets arguments holds the lock until the program is started.
    pub(crate) kernel: Mutex<Kernel>,
    /// The address of the context, which the kernel keeps alive.
    pub(crate) context: usize,
}

impl Program for Compiled {}

impl Compiled {
    pub(crate) fn new(
        queue: &Queue,
        rounding: &Rounding,
        source: &Source<'_>,
    ) -> Result<Self, Fault> {
        let binary = build(queue, rounding, source)?;
        let kernel = entry(&binary, source)?;
        let max_group = fits(queue, &kernel, source)?;
        Ok(Self {
            name: source.name.into(),
            max_group,
            num_arguments: num_arguments(&kernel, source)?,
            kernel: Mutex::new(kernel),
            context: queue.context.raw().addr(),
        })
    }

    /// A program of this kind of device.
    pub(crate) fn of(program: &dyn Program) -> Result<&Self, Fault> {
        (program as &dyn Any)
            .downcast_ref()
            .ok_or_else(|| Fault::Driver("this program was compiled for another device".to_owned()))
    }
}

/// How programs round.
#[derive(Debug)]
pub(crate) struct Rounding {
    options: CString,
    /// Whether multiplications and additions may be fused.
    contract: bool,
}

/// How a text says that nothing is fused, and that all may be.
const EXACT: &str = "#pragma OPENCL FP_CONTRACT OFF";
const CONTRACT: &str = "#pragma OPENCL FP_CONTRACT ON";

impl Rounding {
    /// As on the host, as far as the device can.
    pub(crate) fn of(id: DeviceId, contract: bool) -> Result<Self, Code> {
        let divides = id.number(cl::CL_DEVICE_SINGLE_FP_CONFIG)?
            & cl::CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT
            != 0;
        // Devices that cannot do it refuse the option.
        let can = |option: &&str| divides || !option.contains("divide-sqrt");
        let options = Dialect::OpenClC.exact_options().iter().copied().filter(can);
        let options = options.collect::<Vec<_>>().join(" ");
        let options = CString::new(options).expect("options hold no zero byte");
        Ok(Self { options, contract })
    }

    fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.contract { text.replace(EXACT, CONTRACT).into() } else { text.into() }
    }
}

fn build(queue: &Queue, rounding: &Rounding, source: &Source<'_>) -> Result<Binary, Fault> {
    let doing = |code: Code| code.fault(&format!("compiling loop `{}`", source.name));
    let text = rounding.text(source.text);
    let (start, length, mut code) = (text.as_ptr().cast(), text.len(), cl::CL_SUCCESS);
    // SAFETY: there is one text, of that length; the driver copies it.
    let binary = unsafe {
        let raw = cl::clCreateProgramWithSource(
            queue.context.raw(),
            1,
            &raw const start,
            &raw const length,
            &raw mut code,
        );
        Binary::made(raw, code).map_err(doing)?
    };
    let (devices, options) = ([queue.id.raw()], rounding.options.as_ptr());
    // SAFETY: the device is the one of the context, the options end with a zero byte, and nobody is called back.
    let built = Code::check(unsafe {
        cl::clBuildProgram(binary.raw(), 1, devices.as_ptr(), options, None, ptr::null_mut())
    });
    match built {
        Ok(()) => Ok(binary),
        Err(Code(cl::CL_BUILD_PROGRAM_FAILURE)) => {
            Err(Fault::NotCompiled { log: log(&binary, queue.id) })
        }
        Err(code) => Err(doing(code)),
    }
}

/// What the compiler says.
fn log(binary: &Binary, id: DeviceId) -> String {
    let what = cl::CL_PROGRAM_BUILD_LOG;
    // SAFETY: the program was built for this device; `Question` says what the addresses are.
    let said = driver::text(&|size, to, needed| unsafe {
        cl::clGetProgramBuildInfo(binary.raw(), id.raw(), what, size, to, needed)
    });
    match said {
        Ok(log) if !log.trim().is_empty() => trimmed(&log),
        _ => "the compiler does not say why".to_owned(),
    }
}

/// Lines of a compiler's message that are shown.
const SHOWN: usize = 60;

/// The first lines, where the cause is; without spaces at their ends.
fn trimmed(log: &str) -> String {
    let lines: Vec<&str> = log.trim().lines().map(str::trim_end).collect();
    let shown = lines[..lines.len().min(SHOWN)].join("\n");
    match lines.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown}\n.. and {more} more lines"),
    }
}

fn entry(binary: &Binary, source: &Source<'_>) -> Result<Kernel, Fault> {
    let Source { name, entry, .. } = source;
    let doing = |code: Code| code.fault(&format!("looking for `{entry}` in loop `{name}`"));
    let entry = CString::new(*entry).map_err(|_| doing(Code(cl::CL_INVALID_KERNEL_NAME)))?;
    let mut code = cl::CL_SUCCESS;
    // SAFETY: the name ends with a zero byte.
    unsafe {
        let raw = cl::clCreateKernel(binary.raw(), entry.as_ptr(), &raw mut code);
        Kernel::made(raw, code).map_err(doing)
    }
}

fn num_arguments(kernel: &Kernel, source: &Source<'_>) -> Result<usize, Fault> {
    let what = cl::CL_KERNEL_NUM_ARGS;
    // SAFETY: the kernel lives; `Question` says what the addresses are.
    let answer = driver::number(&|size, to, needed| unsafe {
        cl::clGetKernelInfo(kernel.raw(), what, size, to, needed)
    });
    let doing = || format!("counting the arguments of loop `{}`", source.name);
    answer.map(|number| number as usize).map_err(|code| code.fault(&doing()))
}

/// How many work-items a group of the compiled program may have; a fault where more are wanted, or
/// more memory.
fn fits(queue: &Queue, kernel: &Kernel, source: &Source<'_>) -> Result<usize, Fault> {
    let facts = queue.facts();
    let Source { name, group, .. } = source;
    let ask = |what| {
        // SAFETY: the kernel was built for this device; `Question` says what the addresses are.
        let answer = driver::number(&|size, to, needed| unsafe {
            cl::clGetKernelWorkGroupInfo(kernel.raw(), queue.id.raw(), what, size, to, needed)
        });
        answer.map_err(|code| code.fault(&format!("asking what loop `{name}` needs")))
    };
    let max_group = facts.max_group.min(ask(cl::CL_KERNEL_WORK_GROUP_SIZE)? as usize);
    if *group > max_group {
        let device = &facts.name;
        return Err(Fault::TooBig(format!(
            "loop `{name}` wants groups of {group} work-items, and `{device}` runs it with {max_group} at most, \
             because of the registers and the local memory that each needs; ask for smaller groups"
        )));
    }
    let local = ask(cl::CL_KERNEL_LOCAL_MEM_SIZE)?;
    if local > facts.local_bytes as u64 {
        let (device, most) = (&facts.name, facts.local_bytes);
        return Err(Fault::TooBig(format!(
            "loop `{name}` needs {local} bytes of local memory for each group, and `{device}` has {most}; ask for \
             smaller groups"
        )));
    }
    Ok(max_group)
}

#[cfg(test)]
mod tests {
    use super::*;
    use op2_core::kernel::source;

    #[test]
    fn texts_say_that_nothing_is_fused_until_fusing_is_wanted() {
        let text = source::write(&[], Dialect::OpenClC).expect("no kernel is refused").text;
        assert!(text.contains(EXACT), "{text}");
        let rounding = |contract| Rounding { options: CString::default(), contract };
        assert_eq!(rounding(false).text(&text), text);
        let fused = rounding(true).text(&text).into_owned();
        assert!(fused.contains(CONTRACT) && !fused.contains(EXACT), "{fused}");
        assert_eq!(fused.lines().count(), text.lines().count());
    }

    #[test]
    fn long_messages_are_cut_after_the_cause() {
        assert_eq!(trimmed("\n a.rs:1: no  \n ^\n\n"), "a.rs:1: no\n ^");
        let long = trimmed(&"again\n".repeat(SHOWN + 7));
        assert_eq!(long.lines().count(), SHOWN + 1);
        assert!(long.ends_with(".. and 7 more lines"));
    }
}
