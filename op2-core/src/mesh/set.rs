//! Sets of mesh elements and sorted subsets of them.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, PoisonError, RwLock};

use crate::base::error::{Error, Result};
use crate::mesh::home::{Home, Registry, enlist, fresh_id};
use crate::mesh::mirror::Kept;
use crate::mesh::ordering::Permutation;

/// A marker type that names a set to the compiler; made by `op2::sets!`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the marker of a set",
    label = "declare markers with `op2::sets! {{ pub Cells; }}`"
)]
pub trait SetMarker: Send + Sync + 'static {
    /// The marker's name, the default name of its sets.
    const NAME: &'static str;
}

/// What is known of a set, whatever its marker.
pub struct SetCore {
    /// Distinguishes sets.
    pub id: u64,
    /// For messages and reports.
    pub name: String,
    /// How many elements.
    pub size: usize,
    /// The context it belongs to.
    pub home: Arc<Home>,
    order: RwLock<Option<Arc<Permutation>>>,
    /// What a device keeps of the order.
    pub kept: Kept,
}

impl SetCore {
    /// How the set was renumbered, if it was: `to_old[local] = user`, `to_new[user] = local`.
    pub fn order(&self) -> Option<Arc<Permutation>> {
        self.order.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Records a renumbering of the whole set; the caller moves the data.
    pub(crate) fn set_order(&self, order: Arc<Permutation>) {
        *self.order.write().unwrap_or_else(PoisonError::into_inner) = Some(order);
    }

    /// The user's number of a local element.
    pub fn user_number(&self, local: usize) -> usize {
        self.order().map_or(local, |order| order.to_old()[local] as usize)
    }
}

impl fmt::Debug for SetCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "set `{}` of {}", self.name, self.size)
    }
}

/// A set of mesh elements: nodes, edges, cells. Cheap to clone; a clone is the same set.
pub struct Set<S> {
    core: Arc<SetCore>,
    marker: PhantomData<fn() -> S>,
}

impl<S> Clone for Set<S> {
    fn clone(&self) -> Self {
        Self { core: self.core.clone(), marker: PhantomData }
    }
}

impl<S> fmt::Debug for Set<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(f)
    }
}

impl<S: SetMarker> Set<S> {
    /// Declares a set of `size` elements.
    ///
    /// # Errors
    /// More than `u32::MAX - 1` elements: local indices are 32 bits wide.
    #[doc(hidden)]
    pub fn declare(home: &Arc<Home>, name: Option<&str>, size: usize) -> Result<Self> {
        let mut registry = home.registry();
        let name = match name {
            Some(name) => name.to_owned(),
            None => free_name(S::NAME, |name| {
                registry.sets.iter().filter_map(std::sync::Weak::upgrade).any(|s| s.name == name)
            }),
        };
        if size >= u32::MAX as usize {
            return Err(Error::declaration(
                "set",
                name,
                format!("{size} elements: one process holds at most {}", u32::MAX - 1),
            ));
        }
        let core = Arc::new(SetCore {
            id: fresh_id(),
            name,
            size,
            home: home.clone(),
            order: RwLock::default(),
            kept: Kept::default(),
        });
        enlist(&mut registry.sets, &core);
        Ok(Self { core, marker: PhantomData })
    }
}

/// `base`, or `base#2`, `base#3`, ... : several meshes may use one marker.
pub(crate) fn free_name(base: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(base) {
        return base.to_owned();
    }
    let mut copy = 2;
    while taken(&format!("{base}#{copy}")) {
        copy += 1;
    }
    format!("{base}#{copy}")
}

impl<S> Set<S> {
    /// A handle of a set whose marker is known to be `S`.
    pub(crate) fn of_core(core: Arc<SetCore>) -> Self {
        Self { core, marker: PhantomData }
    }

    /// How many elements the set has.
    pub fn size(&self) -> usize {
        self.core.size
    }

    /// The set's name.
    pub fn name(&self) -> &str {
        &self.core.name
    }

    /// The renumbering made by `reorder`, if any: the element numbered `local` inside op2 is the
    /// user's element `to_old[local]`.
    pub fn permutation(&self) -> Option<Arc<Permutation>> {
        self.core.order()
    }

    /// What is known of the set, whatever its marker.
    #[doc(hidden)]
    pub fn core(&self) -> &Arc<SetCore> {
        &self.core
    }
}

/// What is known of a subset, whatever its marker.
pub struct SubsetCore {
    /// Distinguishes subsets.
    pub id: u64,
    /// For messages and reports.
    pub name: String,
    /// The whole set.
    pub set: Arc<SetCore>,
    indices: RwLock<Arc<[u32]>>,
    /// What a device keeps of the elements.
    pub kept: Kept,
}

impl SubsetCore {
    /// The elements in local numbering, rising.
    pub fn indices(&self) -> Arc<[u32]> {
        self.indices.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Follows a renumbering: `to_new[old local] = new local`.
    pub(crate) fn renumber(&self, to_new: &[u32]) {
        let mut indices: Vec<u32> = self.indices().iter().map(|&i| to_new[i as usize]).collect();
        indices.sort_unstable();
        *self.indices.write().unwrap_or_else(PoisonError::into_inner) = indices.into();
    }
}

impl fmt::Debug for SubsetCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "subset `{}` of {} in {:?}", self.name, self.indices().len(), self.set)
    }
}

