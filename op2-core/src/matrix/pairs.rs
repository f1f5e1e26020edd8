//! Pairs of maps, as users list them: what a sparsity is made from.

use std::sync::Arc;

use crate::mesh::map::{Map, MapCore};

/// A map to the rows and a map to the columns, from the same set.
pub type MapPair = (Arc<MapCore>, Arc<MapCore>);

/// Pairs of maps, all to the same two sets: one pair `(&rows, &cols)`, a slice or array of pairs
/// of one type, or a tuple of pairs of different arities or sets.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a pair, or a list of pairs, of maps",
    note = "a pair is `(&rows, &cols)`: two maps from the same set; pairs of different arities go in a tuple"
)]
pub trait MapPairs {
    /// The set of the rows.
    type Rows;
    /// The set of the columns.
    type Cols;
    /// The pairs, in the order given.
    fn pairs(&self) -> Vec<MapPair>;
}

impl<F, R, C, const A: usize, const B: usize> MapPairs for (&Map<F, R, A>, &Map<F, C, B>) {
    type Rows = R;
    type Cols = C;
    fn pairs(&self) -> Vec<MapPair> {
        vec![(self.0.core().clone(), self.1.core().clone())]
    }
}

impl<P: MapPairs> MapPairs for [P] {
    type Rows = P::Rows;
    type Cols = P::Cols;
    fn pairs(&self) -> Vec<MapPair> {
        self.iter().flat_map(P::pairs).collect()
    }
}

impl<P: MapPairs, const N: usize> MapPairs for [P; N] {
    type Rows = P::Rows;
    type Cols = P::Cols;
    fn pairs(&self) -> Vec<MapPair> {
        self.as_slice().pairs()
    }
}

macro_rules! tuples_of_pairs {
    ($($first:ident $(, $rest:ident)+;)*) => {$(
        impl<$first, $($rest),+> MapPairs for ($first, $($rest),+)
        where
            $first: MapPairs,
            $($rest: MapPairs<Rows = $first::Rows, Cols = $first::Cols>),+
        {
            type Rows = $first::Rows;
            type Cols = $first::Cols;
            #[allow(non_snake_case)]
            fn pairs(&self) -> Vec<MapPair> {
                let ($first, $($rest),+) = self;
                let mut all = $first.pairs();
                $(all.extend($rest.pairs());)+
                all
            }
        }
    )*};
}

tuples_of_pairs! {
    P1, P2;
    P1, P2, P3;
    P1, P2, P3, P4;
}
