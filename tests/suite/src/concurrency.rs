//! Several threads of a program on one context, and loops inside `cx.run`.

use std::sync::Barrier;

use op2::prelude::*;

use crate::meshes::{Graph, MANY, N, Nodes, counting, random_rows};
use crate::target::Target;

#[op2::kernel]
fn count_ends(a: Inc<u32>, b: Inc<u32>) {
    *a += 1;
    *b += 10;
}

#[op2::kernel]
fn one_more(x: &mut u32) {
    *x += 1;
}

#[op2::kernel]
fn sum(x: &u32, total: Inc<u64>) {
    *total += *x as u64;
}

/// Loops that one thread runs, as many as it takes for two threads to meet.
const ROUNDS: u32 = 40;

/// How a thread of the program comes to its loops.
#[derive(Clone, Copy)]
enum Way {
    Plain,
    InsideRun,
    OneRunEach,
}

/// Runs the given ways at the same time on one context; every loop must count.
fn side_by_side(target: &Target, ways: &[Way]) {
    let table = random_rows::<2>(MANY, 30_011, 1);
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), 30_011, &table);
    let counts = cx.dat_zeros::<_, u32>("counts", &nodes).unwrap();
    let step = || par_loop!(count_ends, edges, counts(Inc, ends[0]), counts(Inc, ends[1]));
    let rounds = || (0..ROUNDS).try_for_each(|_| step());
    let start = Barrier::new(ways.len());
    std::thread::scope(|scope| {
        let spawn = |way: Way| {
            let (cx, start) = (&cx, &start);
            scope.spawn(move || {
                start.wait();
                match way {
                    Way::Plain => rounds(),
                    Way::InsideRun => cx.run(rounds),
                    Way::OneRunEach => (0..ROUNDS).try_for_each(|_| cx.run(step)),
                }
            })
        };
        let running: Vec<_> = ways.iter().map(|&way| spawn(way)).collect();
        for thread in running {
            thread.join().unwrap().unwrap();
        }
    });
    let mut expected = vec![0; 30_011];
    let times = ROUNDS * ways.len() as u32;
    for [a, b] in table {
        expected[a as usize] += times;
        expected[b as usize] += 10 * times;
    }
    assert!(*counts.read().unwrap() == expected[..]);
}

pub fn loops_of_two_threads_take_turns(target: &Target) {
    side_by_side(target, &[Way::Plain, Way::Plain]);
}

pub fn loops_inside_run_take_turns_with_others(target: &Target) {
    side_by_side(target, &[Way::InsideRun, Way::Plain]);
    side_by_side(target, &[Way::OneRunEach, Way::Plain, Way::Plain]);
}

pub fn several_threads_may_run_inside(target: &Target) {
    side_by_side(target, &[Way::InsideRun, Way::InsideRun]);
    side_by_side(target, &[Way::InsideRun, Way::OneRunEach, Way::OneRunEach, Way::Plain]);
}

pub fn readers_and_loops_take_turns(target: &Target) {
    if target.ranks() > 1 {
        // The calls of a rank come one at a time: ranks agree on their sequence.
        return;
    }
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let x = cx.dat("x", &nodes, counting(MANY)).unwrap();
    let mut ran = 0;
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            for _ in 0..ROUNDS {
                let x = x.read().unwrap();
                let first = x[0];
                assert!(x.iter().zip(first..).all(|(&x, i)| x == i), "no loop half done");
            }
        });
        while !reader.is_finished() {
            // Refused while the reader holds its guard.
            ran += u32::from(par_loop!(one_more, nodes, x(Rw)).is_ok());
        }
    });
    assert_eq!(x.read().unwrap()[0], ran);
}

pub fn run_gives_back_what_it_was_asked_for(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let x = cx.dat("x", &nodes, counting(MANY)).unwrap();
    let total = cx.reduction::<u64>("total");
    let totals = cx.run(|| -> op2::Result<Vec<u64>> {
        let mut totals = Vec::new();
        for _ in 0..3 {
            par_loop!(one_more, nodes, x(Rw))?;
            par_loop!(sum, nodes, x(Read), total(Inc))?;
            totals.push(total.value()?);
        }
        assert_eq!(x.read()?[0], 3);
        Ok(totals)
    });
    let base = (0..MANY as u64).sum::<u64>();
    assert_eq!(totals.unwrap(), [1, 2, 3].map(|k| base + k * MANY as u64));
    assert_eq!(cx.run(|| cx.run(|| 7)), 7, "run inside run");
}

pub fn an_error_inside_run_comes_out(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    let guard = x.read().unwrap();
    let error = cx.run(|| par_loop!(one_more, nodes, x(Rw))).unwrap_err();
    assert!(error.to_string().contains("dat `x` is in use"), "{error}");
    drop(guard);
    cx.run(|| par_loop!(one_more, nodes, x(Rw))).unwrap();
}

pub fn loops_start_from_threads_of_another_context(target: &Target) {
    let outer = Context::builder().backend(Backend::Rayon).threads(2).build().unwrap();
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let x = cx.dat("x", &nodes, counting(MANY)).unwrap();
    outer.run(|| cx.run(|| par_loop!(one_more, nodes, x(Rw)))).unwrap();
    cx.run(|| outer.run(|| par_loop!(one_more, nodes, x(Rw)))).unwrap();
    std::thread::scope(|scope| {
        let run = || {
            scope.spawn(|| {
                outer.run(|| (0..ROUNDS).try_for_each(|_| par_loop!(one_more, nodes, x(Rw))))
            })
        };
        let running = [run(), run(), run()];
        running.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
    });
    assert_eq!(x.read().unwrap()[0], 2 + 3 * ROUNDS);
}