/// Part of a set: its elements are sorted and unique. A loop can run over it.
pub struct Subset<S> {
    core: Arc<SubsetCore>,
    marker: PhantomData<fn() -> S>,
}

impl<S> Clone for Subset<S> {
    fn clone(&self) -> Self {
        Self { core: self.core.clone(), marker: PhantomData }
    }
}

impl<S> fmt::Debug for Subset<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(f)
    }
}

impl<S> Subset<S> {
    /// Declares the subset of `set` with the given elements (the user's numbering, any order;
    /// an element named twice counts once).
    ///
    /// # Errors
    /// An element beyond the set; all sets hold `0..size`.
    #[doc(hidden)]
    pub fn declare(set: &Set<S>, name: &str, indices: &[u32]) -> Result<Self> {
        let size = set.size();
        if let Some((at, &value)) = indices.iter().enumerate().find(|&(_, &i)| i as usize >= size) {
            return Err(Error::declaration(
                "subset",
                name,
                format!("entry {at}: value {value} is not in set `{}` of size {size}", set.name()),
            ));
        }
        let mut registry = set.core.home.registry();
        let local = match set.core.order() {
            Some(order) => indices.iter().map(|&i| order.to_new()[i as usize]).collect(),
            None => indices.to_vec(),
        };
        Ok(Self::from_local(&mut registry, &set.core, name, local))
    }

    /// Who holds the registry knows that the local numbers are still the present ones.
    fn from_local(
        registry: &mut Registry,
        set: &Arc<SetCore>,
        name: &str,
        mut indices: Vec<u32>,
    ) -> Self {
        indices.sort_unstable();
        indices.dedup();
        let core = Arc::new(SubsetCore {
            id: fresh_id(),
            name: name.to_owned(),
            set: set.clone(),
            indices: RwLock::new(indices.into()),
            kept: Kept::default(),
        });
        enlist(&mut registry.subsets, &core);
        Self { core, marker: PhantomData }
    }

    /// How many elements the subset has.
    pub fn size(&self) -> usize {
        self.core.indices().len()
    }

    /// The subset's name.
    pub fn name(&self) -> &str {
        &self.core.name
    }

    /// The elements in the user's numbering, rising.
    pub fn indices(&self) -> Vec<u32> {
        // No renumbering comes between the two.
        let _registry = self.core.set.home.registry();
        let mut indices = self.core.indices().to_vec();
        if let Some(order) = self.core.set.order() {
            indices.iter_mut().for_each(|i| *i = order.to_old()[*i as usize]);
            indices.sort_unstable();
        }
        indices
    }

    /// The elements of either.
    ///
    /// # Errors
    /// Subsets of different sets.
    pub fn union(&self, other: &Self) -> Result<Self> {
        self.combine(other, "union", |a, b| a || b)
    }

    /// The elements of both.
    ///
    /// # Errors
    /// Subsets of different sets.
    pub fn intersection(&self, other: &Self) -> Result<Self> {
        self.combine(other, "intersection", |a, b| a && b)
    }

    /// The elements of this one that the other lacks.
    ///
    /// # Errors
    /// Subsets of different sets.
    pub fn difference(&self, other: &Self) -> Result<Self> {
        self.combine(other, "difference", |a, b| a && !b)
    }

    /// The elements of exactly one of the two.
    ///
    /// # Errors
    /// Subsets of different sets.
    pub fn symmetric_difference(&self, other: &Self) -> Result<Self> {
        self.combine(other, "symmetric difference", |a, b| a != b)
    }

    /// The elements of the set that are not in the subset.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut registry = self.core.set.home.registry();
        let inside = self.core.indices();
        let all = 0..self.core.set.size as u32;
        let outside = all.filter(|i| inside.binary_search(i).is_err()).collect();
        let name = format!("complement of {}", self.name());
        Self::from_local(&mut registry, &self.core.set, &name, outside)
    }

    fn combine(&self, other: &Self, what: &str, keep: fn(bool, bool) -> bool) -> Result<Self> {
        let name = format!("{what} of {} and {}", self.name(), other.name());
        if self.core.set.id != other.core.set.id {
            let reason = format!(
                "`{}` is part of {:?}, `{}` of {:?}",
                self.name(),
                self.core.set,
                other.name(),
                other.core.set
            );
            return Err(Error::declaration("subset", name, reason));
        }
        let mut registry = self.core.set.home.registry();
        let (a, b) = (self.core.indices(), other.core.indices());
        let mut all: Vec<u32> = a.iter().chain(b.iter()).copied().collect();
        all.sort_unstable();
        all.dedup();
        all.retain(|i| keep(a.binary_search(i).is_ok(), b.binary_search(i).is_ok()));
        Ok(Self::from_local(&mut registry, &self.core.set, &name, all))
    }

    /// What is known of the subset, whatever its marker.
    #[doc(hidden)]
    pub fn core(&self) -> &Arc<SubsetCore> {
        &self.core
    }
}
