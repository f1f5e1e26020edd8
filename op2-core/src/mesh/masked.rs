//! Maps of which a part is left out: for matrices that are not to get some rows or columns.

use std::fmt;
use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::mesh::map::{Map, MapCore};
use crate::mesh::subset::{Subset, SubsetCore};

/// A map that leads nowhere where it would lead to a masked element. Loops add to matrices through
/// it: what goes to a masked row or column is dropped. A clone is the same masked map.
///
/// This is how boundary conditions are set while assembling: the rows (and columns) of the nodes
/// whose values are known stay zero, and get a diagonal afterwards. What PyOP2 says with `lgmaps`.
pub struct Masked<F, T, const ARITY: usize> {
    map: Map<F, T, ARITY>,
    mask: Subset<T>,
}

impl<F, T, const ARITY: usize> Map<F, T, ARITY> {
    /// The map without the entries that lead to elements of `mask`.
    ///
    /// # Errors
    /// A subset of another set than the one that the map leads to.
    pub fn without(&self, mask: &Subset<T>) -> Result<Masked<F, T, ARITY>> {
        let (map, subset) = (self.core(), mask.core());
        if map.to.id != subset.set.id {
            let reason =
                format!("{subset:?} cannot be left out of it: the map leads to {:?}", map.to);
            return Err(Error::declaration("map", &map.name, reason));
        }
        Ok(Masked { map: self.clone(), mask: mask.clone() })
    }
}

impl<F, T, const ARITY: usize> Masked<F, T, ARITY> {
    /// The whole map.
    #[doc(hidden)]
    pub fn map(&self) -> &Arc<MapCore> {
        self.map.core()
    }

    /// Where it leads nowhere.
    #[doc(hidden)]
    pub fn mask(&self) -> &Arc<SubsetCore> {
        self.mask.core()
    }
}

impl<F, T, const ARITY: usize> Clone for Masked<F, T, ARITY> {
    fn clone(&self) -> Self {
        Self { map: self.map.clone(), mask: self.mask.clone() }
    }
}

impl<F, T, const ARITY: usize> fmt::Debug for Masked<F, T, ARITY> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} without {:?}", self.map, self.mask)
    }
}
