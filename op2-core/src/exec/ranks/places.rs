//! Where elements go: partitions, and orders of what a rank has.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use crate::base::config::AutoPartition;
use crate::base::error::{Error, Result};
use crate::base::wire::agree;
use crate::dist::distribute::Wishes;
use crate::dist::owned::Owned;
use crate::dist::partition::quality::{
    MapCounts, MapQuality, Quality, SetCounts, SetQuality, num_cut,
};
use crate::dist::partition::{Partition, follow};
use crate::exec::ranks::Ranks;
use crate::mesh::home::Home;
use crate::mesh::map::MapCore;
use crate::mesh::reorder::{Reorder, Reordered, orders, spreads};
use crate::mesh::set::SetCore;

impl Ranks {
    /// Gives all sets new owners. Collective.
    pub(crate) fn partition(&self, home: &Home, request: &Partition) -> Result<Quality> {
        let _turn = home.turn()?;
        self.move_by(home, request, |_| false)?;
        self.quality(home)
    }

    /// As the settings want it, before anything is numbered. Collective; the turn is held.
    pub(crate) fn settle(&self, home: &Home, wish: AutoPartition) -> Result<()> {
        let known = self.owners();
        let new = |set: &SetCore| !known.contains_key(&set.id);
        match wish {
            AutoPartition::Blocks => self.distribute(home, &Wishes::default()),
            AutoPartition::Scattered => {
                let owned = Owned::now(home);
                let sets = owned.all.sets.iter().zip(&owned.users);
                let ranks = sets.filter(|(set, _)| new(set)).map(|(set, users)| {
                    let scatter = |&user: &u64| scattered(user, self.comm.size());
                    (set.id, users.iter().map(scatter).collect())
                });
                let wishes = Wishes { ranks: ranks.collect(), ..Wishes::default() };
                self.distribute(home, &wishes)
            }
            AutoPartition::Kway => {
                let all = home.registry().alive();
                // What is partitioned stays: new meshes only are looked at.
                let fresh = |map: &&Arc<MapCore>| new(&map.from) && new(&map.to);
                let between = all.maps.iter().filter(|map| map.arity > 1).filter(fresh);
                match between.max_by_key(|map| map.from.size * map.arity) {
                    Some(map) => self.move_by(home, &Partition::kway_of(map), |set| !new(set)),
                    None => self.distribute(home, &Wishes::default()),
                }
            }
        }
    }

    /// Gives new owners to all sets but those that stay.
    fn move_by(
        &self,
        home: &Home,
        request: &Partition,
        stays: impl Fn(&SetCore) -> bool,
    ) -> Result<()> {
        belongs(home, request)?;
        let lead = request.lead();
        let owned = Owned::now(home);
        let (sets, maps) = (owned.sets(), owned.maps());
        let place = owned.all.place(lead);
        let rows = |map: &MapCore| {
            let at = owned.all.maps.iter().position(|other| other.id == map.id);
            at.map_or_else(Vec::new, |at| owned.targets[at].clone())
        };
        let decided = request.decide(&*self.comm, &sets[place], rows);
        let here = |owned: usize| vec![self.comm.rank() as u32; owned];
        let stay = |set: &Arc<SetCore>| stays(set).then(|| here(set.owned()));
        let mut ranks: Vec<Option<Vec<u32>>> = owned.all.sets.iter().map(stay).collect();
        ranks[place] = Some(agree(&*self.comm, decided)?);
        follow(&*self.comm, &sets, &maps, &mut ranks)?;
        let moving = owned.all.sets.iter().zip(ranks).filter(|(set, _)| !stays(set));
        let ranks: HashMap<u64, Vec<u32>> =
            moving.filter_map(|(set, ranks)| Some((set.id, ranks?))).collect();
        drop((sets, maps));
        self.distribute(home, &Wishes { ranks, ..Wishes::default() })
    }

    /// Numbers what this rank has in another sequence. Collective.
    pub(crate) fn reorder(&self, home: &Home, request: &Reorder) -> Result<Reordered> {
        let start = Instant::now();
        let _turn = home.turn()?;
        home.settle_topology()?;
        let maps = home.registry().alive().maps;
        let before = spreads(&maps);
        let orders = agree(&*self.comm, orders(home, &maps, request))?;
        self.distribute(home, &Wishes { orders, ..Wishes::default() })?;
        Ok(Reordered::since(start, &maps, before))
    }

    /// How good the present partition is. Collective; the turn is held.
    fn quality(&self, home: &Home) -> Result<Quality> {
        let owned = Owned::now(home);
        let (sets, maps) = (owned.sets(), owned.maps());
        let comm = &*self.comm;
        let counts: Vec<(&str, SetCounts)> =
            owned.all.sets.iter().map(|set| (set.name.as_str(), counts(set))).collect();
        let mut cuts = Vec::with_capacity(maps.len());
        for (core, map) in owned.all.maps.iter().zip(&maps) {
            let here = vec![comm.rank() as u32; sets[map.to].owned.len()];
            let cut = if map.arity == 0 { 0 } else { num_cut(comm, &sets[map.to], map, &here)? };
            cuts.push((
                core.name.as_str(),
                MapCounts { rows: sets[map.from].owned.len() as u64, cut },
            ));
        }
        let mut neighbors: Vec<u32> =
            self.owners().values().flat_map(|owners| owners.iter().copied()).collect();
        neighbors.sort_unstable();
        neighbors.dedup();
        Quality::gather(comm, &counts, &cuts, neighbors.len() as u64)
    }
}

/// The partition of one rank: all is here.
///
/// # Errors
/// A request of another context.
pub(crate) fn quality_of_one(home: &Home, request: &Partition) -> Result<Quality> {
    belongs(home, request)?;
    let all = home.registry().alive();
    let set = |set: &Arc<SetCore>| SetQuality { name: set.name.clone(), ranks: vec![counts(set)] };
    let map = |map: &Arc<MapCore>| MapQuality {
        name: map.name.clone(),
        counts: MapCounts { rows: map.from.size as u64, cut: 0 },
    };
    Ok(Quality {
        sets: all.sets.iter().map(set).collect(),
        maps: all.maps.iter().map(map).collect(),
        neighbors: vec![0],
    })
}

/// Refuses what is to be partitioned if it is another context's.
fn belongs(home: &Home, request: &Partition) -> Result<()> {
    let lead = request.lead();
    if lead.home.id() == home.id() {
        return Ok(());
    }
    let reason = format!("{lead:?} belongs to another context");
    Err(Error::declaration("partition", &lead.name, reason))
}

fn counts(set: &SetCore) -> SetCounts {
    let parts = set.parts();
    SetCounts {
        owned: parts.owned as u64,
        exec_halo: (parts.exec - parts.owned) as u64,
        non_exec_halo: (parts.rows - parts.exec) as u64,
    }
}

/// A rank for an element, without regard to its neighbors (the finalizer of `SplitMix64`).
fn scattered(user: u64, ranks: usize) -> u32 {
    let mut bits = user.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((bits ^ (bits >> 31)) % ranks as u64) as u32
}
