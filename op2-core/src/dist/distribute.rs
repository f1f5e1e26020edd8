//! Moves everything that is declared to where it belongs, and numbers it there.
//!
//! Sets get new owners, or keep theirs; rows of maps and dats go with their elements; then halos are
//! found from all maps, and storage is replaced by one for the elements that a rank now has.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::base::buffer::{Buffer, OutOfMemory};
use crate::base::comm::Comm;
use crate::base::error::{Error, Result};
use crate::base::wire::agree;
use crate::dist::migrate::Move;
use crate::dist::owned::{Owned, users, wide};
use crate::dist::regions::{Region, build};
use crate::mesh::dat_core::DatCore;
use crate::mesh::home::Home;
use crate::mesh::map::MapCore;
use crate::mesh::ordering::Permutation;
use crate::mesh::parts::Parts;
use crate::mesh::registry::Everything;
use crate::mesh::set::SetCore;

/// What is to become of the sets, by their ids; sets that are not named stay as they are.
#[derive(Debug, Default)]
pub struct Wishes {
    /// The new rank of each element that belongs to this rank now.
    pub ranks: HashMap<u64, Vec<u32>>,
    /// The sequence in which elements are to be numbered, of those stored here now; for sets that do
    /// not move.
    pub orders: HashMap<u64, Permutation>,
}

/// How one set's elements go.
enum Going {
    /// Some to other ranks.
    Away(Move),
    /// Nowhere; the present local number of each, in the new sequence.
    Here(Vec<u32>),
}

impl Going {
    fn of(comm: &dyn Comm, set: &SetCore, wishes: &Wishes) -> Result<Self> {
        let owned = set.owned() as u32;
        if let Some(ranks) = wishes.ranks.get(&set.id) {
            return Move::new(comm, &users(set), ranks).map(Self::Away);
        }
        Ok(Self::Here(match wishes.orders.get(&set.id) {
            Some(order) => order.to_old().iter().copied().filter(|&old| old < owned).collect(),
            None => (0..owned).collect(),
        }))
    }

    /// The user's numbers of the elements that belong to this rank afterwards.
    fn users(&self, set: &SetCore) -> Vec<u64> {
        match self {
            Self::Away(moving) => moving.new_owned.clone(),
            Self::Here(order) => {
                let users = users(set);
                order.iter().map(|&old| users[old as usize]).collect()
            }
        }
    }

    /// The rows of those elements, from those of the present ones.
    fn rows(&self, comm: &dyn Comm, row_bytes: usize, rows: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::Away(moving) => moving.rows(comm, row_bytes, rows),
            Self::Here(order) => Ok(order
                .iter()
                .flat_map(|&old| &rows[old as usize * row_bytes..][..row_bytes])
                .copied()
                .collect()),
        }
    }
}

/// The owners of the halo of each set on this rank, by the sets' ids: what is to be known of regions beside
/// the numbers that sets keep.
pub type Owners = HashMap<u64, Arc<[u32]>>;

/// Moves and numbers everything. Collective; the turn is held. Plans made before no longer hold.
///
/// Guards hold copies of all rows where there are several ranks, and stay valid.
///
/// # Errors
/// Not enough memory (nothing is changed then); those of the ranks.
pub fn distribute(home: &Home, comm: &dyn Comm, wishes: &Wishes) -> Result<Owners> {
    let registry = home.registry();
    let all = registry.alive();
    same_everywhere(comm, &all)?;
    let mut goings = Vec::with_capacity(all.sets.len());
    for set in &all.sets {
        goings.push(Going::of(comm, set, wishes)?);
    }
    let users = all.sets.iter().zip(&goings).map(|(set, going)| going.users(set)).collect();
    let targets = map_rows(comm, &all, &goings)?;
    let owned = Owned { all, users, targets };
    let (regions, tables) = build(comm, &owned.sets(), &owned.maps())?;
    let Owned { all, users, .. } = owned;
    let mut dats = dat_rows(comm, &all, &goings)?;
    for (dat, rows) in all.dats.iter().zip(&mut dats) {
        let set = all.place(&dat.set);
        *rows = core_first(&users[set], &regions[set], dat.bytes, rows);
    }
    let storage = agree(comm, Storage::new(&all, &regions, &tables))?;
    let same = unchanged(comm, &all, &regions)?;
    // Before and after, as for any renumbering.
    home.renumbered();
    storage.put(&all, &regions, &same, &dats);
    home.renumbered();
    let owners = regions.into_iter().map(|region| region.halo_owner.into());
    Ok(all.sets.iter().map(|set| set.id).zip(owners).collect())
}

/// That all ranks have the same maps and dats: what one has dropped and another keeps would travel in its
/// place. Collective.
fn same_everywhere(comm: &dyn Comm, all: &Everything) -> Result<()> {
    let sets = all.sets.iter().map(|set| format!("set `{}`", set.name));
    let maps = all.maps.iter().map(|map| format!("map `{}`", map.name));
    let dats = all.dats.iter().map(|dat| format!("dat `{}`", dat.name));
    let names: Vec<String> = sets.chain(maps).chain(dats).collect();
    let mut hasher = DefaultHasher::new();
    names.hash(&mut hasher);
    let hashes = comm.all_gather(&hasher.finish().to_le_bytes())?;
    let Some(rank) = hashes.iter().position(|hash| *hash != hashes[0]) else { return Ok(()) };
    let lists = comm.all_gather(names.join("\n").as_bytes())?;
    let text = |rank: usize| String::from_utf8_lossy(&lists[rank]).into_owned();
    let (theirs, first) = (text(rank), text(0));
    let lacking = |a: &str, b: &str| {
        let lacks = b.lines().find(|name| !a.lines().any(|other| other == *name));
        lacks.map(str::to_owned)
    };
    let reason = match (lacking(&theirs, &first), lacking(&first, &theirs)) {
        (Some(name), _) => format!("it has no {name} any more, which rank 0 keeps"),
        (None, Some(name)) => format!("it keeps {name}, which rank 0 has no more"),
        (None, None) => "it has declared its data in another sequence than rank 0".to_owned(),
    };
    Err(Error::Rank { rank, reason })
}

