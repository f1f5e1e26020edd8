//! Rows of a matrix, as users name them: a subset, or a list of numbers.

use std::borrow::Cow;

use crate::base::comm::Comm;
use crate::base::error::{Error, Result};
use crate::base::wire::agree;
use crate::mesh::set::SetCore;
use crate::mesh::subset::Subset;

use super::values::Component;

/// Elements of set `S`: a [`Subset`], or numbers in the user's numbering.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name rows on `{S}`",
    note = "rows are a `Subset` of the matrix's row set, or a list of `u32`"
)]
pub trait Rows<S> {
    /// The rows in local numbering, as far as they are stored here; on several ranks, those that any of
    /// them names. Collective.
    ///
    /// # Errors
    /// A subset of another set, or a number beyond it.
    fn local(&self, set: &SetCore) -> Result<Vec<u32>>;

    /// Which components of these rows are meant.
    fn component(&self) -> Component {
        Component::All
    }
}

/// One component of rows that have several, counted from 0: the displacement in x on a plane of
/// symmetry.
///
/// ```
/// # use op2_core::context::Context;
/// # use op2_core::matrix::{mat::Mat, rows::OneComponent, sparsity::Sparsity};
/// # struct Nodes;
/// # impl op2_core::mesh::set::SetMarker for Nodes { const NAME: &'static str = "Nodes"; }
/// # let cx = Context::new(Default::default(), None)?;
/// # let nodes = cx.set::<Nodes>(2)?;
/// # let stiffness: Mat<Nodes, Nodes, [[f64; 2]; 2]> = cx.mat("K", &Sparsity::from_list(&nodes, &nodes, &[])?)?;
/// # stiffness.set(1, 1, [[5.0, 6.0], [7.0, 8.0]])?;
/// stiffness.zero_rows(&OneComponent(&[1], 0), 1.0)?;
/// assert_eq!(stiffness.get(1, 1)?, [[1.0, 0.0], [7.0, 8.0]]);
/// # Ok::<(), op2_core::base::error::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OneComponent<'r, X: ?Sized>(pub &'r X, pub usize);

impl<S, X: Rows<S> + ?Sized> Rows<S> for OneComponent<'_, X> {
    fn local(&self, set: &SetCore) -> Result<Vec<u32>> {
        self.0.local(set)
    }

    fn component(&self) -> Component {
        Component::One(self.1)
    }
}

impl<S> Rows<S> for Subset<S> {
    fn local(&self, set: &SetCore) -> Result<Vec<u32>> {
        let core = self.core();
        if core.set.id == set.id {
            return Ok(core.indices().to_vec());
        }
        let reason = format!("it is part of {:?}, but the matrix's rows are {set:?}", core.set);
        Err(Error::declaration("subset", self.name(), reason))
    }
}

impl<S> Rows<S> for [u32] {
    fn local(&self, set: &SetCore) -> Result<Vec<u32>> {
        let beyond = self.iter().find(|&&row| row as usize >= set.size);
        let checked = beyond.map_or(Ok(()), |row| {
            Err(Error::declaration("row", row.to_string(), format!("it is not in {set:?}")))
        });
        let rows = match set.home.comm() {
            None => checked.map(|()| Cow::Borrowed(self)),
            Some(comm) => agree(&**comm, checked).and_then(|()| united(&**comm, self)),
        }?;
        Ok(match set.order() {
            Some(order) => rows.iter().filter_map(|&row| order.local(row)).collect(),
            None => rows.into_owned(),
        })
    }
}

/// What any rank names, rising. Collective.
fn united<'r>(comm: &dyn Comm, rows: &[u32]) -> Result<Cow<'r, [u32]>> {
    let all = comm.all_gather(bytemuck::cast_slice(rows))?;
    let all = all.iter().flat_map(|bytes| bytemuck::pod_collect_to_vec::<u8, u32>(bytes));
    let mut all: Vec<u32> = all.collect();
    all.sort_unstable();
    all.dedup();
    Ok(Cow::Owned(all))
}

impl<S> Rows<S> for Vec<u32> {
    fn local(&self, set: &SetCore) -> Result<Vec<u32>> {
        Rows::<S>::local(self.as_slice(), set)
    }
}

impl<S, const N: usize> Rows<S> for [u32; N] {
    fn local(&self, set: &SetCore) -> Result<Vec<u32>> {
        Rows::<S>::local(self.as_slice(), set)
    }
}
