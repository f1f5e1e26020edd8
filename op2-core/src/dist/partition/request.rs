//! How a program asks for a partition.

use std::fmt;
use std::sync::Arc;

use crate::base::blocks::block_owner;
use crate::base::comm::Comm;
use crate::base::element::Element;
use crate::base::error::{Error, Result};
use crate::base::wire::agree;
use crate::dist::directory::{Directory, fetch};
use crate::dist::owned::{OwnedMap, OwnedSet};
use crate::dist::partition::kway::kway;
use crate::dist::partition::rcb::{Points, rcb};
use crate::mesh::dat::Dat;
use crate::mesh::map::{Map, MapCore};
use crate::mesh::set::{Set, SetCore};
use crate::par_loop::number::{Number, Real};

/// Which set to share among the ranks and how; the other sets follow through the maps.
///
/// ```
/// # use op2_core::base::error::Result;
/// # use op2_core::context::Context;
/// # use op2_core::dist::partition::Partition;
/// # use op2_core::mesh::set::SetMarker;
/// # struct Nodes;
/// # impl SetMarker for Nodes { const NAME: &'static str = "nodes"; }
/// # fn main() -> Result<()> {
/// # let cx = Context::new(Default::default(), None)?;
/// # let nodes = cx.set::<Nodes>(3)?;
/// # let x = cx.dat("x", &nodes, [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])?;
/// println!("{}", cx.partition(&Partition::rcb(&x))?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Partition(Lead);

#[derive(Clone)]
enum Lead {
    /// Equal blocks of the user's numbering.
    Blocks(Arc<SetCore>),
    /// What the map leads to, in parts with few connections.
    Graph(Arc<MapCore>),
    /// By what is known of the elements that belong to this rank.
    Values { set: Arc<SetCore>, known: Known },
}

/// What a rank knows of its elements, with their numbers.
#[derive(Clone)]
struct Known {
    users: Vec<u32>,
    decide: Arc<Decide>,
}

/// Gives the rank of each element, of those with these numbers.
type Decide = dyn Fn(&dyn Comm, &[u64]) -> Result<Vec<u32>> + Send + Sync;

impl Partition {
    /// Equal blocks of the user's numbering: good where that follows the mesh.
    pub fn blocks<S>(set: &Set<S>) -> Self {
        Self(Lead::Blocks(set.core().clone()))
    }

    /// Recursive coordinate bisection of the set of `points`: boxes with as many elements each.
    pub fn rcb<S, R: Real, const D: usize>(points: &Dat<S, [R; D]>) -> Self
    where
        [R; D]: Element,
    {
        let name = points.name().to_owned();
        let values = coordinates(points);
        Self::known(&points.set(), move |comm, numbers| {
            let coordinates = &values.clone()?;
            rcb(comm, &Points { name: &name, numbers, coordinates }, comm.size())
        })
    }

    /// Recursive coordinate bisection of the set that `map` starts from, by the centers of the points
    /// that it leads to: cells by their corners.
    pub fn rcb_of<F, T, R: Real, const A: usize, const D: usize>(
        map: &Map<F, T, A>,
        points: &Dat<T, [R; D]>,
    ) -> Self
    where
        [R; D]: Element,
    {
        let name = points.name().to_owned();
        let values = coordinates(points);
        let (size, owned, targets) = (points.size(), points.set().owned(), map.owned_rows());
        let set = Set::of_core(map.core().from.clone());
        Self::known::<F>(&set, move |comm, numbers| {
            let (values, targets) = (values.clone()?, targets.clone()?);
            let owned: Vec<u64> = owned.iter().map(|&user| u64::from(user)).collect();
            let targets: Vec<u64> = targets.iter().map(|&user| u64::from(user)).collect();
            let directory = Directory::new(comm, size as u64, &owned)?;
            let corners = fetch(comm, &directory, &owned, &values, &targets)?;
            let centers: Vec<[f64; D]> = corners.chunks_exact(A.max(1)).map(center).collect();
            rcb(comm, &Points { name: &name, numbers, coordinates: &centers }, comm.size())
        })
    }

