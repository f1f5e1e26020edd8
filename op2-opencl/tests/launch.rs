//! Programs run, in order, with the arguments that they are given.

#[allow(dead_code)]
mod common;

use std::thread;

use common::{compile, compiler, device, filled, launch, numbers};
use op2_core::device::api::{Argument, Device, Fault, Launch, Program};

/// Adds to each number its place times a factor, and an offset that may be missing.
const ADD: &str =
    "__kernel void run(__global uint *x, uint n, __global const uint *offset, uint factor) {
    uint i = get_global_id(0);
    if (i < n) x[i] += factor * i + (offset ? offset[0] : 0u);
}";

fn add(device: &dyn Device) -> Box<dyn Program> {
    compile(device, ADD).expect("it is good")
}

#[test]
fn programs_get_numbers_memory_and_null() {
    let Some(device) = device() else { return };
    let program = add(&*device);
    let (x, offset) = (filled(&*device, &[100; 40]), filled(&*device, &[7]));
    let (x, n) = (Argument::Memory(&*x), Argument::U32(35));
    let with = [x, n, Argument::Memory(&*offset), Argument::U32(2)];
    let without = [x, n, Argument::Nothing, Argument::U32(1)];
    // SAFETY: these are the program's arguments, and it stays below `n`.
    unsafe {
        launch(&*device, &*program, 3, &with).expect("it starts");
        launch(&*device, &*program, 3, &without).expect("it starts");
        launch(&*device, &*program, 3, &with).expect("it starts");
    }
    let Argument::Memory(x) = x else { unreachable!() };
    let expected = (0..40).map(|i| if i < 35 { 114 + 5 * i } else { 100 });
    assert_eq!(numbers(&*device, x), expected.collect::<Vec<u32>>());
}

#[test]
fn everything_happens_in_the_order_of_asking() {
    let Some(device) = device() else { return };
    let text = "__kernel void run(__global uint *x, uint n) { x[get_global_id(0)] = x[get_global_id(0)] * 3u + n; }";
    let program = compile(&*device, text).expect("it is good");
    let (x, copy) = (filled(&*device, &[0; 16]), filled(&*device, &[0; 16]));
    let mut expected = 0_u32;
    for n in 0..500 {
        let arguments = [Argument::Memory(&*x), Argument::U32(n)];
        // SAFETY: these are the program's arguments, and one group has 16 work-items.
        unsafe { launch(&*device, &*program, 1, &arguments) }.expect("it starts");
        expected = expected.wrapping_mul(3).wrapping_add(n);
        if n == 250 {
            device.copy(&*x, &*copy, 64).expect("a copy");
            device.clear(&*x).expect("memory can be cleared");
            assert_eq!(numbers(&*device, &*copy), [expected; 16]);
            expected = 0;
        }
    }
    device.finish().expect("all went well");
    assert_eq!(numbers(&*device, &*x), [expected; 16]);
}

#[test]
fn memory_may_be_dropped_while_a_program_runs_on_it() {
    let Some(device) = device() else { return };
    let program = add(&*device);
    for _ in 0..50 {
        let x = filled(&*device, &vec![1; 1 << 16]);
        let arguments =
            [Argument::Memory(&*x), Argument::U32(1 << 16), Argument::Nothing, Argument::U32(1)];
        // SAFETY: these are the program's arguments, and it stays below `n`.
        unsafe { launch(&*device, &*program, 1 << 12, &arguments) }.expect("it starts");
    }
    drop(program);
    device.finish().expect("all went well");
}

#[test]
fn events_say_how_long_a_program_worked() {
    let Some(device) = device() else { return };
    let program = add(&*device);
    let n = 1 << 20;
    let x = filled(&*device, &vec![1; n]);
    let arguments =
        [Argument::Memory(&*x), Argument::U32(n as u32), Argument::Nothing, Argument::U32(1)];
    // SAFETY: these are the program's arguments, and it stays below `n`.
    let event = unsafe { launch(&*device, &*program, n / 16, &arguments) }.expect("it starts");
    let seconds = event.expect("an event was wanted").seconds().expect("it was measured");
    assert!(seconds > 0.0 && seconds < 60.0, "{seconds}");
    let launch = Launch { groups: 1, group: 16, arguments: &arguments, timed: false };
    // SAFETY: as above.
    let event = unsafe { compiler(&*device).launch(&*program, &launch) }.expect("it starts");
    assert!(event.is_none());
}

