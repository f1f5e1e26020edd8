//! How long planning, ordering for a device and renumbering take, on a grid of cells and on the same
//! grid shuffled.
//!
//! `cargo run --release -p op2-props --example numbering [nx ny]`

use std::time::Instant;

use op2_core::base::csr::Csr;
use op2_core::device::order::{self, Limits, RaceStrategy, ReachTable, RequestTarget, order};
use op2_core::mesh::ordering::{
    Permutation, Spread, hilbert, order_by_rows, reverse_cuthill_mckee, reverse_cuthill_mckee_map,
};
use op2_core::plan::{ColumnSet, Request, Strategy, Target, audit, plan};
use op2_props::meshes::{Edges, grid};

fn main() {
    let mut args = std::env::args().skip(1).map(|arg| arg.parse().expect("a number of cells"));
    let (nx, ny) = (args.next().unwrap_or(1200), args.next().unwrap_or(600));
    let natural = grid(nx, ny);
    println!("{} cells, {} edges", natural.num_rows, natural.table.len() / 2);
    report_plans("natural", &natural);

    let shuffled = shuffle(&natural);
    report_plans("shuffled", &shuffled);

    let graph = best("graph of neighbors", || {
        Csr::neighbors(&shuffled.table, 2, shuffled.num_rows).expect("a graph")
    });
    best("Cuthill-McKee of the graph", || reverse_cuthill_mckee(&graph));
    best("cells by Cuthill-McKee, edges by cell", || {
        reordered(&shuffled, cuthill_mckee(&shuffled))
    });
    let cells = best("  Cuthill-McKee through the map", || cuthill_mckee(&shuffled));
    report_plans("Cuthill-McKee", &reordered(&shuffled, cells));

    let centers = centers_of_shuffled(nx, natural.num_rows);
    let cells = best("  Hilbert curve", || hilbert(&centers));
    report_plans("Hilbert", &reordered(&shuffled, cells));

    let corners = corners(nx, ny);
    let num_corners = (nx as usize + 1) * (ny as usize + 1);
    best("  Cuthill-McKee of corners through cells", || {
        reverse_cuthill_mckee_map(&corners, 4, num_corners).expect("an order")
    });
    best("  the same, by their graph", || {
        reverse_cuthill_mckee(&Csr::neighbors(&corners, 4, num_corners).expect("a graph"))
    });
}

fn report_plans(name: &str, mesh: &Edges) {
    let target = |columns| {
        let (values, size) = (&mesh.table[..], mesh.num_rows);
        Target { values, arity: 2, columns, size, group: 0, combines: true, row_bytes: 32 }
    };
    let targets = [target(ColumnSet::One(0)), target(ColumnSet::One(1))];
    let request = Request { positions: mesh.table.len() / 2, subset: None, targets: &targets };
    println!("{name}: {}", Spread::of(&mesh.table, 2));
    let plan = best("  plan", || plan(&request));
    println!("  {}", plan.reason);
    if let Strategy::Colored { colors } = &plan.strategy {
        println!("  blocks of each color: {:?}", colors.iter().map(Vec::len).collect::<Vec<_>>());
    }
    let subset: Vec<u32> = (0..request.positions as u32).collect();
    let over_subset = Request { subset: Some(&subset), ..request };
    best("  plan over a subset of all", || op2_core::plan::plan(&over_subset));
    best("  audit", || audit(&request, &plan)).expect("a safe plan");
    report_orders(mesh);
}

/// The same loop on a device with the usual 48 KiB for a group.
fn report_orders(mesh: &Edges) {
    let reach = |column| ReachTable { table: &mesh.table, arity: 2, columns: vec![column] };
    let target = RequestTarget {
        reaches: vec![reach(0), reach(1)],
        num_rows: mesh.num_rows,
        row_bytes: 32,
        combines: true,
        atomic: true,
        exact: false,
    };
    let positions = mesh.table.len() / 2;
    let request = order::Request { positions, subset: None, targets: &[target], points: 1 };
    for wish in [RaceStrategy::Auto, RaceStrategy::Staging, RaceStrategy::Coloring] {
        let limits = Limits { local_bytes: 48 << 10, group: 256, wish };
        let order = best(&format!("  order for a device, {wish}"), || order(&request, &limits));
        let nanoseconds = order.seconds * 1e9 / positions as f64;
        println!("  {nanoseconds:.0} ns per edge; {}", order.reason);
        best("  audit", || order::audit(&request, &order)).expect("a safe order");
    }
}

fn cuthill_mckee(mesh: &Edges) -> Vec<u32> {
    reverse_cuthill_mckee_map(&mesh.table, 2, mesh.num_rows).expect("an order")
}

/// The mesh with its cells in this order, and its edges sorted by cell.
fn reordered(mesh: &Edges, cells: Vec<u32>) -> Edges {
    let mut table = mesh.table.clone();
    Permutation::new(cells).and_then(|cells| cells.renumber(&mut table)).expect("all cells");
    let edges = Permutation::new(order_by_rows(&table, 2)).expect("all edges");
    Edges { table: edges.apply(&table, 2).expect("a row for each edge"), num_rows: mesh.num_rows }
}

/// Cells and edges in a fixed random order.
fn shuffle(mesh: &Edges) -> Edges {
    let mut table = mesh.table.clone();
    let cells = Permutation::new(random_order(mesh.num_rows)).expect("all cells");
    cells.renumber(&mut table).expect("all cells");
    let edges = Permutation::new(random_order(table.len() / 2)).expect("all edges");
    Edges { table: edges.apply(&table, 2).expect("a row for each edge"), num_rows: mesh.num_rows }
}

/// Centers of the shuffled cells.
fn centers_of_shuffled(nx: u32, num_cells: usize) -> Vec<[f64; 2]> {
    let center = |cell: u32| [f64::from(cell % nx), f64::from(cell / nx)];
    random_order(num_cells).into_iter().map(center).collect()
}

/// The corners of each cell, with corners in a fixed random order.
fn corners(nx: u32, ny: u32) -> Vec<u32> {
    let row = nx + 1;
    let corners = |cell: u32| {
        let first = cell / nx * row + cell % nx;
        [first, first + 1, first + row + 1, first + row]
    };
    let mut table: Vec<u32> = (0..nx * ny).flat_map(corners).collect();
    let order = Permutation::new(random_order((row * (ny + 1)) as usize)).expect("all corners");
    order.renumber(&mut table).expect("all corners");
    table
}

/// Fisher-Yates with a small generator (xorshift), the same on each call.
fn random_order(len: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..len as u32).collect();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for last in (1..len).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        order.swap(last, (state % (last as u64 + 1)) as usize);
    }
    order
}

/// Prints the shortest of five runs.
fn best<T>(name: &str, run: impl Fn() -> T) -> T {
    let timed = || {
        let started = Instant::now();
        let result = run();
        (started.elapsed().as_secs_f64() * 1e3, result)
    };
    let (mut shortest, mut result) = timed();
    for _ in 1..5 {
        let (milliseconds, again) = timed();
        (shortest, result) = (shortest.min(milliseconds), again);
    }
    println!("{name}: {shortest:.2} ms");
    result
}
