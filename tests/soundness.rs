//! Programs in safe Rust that try to break the promises which unsafe code relies on: each was a way
//! to wrong memory, a wrong answer, a panic or a standstill once, or might become one.
#![forbid(unsafe_code)]

use std::sync::mpsc;
use std::time::Duration;

use op2::prelude::*;

op2::sets! {
    Nodes;
    Edges;
}

#[op2::kernel]
fn count_ends(sums: Inc<[f64; 2]>) {
    sums[0] += 1.0;
    sums[1] += 1.0;
}

#[op2::kernel]
fn count_all(total: Inc<u8>) {
    *total += 1;
}

#[op2::kernel]
fn lowest(x: &f64, low: Min<f64>) {
    *low = (*low).min(*x);
}

#[op2::kernel(host)]
fn fail(x: &mut f64, low: Min<f64>) {
    *low = (*low).min(*x);
    assert!(*x > 0.0, "not positive");
}

/// Runs `f`, or fails where it stands still.
fn in_time<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
    let (done, result) = mpsc::channel();
    std::thread::spawn(move || done.send(f()));
    result.recv_timeout(Duration::from_mins(1)).expect("the program stands still")
}

fn on_threads(threads: usize) -> Context {
    Context::builder().backend(Backend::Rayon).threads(threads).build().unwrap()
}

fn checked() -> Context {
    Context::builder().backend(Backend::Seq).checked(true).build().unwrap()
}

type Line = (Set<Nodes>, Set<Edges>, Map<Edges, Nodes, 2>);

/// `size` edges along a line of nodes that are numbered in a bad order.
fn line(cx: &Context, size: u32) -> op2::Result<Line> {
    let nodes = cx.set::<Nodes>(size as usize + 1)?;
    let edges = cx.set::<Edges>(size as usize)?;
    let number = |i: u32| (u64::from(i) * 7919 % u64::from(size + 1)) as u32;
    let ends: Vec<[u32; 2]> = (0..size).map(|i| [number(i), number(i + 1)]).collect();
    let ends = cx.map("ends", &edges, &nodes, ends)?;
    Ok((nodes, edges, ends))
}

// ---------------------------------------------------------------------------------------------
// Memory

#[test]
fn more_bytes_than_an_address_counts_are_refused() {
    type Huge = [[f64; 1 << 20]; 1 << 20];
    let cx = checked();
    // 2^21 elements of 2^43 bytes: a product of zero in 64 bits.
    let nodes = cx.set::<Nodes>(1 << 21).unwrap();
    let error = cx.dat_zeros::<Nodes, Huge>("huge", &nodes).unwrap_err();
    assert!(error.to_string().contains("out of memory"), "{error}");
}

#[op2::kernel]
fn add_wide(x: &[f64; 20_000], y: &mut [f64; 20_000], z: Inc<[f64; 20_000]>) {
    for i in 0..20_000 {
        y[i] += x[i];
        z[i] += y[i];
    }
}

#[test]
fn wide_rows_fit_on_the_stack() {
    let cx = on_threads(2);
    let (nodes, edges, ends) = line(&cx, 20).unwrap();
    let x = cx.dat_zeros::<_, [f64; 20_000]>("x", &nodes).unwrap();
    x.write().unwrap().as_flattened_mut().fill(1.0);
    let y = cx.dat_zeros::<_, [f64; 20_000]>("y", &edges).unwrap();
    let z = cx.dat_zeros::<_, [f64; 20_000]>("z", &nodes).unwrap();
    cx.run(|| par_loop!(add_wide, edges, x(Read, ends[0]), y(Rw), z(Inc, ends[1]))).unwrap();
    assert!(y.read().unwrap().iter().flatten().all(|&v| v == 1.0));
    assert_eq!(z.read().unwrap().iter().flatten().sum::<f64>(), 400_000.0);
}

#[op2::kernel]
fn nothing_wide(x: &[f64; 0], y: Inc<[f64; 0]>, z: &mut [[f64; 0]; 3]) {
    for i in 0..y.len() {
        y[i] += x[i];
    }
    z[2] = *x;
}

