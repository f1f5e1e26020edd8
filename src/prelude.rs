//! Everything a mesh program needs: `use op2::prelude::*;`.

pub use crate::{
    Backend, Const, Context, Dat, Element, Global, Inc, Layout, LinearOperator, Map, Mat, Max, Min,
    Partition, Real, Reduction, Reorder, Set, SetMarker, Sparsity, Subset, Write, function, kernel,
    par_loop, prepare,
};
