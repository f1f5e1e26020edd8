//! Loops of every kind, on a small mesh with a random numbering: to be written as text and compiled.
//!
//! They are not run. What loops compute on devices is tested by the suite.

mod kernels;
mod mesh;

use op2::__private::PreparedLoop;
use op2::prelude::*;

use kernels::{
    Tracer, Track, bytes, corners, diagonal, entry, every_mode, flat, flux, greatest, least, lone,
    nested, numbers, tensor, through, totals, trace,
};
use mesh::{Cells, Mesh, Nodes, shuffled, whole};

/// A loop, and what to call it.
pub struct Example {
    /// Its name.
    pub name: &'static str,
    /// The loop.
    pub prepared: PreparedLoop,
}

/// All loops.
///
/// # Errors
/// None that a small mesh could cause.
pub fn examples() -> op2::Result<Vec<Example>> {
    let cx = Context::builder().build()?;
    let mesh = Mesh::new(&cx)?;
    let mut examples = Vec::new();
    let mut add = |name, prepared| examples.push(Example { name, prepared });
    on_cells(&cx, &mesh, &mut add)?;
    on_edges(&cx, &mesh, &mut add)?;
    matrices(&cx, &mesh, &mut add)?;
    // Numbers change with the mesh: a context of its own.
    let other = Context::builder().build()?;
    let mesh = Mesh::new(&other)?;
    other.reorder(&Reorder::cuthill_mckee(&mesh.edge_cells))?;
    renumbered(&other, &mesh, &mut add)?;
    Ok(examples)
}

