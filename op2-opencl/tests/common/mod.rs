//! A device to test, and words for what tests do with it.

use op2_core::device::api::{Argument, Compiler, Device, Event, Fault, Launch, Memory, Options};
use op2_core::device::api::{Program, Runner, Source};

/// The device that would be chosen. `None`, said aloud, where there is none; a failure where the variable
/// `REQUIRE_OPENCL` is set.
pub(crate) fn device() -> Option<Box<dyn Device>> {
    device_with(&Options::default())
}

/// The same, with options.
pub(crate) fn device_with(options: &Options) -> Option<Box<dyn Device>> {
    let devices = op2_opencl::list().expect("the loader lists devices");
    if devices.iter().any(|device| device.unusable.is_none()) {
        return Some(op2_opencl::open(options).expect("the device can be opened"));
    }
    assert!(std::env::var_os("REQUIRE_OPENCL").is_none(), "there is no OpenCL device");
    eprintln!("skipped: no OpenCL device");
    None
}

/// What compiles programs there.
pub(crate) fn compiler(device: &dyn Device) -> &dyn Compiler {
    match device.runner() {
        Runner::Compiler(compiler) => compiler,
        _ => panic!("an OpenCL device compiles programs"),
    }
}

/// Compiles a program whose entry is `run`, for groups of 16.
pub(crate) fn compile(device: &dyn Device, text: &str) -> Result<Box<dyn Program>, Fault> {
    let source = Source { name: "a_loop", entry: "run", text, group: 16 };
    compiler(device).compile(&source)
}

/// Starts a program in groups of 16.
///
/// # Safety
/// As for [`Compiler::launch`].
pub(crate) unsafe fn launch(
    device: &dyn Device,
    program: &dyn Program,
    groups: usize,
    arguments: &[Argument<'_>],
) -> Result<Option<Box<dyn Event>>, Fault> {
    let launch = Launch { groups, group: 16, arguments, timed: true };
    // SAFETY: the caller promises it.
    unsafe { compiler(device).launch(program, &launch) }
}

/// New memory with these numbers.
pub(crate) fn filled(device: &dyn Device, numbers: &[u32]) -> Box<dyn Memory> {
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_ne_bytes()).collect();
    let memory = device.allocate(bytes.len()).expect("there is room");
    device.upload(&*memory, 0, &bytes).expect("bytes can be copied there");
    memory
}

/// All numbers of memory.
pub(crate) fn numbers(device: &dyn Device, memory: &dyn Memory) -> Vec<u32> {
    let bytes = bytes(device, memory);
    bytes.as_chunks().0.iter().map(|number| u32::from_ne_bytes(*number)).collect()
}

/// All bytes of memory.
pub(crate) fn bytes(device: &dyn Device, memory: &dyn Memory) -> Vec<u8> {
    let mut bytes = vec![0; memory.bytes()];
    device.download(memory, 0, &mut bytes).expect("bytes can be copied back");
    bytes
}
