//! Sets and tables that the tests share: small meshes that are easy to think about, and large
//! random ones that are not.

use op2::prelude::*;

op2::sets! {
    pub Nodes;
    pub Edges;
    pub Cells;
}

/// The size that `PyOP2`'s tests use.
pub const N: usize = 4096;

/// Enough elements for many blocks, several colors and all threads; a multiple of nothing.
pub const MANY: usize = 100_003;

/// Set sizes around lane, block and thread limits.
pub const SIZES: [usize; 22] = [
    0, 1, 2, 7, 8, 9, 63, 64, 65, 1023, 1024, 1025, 2047, 2048, 2049, 3071, 3072, 3073, 16_383,
    16_384, 16_385, MANY,
];

/// Element `i` of the one set is element `len - 1 - i` of the other.
pub fn reversed(len: usize) -> Vec<[u32; 1]> {
    (0..len as u32).rev().map(|i| [i]).collect()
}

/// Edge `i` joins nodes `i` and `i + 1`.
pub fn path(num_edges: usize) -> Vec<[u32; 2]> {
    (0..num_edges as u32).map(|i| [i, i + 1]).collect()
}

/// Every edge joins node 0 and a node of its own.
pub fn star(num_edges: usize) -> Vec<[u32; 2]> {
    (0..num_edges as u32).map(|i| [0, i + 1]).collect()
}

/// A random numbering: every element of `0..len` once.
pub fn permutation(len: usize, seed: u64) -> Vec<[u32; 1]> {
    let mut random = Random(seed);
    let mut rows: Vec<[u32; 1]> = (0..len as u32).map(|i| [i]).collect();
    for last in (1..len).rev() {
        rows.swap(last, random.below(last as u32 + 1) as usize);
    }
    rows
}

/// Rows of random elements below `limit`; about one row in ten names one element throughout.
pub fn random_rows<const A: usize>(len: usize, limit: usize, seed: u64) -> Vec<[u32; A]> {
    let mut random = Random(seed);
    let mut row = || {
        let alike = random.below(10) == 0;
        let first = random.below(limit as u32);
        std::array::from_fn(|_| if alike { first } else { random.below(limit as u32) })
    };
    (0..len).map(|_| row()).collect()
}

/// Random numbers in `-1.0..1.0`.
pub fn random_values(len: usize, seed: u64) -> Vec<f64> {
    let mut random = Random(seed);
    let mut value = || f64::from(random.draw() as u32) / f64::from(1_u32 << 31) - 1.0;
    (0..len).map(|_| value()).collect()
}

/// The generator `SplitMix64`: a counter and a mixing function.
pub struct Random(pub u64);

impl Random {
    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u32) -> u32 {
        ((u128::from(self.draw()) * u128::from(limit)) >> 64) as u32
    }
}

/// The numbers `0, 1, 2, ...` as values of a dat.
pub fn counting(len: usize) -> Vec<u32> {
    (0..len as u32).collect()
}

/// Two sets and a map between them.
pub struct Graph<const A: usize> {
    pub cx: Context,
    pub edges: Set<Edges>,
    pub nodes: Set<Nodes>,
    pub ends: Map<Edges, Nodes, A>,
}

impl<const A: usize> Graph<A> {
    /// Edges with the given ends among `num_nodes` nodes.
    pub fn new(cx: Context, num_nodes: usize, table: &[[u32; A]]) -> Self {
        let edges = cx.set::<Edges>(table.len()).unwrap();
        let nodes = cx.set::<Nodes>(num_nodes).unwrap();
        let ends = cx.map("ends", &edges, &nodes, table).unwrap();
        Self { cx, edges, nodes, ends }
    }
}
