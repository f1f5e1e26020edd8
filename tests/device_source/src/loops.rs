//! Loops of every kind, on a small mesh with a random numbering.
//!
//! All numbers are small and whole, so that sums are exact and their order does not matter: whoever runs such a
//! loop in another order must come to the same bits.

use op2::__private::PreparedLoop;
use op2::prelude::*;

op2::sets! {
    /// Corners of the cells.
    pub Nodes;
    /// Sides of the cells.
    pub Edges;
    /// Squares.
    pub Cells;
}

op2::constants! {
    SCALE: f64 = 2.0;
    SHIFT: [i32; 2] = [3, -4];
}

/// A struct whose numbers are of several types.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, op2::Element)]
pub struct Tracer {
    #[allow(missing_docs)]
    pub position: [f64; 2],
    #[allow(missing_docs)]
    pub hits: i32,
    #[allow(missing_docs)]
    pub marks: [u8; 4],
}

#[op2::kernel]
fn every_mode(
    a: &[f64; 2],
    b: &mut [i32; 2],
    c: Write<f32>,
    d: Inc<[u64; 2]>,
    e: Min<f64>,
    f: Max<i64>,
    g: &mut bool,
) {
    *g = !*g || a[0] > 1.0;
    b[0] = b[0].wrapping_add(SHIFT[0]) - b[1];
    b[1] = SHIFT[1];
    if a[0] > 2.0 {
        *c = (a[0] * SCALE) as f32;
    }
    d[0] += a[1].abs() as u64;
    d[1] += 1;
    *e = (*e).min(a[0] - a[1]);
    *f = (*f).max(a[1] as i64);
}

#[op2::kernel]
fn flux(
    x1: &[f64; 2],
    x2: &[f64; 2],
    q1: &[f64; 4],
    q2: &[f64; 4],
    r1: Inc<[f64; 4]>,
    r2: Inc<[f64; 4]>,
    rms: Inc<f64>,
) {
    let dx = x1[0] - x2[0];
    let dy = x1[1] - x2[1];
    for k in 0..4 {
        let flow = SCALE * (q1[k] * dy - q2[k] * dx);
        r1[k] += flow;
        r2[k] -= flow;
    }
    *rms += dx * dx + dy * dy;
}

#[op2::kernel]
fn corners(x: &[[f64; 2]; 4], e: &u64, counts: Inc<[[i64; 2]; 4]>, most: Max<[f64; 2]>) {
    for k in 0..4 {
        counts[k][0] += 1;
        counts[k][1] += (*e % 7) as i64;
        most[0] = most[0].max(x[k][0]);
        most[1] = most[1].max(x[k][1] - x[k][0]);
    }
}

#[op2::kernel]
fn numbers(
    n: &i32,
    a: Inc<[u8; 3]>,
    c: Inc<[f32; 2]>,
    d: Inc<i32>,
    e: Inc<u32>,
    f: Inc<u64>,
    g: Inc<i64>,
) {
    a[0] += (*n % 5) as u8;
    a[2] += 200;
    c[1] += *n as f32;
    *d -= *n;
    *e += *n as u32;
    *f += 1;
    *g -= *n as i64;
}

#[op2::kernel]
fn least(
    n: &i32,
    a: Min<[f64; 2]>,
    b: Min<f32>,
    c: Min<i32>,
    d: Min<u64>,
    e: Min<u8>,
    f: Min<i64>,
) {
    a[0] = a[0].min(*n as f64);
    a[1] = a[1].min(-(*n as f64));
    *b = (*b).min(*n as f32 - 10.0);
    *c = (*c).min(*n);
    *d = (*d).min(*n as u64);
    *e = (*e).min(*n as u8);
    *f = (*f).min(*n as i64 - 20);
}

#[op2::kernel]
fn greatest(n: &i32, a: Max<[f64; 2]>, b: Max<f32>, c: Max<u32>, d: Max<[i64; 2]>) {
    a[0] = a[0].max(*n as f64);
    a[1] = a[1].max(-(*n as f64));
    *b = (*b).max(*n as f32 - 10.0);
    *c = (*c).max(*n as u32);
    d[1] = d[1].max(-(*n as i64));
}

#[op2::kernel]
fn through(e: &u64, a: &mut [i32; 3], b: Write<[f64; 2]>, c: Write<[[u32; 2]; 1]>) {
    a[1] += a[0];
    a[2] = *e as i32;
    b[1] = *e as f64;
    c[0][1] = *e as u32;
}

#[op2::kernel]
fn trace(x: &[Tracer; 2], n: &i32, sum: Inc<[Tracer; 2]>, own: &mut Tracer) {
    sum[0].position[1] += x[1].position[0];
    sum[1].hits += *n;
    sum[1].marks[2] += x[0].marks[1];
    own.hits = own.hits + x[1].hits;
    own.marks[0] = *n as u8;
}

#[op2::kernel]
fn totals(
    x: &[f64; 2],
    n: &i32,
    by: &[f64; 2],
    from: &i32,
    sum: Inc<[[f64; 10]; 3]>,
    low: Min<[f32; 2]>,
    high: Max<i64>,
    all: Inc<Tracer>,
    least: Min<u8>,
) {
    for k in 0..3 {
        for j in 0..10 {
            sum[k][j] += x[0] * by[0] + by[1] * (k * j) as f64;
        }
    }
    low[0] = low[0].min(x[0] as f32);
    low[1] = low[1].min(x[1] as f32);
    *high = (*high).max((*n - *from) as i64);
    all.position[0] += x[1];
    all.hits += 1;
    all.marks[1] += 1;
    *least = (*least).min(*n as u8);
}

