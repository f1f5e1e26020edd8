//! A context's device, and all that is kept for it from loop to loop.

use std::sync::{Arc, Mutex, PoisonError};

use crate::base::config::Settings;
use crate::base::device_settings::DeviceSettings;
use crate::base::error::Result;
use crate::base::layout::Layout;
use crate::base::profile::{EntryId, Profile};
use crate::device::api::{Device, Event, Facts, Runner};
use crate::device::halo::Halos;
use crate::device::orders::Orders;
use crate::device::product::Products;
use crate::device::programs::Programs;
use crate::device::storage::Store;
use crate::device::transfers::Transfers;

/// So many measured calls are kept before their times are asked for.
const MOST_PENDING: usize = 256;

/// A call whose launches were measured.
type Timed = (EntryId, Vec<Box<dyn Event>>);

/// A context's device.
pub struct Accelerator {
    pub(super) store: Store,
    pub(super) settings: DeviceSettings,
    pub(super) orders: Orders,
    pub(super) programs: Programs,
    pub(super) products: Products,
    pub(super) halos: Halos,
    /// Calls whose times were not asked for yet.
    pending: Mutex<Vec<Timed>>,
}

impl Accelerator {
    /// A device, and settings for it.
    pub fn new(device: Box<dyn Device>, settings: &Settings) -> Self {
        Self {
            store: Store::new(device.into()),
            settings: settings.device.clone(),
            orders: Orders::default(),
            programs: Programs::default(),
            products: Products::default(),
            halos: Halos::default(),
            pending: Mutex::default(),
        }
    }

    /// What the device is like.
    pub fn facts(&self) -> &Facts {
        self.store.device.facts()
    }

    /// The device itself.
    pub fn device(&self) -> &Arc<dyn Device> {
        &self.store.device
    }

    /// Copies between host and device, so far.
    pub fn transfers(&self) -> Transfers {
        self.store.counters.now()
    }

    /// Forgets what depends on the numbering.
    pub fn renumbered(&self) {
        self.orders.clear();
        self.halos.clear();
    }

    /// How dats lie on the device.
    pub(super) fn layout(&self) -> Layout {
        self.settings.layout.unwrap_or(self.facts().layout)
    }

    /// Whether tables lie column by column: work-items side by side read side by side. The Rust code
    /// of loops knows rows only.
    pub(super) fn turns_tables(&self) -> bool {
        matches!(self.store.device.runner(), Runner::Compiler(_))
    }

    /// Keeps the events of one call until its time is asked for.
    pub(super) fn timed(&self, profile: &Profile, entry: EntryId, events: Vec<Box<dyn Event>>) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.push((entry, events));
        if pending.len() >= MOST_PENDING {
            count(profile, &mut pending);
        }
    }

    /// Waits for all launches and counts their times.
    ///
    /// # Errors
    /// The device's.
    pub fn settle(&self, profile: &Profile) -> Result<()> {
        let finished = self.store.device.finish();
        count(profile, &mut self.pending.lock().unwrap_or_else(PoisonError::into_inner));
        finished.map_err(|fault| self.store.failed("waiting for loops", fault))
    }
}

fn count(profile: &Profile, pending: &mut Vec<Timed>) {
    for (entry, events) in pending.drain(..) {
        let seconds: f64 = events.iter().filter_map(|event| event.seconds()).sum();
        if seconds > 0.0 {
            profile.add_seconds(entry, seconds);
        }
    }
}