#[test]
fn no_groups_are_no_work() {
    let Some(device) = device() else { return };
    let (program, x) = (add(&*device), filled(&*device, &[5]));
    let arguments = [Argument::Memory(&*x), Argument::U32(1), Argument::Nothing, Argument::U32(1)];
    // SAFETY: these are the program's arguments.
    let event = unsafe { launch(&*device, &*program, 0, &arguments) }.expect("nothing starts");
    assert_eq!(event.expect("an event was wanted").seconds(), Some(0.0));
    assert_eq!(numbers(&*device, &*x), [5]);
}

#[test]
fn wrong_arguments_and_groups_are_refused() {
    let Some(device) = device() else { return };
    let (program, x) = (add(&*device), filled(&*device, &[5]));
    let good = [Argument::Memory(&*x), Argument::U32(1), Argument::Nothing, Argument::U32(1)];
    let wrong = [good[0], Argument::Nothing, good[2], good[3]];
    // SAFETY: nothing is started with an address for a number, as OpenCL promises.
    let fault = unsafe { launch(&*device, &*program, 1, &wrong) }.err();
    let reason = "setting argument 1 of loop `a_loop`: CL_INVALID_ARG_";
    assert!(matches!(&fault, Some(Fault::Driver(said)) if said.starts_with(reason)), "{fault:?}");
    let group = device.facts().max_group + 1;
    let too_big = Launch { groups: 1, group, arguments: &good, timed: false };
    let endless = Launch { groups: usize::MAX, group: 16, arguments: &good, timed: false };
    for launch in [too_big, endless] {
        // SAFETY: nothing is started with so many work-items.
        let fault = unsafe { compiler(&*device).launch(&*program, &launch) }.err();
        assert!(matches!(fault, Some(Fault::TooBig(_))), "{fault:?}");
    }
    assert_eq!(numbers(&*device, &*x), [5]);
}

#[test]
fn arguments_of_an_earlier_launch_are_not_used_again() {
    let Some(device) = device() else { return };
    let (program, x) = (add(&*device), filled(&*device, &[5]));
    let good = [Argument::Memory(&*x), Argument::U32(1), Argument::Nothing, Argument::U32(1)];
    // SAFETY: the first are the program's arguments, and nothing is started with fewer.
    let fault = unsafe {
        launch(&*device, &*program, 1, &good).expect("it starts");
        launch(&*device, &*program, 1, &good[..1]).err()
    };
    let reason = "loop `a_loop` takes 4 arguments, and is started with 1";
    assert_eq!(fault, Some(Fault::Driver(reason.to_owned())));
}

#[test]
fn two_devices_do_not_disturb_each_other() {
    let (Some(one), Some(other)) = (device(), device()) else { return };
    let devices = [&*one, &*other];
    let programs = devices.map(add);
    let memories = devices.map(|device| filled(device, &[0; 16]));
    for round in 0..20 {
        for k in [0, 1] {
            let x = Argument::Memory(&*memories[k]);
            let arguments =
                [x, Argument::U32(16), Argument::Nothing, Argument::U32(round + k as u32)];
            // SAFETY: these are the program's arguments, and it stays below `n`.
            unsafe { launch(devices[k], &*programs[k], 1, &arguments) }.expect("it starts");
        }
    }
    let sums = [190, 210];
    for k in [0, 1] {
        let expected: Vec<u32> = (0..16).map(|i| sums[k] * i).collect();
        assert_eq!(numbers(devices[k], &*memories[k]), expected);
    }
    let arguments =
        [Argument::Memory(&*memories[1]), Argument::U32(16), Argument::Nothing, Argument::U32(1)];
    // SAFETY: nothing is started on a device that does not have the program, or not the memory.
    let faults = unsafe {
        let program = launch(&*other, &*programs[0], 1, &arguments).err();
        [program, launch(&*one, &*programs[0], 1, &arguments).err()]
    };
    for fault in faults {
        assert!(matches!(&fault, Some(Fault::Driver(reason)) if reason.contains("another device")));
    }
}

#[test]
fn threads_share_a_program() {
    let Some(device) = device() else { return };
    let program = add(&*device);
    let work = |factor: u32| {
        let x = filled(&*device, &[factor; 64]);
        for _ in 0..40 {
            let x = Argument::Memory(&*x);
            let arguments = [x, Argument::U32(64), Argument::Nothing, Argument::U32(factor)];
            // SAFETY: these are the program's arguments, and it stays below `n`.
            unsafe { launch(&*device, &*program, 4, &arguments) }.expect("it starts");
        }
        let expected: Vec<u32> = (0..64).map(|i| factor + 40 * factor * i).collect();
        assert_eq!(numbers(&*device, &*x), expected);
    };
    thread::scope(|scope| {
        for factor in 1..5 {
            scope.spawn(move || work(factor));
        }
    });
}
