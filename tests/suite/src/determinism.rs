//! The same answer, the same bits: on every run, for any number of threads.

use op2::prelude::*;

use crate::meshes::{Graph, MANY, Nodes, random_rows, random_values, star};
use crate::target::Target;

#[op2::kernel]
fn diffuse(a: &f64, b: &f64, ra: Inc<f64>, rb: Inc<f64>, energy: Inc<f64>, low: Min<f64>) {
    let flux = 0.37 * (*a - *b) / (1.0 + *a * *a);
    *ra += flux;
    *rb -= flux;
    *energy += flux * flux;
    *low = (*low).min(flux);
}

#[op2::kernel]
fn relax(r: &mut f64, x: &mut f64, change: Inc<f64>) {
    *x += 0.01 * *r;
    *change += *r * *r;
    *r *= 0.1;
}

#[op2::kernel]
fn pick(i: &u64, x: Write<u32>) {
    *x = *i as u32;
}

/// Everything that a few steps of diffusion on a mesh leave, to the last bit.
fn diffusion(cx: Context, table: &[[u32; 2]], num_nodes: usize) -> Vec<u64> {
    let Graph { edges, nodes, ends, cx } = Graph::new(cx, num_nodes, table);
    let x = cx.dat("x", &nodes, random_values(num_nodes, 1)).unwrap();
    let r = cx.dat_zeros::<_, f64>("r", &nodes).unwrap();
    let (energy, change) = (cx.reduction::<f64>("energy"), cx.global("change", 0.125));
    let low = cx.global("low", 0.0);
    let mut bits = Vec::new();
    for _ in 0..3 {
        par_loop!(
            diffuse,
            edges,
            x(Read, ends[0]),
            x(Read, ends[1]),
            r(Inc, ends[0]),
            r(Inc, ends[1]),
            energy(Inc),
            low(Min)
        )
        .unwrap();
        par_loop!(relax, nodes, r(Rw), x(Rw), change(Inc)).unwrap();
        let values = [energy.value(), change.value(), low.value()];
        bits.extend(values.map(|value| value.unwrap().to_bits()));
    }
    bits.extend(x.read().unwrap().iter().map(|x| x.to_bits()));
    bits
}

/// Meshes for which loops are planned in different ways: few colors, many colors, copies, and one
/// block that needs no plan.
fn meshes() -> [(&'static str, Vec<[u32; 2]>, usize); 4] {
    let near = |i: u32| [i, (i + 1 + i % 5) % MANY as u32];
    [
        ("neighbors", (0..MANY as u32).map(near).collect(), MANY),
        ("strangers", random_rows(MANY, 20_011, 2), 20_011),
        ("star", star(MANY), MANY + 1),
        ("small", random_rows(1500, 200, 3), 200),
    ]
}

pub fn every_run_gives_the_same_bits(target: &Target) {
    if !target.keeps_bits() {
        return;
    }
    for (name, table, num_nodes) in meshes() {
        let first = diffusion(target.context(), &table, num_nodes);
        let again = diffusion(target.context(), &table, num_nodes);
        assert!(first == again, "{name}");
    }
}

pub fn any_number_of_threads_gives_the_same_bits(target: &Target) {
    if target.is_plain_loop() || target.finds_mistakes() || target.has_device() {
        // These walk in an order of their own.
        return;
    }
    let seq = target.builder().backend(Backend::Seq).build().unwrap();
    for (name, table, num_nodes) in meshes() {
        let expected = diffusion(seq.clone(), &table, num_nodes);
        assert!(diffusion(target.context(), &table, num_nodes) == expected, "{name}");
        for threads in [1, 2, 3, 7] {
            let rayon = target.builder().backend(Backend::Rayon).threads(threads);
            let found = diffusion(rayon.build().unwrap(), &table, num_nodes);
            assert!(found == expected, "{name} on {threads} threads");
        }
    }
}

pub fn the_winner_of_conflicting_writes_is_the_same(target: &Target) {
    if target.finds_mistakes() {
        // There is no winner: the loop is refused, as tested beside the indirect loops.
        return;
    }
    let table = random_rows::<1>(MANY, 1013, 4);
    let winners = |cx: Context| {
        let Graph { edges, nodes, ends, cx } = Graph::new(cx, 1013, &table);
        let x: Dat<Nodes, u32> = cx.dat_zeros("x", &nodes).unwrap();
        par_loop!(pick, edges, index(), x(Write, ends[0])).unwrap();
        x.to_vec().unwrap()
    };
    let first = winners(target.context());
    for _ in 0..3 {
        assert_eq!(winners(target.context()), first);
    }
}