#[test]
fn values_without_bytes_are_values() {
    for layout in [op2::Layout::Aos, op2::Layout::Soa] {
        let cx = Context::builder().layout(layout).build().unwrap();
        let (nodes, edges, ends) = line(&cx, 5000).unwrap();
        let x = cx.dat::<_, [f64; 0]>("x", &nodes, vec![[]; 5001]).unwrap();
        let z = cx.dat_zeros::<_, [[f64; 0]; 3]>("z", &edges).unwrap();
        let total = cx.reduction::<[f64; 0]>("total");
        par_loop!(nothing_wide, edges, x(Read, ends[1]), total(Inc), z(Rw)).unwrap();
        assert_eq!(total.value().unwrap(), []);
        cx.reorder(&Reorder::cuthill_mckee(&ends)).unwrap();
        assert_eq!(x.read().unwrap().len(), 5001);
    }
}

// ---------------------------------------------------------------------------------------------
// Renumbering

#[test]
fn a_map_without_entries_may_be_renumbered() {
    let cx = checked();
    let nodes = cx.set::<Nodes>(101).unwrap();
    let edges = cx.set::<Edges>(100).unwrap();
    let to_nodes = cx.map::<_, _, 0>("to_nodes", &edges, &nodes, vec![[]; 100]).unwrap();
    let x = cx.dat("x", &edges, (0..100).map(f64::from).collect::<Vec<_>>()).unwrap();
    cx.reorder(&Reorder::cuthill_mckee(&to_nodes)).unwrap();
    assert!(x.read().unwrap().iter().copied().eq((0..100).map(f64::from)));
}

/// A plan made for the old numbers lets two threads change one row.
#[test]
fn plans_do_not_survive_a_renumbering() {
    let cx = checked();
    let (nodes, edges, ends) = line(&cx, 5000).unwrap();
    let sums = cx.dat_zeros::<_, f64>("sums", &nodes).unwrap();
    let count = || par_loop!(count_ends, edges, sums(Inc, ends));
    count().unwrap();
    // `Context::reorder` also drops all plans, but only after other threads may have run loops.
    // Nodes keep their bad numbers, so that edges sorted by them lie far apart on the line.
    let request = Reorder::cuthill_mckee(&ends).keep(&nodes);
    op2_core::mesh::reorder::reorder(cx.home(), &request).unwrap();
    count().unwrap();
}

#[test]
fn what_is_declared_during_a_renumbering_is_renumbered() {
    let cx = checked();
    let (nodes, edges, ends) = line(&cx, 20_000).unwrap();
    let in_order: Vec<[u32; 2]> = (0..20_000).map(|i| [i, (i + 7919) % 20_000]).collect();
    let others = cx.map("others", &edges, &nodes, in_order).unwrap();
    let numbers: Vec<u32> = (0..20_001).collect();
    std::thread::scope(|scope| {
        let declarations = scope.spawn(|| {
            for i in 0..100 {
                let dat = cx.dat(&format!("dat {i}"), &nodes, &numbers).unwrap();
                assert_eq!(*dat.read().unwrap(), numbers, "dat {i}");
                let some = cx.subset("some", &nodes, [3, 1, 4, 15]).unwrap();
                assert_eq!(some.complement().complement().indices(), [1, 3, 4, 15], "subset {i}");
                let table = numbers.iter().map(|&i| [i]).collect::<Vec<_>>();
                let map = cx.map(&format!("map {i}"), &nodes, &nodes, &table).unwrap();
                assert_eq!(map.to_vec().unwrap(), table, "map {i}");
            }
        });
        while !declarations.is_finished() {
            // Refused while the other thread's guard is alive.
            let _ = cx.reorder(&Reorder::cuthill_mckee(&ends));
            let _ = cx.reorder(&Reorder::cuthill_mckee(&others));
            // Locks are not fair: without a pause the other thread could wait for long.
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    });
}

// ---------------------------------------------------------------------------------------------
// Threads

#[test]
fn two_threads_may_use_one_context() {
    in_time(|| {
        let cx = on_threads(3);
        let (nodes, edges, ends) = line(&cx, 40_000).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..3 {
                let (cx, nodes, edges, ends) = (&cx, &nodes, &edges, &ends);
                scope.spawn(move || {
                    let sums = cx.dat_zeros::<_, f64>(&format!("{thread}"), nodes).unwrap();
                    let steps = || {
                        for _ in 0..300 {
                            par_loop!(count_ends, edges, sums(Inc, ends)).unwrap();
                        }
                    };
                    if thread == 2 {
                        steps();
                    } else {
                        cx.run(steps);
                    }
                    assert_eq!(sums.read().unwrap().iter().sum::<f64>(), 300.0 * 80_000.0);
                });
            }
        });
    });
}

