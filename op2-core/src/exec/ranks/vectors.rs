//! Rows of the vectors of products: they travel as those of dats in loops do.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use crate::base::comm::{Ends, Progress};
use crate::base::error::{Error, Result};
use crate::device::halo::Part;
use crate::dist::exchange::Item;
use crate::dist::halo::{Halo, HaloOf};
use crate::dist::needs::Lists;
use crate::exec::engine::Engine;
use crate::exec::ranks::values::{Stale, bring};
use crate::exec::ranks::{Ranks, Way};
use crate::matrix::neighbors::{Contributions, Neighbors, Wanted};
use crate::mesh::dat_core::DatCore;
use crate::mesh::set::SetCore;

/// Marks the way back among the ways to exchange.
pub(super) const BACK: u64 = 1 << 63;

/// Knows how rows travel in every context on ranks.
pub(crate) struct Vectors;

impl Neighbors for Vectors {
    fn bring(
        &self,
        wanted: Wanted<'_>,
        vector: &DatCore,
        meanwhile: &mut dyn FnMut(Progress<'_>) -> Result<()>,
    ) -> Result<()> {
        let ranks = ranks(wanted.set)?;
        let (number, lists) = ranks.need(wanted)?;
        if vector.halo.is_fresh(|arrived| ranks.known().needs.serves(arrived, number)) {
            return meanwhile(None);
        }
        let stale = Stale { part: Part { dat: vector, lists: &lists }, need: number };
        let engine: &Engine = wanted.set.home.engine();
        // SAFETY: products are computed in the home's turn, of vectors that no guard writes, and change
        // others.
        unsafe { bring(ranks, engine, &[stale], meanwhile)? }
    }

    fn send_back(
        &self,
        wanted: Wanted<'_>,
        row_bytes: usize,
        sums: &mut dyn Contributions,
    ) -> Result<()> {
        let ranks = ranks(wanted.set)?;
        let (number, lists) = ranks.need(wanted)?;
        let Lists { import, export } = (*lists).clone();
        let back = Arc::new(Lists { import: export, export: import });
        let open = ranks.way(&[(number | BACK, Item { lists: back, row_bytes })], None)?;
        let Way { exchange, .. } = &mut *open.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = exchange.start(BACK, Ends::default(), |rows, message| {
            sums.pack(rows.numbers, message);
            Ok(())
        })?;
        ranks.traffic.sent(sent, Ends::default());
        let waiting = Instant::now();
        exchange.finish(Ends::default(), |rows, message| {
            sums.add(rows.numbers, message);
            Ok(())
        })?;
        ranks.traffic.waited(Duration::ZERO, waiting.elapsed());
        Ok(())
    }

    fn owners(&self, set: &SetCore, halo: &[u32]) -> Vec<usize> {
        let Ok(ranks) = ranks(set) else { return Vec::new() };
        let Some(owners) = ranks.known().owners.get(&set.id).cloned() else { return Vec::new() };
        let of = HaloOf { set, owners: &owners };
        halo.iter().map(|&row| of.owner(row)).collect()
    }
}

fn ranks(set: &SetCore) -> Result<&Ranks> {
    let engine: &Engine = set.home.engine();
    engine.ranks.as_ref().ok_or_else(|| Error::other("there is one rank only"))
}

impl Ranks {
    /// The number of the need for wanted rows, and its lists; found when first asked for: collective
    /// then.
    fn need(&self, wanted: Wanted<'_>) -> Result<(u64, Arc<Lists>)> {
        let mut known = self.known();
        if let Some((number, lists)) = known.vectors.get(&wanted.key) {
            return Ok((*number, lists.clone()));
        }
        let owners =
            known.owners.get(&wanted.set.id).cloned().ok_or_else(|| {
                Error::other(format!("{:?} has no numbers on ranks yet", wanted.set))
            })?;
        let halo = HaloOf { set: wanted.set, owners: &owners };
        let need = known.needs.find(&*self.comm, halo, wanted.rows)?;
        known.vectors.insert(wanted.key, need.clone());
        Ok(need)
    }
}
