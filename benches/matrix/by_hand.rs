//! Assembly as a plain loop, written by hand: a value for each entry, a place for each contribution.

use op2_core::matrix::pattern::{Pair, Pattern};
use op2_core::matrix::positions::Positions;
use op2_core::matrix::table::Table;

use crate::square::Square;

#[inline(always)]
fn gradients([a, b, c]: [[f64; 2]; 3]) -> ([[f64; 2]; 3], f64) {
    let twice = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
    let rows = [[b[1] - c[1], c[0] - b[0]], [c[1] - a[1], a[0] - c[0]], [a[1] - b[1], b[0] - a[0]]];
    (rows, twice)
}

#[inline(always)]
pub(crate) fn mass(points: [[f64; 2]; 3]) -> [[f64; 3]; 3] {
    let (_, twice) = gradients(points);
    let (on, off) = (twice / 12.0, twice / 24.0);
    [[on, off, off], [off, on, off], [off, off, on]]
}

#[inline(always)]
pub(crate) fn laplacian(points: [[f64; 2]; 3]) -> [[f64; 3]; 3] {
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

/// Adds each element's tensor through the positions.
pub(crate) fn assemble(
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

/// The pattern and the places, found by one thread.
pub(crate) fn places(square: &Square) -> op2::Result<(Pattern, Positions)> {
    let table = Table::of_rows(&square.cells);
    let size = square.points.len();
    let pattern = Pattern::from_pairs(size, size, &[Pair { rows: table, cols: table }], true);
    let pattern = pattern.map_err(op2::Error::other)?;
    let positions = Positions::new(&pattern, &table, &table).map_err(op2::Error::other)?;
    Ok((pattern, positions))
}
