//! Orders of loops, made once and kept with their arrays on the device.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::error::Result;
use crate::base::lasting::{Lasting, Needed};
use crate::device::accelerator::Accelerator;
use crate::device::api::Atomics;
use crate::device::call::{Call, table_key};
use crate::device::order::leaves::{atomic, exact};
use crate::device::order::of_loop::with_request;
use crate::device::order::{Flaw, Limits, Order, Request, Staging, audit, order};
use crate::device::storage::{Array, Store};
use crate::device::targets::Target;
use crate::par_loop::arg::DataRef;

/// What an order depends on.
type Key = Vec<u64>;

/// The orders of one context.
#[derive(Default)]
pub(super) struct Orders(Mutex<HashMap<Key, Lasting<Ordered>>>);

/// An order that is kept as long as the subset, the maps and the places in matrices that it depends on.
fn lasting(call: &Call<'_>, ordered: Arc<Ordered>) -> Lasting<Ordered> {
    let mut needs = call.the_loop.depends_on(|arg| arg.access.writes());
    needs.extend(call.places.iter().flatten().map(|places| places.clone() as Needed));
    Lasting::new(ordered, &needs)
}

/// The order of a loop, with its arrays on the device.
pub struct Ordered {
    /// The order.
    pub order: Order,
    /// The elements, color by color.
    pub(super) elements: Option<Array>,
    pub(super) staging: Option<StagingArrays>,
}

/// The arrays of a staging.
pub(super) struct StagingArrays {
    pub(super) blocks: Array,
    pub(super) colors: Array,
    pub(super) num_colors: Array,
    pub(super) targets: Vec<TargetArrays>,
}

/// The arrays of a staged target.
pub(super) struct TargetArrays {
    pub(super) offsets: Array,
    pub(super) rows: Array,
    pub(super) places: Array,
}

impl Ordered {
    /// The arrays of the target that argument `first` of this call is the first to name.
    pub(super) fn staged(&self, call: &Call<'_>, first: usize) -> Option<&TargetArrays> {
        let target = call.targets.iter().position(|target| target.first == first)?;
        self.staging.as_ref()?.targets.get(target)
    }
}

impl Orders {
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Accelerator {
    /// The order of a loop; the flag says whether it was made just now.
    ///
    /// # Errors
    /// The device has no room for it.
    pub(crate) fn order(&self, call: &Call<'_>) -> Result<(Arc<Ordered>, bool)> {
        let key = self.key(call);
        let mut orders = self.orders.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = orders.get(&key) {
            return Ok((known.value().clone(), false));
        }
        orders.retain(|_, entry| entry.is_needed());
        let made = Arc::new(self.bring_order(self.find_order(call))?);
        orders.insert(key, lasting(call, made.clone()));
        Ok((made, true))
    }

    fn bring_order(&self, order: Order) -> Result<Ordered> {
        Ok(Ordered {
            elements: (!order.elements.is_empty())
                .then(|| self.store.words("the order of a loop", &order.elements))
                .transpose()?,
            staging: order
                .staging
                .as_ref()
                .map(|staging| arrays(&self.store, staging))
                .transpose()?,
            order,
        })
    }

    /// Puts an order in place of the right one, to see whether it is noticed.
    #[cfg(test)]
    pub(crate) fn plant(&self, call: &Call<'_>, order: Order) -> Result<()> {
        let planted = lasting(call, Arc::new(self.bring_order(order)?));
        self.orders.0.lock().unwrap().insert(self.key(call), planted);
        Ok(())
    }

    fn find_order(&self, call: &Call<'_>) -> Order {
        let facts = self.facts();
        let wish = self.settings.races.of(call.the_loop.kernel().name);
        // Blocks are groups, which combine their results in halves.
        let group = 1 << facts.usual_group.min(facts.max_group).max(1).ilog2();
        let limits = Limits { local_bytes: facts.local_bytes, group, wish };
        let find = |request: &Request<'_>| order(request, &limits);
        // SAFETY: loops are ordered in the home's turn.
        unsafe { with_request(call, facts.atomics, find) }
    }

    /// Checks an order by an independent method.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn audit(&self, call: &Call<'_>, ordered: &Ordered) -> Result<(), Flaw> {
        let check = |request: &Request<'_>| audit(request, &ordered.order);
        let atomics = self.facts().atomics;
        // SAFETY: loops run in the home's turn.
        unsafe { with_request(call, atomics, check) }
    }

    fn key(&self, call: &Call<'_>) -> Key {
        let the_loop = call.the_loop;
        let wish = self.settings.races.of(the_loop.kernel().name);
        let space = the_loop.space;
        let mut key = vec![
            space.set.home.numbering(),
            space.subset.map_or(space.set.id, |subset| subset.id),
            // With the tables that follow: copies of others' elements are those that change rows through them.
            call.piece as u64,
            wish as u64,
            the_loop.calls() as u64,
        ];
        for target in call.targets {
            key.extend([u64::MAX, target.access as u64, row_kind(call, target)]);
            for reach in &target.reaches {
                key.push(u64::MAX - 1);
                key.extend(table_key(&the_loop.args[reach.arg]));
                key.push(reach.columns.len() as u64);
                key.extend(reach.columns.iter().map(|&column| column as u64));
            }
        }
        key
    }
}

/// What matters of a target's rows.
fn row_kind(call: &Call<'_>, target: &Target) -> u64 {
    let (kind, bytes) = match call.the_loop.args[target.first].data {
        DataRef::Dat(dat) => (dat.kind, dat.bytes),
        DataRef::Mat(mat) => (mat.kind, mat.bytes),
        _ => return 0,
    };
    let exact = exact(&kind, target.access);
    let whole = atomic(&kind, Atomics { swap_64: true, native_add: true });
    let half = atomic(&kind, Atomics::default());
    (bytes as u64) << 3 | u64::from(exact) << 2 | u64::from(whole) << 1 | u64::from(half)
}

fn arrays(store: &Store, staging: &Staging) -> Result<StagingArrays> {
    let words = |words: &[u32]| store.words("the order of a loop", words);
    let target = |target: &crate::device::order::StagedTarget| {
        Ok(TargetArrays {
            offsets: words(&target.offsets)?,
            rows: words(&target.rows)?,
            places: store.words("the order of a loop", &target.places)?,
        })
    };
    Ok(StagingArrays {
        blocks: words(&staging.blocks)?,
        colors: store.words("the order of a loop", &staging.colors)?,
        num_colors: words(&staging.num_colors)?,
        targets: staging.targets.iter().map(target).collect::<Result<_>>()?,
    })
}
