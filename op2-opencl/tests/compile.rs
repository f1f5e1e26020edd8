//! Programs are compiled, or refused with a reason.

#[allow(dead_code)]
mod common;

use common::{compile, compiler, device, device_with, launch};
use op2_core::device::api::{Argument, Device, Fault, Options, Source};
use op2_core::kernel::source::{self, Dialect};

#[test]
fn a_refusal_names_the_users_file_and_line() {
    let Some(device) = device() else { return };
    let text = "__kernel void run(__global uint *x) {\n\
                #line 41 \"src/flow.rs\"\n\
                x[0] = 1;\n\
                x[1] = nowhere;\n\
                }\n";
    let Err(Fault::NotCompiled { log }) = compile(&*device, text) else {
        panic!("`nowhere` is unknown")
    };
    assert!(log.contains("src/flow.rs") && log.contains("42"), "{log}");
    assert!(log.contains("nowhere"), "{log}");
    assert_eq!(log, log.trim());
}

#[test]
fn an_entry_that_does_not_exist_is_named() {
    let Some(device) = device() else { return };
    let text = "__kernel void run(__global uint *x) { x[0] = 1; }";
    for entry in ["walk", "wa\0lk"] {
        let source = Source { name: "a_loop", entry, text, group: 16 };
        let fault = compiler(&*device).compile(&source).err();
        let Some(Fault::Driver(reason)) = fault else { panic!("there is no such entry") };
        let expected =
            format!("looking for `{entry}` in loop `a_loop`: CL_INVALID_KERNEL_NAME (-46)");
        assert_eq!(reason, expected);
    }
}

#[test]
fn groups_that_the_program_cannot_have_are_too_big() {
    let Some(device) = device() else { return };
    let text = "__kernel void run(__global uint *x) { x[get_global_id(0)] = 1; }";
    let group = device.facts().max_group + 1;
    let source = Source { name: "a_loop", entry: "run", text, group };
    let Some(Fault::TooBig(reason)) = compiler(&*device).compile(&source).err() else {
        panic!("no group has so many")
    };
    let most = device.facts().max_group.to_string();
    assert!(reason.contains(&group.to_string()) && reason.contains(&most), "{reason}");
    assert!(reason.contains("loop `a_loop`") && reason.contains(&device.facts().name), "{reason}");
}

#[test]
fn local_memory_that_there_is_not_is_refused() {
    let Some(device) = device() else { return };
    let bytes = device.facts().local_bytes + 64;
    let text = format!(
        "__kernel void run(__global uchar *x) {{\n\
         __local uchar all[{bytes}];\n\
         for (size_t i = get_local_id(0); i < {bytes}; i += get_local_size(0)) all[i] = (uchar)x[i % 7];\n\
         barrier(CLK_LOCAL_MEM_FENCE);\n\
         x[get_global_id(0)] = all[(x[8] * 31 + get_global_id(0)) % {bytes}];\n}}\n"
    );
    match compile(&*device, &text).err() {
        Some(Fault::TooBig(reason)) => assert!(reason.contains(&bytes.to_string()), "{reason}"),
        // Some compilers see it first.
        Some(Fault::NotCompiled { .. }) => {}
        other => panic!("there is no such memory: {other:?}"),
    }
}

/// `a * b + c` with one rounding or two, where they differ.
fn fused(device: &dyn Device) -> bool {
    let head = source::write(&[], Dialect::OpenClC).expect("no kernel is refused").text;
    let text = format!("{head}__kernel void run(__global f32 *x) {{ x[3] = x[0] * x[1] + x[2]; }}");
    let (a, c) = (1.0 + f32::EPSILON, -1.0 - 2.0 * f32::EPSILON);
    let memory = common::filled(device, &[a, a, c, 5.0].map(f32::to_bits));
    let program = compile(device, &text).expect("it is good");
    let arguments = [Argument::Memory(&*memory)];
    // SAFETY: the program takes one address, of four numbers; all work-items write the same.
    unsafe { launch(device, &*program, 1, &arguments) }.expect("it starts");
    let found = f32::from_bits(common::numbers(device, &*memory)[3]);
    assert!(found == 0.0 || found == f32::EPSILON * f32::EPSILON, "{found}");
    found != 0.0
}

#[test]
fn nothing_is_fused_unless_it_may_be() {
    let Some(device) = device() else { return };
    assert!(!fused(&*device));
    let contract = Options { contract: true, ..Options::default() };
    let device = device_with(&contract).expect("it was there before");
    // Whether it is then fused is for the compiler to decide.
    eprintln!("with `contract`, this device fuses: {}", fused(&*device));
}
