//! Copies of other ranks' rows: spoiled when they are not valid, moved when they are.

use crate::base::error::{Error, Result};
use crate::base::poison::{POISON, is_poisoned, poison};
use crate::device::accelerator::Accelerator;
use crate::device::api::{Memory, Runner};
use crate::device::halo::{Move, named};
use crate::device::memcheck::address;
use crate::device::memcheck::tables::words;
use crate::device::storage::Values;
use crate::device::wrapper::{Direction, HaloForm};
use crate::mesh::dat_core::DatCore;

impl Accelerator {
    /// Spoils rows of the device's copy of a dat, if this is a device that looks for mistakes and the copy is
    /// valid.
    ///
    /// # Safety
    /// Hold the turn of the dat's home.
    pub(crate) unsafe fn spoil(&self, dat: &DatCore, rows: &[u32]) {
        let Runner::Memcheck = self.device().runner() else { return };
        let Some(values) = dat.mirror().valid_on_device::<Values>() else { return };
        let start = address(&*values.memory);
        for &row in rows {
            poison(&dat.kind, 0, &mut |i| {
                let at = values.shape.byte_at(row as usize, i);
                // SAFETY: `byte_at` names bytes of the values, which nobody else touches in the turn.
                unsafe { *start.add(at) = POISON };
            });
        }
    }

    /// Moves rows, as the program does that `write_halo` writes.
    ///
    /// # Errors
    /// A row that was never brought to the device is to be sent; the device's copy of their numbers is not
    /// what the host has.
    ///
    /// # Safety
    /// Hold the turn of the dat's home.
    pub(in crate::device) unsafe fn check_move(
        &self,
        one: &Move<'_>,
        form: &HaloForm,
        room: &dyn Memory,
    ) -> Result<()> {
        let (dat, shape, direction) = (one.part.dat, &one.values.shape, form.direction);
        let rows: Vec<u32> = one.part.rows(direction).collect();
        let failed = |reason: String| Error::Device {
            what: named(dat),
            device: self.facts().name.clone(),
            reason,
        };
        if words::<u32>(&one.rows) != rows {
            let reason = "the device's copy of the rows' numbers is not what the host has";
            return Err(failed(reason.to_owned()));
        }
        let places = words::<u32>(&one.places);
        if one.expected.as_deref() != Some(places) || places.len() != rows.len() {
            let reason = "the device's copy of the rows' places is not what the host has";
            return Err(failed(reason.to_owned()));
        }
        let (values, start) = (address(&*one.values.memory), address(room));
        for (&row, place) in rows.iter().zip(places) {
            let place = *place as usize * form.word;
            assert!(place + dat.bytes <= room.bytes(), "there is room");
            // SAFETY: `byte_at` names bytes of the values; in the turn nobody writes meanwhile.
            let byte = |k: usize| unsafe { *values.add(shape.byte_at(row as usize, k)) };
            if direction == Direction::Pack && is_poisoned(&dat.kind, 0, &byte) {
                let row = dat.set.user_number(row as usize);
                return Err(failed(format!("row {row} was never brought to the device")));
            }
            for k in 0..dat.bytes {
                let (there, here) = (shape.byte_at(row as usize, k), place + k);
                // SAFETY: as above, and as was just asserted.
                unsafe {
                    match direction {
                        Direction::Pack => *start.add(here) = *values.add(there),
                        Direction::Unpack => *values.add(there) = *start.add(here),
                    }
                }
            }
        }
        Ok(())
    }
}
