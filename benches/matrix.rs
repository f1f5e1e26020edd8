//! Sparse matrices on the unit square of 1000 x 1000 x 2 triangles, rows numbered left to right and
//! at random: patterns, positions, assembly by hand-written loops, products with vectors.
//!
//! `cargo bench --bench matrix`; the best of several rounds. Two forms of positions are compared:
//! a place in the whole matrix (`u32`, what `Positions` holds) and an offset in the row (`u8`).

use std::hint::black_box;
use std::time::Instant;

use op2_core::base::buffer::Buffer;
use op2_core::base::triad::triad;
use op2_core::matrix::entry::Entry;
use op2_core::matrix::pattern::{Pair, Pattern};
use op2_core::matrix::positions::Positions;
use op2_core::matrix::spmv;
use op2_core::matrix::table::Table;
use op2_core::matrix::transpose::Transposed;
use op2_core::matrix::values::frobenius_norm;

const SIDE: u32 = 1000;
const ROUNDS: usize = 9;

fn main() -> op2::Result<()> {
    print_peak_memory()?;
    for numbering in ["natural", "shuffled"] {
        let square = Square::new(numbering == "shuffled");
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let pool = pool.map_err(op2::Error::other)?;
            println!("{numbering} numbering, {threads} thread(s)");
            pool.install(|| measure(&square, threads))?;
        }
    }
    Ok(())
}

/// What building the pattern takes beyond the mesh, beside what the pattern itself takes.
fn print_peak_memory() -> op2::Result<()> {
    let Square { cells, points } = Square::new(false);
    let table = Table::of_rows(&cells);
    let before = resident("VmRSS:");
    let pairs = [Pair { rows: table, cols: table }];
    let pattern = Pattern::from_pairs(points.len(), points.len(), &pairs, true);
    let peak = resident("VmHWM:") - before;
    let bytes = pattern.map_err(op2::Error::other)?.bytes() as f64;
    let (peak, bytes) = (peak / 1e6, bytes / 1e6);
    println!("pattern of {bytes:.0} MB, peak while building it {peak:.0} MB");
    Ok(())
}

/// A line of Linux's account of this process, in bytes; 0 elsewhere.
fn resident(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|text| text.strip_prefix(line));
    let kilobytes = found.and_then(|text| text.trim().strip_suffix(" kB"));
    1024.0 * kilobytes.and_then(|text| text.parse().ok()).unwrap_or(0.0)
}

fn measure(square: &Square, threads: usize) -> op2::Result<()> {
    let Square { cells, points } = square;
    let table = Table::of_rows(cells);
    let pairs = [Pair { rows: table, cols: table }];
    let size = points.len();
    let build = || Pattern::from_pairs(size, size, &pairs, true);
    let pattern = build().map_err(op2::Error::other)?;
    assert_eq!(pattern.num_entries(), 7_006_001);
    let per_element = |name: &str, seconds: f64| {
        println!("  {name:30} {:8.1} ns/element", seconds * 1e9 / cells.len() as f64);
    };
    per_element("sparsity", best(build));
    let find = || Positions::new(&pattern, &table, &table);
    let positions = find().map_err(op2::Error::other)?;
    per_element("positions", best(find));

    let mut values = array(pattern.num_entries())?;
    let values: &mut [f64] = values.typed_mut();
    if threads == 1 {
        let offsets = offsets_in_rows(&pattern, square, &positions);
        assemble_both(square, &pattern, &positions, &offsets, values, &per_element);
    }
    assemble(square, &positions, values, laplacian);
    assert!((frobenius_norm(values) - 4_470.123_488_227_143).abs() < 1e-8);
    products(&pattern, values, threads)
}