    /// The set that `map` leads to, in parts between which few elements of the other set lie: cells by
    /// `edge_cells`. Needs the feature `metis`.
    pub fn kway<F, T, const A: usize>(map: &Map<F, T, A>) -> Self {
        Self(Lead::Graph(map.core().clone()))
    }

    /// The rank of each element, as the program wants it.
    pub fn given<S>(ranks: &Dat<S, u32>) -> Self {
        let name = ranks.name().to_owned();
        let values = ranks.owned_values();
        Self::known(&ranks.set(), move |comm, numbers| {
            let values = values.clone()?;
            match values.iter().zip(numbers).find(|(rank, _)| **rank as usize >= comm.size()) {
                Some((rank, user)) => Err(Error::declaration(
                    "dat",
                    &name,
                    format!("element {user} is to go to rank {rank}: there are {}", comm.size()),
                )),
                None => Ok(values),
            }
        })
    }

    /// By the map's core, for whoever has no types.
    pub(crate) fn kway_of(map: &Arc<MapCore>) -> Self {
        Self(Lead::Graph(map.clone()))
    }

    fn known<S>(
        set: &Set<S>,
        decide: impl Fn(&dyn Comm, &[u64]) -> Result<Vec<u32>> + Send + Sync + 'static,
    ) -> Self {
        let known = Known { users: set.owned(), decide: Arc::new(decide) };
        Self(Lead::Values { set: set.core().clone(), known })
    }

    /// The set that leads.
    pub(crate) fn lead(&self) -> &Arc<SetCore> {
        match &self.0 {
            Lead::Blocks(set) | Lead::Values { set, .. } => set,
            Lead::Graph(map) => &map.to,
        }
    }

    /// The new rank of each element of the lead that belongs to this rank. Collective; nothing moves.
    ///
    /// # Errors
    /// The set has moved since the partition was asked for; those of the methods and of the ranks.
    pub(crate) fn decide(
        &self,
        comm: &dyn Comm,
        set: &OwnedSet<'_>,
        rows: impl FnOnce(&MapCore) -> Vec<u64>,
    ) -> Result<Vec<u32>> {
        match &self.0 {
            Lead::Blocks(lead) => Ok(set
                .owned
                .iter()
                .map(|&user| block_owner(lead.size as u64, comm.size(), user) as u32)
                .collect()),
            Lead::Graph(map) => {
                let targets = &rows(map);
                kway(
                    comm,
                    set,
                    &OwnedMap { from: 0, to: 0, arity: map.arity, targets },
                    comm.size(),
                )
            }
            Lead::Values { set: lead, known } => {
                let same =
                    known.users.iter().map(|&user| u64::from(user)).eq(set.owned.iter().copied());
                let moved = || {
                    let reason = "it was partitioned after this partition was asked for: ask again";
                    Error::declaration("set", &lead.name, reason)
                };
                agree(comm, if same { Ok(()) } else { Err(moved()) })?;
                agree(comm, (known.decide)(comm, set.owned))
            }
        }
    }
}

/// The points of the elements that belong to this rank.
fn coordinates<S, R: Real, const D: usize>(points: &Dat<S, [R; D]>) -> Result<Vec<[f64; D]>>
where
    [R; D]: Element,
{
    Ok(points.owned_values()?.into_iter().map(|point| point.map(Number::to_f64)).collect())
}

/// The mean of points.
fn center<const D: usize>(points: &[[f64; D]]) -> [f64; D] {
    std::array::from_fn(|axis| points.iter().map(|p| p[axis]).sum::<f64>() / points.len() as f64)
}

impl fmt::Debug for Lead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blocks(set) => write!(f, "blocks of {set:?}"),
            Self::Graph(map) => write!(f, "parts of {:?} by {map:?}", map.to),
            Self::Values { set, .. } => write!(f, "parts of {set:?}"),
        }
    }
}
