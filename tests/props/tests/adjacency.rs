//! Lists per row, against their definitions.

use std::collections::BTreeSet;

use op2_core::base::csr::{Csr, CsrError};
use op2_props::meshes::random_table;
use proptest::prelude::*;

fn any_table() -> impl Strategy<Value = (Vec<u32>, usize, usize)> {
    (1_usize..5).prop_flat_map(|arity| {
        random_table(arity).prop_map(move |(table, num_rows)| (table, arity, num_rows))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pairs_are_listed_under_their_first(
        pairs in prop::collection::vec((0_u32..20, any::<u32>()), 0..200)
    ) {
        let csr = Csr::from_pairs(20, &pairs).unwrap();
        prop_assert_eq!(csr.num_entries(), pairs.len());
        for (row, list) in (0..20).zip(csr.rows()) {
            let expected: Vec<u32> =
                pairs.iter().filter(|pair| pair.0 == row).map(|pair| pair.1).collect();
            prop_assert_eq!(list, &expected[..]);
            prop_assert_eq!(csr.degree(row) as usize, expected.len());
        }
        let (offsets, values) = csr.clone().into_parts();
        prop_assert_eq!(Csr::from_parts(offsets, values), Ok(csr));
    }

    #[test]
    fn an_element_is_listed_by_the_rows_that_it_names((table, arity, num_rows) in any_table()) {
        let inverse = Csr::inverse(&table, arity, num_rows).unwrap();
        let mut pairs = Vec::new();
        for (element, rows) in (0..).zip(table.chunks_exact(arity)) {
            pairs.extend(rows.iter().map(|&row| (row, element)));
        }
        prop_assert_eq!(inverse, Csr::from_pairs(num_rows, &pairs).unwrap());
    }

    #[test]
    fn neighbors_are_the_rows_that_share_an_element((table, arity, num_rows) in any_table()) {
        let mut expected = vec![BTreeSet::new(); num_rows];
        for rows in table.chunks_exact(arity) {
            for &a in rows {
                expected[a as usize].extend(rows.iter().copied().filter(|&b| b != a));
            }
        }
        let graph = Csr::neighbors(&table, arity, num_rows).unwrap();
        prop_assert_eq!(graph.num_rows(), num_rows);
        for (found, expected) in graph.rows().zip(expected) {
            prop_assert_eq!(found, &expected.into_iter().collect::<Vec<_>>()[..]);
        }
    }

    #[test]
    fn a_row_that_does_not_exist_is_refused((mut table, arity, num_rows) in any_table()) {
        prop_assume!(!table.is_empty());
        let entry = table.len() / 2;
        table[entry] = num_rows as u32;
        let refused = Err(CsrError::OutOfRange { entry, row: num_rows as u32, num_rows });
        prop_assert_eq!(Csr::inverse(&table, arity, num_rows), refused.clone());
        prop_assert_eq!(Csr::neighbors(&table, arity, num_rows), refused);
    }
}
