//! What ranks execute of what others own: the owner of an element tells the owners of its targets, with
//! all of its entries and their owners.

use super::{FOREIGN, Mesh, OwnedMap};
use crate::base::comm::Comm;
use crate::base::error::Result;
use crate::base::wire::{Reader, Writer, exchange};

/// An owned element, by its place, that another rank executes too.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Executor {
    pub(super) rank: u32,
    pub(super) place: u32,
}

/// The exec halo, from other ranks.
pub(super) struct ExecHalos {
    /// By set: owners and users' numbers, ascending.
    pub(super) elements: Vec<Vec<(u32, u64)>>,
    /// By map: owners and users' numbers of the targets of these elements.
    pub(super) targets: Vec<Vec<(u32, u64)>>,
}

impl Mesh<'_> {
    /// Which ranks execute which owned elements of a set: the owners of their targets. By rank, then by
    /// users' numbers.
    pub(super) fn executors(&self, set: usize) -> Vec<Executor> {
        let mut executors = Vec::new();
        for map in self.maps_from(set) {
            let (OwnedMap { to, arity, targets, .. }, table) = (self.maps[map], &self.tables[map]);
            let foreign = (0..table.len()).filter(|&entry| table[entry] == FOREIGN);
            executors.extend(foreign.map(|entry| Executor {
                rank: self.foreign[to].owner(targets[entry]),
                place: (entry / arity) as u32,
            }));
        }
        let user = |place: u32| self.sets[set].owned[place as usize];
        executors.sort_unstable_by_key(|executor| (executor.rank, user(executor.place)));
        executors.dedup();
        executors
    }

    /// Tells other ranks what they execute, with all entries and their owners, and is told by them.
    pub(super) fn exec_halos(
        &self,
        comm: &dyn Comm,
        executors: &[Vec<Executor>],
    ) -> Result<ExecHalos> {
        let mut writers = vec![Writer::default(); comm.size()];
        for (set, executors) in executors.iter().enumerate() {
            for group in executors.chunk_by(|a, b| a.rank == b.rank) {
                let writer = &mut writers[group[0].rank as usize];
                self.write_elements(comm.rank(), set, group, writer);
            }
        }
        let messages = exchange(comm, Ok(writers.into_iter().map(Writer::finish).collect()))?;
        let mut halos = ExecHalos {
            elements: vec![Vec::new(); self.sets.len()],
            targets: vec![Vec::new(); self.maps.len()],
        };
        for (rank, message) in messages.iter().enumerate() {
            self.read_elements(&mut Reader::new(rank, message), rank, &mut halos)?;
        }
        Ok(halos)
    }

    fn write_elements(&self, here: usize, set: usize, group: &[Executor], writer: &mut Writer) {
        writer.put(&[set as u64]);
        let places = || group.iter().map(|executor| executor.place as usize);
        let elements: Vec<u64> = places().map(|place| self.sets[set].owned[place]).collect();
        writer.put(&elements);
        for map in self.maps_from(set) {
            let (OwnedMap { to, arity, targets, .. }, table) = (self.maps[map], &self.tables[map]);
            let entries = || places().flat_map(|place| place * arity..(place + 1) * arity);
            let owner = |entry: usize| match table[entry] {
                FOREIGN => self.foreign[to].owner(targets[entry]),
                _ => here as u32,
            };
            writer.put(&entries().map(owner).collect::<Vec<u32>>());
            writer.put(&entries().map(|entry| targets[entry]).collect::<Vec<u64>>());
        }
    }

    fn read_elements(&self, reader: &mut Reader, rank: usize, halos: &mut ExecHalos) -> Result<()> {
        while !reader.is_empty() {
            let set = reader.take::<u64>()?[0] as usize;
            let elements = reader.take::<u64>()?;
            halos.elements[set].extend(elements.into_iter().map(|element| (rank as u32, element)));
            for map in self.maps_from(set) {
                let owners = reader.take::<u32>()?;
                halos.targets[map].extend(owners.into_iter().zip(reader.take::<u64>()?));
            }
        }
        Ok(())
    }
}
