//! Runs kernels by OpenCL: one work item per row, rows copied to private memory and back.

use std::fmt::Write;
use std::sync::OnceLock;

use ocl::{Buffer, Device, Platform, ProQue};
use op2_core::base::element::{Element, bytes_of};
use op2_core::kernel::KernelInfo;
use op2_core::kernel::source::{Dialect, Program, write};

/// The first device of the first platform.
#[derive(Clone, Copy)]
pub(crate) struct OpenCl {
    platform: Platform,
    device: Device,
}

impl OpenCl {
    /// `None`, said aloud, where there is no device.
    pub(crate) fn new() -> Option<Self> {
        // Once: a loader asked by several threads at a time may answer that there is none.
        static FOUND: OnceLock<Option<OpenCl>> = OnceLock::new();
        let found = *FOUND.get_or_init(Self::find);
        if found.is_none() {
            assert!(std::env::var_os("REQUIRE_OPENCL").is_none(), "there is no OpenCL device");
            eprintln!("skipped: no OpenCL device");
        }
        found
    }

    fn find() -> Option<Self> {
        let platform = Platform::list().into_iter().next()?;
        let devices = Device::list_all(platform).expect("a platform knows its devices");
        Some(Self { platform, device: devices.into_iter().next()? })
    }

    /// Compiles the kernels, and panics with the compiler's words if that fails.
    pub(crate) fn compile(&self, infos: &[&KernelInfo]) {
        self.queue(program(infos).text + NOTHING, 1);
    }

    /// What the compiler says of a program that is wrong.
    pub(crate) fn complaint(&self, text: &str) -> String {
        let built = self.build(text.to_owned() + NOTHING, 1);
        built.expect_err("the program is wrong").to_string()
    }

    /// What each kernel makes of each row, one kernel after the other: the first parameter is an input,
    /// the second one starts as in `outputs`. Kernels with constants find them in `constants`.
    pub(crate) fn run<I: Element, O: Element>(
        &self,
        infos: &[&KernelInfo],
        constants: &[u8],
        inputs: &[I],
        outputs: &[O],
    ) -> Vec<O> {
        let rows = inputs.len();
        let queue = self.queue(wrapped(infos), rows);
        let all: Vec<O> = infos.iter().flat_map(|_| outputs.iter().copied()).collect();
        let buffer = |bytes: &[u8]| {
            let builder = Buffer::<u8>::builder().queue(queue.queue().clone()).len(bytes.len());
            builder.copy_host_slice(bytes).build().expect("the device has memory")
        };
        let (source, target) = (buffer(bytes_of(inputs)), buffer(bytes_of(&all)));
        // A buffer is never empty.
        let constants = buffer(&[constants, &[0; 16]].concat());
        let mut builder = queue.kernel_builder("run");
        let kernel = builder.arg(&source).arg(&target).arg(&constants).build();
        let kernel = kernel.expect("the program has this kernel");
        // SAFETY: each work item stays within its rows of both buffers.
        unsafe { kernel.enq() }.expect("the kernel runs");
        let mut found = vec![0; size_of_val(all.as_slice())];
        target.read(&mut found).enq().expect("the results can be read");
        // SAFETY: any bytes are numbers, and there are as many as rows need.
        found
            .chunks(size_of::<O>())
            .map(|row| unsafe { row.as_ptr().cast::<O>().read_unaligned() })
            .collect()
    }

    fn queue(&self, text: String, rows: usize) -> ProQue {
        let built = self.build(text, rows);
        built.unwrap_or_else(|error| panic!("the kernels do not compile: {error}"))
    }

    fn build(&self, text: String, rows: usize) -> ocl::Result<ProQue> {
        let mut builder = ocl::Program::builder();
        builder.source(text);
        for option in Dialect::OpenClC.exact_options() {
            builder.cmplr_opt(*option);
        }
        ProQue::builder()
            .platform(self.platform)
            .device(self.device)
            .prog_bldr(builder)
            .dims(rows)
            .build()
    }
}

/// Some device compilers want a `__kernel`.
const NOTHING: &str = "__kernel void nothing(__global uchar *x) { x[0] = 0; }\n";

pub(crate) fn program(infos: &[&KernelInfo]) -> Program {
    write(infos, Dialect::OpenClC).unwrap_or_else(|refusal| panic!("{refusal}"))
}

/// The kernels, and one `__kernel` that calls all.
fn wrapped(infos: &[&KernelInfo]) -> String {
    let program = program(infos);
    let mut calls = String::new();
    for (k, entry) in program.entries.iter().enumerate() {
        let constants = if entry.constants { ", constants" } else { "" };
        let ([x, y], name) = (entry.params.as_slice(), &entry.name) else {
            panic!("these kernels have two parameters")
        };
        let _ = writeln!(
            calls,
            "{{ {x} x = ((__global const {x} *)source)[i]; \
             __global {y} *row = (__global {y} *)target + i + {k} * get_global_size(0); \
             {y} y = *row; {name}(&x, &y{constants}); *row = y; }}",
        );
    }
    let head = "__kernel void run(__global const uchar *source, __global uchar *target, \
                __constant const uchar *constants)";
    format!("{}{head} {{\nsize_t i = get_global_id(0);\n{calls}}}\n", program.text)
}
