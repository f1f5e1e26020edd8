//! The unit square of 1000 x 1000 x 2 triangles.

/// Squares along a side.
pub(crate) const SIDE: u32 = 1000;

/// The mesh: triangles and their corners.
pub(crate) struct Square {
    pub(crate) cells: Vec<[u32; 3]>,
    pub(crate) points: Vec<[f64; 2]>,
}

impl Square {
    /// Numbered from left to right, or at random.
    pub(crate) fn new(shuffled: bool) -> Self {
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
