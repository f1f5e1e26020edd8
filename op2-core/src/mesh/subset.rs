//! Sorted subsets of sets.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, PoisonError, RwLock};

use crate::base::comm::Comm;
use crate::base::error::{Error, Result};
use crate::base::wire::agree;
use crate::mesh::home::fresh_id;
use crate::mesh::mirror::Kept;
use crate::mesh::registry::{Registry, enlist};
use crate::mesh::set::{Set, SetCore};

/// What is known of a subset, whatever its marker.
pub struct SubsetCore {
    /// Distinguishes subsets.
    pub id: u64,
    /// For messages and reports.
    pub name: String,
    /// The whole set.
    pub set: Arc<SetCore>,
    indices: RwLock<Arc<[u32]>>,
    /// The user's numbers of all elements, rising, where ranks store parts of the set.
    whole: Option<Arc<[u32]>>,
    /// What a device keeps of the elements.
    pub kept: Kept,
}

impl SubsetCore {
    /// The elements that are stored here, in local numbering, rising.
    pub fn indices(&self) -> Arc<[u32]> {
        self.indices.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Follows a renumbering: `to_new[old local] = new local`.
    pub(crate) fn renumber(&self, to_new: &[u32]) {
        self.replace(self.indices().iter().map(|&i| to_new[i as usize]).collect());
    }

    /// Looks for its elements among those that this rank stores now.
    pub(crate) fn find_again(&self) {
        if let Some(whole) = &self.whole {
            self.replace(stored(&self.set, whole));
        }
    }

    fn replace(&self, mut indices: Vec<u32>) {
        indices.sort_unstable();
        *self.indices.write().unwrap_or_else(PoisonError::into_inner) = indices.into();
    }

    /// How many elements, on all ranks together.
    fn size(&self) -> usize {
        self.whole.as_ref().map_or_else(|| self.indices().len(), |whole| whole.len())
    }

    /// The user's numbers of all elements, rising. Who holds the registry knows that they fit.
    fn users(&self) -> Vec<u32> {
        if let Some(whole) = &self.whole {
            return whole.to_vec();
        }
        let mut indices = self.indices().to_vec();
        if let Some(order) = self.set.order() {
            indices.iter_mut().for_each(|i| *i = order.to_user()[*i as usize]);
            indices.sort_unstable();
        }
        indices
    }
}

impl fmt::Debug for SubsetCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "subset `{}` of {} in {:?}", self.name, self.size(), self.set)
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
    /// an element named twice, also by several ranks, counts once). Collective.
    ///
    /// # Errors
    /// An element beyond the set; all sets hold `0..size`.
    #[doc(hidden)]
    pub fn declare(set: &Set<S>, name: &str, indices: &[u32]) -> Result<Self> {
        let set = set.core();
        let inside = check_indices(set, name, indices);
        let users = match set.home.comm() {
            None => inside.map(|()| indices.to_vec()),
            Some(comm) => agree(&**comm, inside).and_then(|()| united(&**comm, indices)),
        }?;
        Ok(Self::from_users(&mut set.home.registry(), set, name, users))
    }

    /// Who holds the registry knows that the local numbers are still the present ones.
    fn from_users(
        registry: &mut Registry,
        set: &Arc<SetCore>,
        name: &str,
        mut users: Vec<u32>,
    ) -> Self {
        users.sort_unstable();
        users.dedup();
        let mut local = stored(set, &users);
        local.sort_unstable();
        let core = Arc::new(SubsetCore {
            id: fresh_id(),
            name: name.to_owned(),
            set: set.clone(),
            indices: RwLock::new(local.into()),
            whole: set.home.comm().is_some().then(|| users.into()),
            kept: Kept::default(),
        });
        enlist(&mut registry.subsets, &core);
        Self { core, marker: PhantomData }
    }

    /// How many elements the subset has, on all ranks together.
    pub fn size(&self) -> usize {
        self.core.size()
    }

    /// The subset's name.
    pub fn name(&self) -> &str {
        &self.core.name
    }

    /// The elements in the user's numbering, rising.
    pub fn indices(&self) -> Vec<u32> {
        // No renumbering comes between the two.
        let _registry = self.core.set.home.registry();
        self.core.users()
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
        let inside = self.core.users();
        let all = 0..self.core.set.size as u32;
        let outside = all.filter(|i| inside.binary_search(i).is_err()).collect();
        let name = format!("complement of {}", self.name());
        Self::from_users(&mut registry, &self.core.set, &name, outside)
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
        let (a, b) = (self.core.users(), other.core.users());
        let mut all: Vec<u32> = a.iter().chain(b.iter()).copied().collect();
        all.sort_unstable();
        all.dedup();
        all.retain(|i| keep(a.binary_search(i).is_ok(), b.binary_search(i).is_ok()));
        Ok(Self::from_users(&mut registry, &self.core.set, &name, all))
    }

    /// What is known of the subset, whatever its marker.
    #[doc(hidden)]
    pub fn core(&self) -> &Arc<SubsetCore> {
        &self.core
    }
}

fn check_indices(set: &SetCore, name: &str, indices: &[u32]) -> Result<()> {
    let outside = indices.iter().enumerate().find(|&(_, &i)| i as usize >= set.size);
    let Some((at, &value)) = outside else { return Ok(()) };
    let reason =
        format!("entry {at}: value {value} is not in set `{}` of size {}", set.name, set.size);
    Err(Error::declaration("subset", name, reason))
}

/// What any rank names. Collective.
fn united(comm: &dyn Comm, indices: &[u32]) -> Result<Vec<u32>> {
    let mut mine = indices.to_vec();
    mine.sort_unstable();
    mine.dedup();
    let all = comm.all_gather(bytemuck::cast_slice(&mine))?;
    Ok(all.iter().flat_map(|bytes| bytemuck::pod_collect_to_vec::<u8, u32>(bytes)).collect())
}

/// The local numbers of those elements that are stored here.
fn stored(set: &SetCore, users: &[u32]) -> Vec<u32> {
    match set.order() {
        Some(order) => users.iter().filter_map(|&user| order.local(user)).collect(),
        None => users.to_vec(),
    }
}
