//! Memory keeps what is put there.

#[allow(dead_code)]
mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};

use common::{bytes, device, filled};
use op2_core::device::api::Fault;

#[test]
fn bytes_come_back_from_where_they_were_put() {
    let Some(device) = device() else { return };
    let memory = device.allocate(100).expect("there is room");
    assert_eq!(memory.bytes(), 100);
    let whole: Vec<u8> = (0..100).collect();
    device.upload(&*memory, 0, &whole).expect("an upload");
    device.upload(&*memory, 7, &[201, 202, 203]).expect("an upload with an offset");
    device.upload(&*memory, 99, &[255]).expect("an upload of the last byte");
    let mut some = [0; 5];
    device.download(&*memory, 6, &mut some).expect("a download with an offset");
    assert_eq!(some, [6, 201, 202, 203, 10]);
    let mut expected = whole;
    expected.splice(7..10, [201, 202, 203]);
    expected[99] = 255;
    assert_eq!(bytes(&*device, &*memory), expected);
}

#[test]
fn what_was_uploaded_may_change_at_once() {
    let Some(device) = device() else { return };
    let memory = device.allocate(1 << 20).expect("there is room");
    let mut values = vec![3_u8; 1 << 20];
    device.upload(&*memory, 0, &values).expect("an upload");
    values.fill(4);
    drop(values);
    assert!(bytes(&*device, &*memory).iter().all(|&byte| byte == 3));
}

#[test]
fn memory_may_be_empty() {
    let Some(device) = device() else { return };
    let (memory, other) = (device.allocate(0).expect("room"), device.allocate(0).expect("room"));
    assert_eq!(memory.bytes(), 0);
    device.upload(&*memory, 0, &[]).expect("an empty upload");
    device.download(&*memory, 0, &mut []).expect("an empty download");
    device.clear(&*memory).expect("nothing to clear");
    device.copy(&*memory, &*other, 0).expect("nothing to copy");
    let some = filled(&*device, &[1]);
    device.upload(&*some, 4, &[]).expect("nothing at the end");
}

#[test]
fn cleared_memory_is_zero_to_its_last_byte() {
    let Some(device) = device() else { return };
    for size in [1, 3, 15, 16, 17, 1000] {
        let memory = device.allocate(size).expect("there is room");
        device.upload(&*memory, 0, &vec![0xff; size]).expect("an upload");
        device.clear(&*memory).expect("memory can be cleared");
        assert_eq!(bytes(&*device, &*memory), vec![0; size]);
    }
}

#[test]
fn copies_take_the_first_bytes() {
    let Some(device) = device() else { return };
    let (from, to) = (filled(&*device, &[1, 2, 3]), filled(&*device, &[7, 8, 9, 10]));
    device.copy(&*from, &*to, 8).expect("a copy");
    assert_eq!(common::numbers(&*device, &*to), [1, 2, 9, 10]);
    device.copy(&*to, &*to, 16).expect("a copy to itself");
    assert_eq!(common::numbers(&*device, &*to), [1, 2, 9, 10]);
}

#[test]
fn more_than_there_is_is_out_of_memory() {
    let Some(device) = device() else { return };
    for bytes in [usize::MAX, usize::MAX - 20, device.facts().memory_bytes as usize + 1] {
        let fault = device.allocate(bytes).err();
        assert_eq!(fault, Some(Fault::OutOfMemory { bytes }));
    }
    device.allocate(64).expect("there is still room for a little");
}

#[test]
fn bytes_outside_of_memory_are_refused() {
    let Some(device) = device() else { return };
    let (large, small) = (filled(&*device, &[1, 2, 3]), filled(&*device, &[4]));
    let refused = |work: &dyn Fn()| catch_unwind(AssertUnwindSafe(work)).is_err();
    assert!(refused(&|| drop(device.upload(&*large, 9, &[0; 4]))));
    assert!(refused(&|| drop(device.upload(&*large, usize::MAX, &[0; 4]))));
    assert!(refused(&|| drop(device.download(&*large, 0, &mut [0; 13]))));
    assert!(refused(&|| drop(device.copy(&*large, &*small, 5))));
    assert!(refused(&|| drop(device.copy(&*small, &*large, 5))));
    assert_eq!(common::numbers(&*device, &*large), [1, 2, 3]);
}

#[test]
fn memory_of_another_device_is_refused() {
    let (Some(one), Some(other)) = (device(), device()) else { return };
    let memory = filled(&*one, &[1, 2]);
    let fault = other.download(&*memory, 0, &mut [0; 8]).expect_err("it is not its own");
    assert_eq!(fault, Fault::Driver("this memory belongs to another device".to_owned()));
}

#[test]
fn memory_outlives_its_device() {
    let Some(device) = device() else { return };
    let memory = filled(&*device, &[1, 2]);
    drop(device);
    assert_eq!(memory.bytes(), 8);
}
