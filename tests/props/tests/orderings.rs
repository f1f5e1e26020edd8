//! Orderings are permutations, and do what their names say.

use op2_core::base::csr::Csr;
use op2_core::mesh::ordering::{
    Permutation, Spread, hilbert, order_by_rows, reverse_cuthill_mckee, reverse_cuthill_mckee_map,
};
use op2_props::meshes::{Edges, grid, path, random_table, shuffled};
use proptest::prelude::*;

/// A mesh whose target set is numbered at random.
fn scattered(mesh: &Edges, order: Vec<u32>) -> Vec<u32> {
    renumbered(&mesh.table, order)
}

fn renumbered(table: &[u32], order: Vec<u32>) -> Vec<u32> {
    let mut table = table.to_vec();
    Permutation::new(order).unwrap().renumber(&mut table).unwrap();
    table
}

/// The lowest row of each row's connected component.
fn components(table: &[u32], arity: usize, num_rows: usize) -> Vec<u32> {
    let mut lowest: Vec<u32> = (0..num_rows as u32).collect();
    loop {
        let before = lowest.clone();
        for rows in table.chunks_exact(arity) {
            let low = rows.iter().map(|&row| lowest[row as usize]).min().unwrap();
            for &row in rows {
                lowest[row as usize] = low;
            }
        }
        if lowest == before {
            return lowest;
        }
    }
}

fn any_table() -> impl Strategy<Value = (Vec<u32>, usize, usize)> {
    (1_usize..5).prop_flat_map(|arity| {
        random_table(arity).prop_map(move |(table, num_rows)| (table, arity, num_rows))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn cuthill_mckee_numbers_each_row_once((table, arity, num_rows) in any_table()) {
        let graph = Csr::neighbors(&table, arity, num_rows).unwrap();
        for order in [
            reverse_cuthill_mckee(&graph),
            reverse_cuthill_mckee_map(&table, arity, num_rows).unwrap(),
        ] {
            prop_assert_eq!(order.len(), num_rows);
            // Components follow each other by their lowest rows.
            let lowest = components(&table, arity, num_rows);
            prop_assert!(order.iter().map(|&row| lowest[row as usize]).is_sorted());
            prop_assert!(Permutation::new(order).is_ok());
        }
    }

    #[test]
    fn a_shuffled_path_is_straightened(order in (1_u32..400).prop_flat_map(shuffled)) {
        let num_rows = order.len();
        let table = scattered(&path(num_rows as u32), order);
        let graph = Csr::neighbors(&table, 2, num_rows).unwrap();
        let bandwidth = u32::from(num_rows > 1);
        let straight = renumbered(&table, reverse_cuthill_mckee(&graph));
        prop_assert_eq!(Spread::of(&straight, 2).max, bandwidth);
        let straight = renumbered(&table, reverse_cuthill_mckee_map(&table, 2, num_rows).unwrap());
        prop_assert_eq!(Spread::of(&straight, 2).max, bandwidth);
    }

    #[test]
    fn a_shuffled_grid_has_small_bandwidth_again(
        (nx, ny, order) in (1_u32..20, 1_u32..20)
            .prop_flat_map(|(nx, ny)| (Just(nx), Just(ny), shuffled(nx * ny)))
    ) {
        let mesh = grid(nx, ny);
        let table = scattered(&mesh, order);
        let order = reverse_cuthill_mckee_map(&table, 2, mesh.num_rows).unwrap();
        let spread = Spread::of(&renumbered(&table, order), 2);
        // A level of the walk has at most min(nx, ny) + 1 cells, and neighbors are one level apart.
        prop_assert!(spread.max <= 2 * nx.min(ny) + 1, "{}", spread);
    }

    #[test]
    fn elements_are_sorted_by_their_rows((table, arity, _) in any_table()) {
        let sorted_rows = |element: u32| {
            let mut rows = table[element as usize * arity..][..arity].to_vec();
            rows.sort_unstable();
            rows
        };
        let mut expected: Vec<u32> = (0..(table.len() / arity) as u32).collect();
        expected.sort_by_key(|&element| sorted_rows(element));
        prop_assert_eq!(order_by_rows(&table, arity), expected);
    }

    #[test]
    fn the_hilbert_curve_meets_each_point_once(
        plane in prop::collection::vec([-1e3..1e3, -1e3..1e3], 0..200),
        space in prop::collection::vec([any::<f64>(), any::<f64>(), any::<f64>()], 0..200),
    ) {
        prop_assert_eq!(Permutation::new(hilbert::<2>(&plane)).unwrap().len(), plane.len());
        prop_assert_eq!(Permutation::new(hilbert::<3>(&space)).unwrap().len(), space.len());
    }

    #[test]
    fn renumberings_compose_and_come_back(
        (a, b) in (0_u32..50).prop_flat_map(|len| (shuffled(len), shuffled(len)))
    ) {
        let (a, b) = (Permutation::new(a).unwrap(), Permutation::new(b).unwrap());
        let rows: Vec<u64> = (0..2 * a.len() as u64).collect();
        let both = a.then(&b).unwrap();
        let in_turn = b.apply(&a.apply(&rows, 2).unwrap(), 2).unwrap();
        prop_assert_eq!(both.apply(&rows, 2).unwrap(), in_turn);
        prop_assert_eq!(both.then(&both.inverse()).unwrap(), Permutation::identity(a.len() as u32));
        prop_assert_eq!(Permutation::new(both.to_old().to_vec()).unwrap(), both);
    }
}