#[op2::kernel]
fn entry(
    a: Inc<f64>,
    i: &u64,
    j: &u64,
    x: &f64,
    own: Inc<[f64; 2]>,
    row: Inc<f64>,
    low: Min<i32>,
    d: Inc<f64>,
) {
    *a += *x * (3 * *i + *j + 1) as f64;
    own[0] += *x;
    own[1] += 1.0;
    *row += (*i + 2 * *j) as f64;
    *low = (*low).min(*i as i32 - *j as i32);
    *d += 1.0;
}

#[op2::kernel]
fn tensor(x: &[[f64; 2]; 4], a: Inc<[[f64; 4]; 4]>) {
    for i in 0..4 {
        for j in 0..4 {
            a[i][j] += x[i][0] - 2.0 * x[j][1];
        }
    }
}

#[op2::kernel]
fn nested(e: &u64, a: Inc<[[[[f64; 2]; 2]; 4]; 4]>) {
    for i in 0..4 {
        for j in 0..4 {
            for r in 0..2 {
                for c in 0..2 {
                    a[i][j][r][c] += (e % 5) as f64 + (8 * i + 4 * j + 2 * r + c) as f64;
                }
            }
        }
    }
}

#[op2::kernel]
fn flat(e: &u64, a: Inc<[[f32; 12]; 8]>) {
    for i in 0..8 {
        for j in 0..12 {
            a[i][j] += (e % 5) as f32 + (12 * i + j) as f32;
        }
    }
}

#[op2::kernel]
fn diagonal(e: &u64, a: Write<f64>) {
    *a = *e as f64;
}

/// A loop, and what to call it.
pub struct Example {
    /// Its name.
    pub name: &'static str,
    /// The loop.
    pub prepared: PreparedLoop,
}

/// Cells of the mesh in each direction.
const SIDE: (usize, usize) = (23, 17);

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

/// Squares of a grid, whose numbers say nothing of where they are.
struct Mesh {
    nodes: Set<Nodes>,
    edges: Set<Edges>,
    cells: Set<Cells>,
    cell_nodes: Map<Cells, Nodes, 4>,
    edge_nodes: Map<Edges, Nodes, 2>,
    edge_cells: Map<Edges, Cells, 2>,
    x: Dat<Nodes, [f64; 2]>,
}

impl Mesh {
    fn new(cx: &Context) -> op2::Result<Self> {
        let (width, height) = SIDE;
        let node = |i: usize, j: usize| shuffled(i + j * (width + 1), (width + 1) * (height + 1));
        let cell = |i: usize, j: usize| shuffled(i + j * width, width * height);
        let places = |height| (0..height).flat_map(move |j| (0..width).map(move |i| (i, j)));
        let mut corners = vec![[0; 4]; width * height];
        for (i, j) in places(height) {
            corners[cell(i, j) as usize] =
                [node(i, j), node(i + 1, j), node(i + 1, j + 1), node(i, j + 1)];
        }
        // Sides between two cells one above the other; those of the last row meet themselves.
        let up = |j: usize| (j + 1).min(height - 1);
        let ends = places(height).map(|(i, j)| [node(i, j + 1), node(i + 1, j + 1)]);
        let meets = places(height).map(|(i, j)| [cell(i, j), cell(i, up(j))]);
        let (ends, meets): (Vec<_>, Vec<_>) = (ends.collect(), meets.collect());
        let nodes = cx.set::<Nodes>((width + 1) * (height + 1))?;
        let edges = cx.set::<Edges>(ends.len())?;
        let cells = cx.set::<Cells>(corners.len())?;
        let x = (0..nodes.size()).map(|k| [whole(k), whole(k + 7)]);
        Ok(Self {
            cell_nodes: cx.map("cell_nodes", &cells, &nodes, corners)?,
            edge_nodes: cx.map("edge_nodes", &edges, &nodes, ends)?,
            edge_cells: cx.map("edge_cells", &edges, &cells, meets)?,
            x: cx.dat("x", &nodes, x.collect::<Vec<_>>())?,
            nodes,
            edges,
            cells,
        })
    }
}

/// One of `0..len`, another one for each.
fn shuffled(k: usize, len: usize) -> u32 {
    // Of no common divisor with any length here.
    ((k * 101 + 13) % len) as u32
}

fn whole(k: usize) -> f64 {
    (k * 31 % 11) as f64 - 4.0
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
    let sum = cx.dat_zeros::<_, [Tracer; 2]>("tracer_sum", nodes)?;
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
    zeros! { a: [u8; 3]; c: [f32; 2]; d: i32; e: u32; f: u64; g: i64; h: [f64; 2]; i: f32; j: u8; k: [i64; 2]; }
    add(
        "numbers",
        prepare!(
            numbers,
            edges,
            n(Read),
            a(Inc, edge_cells[0]),
            c(Inc, edge_cells[1]),
            d(Inc, edge_cells[0]),
            e(Inc, edge_cells[1]),
            f(Inc, edge_cells[0]),
            g(Inc, edge_cells[1])
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
            j(Min, edge_cells[0]),
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
