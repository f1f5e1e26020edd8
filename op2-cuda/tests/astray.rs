//! A loop that reaches outside its data. On its own, since no test of the same process could use the GPU after it.

mod support;

use op2_core::device::api::{Argument, Fault};
use op2_cuda::Adapter;
use support::{compile, launch, memory_with, open, usual};

const ASTRAY: &str = r#"
extern "C" __global__ void kernel(unsigned *to) { *(unsigned *)((size_t)to + (1ull << 46)) = 1; }
"#;

#[test]
fn a_loop_outside_its_data_is_explained() {
    let test = "a_loop_outside_its_data_is_explained";
    let Some(device) = open(test, Adapter::ALL[0], &usual()) else { return };
    let device = &*device;
    let to = memory_with(device, &[0; 4]);
    let program = compile(device, ASTRAY).unwrap();
    launch(device, &*program, 1, &[Argument::Memory(&*to)]);
    let fault = device.finish().unwrap_err();
    let Fault::Driver(text) = &fault else { panic!("{fault:?}") };
    assert!(text.contains("outside its data"), "{text}");
    assert!(text.contains("after loop `kernel` was started there"), "{text}");
    let mut bytes = [0; 4];
    assert!(device.download(&*to, 0, &mut bytes).is_err(), "what follows fails, too");
}
