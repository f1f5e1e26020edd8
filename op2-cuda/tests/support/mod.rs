//! GPUs for tests, where there are any. Without one tests are skipped aloud; `REQUIRE_GPU=1` makes that a failure.

#![allow(dead_code, reason = "no test uses all of it")]

use std::env;

use op2_core::base::error::Error;
use op2_core::device::api::{
    Argument, Compiler, Device, Event, Fault, Launch, Memory, Options, Program, Runner, Source,
};
use op2_cuda::{Adapter, open_by};

/// Runs a test on the first GPU, by each way to the driver.
pub(crate) fn on_gpu(test: &str, body: impl Fn(&dyn Device)) {
    for &adapter in Adapter::ALL {
        if let Some(device) = open(test, adapter, &usual()) {
            body(&*device);
        }
    }
}

/// A GPU, if there is one. Where there is none, that is a matter of settings, and said in words.
pub(crate) fn open(test: &str, adapter: Adapter, options: &Options) -> Option<Box<dyn Device>> {
    let error = match open_by(adapter, options) {
        Ok(device) => return Some(device),
        Err(error) => error,
    };
    assert!(matches!(&error, Error::Settings(text) if text.starts_with("CUDA: ")), "{error}");
    let required = env::var_os("REQUIRE_GPU").is_some_and(|value| value == "1");
    assert!(!required, "{error}");
    eprintln!("{test}: skipped: {adapter:?}: {error}");
    None
}

/// Compiled programs are kept beside those of cargo, not with the user's.
pub(crate) fn usual() -> Options {
    Options { cache: Some(env!("CARGO_TARGET_TMPDIR").into()), ..Options::default() }
}

pub(crate) fn compiler(device: &dyn Device) -> &dyn Compiler {
    match device.runner() {
        Runner::Compiler(compiler) => compiler,
        _ => panic!("GPUs compile"),
    }
}

/// Compiles a program of one entry, `kernel`, for groups of 128.
pub(crate) fn compile(device: &dyn Device, text: &str) -> Result<Box<dyn Program>, Fault> {
    compiler(device).compile(&Source { name: "kernel", entry: "kernel", text, group: 128 })
}

/// Starts a program for `n` work-items in groups of 128.
pub(crate) fn launch(
    device: &dyn Device,
    program: &dyn Program,
    n: usize,
    arguments: &[Argument<'_>],
) -> Option<Box<dyn Event>> {
    let launch = Launch { groups: n.div_ceil(128), group: 128, arguments, timed: true };
    // SAFETY: each test passes what its program declares; programs look at their number before they use it.
    unsafe { compiler(device).launch(program, &launch) }.expect("the launch fits")
}

pub(crate) fn memory_with(device: &dyn Device, bytes: &[u8]) -> Box<dyn Memory> {
    let memory = device.allocate(bytes.len()).expect("there is room");
    device.upload(&*memory, 0, bytes).expect("bytes go up");
    memory
}

pub(crate) fn bytes_of(device: &dyn Device, memory: &dyn Memory) -> Vec<u8> {
    let mut bytes = vec![0xaa; memory.bytes()];
    device.download(memory, 0, &mut bytes).expect("bytes come down");
    bytes
}
