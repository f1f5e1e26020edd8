//! Sets of mesh elements.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use crate::base::blocks::block_range;
use crate::base::comm::Comm;
use crate::base::error::{Error, Result};
use crate::mesh::home::{Home, fresh_id};
use crate::mesh::mirror::Kept;
use crate::mesh::numbering::{Numbering, Stored};
use crate::mesh::ordering::Permutation;
use crate::mesh::parts::{Parts, PartsCell};
use crate::mesh::registry::enlist;

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
    /// How many elements, on all ranks together.
    pub size: usize,
    /// The context it belongs to.
    pub home: Arc<Home>,
    parts: PartsCell,
    order: RwLock<Option<Arc<Numbering>>>,
    /// What a device keeps of the order.
    pub kept: Kept,
}

impl SetCore {
    /// Local numbers and the user's, where they differ.
    pub fn order(&self) -> Option<Arc<Numbering>> {
        self.order.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The renumbering of the whole set, if there is one.
    pub(crate) fn permutation(&self) -> Option<Arc<Permutation>> {
        self.order().and_then(|order| order.permutation().cloned())
    }

    /// Records a renumbering of the whole set; the caller moves the data.
    pub(crate) fn set_order(&self, order: Arc<Permutation>) {
        self.number(Numbering::Whole(order));
    }

    /// Records which elements this rank stores; the caller moves the data.
    pub(crate) fn set_stored(&self, parts: Parts, to_user: Vec<u32>) {
        debug_assert_eq!(parts.rows, to_user.len());
        self.parts.set(parts);
        self.number(Numbering::Part(Stored::new(to_user)));
    }

    fn number(&self, numbering: Numbering) {
        *self.order.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(numbering));
    }

    /// The user's number of a local element.
    pub fn user_number(&self, local: usize) -> usize {
        self.order().map_or(local, |order| order.to_user()[local] as usize)
    }

    /// The local number of a user's element; `None` where this rank does not store it.
    pub fn local_number(&self, user: u32) -> Option<u32> {
        self.order().map_or_else(
            || Some(user).filter(|&user| (user as usize) < self.size),
            |order| order.local(user),
        )
    }

    /// The user's numbers of the elements that belong to this rank, in local sequence.
    pub fn owned_users(&self) -> Vec<u32> {
        let owned = self.owned();
        let order = self.order();
        order.map_or_else(|| (0..owned as u32).collect(), |o| o.to_user()[..owned].to_vec())
    }

    /// The parts of what is stored here.
    pub fn parts(&self) -> Parts {
        self.parts.get()
    }

    /// How many elements this rank stores: its own and copies of others'. Storage of dats has so many
    /// rows. On one rank, all.
    pub fn rows(&self) -> usize {
        self.parts.rows()
    }

    /// How many elements belong to this rank: the first ones of those that it stores.
    pub fn owned(&self) -> usize {
        self.parts.owned()
    }

    /// How many elements have entries in maps here: the first ones of those stored.
    pub fn mapped(&self) -> usize {
        self.parts.exec()
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
                format!("{size} elements: a set has at most {}", u32::MAX - 1),
            ));
        }
        let (mut order, mut here) = (None, size);
        if let Some(comm) = home.comm() {
            same_size(&**comm, &name, size)?;
            let block = block_range(size as u64, comm.size(), comm.rank());
            let to_user: Vec<u32> = (block.start as u32..block.end as u32).collect();
            here = to_user.len();
            order = Some(Arc::new(Numbering::Part(Stored::new(to_user))));
        }
        let core = Arc::new(SetCore {
            id: fresh_id(),
            name,
            size,
            home: home.clone(),
            parts: PartsCell::new(Parts::owned_only(here)),
            order: RwLock::new(order),
            kept: Kept::default(),
        });
        enlist(&mut registry.sets, &core);
        home.changed_topology();
        Ok(Self { core, marker: PhantomData })
    }
}

/// That all ranks declare the same set. Collective.
fn same_size(comm: &dyn Comm, name: &str, size: usize) -> Result<()> {
    let all = comm.all_gather(&(size as u64).to_le_bytes())?;
    let sizes = all.iter().map(|bytes| bytes.as_slice().try_into().map(u64::from_le_bytes));
    for (rank, theirs) in sizes.enumerate() {
        match theirs {
            Ok(theirs) if theirs == size as u64 => {}
            theirs => {
                let theirs = theirs.map_or("another thing".to_owned(), |size| size.to_string());
                let reason = format!(
                    "{size} elements on rank {}, {theirs} on rank {rank}: all ranks declare the size of the whole set",
                    comm.rank()
                );
                return Err(Error::declaration("set", name, reason));
            }
        }
    }
    Ok(())
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

    /// How many elements the set has, on all ranks together.
    pub fn size(&self) -> usize {
        self.core.size
    }

    /// The elements that are this rank's to declare when maps and dats are given in blocks: a
    /// contiguous part of the user's numbering, the same however the set is partitioned. On one rank,
    /// all.
    pub fn block_range(&self) -> Range<usize> {
        let (ranks, rank) = self.core.home.ranks();
        let block = block_range(self.core.size as u64, ranks, rank);
        block.start as usize..block.end as usize
    }

    /// The user's numbers of the elements that belong to this rank, in the sequence in which they are
    /// stored. It changes where elements move: by `partition` and `reorder`, and when sets and maps that were
    /// declared are first used by a loop.
    pub fn owned(&self) -> Vec<u32> {
        self.core.owned_users()
    }

    /// The set's name.
    pub fn name(&self) -> &str {
        &self.core.name
    }

    /// The renumbering made by `reorder`, if any: the element numbered `local` inside op2 is the
    /// user's element `to_old[local]`. `None` where several ranks share the set.
    pub fn permutation(&self) -> Option<Arc<Permutation>> {
        self.core.permutation()
    }

    /// What is known of the set, whatever its marker.
    #[doc(hidden)]
    pub fn core(&self) -> &Arc<SetCore> {
        &self.core
    }
}
