//! Random renumbering of a mesh: what a mesh generator without an eye for memory delivers.

use super::AirfoilMesh;

/// Renumbers nodes, cells, edges and boundary edges independently of each other.
pub(super) fn shuffle(mesh: &mut AirfoilMesh, seed: u64) {
    let mut random = SplitMix64(seed);
    let nodes = random.permutation(mesh.coords.len());
    let cells = random.permutation(mesh.cell_nodes.len());
    let edges = random.permutation(mesh.edge_nodes.len());
    let bedges = random.permutation(mesh.bound.len());

    mesh.coords = moved(&mesh.coords, &nodes);
    mesh.cell_nodes = renamed(&moved(&mesh.cell_nodes, &cells), &nodes);
    mesh.edge_nodes = renamed(&moved(&mesh.edge_nodes, &edges), &nodes);
    mesh.edge_cells = renamed(&moved(&mesh.edge_cells, &edges), &cells);
    mesh.bedge_nodes = renamed(&moved(&mesh.bedge_nodes, &bedges), &nodes);
    mesh.bedge_cell = renamed(&moved(&mesh.bedge_cell, &bedges), &cells);
    mesh.bound = moved(&mesh.bound, &bedges);
}

/// The rows at their new places: row `k` goes to `new_place[k]`.
fn moved<T: Copy + Default>(rows: &[T], new_place: &[u32]) -> Vec<T> {
    let mut moved = vec![T::default(); rows.len()];
    for (&row, &place) in rows.iter().zip(new_place) {
        moved[place as usize] = row;
    }
    moved
}

/// The rows with every target called by its new number.
fn renamed<const A: usize>(rows: &[[u32; A]], new_name: &[u32]) -> Vec<[u32; A]> {
    rows.iter().map(|row| row.map(|target| new_name[target as usize])).collect()
}

/// The generator `SplitMix64` (Steele, Lea, Flood 2014): a counter and a mixing function.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, by multiplication: its bias of `limit / 2^64` does not matter here.
    fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }

    /// A permutation of `0..len`, by exchanging from the end (Fisher and Yates).
    fn permutation(&mut self, len: usize) -> Vec<u32> {
        let mut permutation: Vec<u32> = (0..len as u32).collect();
        for last in (1..len).rev() {
            permutation.swap(last, self.below(last + 1));
        }
        permutation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_gives_its_published_sequence() {
        let mut random = SplitMix64(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn a_permutation_names_each_number_once() {
        let mut permutation = SplitMix64(3).permutation(1000);
        assert!(!permutation.is_sorted());
        permutation.sort_unstable();
        assert!(permutation.into_iter().eq(0..1000));
    }
}
