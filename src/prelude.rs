//! Everything a mesh program needs: `use op2::prelude::*;`.

pub use crate::{
    Backend, Const, Context, Dat, Element, Global, Inc, Layout, Map, Max, Min, Real, Reduction,
    Reorder, Set, SetMarker, Subset, Write, function, kernel, par_loop, prepare,
};
