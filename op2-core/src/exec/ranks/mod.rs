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

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::comm::Comm;
use crate::base::error::Result;
use crate::base::lasting::Lasting;
use crate::base::wire::{agree, exchange, gather};
use crate::device::accelerator::Accelerator;
use crate::device::rooms::Rooms;
use crate::dist::distribute::{Owners, Wishes, distribute};
use crate::dist::exchange::{Exchange, Item, Messages};
use crate::dist::needs::Lists;
use crate::exec::ranks::needs::Needs;
use crate::exec::ranks::shape::Shape;
use crate::mesh::home::Home;

pub use traffic::Traffic;

/// What a context knows of its ranks and of what they exchange.
pub(crate) struct Ranks {
    pub(crate) comm: Arc<dyn Comm>,
    /// Whether messages go straight out of the memory of devices and into it; the same on all ranks.
    direct: bool,
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
    shapes: HashMap<Vec<u64>, Lasting<Shape>>,
    /// Needs of products, by what asks for them.
    vectors: HashMap<u64, (u64, Arc<Lists>)>,
    exchanges: HashMap<Vec<(u64, usize)>, Arc<Mutex<Way>>>,
    /// Exchanges opened so far, those forgotten included.
    opened: u64,
}

/// From so many needs on, those that nobody has any more are looked for.
const MANY_NEEDS: usize = 8;

impl Known {
    /// Forgets shapes of loops whose subset or maps are gone, and what no rank needs without them. Collective.
    ///
    /// A shape that one rank still has and another forgets is no danger: its key names what is gone, so that
    /// neither asks for it again.
    fn forget(&mut self, comm: &dyn Comm) -> Result<()> {
        self.shapes.retain(|_, shape| shape.is_needed());
        // As many on all ranks.
        if self.needs.len() < MANY_NEEDS {
            return Ok(());
        }
        let shapes = self.shapes.values().flat_map(|shape| &shape.value().needs);
        let in_use: HashSet<u64> = shapes
            .map(|need| need.number)
            .chain(self.vectors.values().map(|(number, _)| *number))
            .collect();
        let idle: Vec<u64> = self.needs.numbers().filter(|n| !in_use.contains(n)).collect();
        let mut idle_everywhere: HashSet<u64> = idle.iter().copied().collect();
        for theirs in gather(comm, &idle)? {
            let theirs: HashSet<u64> = theirs.into_iter().collect();
            idle_everywhere.retain(|number| theirs.contains(number));
        }
        self.needs.remove(&idle_everywhere);
        self.exchanges.retain(|way, _| {
            way.iter().all(|(number, _)| !idle_everywhere.contains(&(number & !vectors::BACK)))
        });
        Ok(())
    }
}

/// The way for some rows.
struct Way {
    exchange: Exchange,
    /// Their messages on the device, if there is one.
    rooms: Option<Rooms>,
}

impl Ranks {
    /// Collective.
    ///
    /// # Errors
    /// The settings ask for what cannot be; those of the ranks.
    pub(crate) fn new(comm: Arc<dyn Comm>, device: Option<&Accelerator>) -> Result<Self> {
        let direct = device.map_or(Ok(false), |device| device.sends_itself(&*comm));
        let all = exchange(&*comm, direct.map(|direct| vec![vec![u8::from(direct)]; comm.size()]))?;
        Ok(Self {
            comm,
            direct: all.iter().all(|direct| *direct == [1]),
            settled: AtomicU64::new(0),
            known: Mutex::default(),
            traffic: traffic::Counters::default(),
        })
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

    /// The way for these rows, with rooms on a device if one is given; opened when first asked for.
    /// Collective then.
    fn way(&self, items: &[(u64, Item)], device: Option<&Accelerator>) -> Result<Arc<Mutex<Way>>> {
        let key: Vec<_> = items.iter().map(|(need, item)| (*need, item.row_bytes)).collect();
        let mut known = self.known();
        if let Some(open) = known.exchanges.get(&key) {
            return Ok(open.clone());
        }
        let items = items.iter().map(|(_, item)| item.clone()).collect();
        known.opened += 1;
        let direct = self.direct && device.is_some();
        let messages = Messages::new(items, direct);
        let rooms = device.map(|device| device.rooms(&messages)).transpose();
        // Whoever has no memory for them says so before others wait for messages.
        let rooms = agree(&*self.comm, rooms)?;
        let shared = rooms.as_ref().filter(|_| direct).map(Rooms::shared);
        let exchange = Exchange::open(&*self.comm, messages, known.opened, shared)?;
        let open = Arc::new(Mutex::new(Way { exchange, rooms }));
        known.exchanges.insert(key, open.clone());
        Ok(open)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