fn on_cells(
    cx: &Context,
    mesh: &Mesh,
    add: &mut impl FnMut(&'static str, PreparedLoop),
) -> op2::Result<()> {
    let Mesh { nodes, cells, cell_nodes, x, .. } = mesh;
    let len = cells.size();
    let a = cx.dat("a", cells, (0..len).map(|k| [whole(k), whole(k + 3)]).collect::<Vec<_>>())?;
    let b = cx.dat("b", cells, (0..len).map(|k| [k as i32, 3]).collect::<Vec<_>>())?;
    let n = cx.dat("n", cells, (0..len).map(|k| (k % 13) as i32).collect::<Vec<_>>())?;
    let c = cx.dat("c", cells, vec![0.5_f32; len])?;
    let d = cx.dat_zeros::<_, [u64; 2]>("d", cells)?;
    let e = cx.dat("e", cells, vec![1.0; len])?;
    let f = cx.dat_zeros::<_, i64>("f", cells)?;
    let g = cx.dat("g", cells, (0..len).map(|k| k % 2 == 0).collect::<Vec<_>>())?;
    add(
        "every_mode",
        prepare!(every_mode, cells, a(Read), b(Rw), c(Write), d(Inc), e(Min), f(Max), g(Rw)),
    );
    let some =
        cx.subset("some", cells, (0..len as u32).filter(|k| k % 3 != 1).collect::<Vec<_>>())?;
    add(
        "every_mode_of_some",
        prepare!(every_mode, some, a(Read), b(Rw), c(Write), d(Inc), e(Min), f(Max), g(Rw)),
    );
    let counts = cx.dat_zeros::<_, [i64; 2]>("counts", nodes)?;
    let most = cx.global("most", [0.0; 2]);
    add(
        "corners",
        prepare!(corners, cells, x(Read, cell_nodes), index(), counts(Inc, cell_nodes), most(Max)),
    );
    add(
        "corners_of_some",
        prepare!(corners, some, x(Read, cell_nodes), index(), counts(Inc, cell_nodes), most(Max)),
    );
    let (sum, low, high) = (
        cx.global("sum", [[1.0; 10]; 3]),
        cx.global("low", [0.0_f32; 2]),
        cx.global("high", 0_i64),
    );
    let (all, small) = (cx.global("all", Tracer::default()), cx.global("small", 9_u8));
    let (by, from) = (cx.global("by", [2.0, -1.0]), 5_i32);
    add(
        "totals",
        prepare!(
            totals,
            cells,
            a(Read),
            n(Read),
            by(Read),
            from(Read),
            sum(Inc),
            low(Min),
            high(Max),
            all(Inc),
            small(Min),
        ),
    );
    structs(cx, mesh, &n, add)
}

fn structs(
    cx: &Context,
    mesh: &Mesh,
    n: &Dat<Cells, i32>,
    add: &mut impl FnMut(&'static str, PreparedLoop),
) -> op2::Result<()> {
    let Mesh { nodes, cells, cell_nodes, .. } = mesh;
    let tracer = |k: usize| Tracer {
        position: [whole(k), whole(k + 1)],
        hits: k as i32,
        marks: [1, (k % 7) as u8, 3, 4],
    };
    let x = (0..nodes.size()).map(|k| [tracer(k), tracer(k + 1)]).collect::<Vec<_>>();
    let x = cx.dat("tracers", nodes, x)?;
    let sum = cx.dat_zeros::<_, [Track; 2]>("track", nodes)?;
    let own = cx.dat("own", cells, (0..cells.size()).map(tracer).collect::<Vec<_>>())?;
    add(
        "trace",
        prepare!(trace, cells, x(Read, cell_nodes[2]), n(Read), sum(Inc, cell_nodes[1]), own(Rw)),
    );
    Ok(())
}

fn on_edges(
    cx: &Context,
    mesh: &Mesh,
    add: &mut impl FnMut(&'static str, PreparedLoop),
) -> op2::Result<()> {
    let Mesh { cells, edges, edge_nodes, edge_cells, x, .. } = mesh;
    let (len, num_cells) = (edges.size(), cells.size());
    let q = (0..num_cells).map(|k| [0, 1, 2, 3].map(|c| whole(k + c))).collect::<Vec<_>>();
    let q = cx.dat("q", cells, q)?;
    let r = cx.dat_zeros::<_, [f64; 4]>("r", cells)?;
    let rms = cx.global("rms", 1.0);
    add(
        "flux",
        prepare!(
            flux,
            edges,
            x(Read, edge_nodes[0]),
            x(Read, edge_nodes[1]),
            q(Read, edge_cells[0]),
            q(Read, edge_cells[1]),
            r(Inc, edge_cells[0]),
            r(Inc, edge_cells[1]),
            rms(Inc)
        ),
    );
    let n = cx.dat("m", edges, (0..len).map(|k| (k % 13) as i32).collect::<Vec<_>>())?;
    macro_rules! zeros {
        ($($name:ident: $ty:ty;)*) => {
            $(let $name = cx.dat_zeros::<Cells, $ty>(concat!("zero_", stringify!($name)), cells)?;)*
        };
    }
    zeros! { a: [u8; 3]; c: [f32; 2]; d: i32; e: u32; f: u64; g: i64; h: [f64; 2]; i: f32; j: u8; k: [i64; 2]; l: [Tracer; 2]; }
    add(
        "numbers",
        prepare!(
            numbers,
            edges,
            n(Read),
            c(Inc, edge_cells[1]),
            d(Inc, edge_cells[0]),
            e(Inc, edge_cells[1]),
            f(Inc, edge_cells[0]),
            g(Inc, edge_cells[1])
        ),
    );
    add(
        "bytes",
        prepare!(
            bytes,
            edges,
            n(Read),
            a(Inc, edge_cells[0]),
            j(Min, edge_cells[1]),
            l(Inc, edge_cells[1])
        ),
    );
    add(
        "least",
        prepare!(
            least,
            edges,
            n(Read),
            h(Min, edge_cells[0]),
            i(Min, edge_cells[1]),
            d(Min, edge_cells[0]),
            f(Min, edge_cells[0]),
            g(Min, edge_cells[1])
        ),
    );
    add(
        "greatest",
        prepare!(
            greatest,
            edges,
            n(Read),
            h(Max, edge_cells[0]),
            i(Max, edge_cells[1]),
            e(Max, edge_cells[0]),
            k(Max, edge_cells[1])
        ),
    );
    let own = (0..len).map(|k| [shuffled(k, len)]).collect::<Vec<_>>();
    let own = cx.map("own", edges, edges, own)?;
    let u = cx.dat("u", edges, (0..len).map(|k| [k as i32; 3]).collect::<Vec<_>>())?;
    let v = cx.dat("v", edges, vec![[1.0; 2]; len])?;
    let w = cx.dat_zeros::<_, [u32; 2]>("w", edges)?;
    add(
        "through",
        prepare!(through, edges, index(), u(Rw, own[0]), v(Write, own[0]), w(Write, own)),
    );
    Ok(())
}

fn matrices(
    cx: &Context,
    mesh: &Mesh,
    add: &mut impl FnMut(&'static str, PreparedLoop),
) -> op2::Result<()> {
    let Mesh { nodes, cells, cell_nodes, x, .. } = mesh;
    let third = (0..cells.size()).map(|k| [0, 7, 101].map(|by| ((k + by) % cells.size()) as u32));
    let third = cx.map("third", cells, cells, third.collect::<Vec<_>>())?;
    let square = Sparsity::new(&[(cell_nodes, cell_nodes)])?;
    let mixed = Sparsity::new(&[(cell_nodes, &third)])?;
    let a: Mat<Nodes, Nodes, f64> = cx.mat("A", &square)?;
    add("tensor", prepare!(tensor, cells, x(Read, cell_nodes), a(Inc, cell_nodes, cell_nodes)));
    let fixed =
        cx.subset("fixed", nodes, (0..nodes.size() as u32).step_by(5).collect::<Vec<_>>())?;
    let free = cell_nodes.without(&fixed)?;
    add("masked", prepare!(tensor, cells, x(Read, cell_nodes), a(Inc, free, cell_nodes)));
    let blocks: Mat<Nodes, Nodes, [[f64; 2]; 2]> = cx.mat("blocks", &square)?;
    add("nested", prepare!(nested, cells, index(), blocks(Inc, cell_nodes, cell_nodes)));
    let uneven: Mat<Nodes, Cells, [[f32; 4]; 2]> = cx.mat("uneven", &mixed)?;
    add("flat", prepare!(flat, cells, index(), uneven(Inc, cell_nodes, third)));
    let b: Mat<Nodes, Cells, f64> = cx.mat("B", &mixed)?;
    let s = cx.dat("s", cells, (0..cells.size()).map(whole).collect::<Vec<_>>())?;
    let own = cx.dat_zeros::<_, [f64; 2]>("point_own", cells)?;
    let row = cx.dat_zeros::<_, f64>("point_row", nodes)?;
    let low = cx.dat("point_low", cells, vec![100; cells.size()])?;
    let d = cx.dat_zeros::<_, f64>("point_d", nodes)?;
    add(
        "entry",
        prepare!(
            entry,
            cells,
            b(Inc, cell_nodes[i], third[j]),
            index(i),
            index(j),
            s(Read, third[j]),
            own(Inc),
            row(Inc, cell_nodes[i]),
            low(Min, third[j]),
            d(Inc, cell_nodes[3])
        ),
    );
    let identity = cx.map(
        "identity",
        cells,
        cells,
        (0..cells.size() as u32).map(|k| [k]).collect::<Vec<_>>(),
    )?;
    let (t, u) =
        (cx.dat_zeros::<_, [f64; 3]>("t", cells)?, cx.dat_zeros::<_, f64>("lone_u", cells)?);
    let lone_pattern = Sparsity::new(&[(&identity, &third)])?;
    let lonely: Mat<Cells, Cells, f64> = cx.mat("lonely", &lone_pattern)?;
    add(
        "lone",
        prepare!(
            lone,
            cells,
            index(i),
            index(j),
            lonely(Inc, identity[i], third[2]),
            t(Inc, identity[i]),
            u(Inc, third[j])
        ),
    );
    let diagonal_only = Sparsity::new(&[(&identity, &identity)])?;
    let c: Mat<Cells, Cells, f64> = cx.mat("C", &diagonal_only)?;
    add("diagonal", prepare!(diagonal, cells, index(), c(Write, identity[0], identity[0])));
    Ok(())
}

fn renumbered(
    cx: &Context,
    mesh: &Mesh,
    add: &mut impl FnMut(&'static str, PreparedLoop),
) -> op2::Result<()> {
    let Mesh { nodes, cells, cell_nodes, x, .. } = mesh;
    let counts = cx.dat_zeros::<_, [i64; 2]>("counts", nodes)?;
    let most = cx.global("most", [0.0; 2]);
    add(
        "renumbered",
        prepare!(corners, cells, x(Read, cell_nodes), index(), counts(Inc, cell_nodes), most(Max)),
    );
    Ok(())
}
