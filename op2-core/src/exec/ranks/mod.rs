//! Loops on several ranks: which elements run where and when, and which values travel before.
//!
//! Every rank runs a loop over the elements that it owns, and over copies of others' where these change
//! rows of its own. Halo values that are stale are on their way while elements run that need none.

mod needs;
pub(crate) mod places;
mod reduce;
pub(crate) mod run;
#[forbid(unsafe_code)]
mod same_loop;
mod shape;
pub(crate) mod stale;
mod traffic;
mod values;
pub(crate) mod vectors;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::comm::Comm;
use crate::base::error::Result;
use crate::dist::distribute::{Owners, Wishes, distribute};
use crate::dist::exchange::{Exchange, Item};
use crate::dist::needs::Lists;
use crate::exec::ranks::needs::Needs;
use crate::exec::ranks::shape::Shape;
use crate::mesh::home::Home;

pub use traffic::Traffic;

/// What a context knows of its ranks and of what they exchange.
pub(crate) struct Ranks {
    pub(crate) comm: Arc<dyn Comm>,
    /// The state of the topology for which everything here holds.
    settled: AtomicU64,
    known: Mutex<Known>,
    pub(crate) traffic: traffic::Counters,
}

/// What depends on the numbering.
#[derive(Default)]
struct Known {
    owners: Owners,
    needs: Needs,
    shapes: HashMap<Vec<u64>, Arc<Shape>>,
    /// Needs of products, by what asks for them.
    vectors: HashMap<u64, (u64, Arc<Lists>)>,
    exchanges: HashMap<Vec<(u64, usize)>, Arc<Mutex<Exchange>>>,
    /// Exchanges opened so far, those forgotten included.
    opened: u64,
}

impl Ranks {
    pub(crate) fn new(comm: Arc<dyn Comm>) -> Self {
        Self {
            comm,
            settled: AtomicU64::new(0),
            known: Mutex::default(),
            traffic: traffic::Counters::default(),
        }
    }

    /// Whether sets or maps were declared since numbers were settled.
    pub(crate) fn is_settled(&self, home: &Home) -> bool {
        self.settled.load(Ordering::Acquire) == home.topology()
    }

    /// Moves and numbers everything. Collective; the turn is held.
    pub(crate) fn distribute(&self, home: &Home, wishes: &Wishes) -> Result<()> {
        let topology = home.topology();
        let owners = distribute(home, &*self.comm, wishes)?;
        let mut known = self.known();
        *known = Known { owners, opened: known.opened, ..Known::default() };
        self.settled.store(topology, Ordering::Release);
        Ok(())
    }

    /// The owners of the halo of each set that has numbers on ranks.
    pub(crate) fn owners(&self) -> Owners {
        self.known().owners.clone()
    }

    /// The way for these rows; opened when first asked for. Collective then.
    fn exchange(&self, items: &[(u64, Item)]) -> Result<Arc<Mutex<Exchange>>> {
        let key: Vec<_> = items.iter().map(|(need, item)| (*need, item.row_bytes)).collect();
        let mut known = self.known();
        if let Some(open) = known.exchanges.get(&key) {
            return Ok(open.clone());
        }
        let items = items.iter().map(|(_, item)| item.clone()).collect();
        known.opened += 1;
        let open = Arc::new(Mutex::new(Exchange::open(&*self.comm, items, known.opened)?));
        known.exchanges.insert(key, open.clone());
        Ok(open)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
