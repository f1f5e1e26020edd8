//! The shape of a loop on several ranks: which elements run when, and which halo rows they read.
//!
//! It depends on the space of the loop and on how its arguments are reached, not on the data.

use std::sync::Arc;

use crate::base::comm::Comm;
use crate::base::error::Result;
use crate::base::lasting::Lasting;
use crate::dist::halo::HaloOf;
use crate::dist::needs::{Lists, Reach, exec_elements, halo_rows};
use crate::exec::cache::Listed;
use crate::exec::ranks::{Known, Ranks};
use crate::mesh::access::Access;
use crate::par_loop::arg::{ArgRef, Route, Via};
use crate::par_loop::descriptor::LoopRef;

/// How a loop runs on this rank.
pub(super) struct Shape {
    /// Elements that need no halo values: all of a range, or those listed.
    pub(super) core: Elements,
    /// The other elements that belong to this rank.
    pub(super) rest: Listed,
    /// Copies of elements that change rows of this rank.
    pub(super) exec: Listed,
    /// What must be fresh before the rest runs.
    pub(super) needs: Vec<Need>,
}

pub(super) enum Elements {
    First(usize),
    Listed(Listed),
}

/// The halo rows of one dat that a loop reads.
pub(super) struct Need {
    /// The first argument that names the dat.
    pub(super) arg: usize,
    /// Its number among all needs.
    pub(super) number: u64,
    pub(super) lists: Arc<Lists>,
}

impl Shape {
    /// The shape of a loop, found when first asked for: collective then.
    pub(super) fn of(ranks: &Ranks, the_loop: &LoopRef<'_>) -> Result<Arc<Self>> {
        let key = key(the_loop);
        let mut known = ranks.known();
        if let Some(shape) = known.shapes.get(&key) {
            return Ok(shape.value().clone());
        }
        known.forget(&*ranks.comm)?;
        let shape = Arc::new(Self::find(&mut known, &*ranks.comm, the_loop)?);
        known.shapes.insert(key, Lasting::new(shape.clone(), &the_loop.depends_on(|_| true)));
        Ok(shape)
    }

    /// All elements of all pieces.
    pub(super) fn all(&self) -> Vec<u32> {
        let mut all: Vec<u32> = match &self.core {
            Elements::First(count) => (0..*count as u32).collect(),
            Elements::Listed(list) => list.elements.clone(),
        };
        all.extend(self.rest.elements.iter().chain(&self.exec.elements));
        all
    }

    fn find(known: &mut Known, comm: &dyn Comm, the_loop: &LoopRef<'_>) -> Result<Self> {
        let set = the_loop.space.set;
        let parts = set.parts();
        let writes: Vec<_> = the_loop
            .args
            .iter()
            .filter(|arg| arg.access.writes())
            .filter_map(|arg| arg.via.rows())
            .map(reach)
            .collect();
        let mut exec = exec_elements(parts.owned, parts.exec, &writes);
        let (core, rest): (_, Vec<u32>) = match the_loop.space.subset {
            None => {
                let rest = (parts.core as u32..parts.owned as u32).collect();
                (Elements::First(parts.core), rest)
            }
            Some(subset) => {
                let all = subset.indices();
                exec.retain(|element| all.binary_search(element).is_ok());
                let owned = all.iter().copied().filter(|&e| (e as usize) < parts.owned);
                let (core, rest): (Vec<u32>, _) = owned.partition(|&e| (e as usize) < parts.core);
                (Elements::Listed(core.into()), rest)
            }
        };
        // Core elements name owned rows only.
        let readers: Vec<u32> = rest.iter().chain(&exec).copied().collect();
        let mut needs = Vec::new();
        for (arg, first) in the_loop.args.iter().enumerate() {
            let Some(dat) = first.dat() else { continue };
            if the_loop.args[..arg].iter().any(|other| other.stored() == first.stored()) {
                continue;
            }
            let same = || the_loop.args.iter().filter(|other| other.stored() == first.stored());
            let through: Vec<Reach<'_>> = same().filter_map(entries_read).collect();
            // Asked of the loop, not of this rank's exec halo, which may be empty here only.
            let direct = !writes.is_empty() && same().any(reads_directly);
            if through.is_empty() && !direct {
                continue;
            }
            let mut wanted = halo_rows(0..0, &readers, &through);
            if direct {
                wanted.extend(&exec);
                wanted.sort_unstable();
                wanted.dedup();
            }
            let owners = known.owners[&dat.set.id].clone();
            let halo = HaloOf { set: &dat.set, owners: &owners };
            let (number, lists) = known.needs.find(comm, halo, &wanted)?;
            needs.push(Need { arg, number, lists });
        }
        Ok(Self { core, rest: rest.into(), exec: exec.into(), needs })
    }
}

/// Whether elements read the argument's value of their own.
fn reads_directly(arg: &ArgRef<'_>) -> bool {
    matches!(arg.via, Via::Direct) && matches!(arg.access, Access::Read | Access::Rw)
}

/// The entries through which an argument reads values. Increments, minima and maxima are complete on
/// the owner without the old values of copies.
fn entries_read<'a>(arg: &ArgRef<'a>) -> Option<Reach<'a>> {
    matches!(arg.access, Access::Read | Access::Rw).then(|| arg.via.rows().map(reach)).flatten()
}

fn reach(route: Route<'_>) -> Reach<'_> {
    let to = &route.map.to;
    Reach {
        // SAFETY: loops are shaped in the home's turn, with the topology settled.
        table: unsafe { route.map.table() },
        arity: route.map.arity,
        columns: route.columns(),
        owned: to.owned(),
        rows: to.rows(),
    }
}

/// What a shape depends on.
fn key(the_loop: &LoopRef<'_>) -> Vec<u64> {
    let mut key = vec![the_loop.space.subset.map_or(the_loop.space.set.id, |subset| subset.id)];
    for arg in the_loop.args {
        let group = the_loop.args.iter().position(|other| other.stored() == arg.stored());
        let set = arg.dat().map_or(0, |dat| dat.set.id);
        key.extend([arg.access as u64, group.unwrap_or_default() as u64, set]);
        match arg.via.rows() {
            Some(rows) => {
                let columns = rows.columns();
                key.extend([rows.map.id, (columns.start << 32 | columns.end) as u64]);
            }
            None => key.extend([0, 0]),
        }
    }
    key
}