#[test]
fn loops_may_be_started_from_tasks_of_another_pool() {
    in_time(|| {
        let cx = on_threads(2);
        let (nodes, edges, ends) = line(&cx, 40_000).unwrap();
        let [a, b] = ["a", "b"].map(|name| cx.dat_zeros::<_, f64>(name, &nodes).unwrap());
        let count = |sums: &Dat<Nodes, f64>| par_loop!(count_ends, edges, sums(Inc, ends));
        for _ in 0..100 {
            let (a, b) = rayon::join(|| count(&a), || count(&b));
            a.unwrap();
            b.unwrap();
        }
        assert_eq!(a.to_vec().unwrap(), b.to_vec().unwrap());
    });
}

/// Whatever happens to loops in tasks of `run`'s closure, they come back.
#[test]
fn loops_in_tasks_of_run_do_not_wait_for_each_other() {
    in_time(|| {
        let cx = on_threads(3);
        let (nodes, edges, ends) = line(&cx, 40_000).unwrap();
        let dats: Vec<Dat<Nodes, f64>> =
            (0..8).map(|i| cx.dat_zeros(&format!("{i}"), &nodes).unwrap()).collect();
        cx.run(|| {
            for _ in 0..50 {
                rayon::scope(|scope| {
                    for sums in &dats {
                        let (edges, ends) = (&edges, &ends);
                        scope.spawn(move |_| {
                            let _ = par_loop!(count_ends, edges, sums(Inc, ends));
                            let _ = sums.read();
                        });
                    }
                });
            }
            par_loop!(count_ends, edges, dats[0](Inc, ends)).unwrap();
        });
    });
}

static INNER: std::sync::OnceLock<Dat<Edges, f64>> = std::sync::OnceLock::new();

fn peek() -> f64 {
    match INNER.get().expect("set below").read() {
        Ok(_) => 1.0,
        Err(_) => 0.0,
    }
}

#[op2::kernel(host)]
fn look_inside(x: &mut f64) {
    *x = peek();
}

#[test]
fn a_kernel_that_touches_data_gets_an_error_on_every_thread() {
    in_time(|| {
        let cx = on_threads(2);
        let edges = cx.set::<Edges>(100_000).unwrap();
        let x = cx.dat("x", &edges, vec![2.0; 100_000]).unwrap();
        assert!(INNER.set(x.clone()).is_ok());
        par_loop!(look_inside, edges, x(Rw)).unwrap();
        cx.run(|| par_loop!(look_inside, edges, x(Rw))).unwrap();
        assert_eq!(x.read().unwrap().iter().sum::<f64>(), 0.0);
    });
}

// ---------------------------------------------------------------------------------------------
// Panics

#[test]
fn an_overflow_when_totals_are_combined_is_an_error() {
    let cx = checked();
    let edges = cx.set::<Edges>(10).unwrap();
    let total = cx.global("total", 250_u8);
    let result = par_loop!(count_all, edges, total(Inc));
    // Release builds of the library wrap, as Rust does.
    assert!(result.is_err() || total.value().unwrap() == 4);
}

#[test]
fn a_reduction_that_failed_did_not_begin() {
    for checks in [false, true] {
        let cx = Context::builder().checked(checks).build().unwrap();
        let edges = cx.set::<Edges>(10).unwrap();
        let x = cx.dat_zeros::<_, f64>("x", &edges).unwrap();
        let low = cx.reduction::<f64>("low");
        par_loop!(fail, edges, x(Rw), low(Min)).unwrap_err();
        assert_eq!(low.value().unwrap(), 0.0);
        par_loop!(lowest, edges, x(Read), low(Min)).unwrap();
        par_loop!(fail, edges, x(Rw), low(Min)).unwrap_err();
        assert_eq!(low.value().unwrap(), 0.0);
    }
}

// ---------------------------------------------------------------------------------------------
// Kernels

const FACTOR: f64 = 3.0;

macro_rules! sneak_in_a_constant {
    () => {
        static FACTOR: op2::Const<[f64; 512]> = op2::Const::new("FACTOR", Some([9.0; 512]));
    };
}

#[op2::kernel(host)]
fn multiply(x: &mut f64) {
    sneak_in_a_constant!();
    *x *= FACTOR;
}

/// The constant is stored where it is declared, outside the kernel, and read inside.
#[test]
fn an_item_inside_a_kernel_does_not_take_the_place_of_a_constant() {
    let mut x = 2.0;
    multiply(&mut x);
    assert_eq!(x, 6.0);
}