/// Which sets have on all ranks the numbers that they had: what was made in these is still right.
/// Collective.
fn unchanged(comm: &dyn Comm, all: &Everything, regions: &[Region]) -> Result<Vec<bool>> {
    let same = |(set, region): (&Arc<SetCore>, &Region)| {
        let Region { core, owned, exec, rows, .. } = *region;
        let users = set.order().is_some_and(|order| {
            order.to_user().iter().map(|&user| u64::from(user)).eq(region.to_user.iter().copied())
        });
        u8::from(users && set.parts() == Parts { core, owned, exec, rows })
    };
    let mine: Vec<u8> = all.sets.iter().zip(regions).map(same).collect();
    let all_ranks = comm.all_gather(&mine)?;
    Ok((0..mine.len()).map(|set| all_ranks.iter().all(|rank| rank[set] == 1)).collect())
}

/// Rows in the sequence of the wanted numbers, in that of the local ones: core elements come first.
fn core_first(wanted: &[u64], region: &Region, row_bytes: usize, rows: &[u8]) -> Vec<u8> {
    let mut moved = vec![0; rows.len()];
    for (row, &user) in rows.chunks_exact(row_bytes.max(1)).zip(wanted) {
        let local = region.local(user).expect("owned elements are numbered") as usize;
        moved[local * row_bytes..][..row_bytes].copy_from_slice(row);
    }
    moved
}

/// The rows of all maps after the move, in the user's numbering.
fn map_rows(comm: &dyn Comm, all: &Everything, goings: &[Going]) -> Result<Vec<Vec<u64>>> {
    let rows = |map: &Arc<MapCore>| {
        // SAFETY: the turn is held.
        let rows = unsafe { map.user_rows() };
        let bytes = size_of::<u32>() * map.arity;
        let rows = goings[all.place(&map.from)].rows(comm, bytes, bytemuck::cast_slice(&rows))?;
        Ok(wide(&bytemuck::pod_collect_to_vec(&rows)))
    };
    all.maps.iter().map(rows).collect()
}

/// The packed rows of all dats after the move.
fn dat_rows(comm: &dyn Comm, all: &Everything, goings: &[Going]) -> Result<Vec<Vec<u8>>> {
    let rows = |dat: &Arc<DatCore>| {
        // SAFETY: the turn is held; guards have copies of their own.
        agree(comm, unsafe { dat.on_host(false) })?;
        let owned: Vec<u32> = (0..dat.set.owned() as u32).collect();
        let mut rows = vec![0; owned.len() * dat.bytes];
        // SAFETY: as above.
        unsafe { dat.pack(&owned, &mut rows) };
        goings[all.place(&dat.set)].rows(comm, dat.bytes, &rows)
    };
    all.dats.iter().map(rows).collect()
}

/// New storage of everything, made before anything is replaced.
struct Storage {
    users: Vec<Vec<u32>>,
    tables: Vec<Buffer>,
    dats: Vec<Buffer>,
}

impl Storage {
    fn new(all: &Everything, regions: &[Region], tables: &[Vec<u32>]) -> Result<Self> {
        let table = |(map, table): (&Arc<MapCore>, &Vec<u32>)| {
            Buffer::from_slice(table).map_err(|e: OutOfMemory| Error::OutOfMemory {
                what: format!("map `{}`", map.name),
                bytes: e.bytes,
            })
        };
        let local = |region: &Region| region.to_user.iter().map(|&user| user as u32).collect();
        Ok(Self {
            users: regions.iter().map(local).collect(),
            tables: all.maps.iter().zip(tables).map(table).collect::<Result<_>>()?,
            dats: all
                .dats
                .iter()
                .map(|dat| dat.buffer_for(regions[all.place(&dat.set)].rows))
                .collect::<Result<_>>()?,
        })
    }

    /// Nothing in here fails.
    fn put(self, all: &Everything, regions: &[Region], same: &[bool], rows: &[Vec<u8>]) {
        let users = self.users.into_iter().zip(same).filter(|(_, same)| !**same);
        let changed = all.sets.iter().zip(regions).zip(same).filter(|(_, same)| !**same);
        for (((set, region), _), (users, _)) in changed.zip(users) {
            let Region { core, owned, exec, rows, .. } = *region;
            set.set_stored(Parts { core, owned, exec, rows }, users);
        }
        for (map, table) in all.maps.iter().zip(self.tables) {
            // SAFETY: the turn is held; `build` names rows of the sets as they are numbered now.
            unsafe { map.settle(table) };
        }
        for ((dat, buffer), rows) in all.dats.iter().zip(self.dats).zip(rows) {
            // SAFETY: the turn is held, guards have copies of their own, and rows are those of the same dat on the
            // ranks that had them.
            unsafe { dat.settle(buffer, rows) };
        }
        for subset in &all.subsets {
            subset.find_again();
        }
    }
}