fn assemble_both(
    square: &Square,
    pattern: &Pattern,
    positions: &Positions,
    offsets: &[[[u8; 3]; 3]],
    values: &mut [f64],
    print: &impl Fn(&str, f64),
) {
    print("mass, u32 positions", best(|| assemble(square, positions, values, mass)));
    let sum: f64 = values.iter().sum();
    assert!((sum - 1.0).abs() < 1e-9, "the mass of the square is {sum}");
    print("mass, u8 offsets", best(|| assemble_by_offset(square, pattern, offsets, values, mass)));
    print("Laplacian, u32 positions", best(|| assemble(square, positions, values, laplacian)));
    print(
        "Laplacian, u8 offsets",
        best(|| assemble_by_offset(square, pattern, offsets, values, laplacian)),
    );
    print("of which zeroing", best(|| values.fill(0.0)));
}

/// The share of the triad's bandwidth, in useful bytes: everything read or written once.
fn products(pattern: &Pattern, values: &[f64], threads: usize) -> op2::Result<()> {
    let print = |name: &str, bytes: usize, seconds: f64, triad: f64| {
        let gb = bytes as f64 / 1e9 / seconds;
        let share = 100.0 * gb / triad;
        println!("  {name:30} {:8.2} ms {gb:8.2} GB/s {share:5.0} % of triad", seconds * 1e3);
    };
    let ruler = || triad(threads).map(|t| t.gb_per_s).map_err(op2::Error::other);
    let (mut x, mut y) = (array(pattern.num_cols())?, array(pattern.num_rows())?);
    let (x, y): (&mut [f64], &mut [f64]) = (x.typed_mut(), y.typed_mut());
    x.fill(1.0);
    let bytes = pattern.bytes() + size_of_val(values) + size_of_val(x) + size_of_val(y);
    let before = ruler()?;
    let seconds = best(|| spmv::multiply(pattern, values, x, y));
    let after = ruler()?;
    print("y = A x", bytes, seconds, f64::midpoint(before, after));
    let transposed = Transposed::new(pattern);
    let product = || spmv::multiply_transposed(pattern, values, || &transposed, x, y);
    let seconds = best(product);
    print("y = A^T x", bytes, seconds, after);
    let mut blocks = array(9 * pattern.num_entries())?;
    let blocks: &mut [[[f64; 3]; 3]] = blocks.typed_mut();
    blocks.fill(Entry::diagonal(2.0));
    let (mut x, mut y) = (array(3 * pattern.num_cols())?, array(3 * pattern.num_rows())?);
    let (x, y): (&mut [[f64; 3]], &mut [[f64; 3]]) = (x.typed_mut(), y.typed_mut());
    let bytes = pattern.bytes() + size_of_val(blocks) + size_of_val(x) + size_of_val(y);
    let seconds = best(|| spmv::multiply(pattern, blocks, x, y));
    print("y = A x, blocks 3 x 3", bytes, seconds, ruler()?);
    Ok(())
}

/// Numbers in memory as those of matrices and dats.
fn array(len: usize) -> op2::Result<Buffer> {
    Buffer::zeroed(len * size_of::<f64>()).map_err(op2::Error::other)
}

fn best<R>(mut call: impl FnMut() -> R) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let result = black_box(call());
        best = best.min(start.elapsed().as_secs_f64());
        drop(result);
    }
    best
}

/// The mesh: triangles and their corners.
struct Square {
    cells: Vec<[u32; 3]>,
    points: Vec<[f64; 2]>,
}

impl Square {
    fn new(shuffled: bool) -> Self {
        let across = SIDE + 1;
        let order = order(across * across, shuffled);
        let step = 1.0 / f64::from(SIDE);
        let mut points = vec![[0.0; 2]; order.len()];
        for (place, &node) in (0..).zip(&order) {
            points[node as usize] =
                [f64::from(place % across) * step, f64::from(place / across) * step];
        }
        let mut cells = Vec::with_capacity(2 * (SIDE * SIDE) as usize);
        for corner in (0..SIDE).flat_map(|j| (0..SIDE).map(move |i| j * across + i)) {
            let [a, b, c, d] = [corner, corner + 1, corner + across + 1, corner + across]
                .map(|place| order[place as usize]);
            cells.extend([[a, b, c], [a, c, d]]);
        }
        Self { cells, points }
    }
}

