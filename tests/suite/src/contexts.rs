//! Several contexts in one process.

use op2::Layout;
use op2::prelude::*;

use crate::meshes::{Edges, Graph, MANY, Nodes, counting, random_rows};
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
fn add(x: &u32, sum: Inc<u32>) {
    *sum += *x;
}

fn count_in(cx: Context, table: &[[u32; 2]]) -> Vec<u32> {
    let Graph { edges, nodes, ends, cx } = Graph::new(cx, 1009, table);
    let counts = cx.dat_zeros::<_, u32>("counts", &nodes).unwrap();
    par_loop!(count_ends, edges, counts(Inc, ends[0]), counts(Inc, ends[1])).unwrap();
    counts.to_vec().unwrap()
}

pub fn contexts_of_different_backends_live_side_by_side(target: &Target) {
    let table = random_rows::<2>(MANY, 1009, 1);
    let seq = Context::builder().backend(Backend::Seq).build().unwrap();
    let rayon = Context::builder().backend(Backend::Rayon).threads(3).layout(Layout::Soa);
    let own = target.context();
    let (a, b) = (count_in(own.clone(), &table), count_in(seq, &table));
    assert_eq!(a, b);
    assert_eq!(a, count_in(rayon.build().unwrap(), &table));
    assert_eq!(a, count_in(own, &table));
}

pub fn names_are_those_of_one_context(target: &Target) {
    let (first, second) = (target.context(), target.context());
    let (a, b) = (first.set::<Nodes>(3).unwrap(), second.set::<Nodes>(4).unwrap());
    let x = first.dat("x", &a, counting(3)).unwrap();
    let y = second.dat("x", &b, counting(4)).unwrap();
    par_loop!(one_more, a, x(Rw)).unwrap();
    assert_eq!(x.to_vec().unwrap(), [1, 2, 3]);
    assert_eq!(y.to_vec().unwrap(), [0, 1, 2, 3]);
}

pub fn sets_of_another_context_are_refused_in_declarations(target: &Target) {
    let (cx, other) = (target.context(), target.context());
    let (nodes, foreign) = (cx.set::<Nodes>(3).unwrap(), other.set::<Nodes>(3).unwrap());
    let edges = cx.set::<Edges>(3).unwrap();
    let elsewhere = "set `Nodes` of 3 belongs to another context";
    let errors = [
        cx.dat("x", &foreign, counting(3)).unwrap_err(),
        cx.dat_zeros::<_, f64>("x", &foreign).unwrap_err(),
        cx.dat_in("x", &foreign, [0.0; 3], Layout::Soa).unwrap_err(),
        cx.map("x", &edges, &foreign, [[0]; 3]).unwrap_err(),
        cx.map("x", &foreign, &edges, [[0]; 3]).unwrap_err(),
        cx.subset("x", &foreign, [0]).unwrap_err(),
    ];
    for error in errors {
        assert!(error.to_string().ends_with(elsewhere), "{error}");
    }
    cx.dat("x", &nodes, counting(3)).unwrap();
}

pub fn data_of_another_context_is_refused_in_loops(target: &Target) {
    let (cx, other) = (target.context(), target.context());
    let (nodes, foreign) = (cx.set::<Nodes>(3).unwrap(), other.set::<Nodes>(3).unwrap());
    let x = cx.dat("x", &nodes, counting(3)).unwrap();
    let y = other.dat("y", &foreign, counting(3)).unwrap();
    let map = other.map("same", &foreign, &foreign, [[0], [1], [2]]).unwrap();
    let (own, sum) = (cx.global("own", 0), other.global("sum", 0));
    let collected = other.reduction::<u32>("collected");
    let elsewhere = "belongs to another context than the loop's set";
    for (ran, what) in [
        (par_loop!(one_more, nodes, y(Rw)), "dat `y`"),
        (par_loop!(one_more, foreign, x(Rw)), "dat `x`"),
        (par_loop!(one_more, nodes, x(Rw, map[0])), "map `same`"),
        (par_loop!(add, nodes, x(Read), sum(Inc)), "global `sum`"),
        (par_loop!(add, nodes, x(Read), collected(Inc)), "reduction `collected`"),
    ] {
        let error = ran.unwrap_err().to_string();
        assert!(error.contains(&format!("{what} {elsewhere}")), "{error}");
    }
    par_loop!(add, nodes, x(Read), own(Inc)).unwrap();
    assert_eq!((own.value().unwrap(), sum.value().unwrap()), (3, 0));
}

pub fn a_clone_is_the_same_context(target: &Target) {
    let cx = target.context();
    let same = cx.clone();
    let nodes = cx.set::<Nodes>(3).unwrap();
    let x = same.dat("x", &nodes.clone(), counting(3)).unwrap();
    let sum = cx.global("sum", 0);
    let also = sum.clone();
    drop(cx);
    par_loop!(one_more, nodes, x(Rw)).unwrap();
    par_loop!(add, nodes, x(Read), also(Inc)).unwrap();
    assert_eq!(sum.value().unwrap(), 6);
    assert!(same.dat("x", &nodes, counting(3)).is_err(), "names are shared");
}

pub fn a_context_knows_its_threads(target: &Target) {
    for threads in [1, 2, 5] {
        let cx = Context::builder().backend(Backend::Rayon).threads(threads).build().unwrap();
        assert_eq!((cx.threads(), cx.settings().threads), (threads, Some(threads)));
    }
    assert!(target.context().threads() >= 1);
    let error = Context::builder().backend(Backend::Rayon).threads(0).build().unwrap_err();
    assert_eq!(error.to_string(), "0 threads: at least one is needed");
}

pub fn contexts_run_on_several_threads_at_once(target: &Target) {
    if target.ranks() > 1 {
        // The calls of a rank come one at a time: ranks agree on their sequence.
        return;
    }
    let table = random_rows::<2>(MANY, 1009, 2);
    let expected = count_in(target.context(), &table);
    std::thread::scope(|scope| {
        let run = || scope.spawn(|| count_in(target.context(), &table));
        let running = [run(), run(), run()];
        for thread in running {
            assert_eq!(thread.join().unwrap(), expected);
        }
    });
}
