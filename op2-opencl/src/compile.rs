//! From text to a program.
//!
//! All drivers keep compiled programs on disk themselves, so this does not.

use std::any::Any;
use std::borrow::Cow;
use std::ffi::CString;
use std::ptr;
use std::sync::{Arc, Mutex};

use ocl::core::util::UtilError;
use ocl::core::{self, DeviceFpConfig, DeviceId, DeviceInfo, Kernel, KernelInfo, KernelInfoResult};
use ocl::core::{KernelWorkGroupInfo, KernelWorkGroupInfoResult, ProgramBuildInfo};
use ocl::ffi as cl;
use op2_core::device::api::{Device, Fault, Program, Source};
use op2_core::kernel::source::Dialect;

use crate::driver::{self, Owned};
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
    pub(crate) kernel: Mutex<Owned<Kernel>>,
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
            context: queue.context.as_ptr().addr(),
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
        let config = driver::number(id, DeviceInfo::SingleFpConfig)?;
        let divides = DeviceFpConfig::from_bits_truncate(config)
            .contains(DeviceFpConfig::CORRECTLY_ROUNDED_DIVIDE_SQRT);
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

fn build(
    queue: &Queue,
    rounding: &Rounding,
    source: &Source<'_>,
) -> Result<Owned<core::Program>, Fault> {
    let doing = |code: Code| code.fault(&format!("compiling loop `{}`", source.name));
    let text = CString::new(&*rounding.text(source.text)).map_err(core::Error::from);
    let made = text.and_then(|text| core::create_program_with_source(&*queue.context, &[text]));
    let binary = Owned::new(made.map_err(|error| doing(error.into()))?);
    let (devices, options) = ([queue.id.as_raw()], rounding.options.as_ptr());
    // `ocl` would take a refusal without a message for a success, and panic on codes that only this compiler has.
    // SAFETY: the device is the one of the context, the options end with a zero byte, and nobody is called back.
    let built = Code::check(unsafe {
        cl::clBuildProgram(binary.as_ptr(), 1, devices.as_ptr(), options, None, ptr::null_mut())
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
fn log(binary: &core::Program, id: DeviceId) -> String {
    let said = match core::get_program_build_info(binary, id, ProgramBuildInfo::BuildLog) {
        Ok(log) => log.to_string().into_bytes(),
        // A compiler may cut a line within a letter.
        Err(core::Error::Util(UtilError::BytesIntoString(error))) => error.into_bytes(),
        Err(_) => Vec::new(),
    };
    match trimmed(&driver::words(&said)) {
        log if log.is_empty() => "the compiler does not say why".to_owned(),
        log => log,
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

fn entry(binary: &core::Program, source: &Source<'_>) -> Result<Owned<Kernel>, Fault> {
    let Source { name, entry, .. } = source;
    let code = |error| match error {
        core::Error::FfiNul(_) => Code(cl::CL_INVALID_KERNEL_NAME),
        error => Code::from(error),
    };
    let doing = |error| code(error).fault(&format!("looking for `{entry}` in loop `{name}`"));
    core::create_kernel(binary, entry).map(Owned::new).map_err(doing)
}

fn num_arguments(kernel: &Kernel, source: &Source<'_>) -> Result<usize, Fault> {
    let number = match core::get_kernel_info(kernel, KernelInfo::NumArgs) {
        Ok(KernelInfoResult::NumArgs(number)) => Ok(number as usize),
        answer => Err(answer.map_or_else(Code::from, |_| Code::NO_ANSWER)),
    };
    number.map_err(|code| code.fault(&format!("counting the arguments of loop `{}`", source.name)))
}

/// Work-items of a group, at most, and bytes of the memory of a group.
fn needs(kernel: &Kernel, id: DeviceId) -> Result<(usize, u64), Code> {
    use KernelWorkGroupInfoResult::{LocalMemSize, WorkGroupSize};
    let ask = |what| core::get_kernel_work_group_info(kernel, id, what);
    match (ask(KernelWorkGroupInfo::WorkGroupSize)?, ask(KernelWorkGroupInfo::LocalMemSize)?) {
        (WorkGroupSize(items), LocalMemSize(bytes)) => Ok((items, bytes)),
        _ => Err(Code::NO_ANSWER),
    }
}

/// How many work-items a group of the compiled program may have; a fault where more are wanted, or
/// more memory.
fn fits(queue: &Queue, kernel: &Kernel, source: &Source<'_>) -> Result<usize, Fault> {
    let facts = queue.facts();
    let Source { name, group, .. } = source;
    let (most, local) = needs(kernel, queue.id)
        .map_err(|code| code.fault(&format!("asking what loop `{name}` needs")))?;
    let max_group = facts.max_group.min(most);
    let device = &facts.name;
    if *group > max_group {
        return Err(Fault::TooBig(format!(
            "loop `{name}` wants groups of {group} work-items, and `{device}` runs it with {max_group} at most, \
             because of the registers and the memory of a group that it needs: kernels that do less at once \
             need fewer registers, and a loop that is staged needs less of that memory with \
             OP2_RACES={name}=coloring"
        )));
    }
    if local > facts.local_bytes as u64 {
        let most = facts.local_bytes;
        return Err(Fault::TooBig(format!(
            "loop `{name}` needs {local} bytes of memory of a group, and `{device}` has {most}; if it is staged, \
             it needs less with OP2_RACES={name}=coloring"
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