/// The number of each node; shuffled by a small random generator (Knuth's multiplier).
fn order(len: u32, shuffled: bool) -> Vec<u32> {
    let mut order: Vec<u32> = (0..len).collect();
    let mut state = 1_u64;
    for place in (1..order.len()).rev().filter(|_| shuffled) {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        order.swap(place, (state >> 33) as usize % (place + 1));
    }
    order
}

#[inline(always)]
fn gradients([a, b, c]: [[f64; 2]; 3]) -> ([[f64; 2]; 3], f64) {
    let twice = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
    let rows = [[b[1] - c[1], c[0] - b[0]], [c[1] - a[1], a[0] - c[0]], [a[1] - b[1], b[0] - a[0]]];
    (rows, twice)
}

#[inline(always)]
fn mass(points: [[f64; 2]; 3]) -> [[f64; 3]; 3] {
    let (_, twice) = gradients(points);
    let (on, off) = (twice / 12.0, twice / 24.0);
    [[on, off, off], [off, on, off], [off, off, on]]
}

#[inline(always)]
fn laplacian(points: [[f64; 2]; 3]) -> [[f64; 3]; 3] {
    let (g, twice) = gradients(points);
    let scale = 0.5 / twice;
    let mut local = [[0.0; 3]; 3];
    for i in 0..3 {
        for j in 0..3 {
            local[i][j] = scale * (g[i][0] * g[j][0] + g[i][1] * g[j][1]);
        }
    }
    local
}

/// Asks for the memory of an element to come, as products do.
#[inline(always)]
fn load_ahead<T>(from: &T, bytes: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: asking for an address reads nothing that a program could see, and is ignored where there
    // is no memory.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>((&raw const *from).wrapping_byte_add(bytes).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (from, bytes);
}

/// Adds each element's tensor through the positions: what a generated loop does.
fn assemble(
    Square { cells, points }: &Square,
    positions: &Positions,
    values: &mut [f64],
    kernel: impl Fn([[f64; 2]; 3]) -> [[f64; 3]; 3],
) {
    values.fill(0.0);
    let (places, _) = positions.places().as_chunks::<9>();
    for (nodes, places) in cells.iter().zip(places) {
        load_ahead(places, 4096);
        // SAFETY: the nodes of cells are below the number of points (`Square::new`).
        let local = kernel(nodes.map(|node| unsafe { *points.get_unchecked(node as usize) }));
        for (&place, value) in places.iter().zip(local.as_flattened()) {
            // SAFETY: positions lie inside their pattern, and there are as many values.
            unsafe { *values.get_unchecked_mut(place as usize) += value };
        }
    }
}

fn assemble_by_offset(
    Square { cells, points }: &Square,
    pattern: &Pattern,
    offsets: &[[[u8; 3]; 3]],
    values: &mut [f64],
    kernel: impl Fn([[f64; 2]; 3]) -> [[f64; 3]; 3],
) {
    values.fill(0.0);
    let starts = pattern.row_offsets();
    for (nodes, offsets) in cells.iter().zip(offsets) {
        load_ahead(offsets, 1024);
        // SAFETY: the nodes of cells are below the number of points (`Square::new`).
        let local = kernel(nodes.map(|node| unsafe { *points.get_unchecked(node as usize) }));
        for i in 0..3 {
            // SAFETY: as above; there is one row for each point.
            let start = unsafe { *starts.get_unchecked(nodes[i] as usize) } as usize;
            for j in 0..3 {
                // SAFETY: made from positions, which lie inside the pattern.
                let value = unsafe { values.get_unchecked_mut(start + offsets[i][j] as usize) };
                *value += local[i][j];
            }
        }
    }
}

/// The other form of positions: the offset of each entry in its row.
fn offsets_in_rows(pattern: &Pattern, square: &Square, positions: &Positions) -> Vec<[[u8; 3]; 3]> {
    let (places, _) = positions.places().as_chunks::<9>();
    let cells = square.cells.iter().zip(places);
    let offset = |row: u32, place: u32| (place - pattern.row_offsets()[row as usize]) as u8;
    cells
        .map(|(nodes, places)| {
            std::array::from_fn(|i| std::array::from_fn(|j| offset(nodes[i], places[3 * i + j])))
        })
        .collect()
}
