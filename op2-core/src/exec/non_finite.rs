//! Where NaN and infinity are in what a loop writes: for devices, which do not run element by element,
//! looked at before and after.

use crate::base::error::{Result, Violation};
use crate::exec::checked::{num_values, value_name};
use crate::par_loop::arg::{ArgRef, DataRef};
use crate::par_loop::descriptor::LoopRef;

/// For each argument that writes a dat or matrix, whether each of its values holds one.
#[derive(Default)]
pub(crate) struct NonFinite(Vec<(usize, Vec<bool>)>);

impl NonFinite {
    /// Those of now, brought to the host. Called in the home's turn.
    ///
    /// # Errors
    /// The device's.
    pub(crate) fn of(the_loop: &LoopRef<'_>) -> Result<Self> {
        let written = the_loop.args.iter().enumerate().filter(|(_, arg)| arg.access.writes());
        let stored = written.filter(|(_, arg)| arg.stored().is_some());
        stored.map(|(i, arg)| Ok((i, flags(arg)?))).collect::<Result<_>>().map(Self)
    }

    /// That nothing has become one since.
    ///
    /// # Errors
    /// Something has, or the device's.
    pub(crate) fn compare(&self, the_loop: &LoopRef<'_>) -> Result<()> {
        for (i, before) in &self.0 {
            let arg = &the_loop.args[*i];
            let after = flags(arg)?;
            let Some(value) = (0..after.len()).find(|&v| after[v] && !before[v]) else { continue };
            let what = match (arg.data, arg.via.rows()) {
                (DataRef::Dat(dat), None) => {
                    let element = dat.set.user_number(value);
                    format!("element {element}: a NaN or infinity appeared in dat `{}`", dat.name)
                }
                _ => format!("a NaN or infinity appeared in {}", value_name(arg, value)),
            };
            let argument = Some((i + 1, arg.text));
            return Err(the_loop.refuse(vec![Violation { argument, reason: what }]));
        }
        Ok(())
    }
}

fn flags(arg: &ArgRef<'_>) -> Result<Vec<bool>> {
    let values = 0..num_values(arg);
    Ok(match arg.data {
        DataRef::Dat(dat) => {
            // SAFETY: a loop runs in the home's turn, without guards in its way.
            unsafe { dat.on_host(false)? };
            // SAFETY: as above; every value is one of the set's.
            values.map(|value| unsafe { dat.has_non_finite(value) }).collect()
        }
        DataRef::Mat(mat) => {
            // SAFETY: a loop runs in the home's turn.
            let held = unsafe { mat.values_on_host()? };
            // SAFETY: the buffer holds the matrix's values, and nobody writes to it.
            values.map(|entry| unsafe { mat.has_non_finite(held.as_ptr(), entry) }).collect()
        }
        _ => Vec::new(),
    })
}
