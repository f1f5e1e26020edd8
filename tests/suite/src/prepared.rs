//! Loops that are kept, and what the report says of all loops.

use op2::prelude::*;

use crate::meshes::{Edges, N, Nodes, path};
use crate::target::Target;

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, op2::Element)]
struct Particle {
    place: [f64; 2],
    mass: f64,
    hits: i64,
}

#[op2::kernel]
fn drift(step: &f64, wind: &Particle, p: &mut Particle, heaviest: Max<f64>) {
    p.place[0] += *step * wind.place[0];
    p.hits += wind.hits;
    *heaviest = (*heaviest).max(p.mass);
}

#[op2::kernel]
fn add_ends(w: &f64, r: Inc<[f64; 2]>) {
    r[0] += *w;
    r[1] += *w;
}

pub fn a_prepared_loop_runs_again_and_again(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let still = Particle { place: [0.0, 1.0], mass: 2.0, hits: 0 };
    let p = cx.dat("p", &nodes, vec![still; N]).unwrap();
    let heaviest = cx.reduction::<f64>("heaviest");
    let blow = {
        // The values are copied: the loop outlives them.
        let (step, wind) = (0.5, Particle { place: [4.0, 0.0], mass: 0.0, hits: 3 });
        op2::prepare!(drift, nodes, step(Read), wind(Read), p(Rw), heaviest(Max))
    };
    for _ in 0..3 {
        blow.run().unwrap();
    }
    let moved = Particle { place: [6.0, 1.0], mass: 2.0, hits: 9 };
    assert!(p.read().unwrap().iter().all(|p| *p == moved));
    assert_eq!(heaviest.value().unwrap(), 2.0);
}

pub fn a_prepared_loop_keeps_its_data_alive(target: &Target) {
    let r;
    let add = {
        let cx = target.context();
        let edges = cx.set::<Edges>(N).unwrap();
        let nodes = cx.set::<Nodes>(N + 1).unwrap();
        let ends = cx.map("ends", &edges, &nodes, path(N)).unwrap();
        let w = cx.dat("w", &edges, vec![1.0; N]).unwrap();
        r = cx.dat_zeros::<_, f64>("r", &nodes).unwrap();
        op2::prepare!(add_ends, edges, w(Read), r(Inc, ends))
    };
    add.run().unwrap();
    add.run().unwrap();
    assert_eq!(r.read().unwrap()[..3], [2.0, 4.0, 4.0]);
}

pub fn a_prepared_loop_keeps_the_rules(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(3).unwrap();
    let still = Particle { place: [0.0; 2], mass: 0.0, hits: 0 };
    let p = cx.dat("p", &nodes, [still; 3]).unwrap();
    let heaviest = cx.global("heaviest", 0.0);
    let step = 1.0;
    let drift = op2::prepare!(drift, nodes, step(Read), still(Read), p(Rw), heaviest(Max));
    let guard = p.read().unwrap();
    let error = drift.run().unwrap_err().to_string();
    assert!(error.contains("loop `drift`") && error.contains("`p(Rw)`"), "{error}");
    drop(guard);
    drift.run().unwrap();
}

pub fn the_report_counts_calls_and_useful_bytes(target: &Target) {
    let cx = target.context();
    let edges = cx.set::<Edges>(N).unwrap();
    let nodes = cx.set::<Nodes>(N + 1).unwrap();
    let ends = cx.map("ends", &edges, &nodes, path(N)).unwrap();
    let w = cx.dat("w", &edges, vec![1.0; N]).unwrap();
    let r: Dat<Nodes, f64> = cx.dat_zeros("r", &nodes).unwrap();
    for _ in 0..5 {
        par_loop!(add_ends, edges, w(Read), r(Inc, ends)).unwrap();
    }
    let report = cx.report().unwrap();
    let row = report.rows.iter().find(|row| row.name == "add_ends").unwrap();
    assert_eq!(row.calls, 5);
    // Weights once, both entries of the map, sums read and written.
    let all = 5 * (8 * N + 8 * N + 16 * (N + 1)) as u64;
    // Each rank counts its own.
    assert!(row.bytes == all || target.ranks() > 1 && row.bytes < all, "{} of {all}", row.bytes);
    assert!(report.triad.is_some_and(|triad| triad.gb_per_s > 0.0));
    assert!(report.to_string().contains("add_ends"));
    assert!(report.to_json().contains("\"add_ends\""));
    cx.reset_report();
    assert!(cx.report().unwrap().rows.is_empty());
}
