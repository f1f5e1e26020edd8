//! A kernel that panics ends its loop with an error, not the program.

use op2::prelude::*;

use crate::meshes::{Graph, MANY, N, Nodes, counting, reversed};
use crate::target::Target;

#[op2::kernel]
fn look_up(table: &[u32; 4], at: &u32, x: Write<u32>) {
    *x = table[*at as usize];
}

#[op2::kernel]
fn divide(by: &u32, x: Inc<u32>) {
    *x += 100 / *by;
}

#[op2::kernel(host)]
fn complain(i: &u64, x: &u32, sum: Inc<u32>) {
    assert!(*x != 77, "element {i} holds 77");
    *sum += *x;
}

#[op2::kernel]
fn one_more(x: &mut u32) {
    *x += 1;
}

/// Numbers below four, and one that is not.
fn one_too_large(len: usize, at: usize) -> Vec<u32> {
    (0..len).map(|i| if i == at { 9 } else { i as u32 % 4 }).collect()
}

pub fn a_panic_names_the_loop_and_its_place(target: &Target) {
    if target.ranks() > 1 {
        // The rank with the element fails, and ends the others: tests/ranks/failures.rs.
        return;
    }
    if !target.runs_rust() {
        // Devices do not panic: docs/kernel-language.md says what they do.
        return;
    }
    for (len, at) in [(N, 0), (N, N - 1), (MANY, 70_001)] {
        let cx = target.context();
        let nodes = cx.set::<Nodes>(len).unwrap();
        let index = cx.dat("index", &nodes, one_too_large(len, at)).unwrap();
        let x = cx.dat_zeros::<_, u32>("x", &nodes).unwrap();
        let table = [5, 6, 7, 8];
        let error = par_loop!(look_up, nodes, table(Read), index(Read), x(Write)).unwrap_err();
        let place = format!("loop `look_up` ({}:{})", file!(), line!() - 1);
        let text = error.to_string();
        assert!(text.starts_with(&format!("{place}: the kernel panicked: ")), "{text}");
        assert!(text.contains("the len is 4 but the index is 9"), "{text}");
        let element = format!("at element {at}: ");
        assert_eq!(text.contains(&element), target.finds_mistakes(), "{text}");
    }
}

pub fn loops_after_a_panic_work(target: &Target) {
    if target.ranks() > 1 {
        // The rank with the element fails, and ends the others: tests/ranks/failures.rs.
        return;
    }
    if !target.runs_rust() {
        return;
    }
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), MANY, &reversed(MANY));
    let by = cx.dat("by", &edges, one_too_large(MANY, 5)).unwrap();
    let x = cx.dat_zeros::<_, u32>("x", &nodes).unwrap();
    let y = cx.dat("y", &nodes, counting(MANY)).unwrap();
    for _ in 0..3 {
        let error = par_loop!(divide, edges, by(Read), x(Inc, ends[0])).unwrap_err().to_string();
        assert!(error.contains("attempt to divide by zero"), "{error}");
        par_loop!(one_more, nodes, y(Rw)).unwrap();
        // No guard or lock was left behind.
        x.write().unwrap().fill(1);
        par_loop!(one_more, nodes, x(Rw)).unwrap();
        assert!(x.read().unwrap().iter().all(|&x| x == 2));
    }
    assert!(y.read().unwrap().iter().zip(3..).all(|(&y, i)| y == i));
    by.write().unwrap().fill(50);
    par_loop!(divide, edges, by(Read), x(Inc, ends[0])).unwrap();
    assert!(x.read().unwrap().iter().all(|&x| x == 4));
}

pub fn a_message_arrives_whole(target: &Target) {
    if target.ranks() > 1 {
        // The rank with the element fails, and ends the others: tests/ranks/failures.rs.
        return;
    }
    if target.has_device() {
        return a_host_kernel_is_refused(target);
    }
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let mut values = vec![1; MANY];
    values[77_777] = 77;
    let x = cx.dat("x", &nodes, values).unwrap();
    let sum = cx.global("sum", 5);
    let error = par_loop!(complain, nodes, index(), x(Read), sum(Inc)).unwrap_err().to_string();
    assert!(error.ends_with("element 77777 holds 77"), "{error}");
    assert_eq!(sum.value().unwrap(), 5, "a sum that was not finished is not added");
    x.write().unwrap()[77_777] = 1;
    par_loop!(complain, nodes, index(), x(Read), sum(Inc)).unwrap();
    assert_eq!(sum.value().unwrap() as usize, MANY + 5);
}

fn a_host_kernel_is_refused(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    let sum = cx.global("sum", 5);
    let error = par_loop!(complain, nodes, index(), x(Read), sum(Inc)).unwrap_err().to_string();
    let (loop_name, reason) = ("loop `complain` (", "it is a host kernel");
    assert!(error.starts_with(loop_name) && error.contains(reason), "{error}");
    assert_eq!(sum.value().unwrap(), 5);
}

pub fn a_panic_of_the_program_between_loops_is_its_own(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut guard = x.write().unwrap();
        guard[0] = 5;
        panic!("not a kernel's");
    }));
    assert!(panicked.is_err());
    par_loop!(one_more, nodes, x(Rw)).unwrap();
    // Of several ranks, one that panics cannot tell the others what it wrote.
    let first = if target.ranks() > 1 { 1 } else { 6 };
    assert_eq!(x.read().unwrap()[..2], [first, 2]);
}
