//! Which entries a matrix can have: those that loops over given pairs of maps fill, or a list.
//!
//! While a sparsity is alive, its maps give the same object again.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::base::comm::Comm;
use crate::base::error::{Error, Result};
use crate::base::wire::agree;
use crate::mesh::home::Home;
use crate::mesh::set::{Set, SetCore};

use super::pairs::{MapPair, MapPairs};
use super::pattern::{Pattern, check_list};
use super::sparsity_core::{SparsityCore, refused, sets};

/// Which entries a matrix from set `C` to set `R` can have. A clone is the same sparsity.
pub struct Sparsity<R, C> {
    core: Arc<SparsityCore>,
    marker: PhantomData<fn() -> (R, C)>,
}

impl<R, C> Clone for Sparsity<R, C> {
    fn clone(&self) -> Self {
        Self { core: self.core.clone(), marker: PhantomData }
    }
}

impl<R, C> fmt::Debug for Sparsity<R, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(f)
    }
}

impl<R, C> Sparsity<R, C> {
    /// The union of what all pairs of maps couple: each element of the set that a pair starts at
    /// couples every row with every column that it names. The diagonal too, if rows and columns are
    /// the same set. Built by the context's threads. Collective: of several ranks, each has the rows that it
    /// owns.
    ///
    /// While a sparsity is alive, the same maps, in any order, give the same object.
    ///
    /// # Errors
    /// No pairs, maps of different contexts or that lead to different sets, too many entries.
    pub fn new<P: MapPairs<Rows = R, Cols = C> + ?Sized>(pairs: &P) -> Result<Self> {
        let pairs = pairs.pairs();
        let Some((rows, _)) = pairs.first() else {
            return Err(Error::declaration("sparsity", "", "no pair of maps was given"));
        };
        let home = rows.to.home.clone();
        let cache = home.keep::<SparsityCache>();
        cache.core(&home, pairs).map(Self::of_core)
    }

    /// Exactly the listed entries `(row, column)`, in the user's numbering, and the diagonal if rows
    /// and columns are the same set: for matrices that are filled by hand, or by loops whose maps
    /// couple no more.
    ///
    /// Collective: of several ranks, all give the whole list, or each a part of it. A rank stores a row
    /// that it owns with columns that it stores, because some map leads there from an element that it
    /// owns or copies.
    ///
    /// # Errors
    /// An entry outside the sets, sets of different contexts; on several ranks, an entry whose row and
    /// column no map connects.
    pub fn from_list(rows: &Set<R>, cols: &Set<C>, entries: &[(u32, u32)]) -> Result<Self> {
        let (rows, cols) = (rows.core().clone(), cols.core().clone());
        if rows.home.id() != cols.home.id() {
            let reason = "they belong to different contexts";
            return Err(Error::declaration("sparsity", sets(&rows, &cols), reason));
        }
        let diagonal = rows.id == cols.id;
        let _turn = rows.home.turn()?;
        rows.home.settle_topology()?;
        let refuse = |e| refused(&rows, &cols, &e);
        let checked = check_list(rows.size, cols.size, entries).map_err(refuse);
        let pattern = match rows.home.comm() {
            None => checked.map(|()| Cow::Borrowed(entries)),
            Some(comm) => agree(&**comm, checked).and_then(|()| united(&**comm, entries)),
        }
        .and_then(|entries| local_entries(&rows, &cols, &entries))
        .and_then(|entries| {
            Pattern::from_list(rows.owned(), cols.rows(), &entries, diagonal).map_err(refuse)
        });
        SparsityCore::around(rows.clone(), cols.clone(), Vec::new(), pattern).map(Self::of_core)
    }

    /// A handle of a sparsity whose sets are known to be `R` and `C`.
    pub(crate) fn of_core(core: Arc<SparsityCore>) -> Self {
        Self { core, marker: PhantomData }
    }

    /// How many rows and columns, in elements of their sets.
    pub fn size(&self) -> (usize, usize) {
        (self.core.rows.size, self.core.cols.size)
    }

    /// How many entries (blocks, for vector spaces), on all ranks together.
    pub fn num_entries(&self) -> usize {
        self.core.num_entries()
    }

    /// Whether two handles name the same object.
    pub fn is_same(&self, other: &Self) -> bool {
        self.core.id == other.core.id
    }

    /// What is known of the sparsity, whatever the markers of its sets.
    pub fn core(&self) -> &Arc<SparsityCore> {
        &self.core
    }
}

/// What any rank lists: nothing travels where all give the same. Collective.
fn united<'l>(comm: &dyn Comm, entries: &'l [(u32, u32)]) -> Result<Cow<'l, [(u32, u32)]>> {
    let mut hasher = DefaultHasher::new();
    entries.hash(&mut hasher);
    let hashes = comm.all_gather(&hasher.finish().to_le_bytes())?;
    if hashes.iter().all(|hash| *hash == hashes[0]) {
        return Ok(Cow::Borrowed(entries));
    }
    let mine: Vec<[u32; 2]> = entries.iter().map(|&(row, col)| [row, col]).collect();
    let all = comm.all_gather(bytemuck::cast_slice(&mine))?;
    let pairs = all.iter().flat_map(|bytes| bytemuck::pod_collect_to_vec::<u8, [u32; 2]>(bytes));
    Ok(pairs.map(|[row, col]| (row, col)).collect())
}

/// The entries of the rows that this rank owns, in local numbering.
fn local_entries(
    rows: &SetCore,
    cols: &SetCore,
    entries: &[(u32, u32)],
) -> Result<Vec<(u32, u32)>> {
    let mut local = Vec::with_capacity(entries.len());
    for &(row, col) in entries {
        let owned = rows.local_number(row).filter(|&local| (local as usize) < rows.owned());
        let Some(local_row) = owned else { continue };
        let Some(local_col) = cols.local_number(col) else {
            let reason = format!(
                "entry ({row}, {col}): the rank that owns row {row} stores no column {col}; on several ranks a map must connect the two: declare one from some set to both"
            );
            return Err(Error::declaration("sparsity", sets(rows, cols), reason));
        };
        local.push((local_row, local_col));
    }
    Ok(local)
}

/// The sparsities of one context that are alive, by their maps.
#[derive(Debug, Default)]
struct SparsityCache {
    alive: Mutex<HashMap<SparsityKey, Weak<SparsityCore>>>,
}

impl SparsityCache {
    /// The sparsity of these pairs: the same object for the same maps, in any order.
    fn core(&self, home: &Home, pairs: Vec<MapPair>) -> Result<Arc<SparsityCore>> {
        if home.comm().is_some() {
            // Numbers of elements are settled here at the latest.
            let _turn = home.turn()?;
            home.settle_topology()?;
        }
        let key = SparsityKey::of(home, &pairs);
        if let Some(core) = self.alive().get(&key).and_then(Weak::upgrade) {
            return Ok(core);
        }
        // Built without the lock, which another thread may want meanwhile; the first one stays.
        let built = SparsityCore::build(pairs)?;
        let mut alive = self.alive();
        alive.retain(|_, core| core.strong_count() > 0);
        if let Some(core) = alive.get(&key).and_then(Weak::upgrade) {
            return Ok(core);
        }
        alive.insert(key, Arc::downgrade(&built));
        Ok(built)
    }

    fn alive(&self) -> MutexGuard<'_, HashMap<SparsityKey, Weak<SparsityCore>>> {
        self.alive.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells sparsities apart: the numbering of the sets, and the maps, whatever the order of the pairs and
/// however often one is named.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct SparsityKey {
    numbering: u64,
    maps: Vec<(u64, u64)>,
}

impl SparsityKey {
    fn of(home: &Home, pairs: &[MapPair]) -> Self {
        let mut maps: Vec<_> = pairs.iter().map(|(rows, cols)| (rows.id, cols.id)).collect();
        maps.sort_unstable();
        maps.dedup();
        Self { numbering: home.numbering(), maps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::comm::Comm;
    use crate::base::profile::Profile;
    use crate::matrix::side::Side;
    use crate::matrix::table::DROPPED;
    use crate::mesh::home::{Home, Machinery};
    use crate::mesh::map::Map;
    use crate::mesh::ordering::Permutation;
    use crate::mesh::set::SetMarker;
    use crate::mesh::subset::Subset;

    #[derive(Default)]
    struct Alone(Profile);
    impl Machinery for Alone {
        fn on_threads(&self, work: &mut (dyn FnMut() + Send)) {
            work();
        }
        fn profile(&self) -> &Profile {
            &self.0
        }
        fn comm(&self) -> Option<&Arc<dyn Comm>> {
            None
        }
        fn settle_topology(&self, _: &Home) -> Result<()> {
            Ok(())
        }
    }

    struct Nodes;
    struct Cells;
    struct Edges;
    impl SetMarker for Nodes {
        const NAME: &'static str = "nodes";
    }
    impl SetMarker for Cells {
        const NAME: &'static str = "cells";
    }
    impl SetMarker for Edges {
        const NAME: &'static str = "edges";
    }

    struct Mesh {
        home: Arc<Home>,
        nodes: Set<Nodes>,
        cell_nodes: Map<Cells, Nodes, 3>,
        edge_nodes: Map<Edges, Nodes, 2>,
    }

    fn mesh() -> Mesh {
        let home = Home::new(Box::new(Alone::default()));
        let nodes = Set::declare(&home, None, 4).unwrap();
        let cells = Set::declare(&home, None, 1).unwrap();
        let edges = Set::declare(&home, None, 1).unwrap();
        let cell_nodes = Map::declare("cell_nodes", &cells, &nodes, &[[0, 1, 2]]).unwrap();
        let edge_nodes = Map::declare("edge_nodes", &edges, &nodes, &[[2, 3]]).unwrap();
        Mesh { home, nodes, cell_nodes, edge_nodes }
    }

    #[test]
    fn the_same_maps_in_any_order_are_the_same_object() {
        let Mesh { cell_nodes, edge_nodes, .. } = &mesh();
        let (cells, edges) = ((cell_nodes, cell_nodes), (edge_nodes, edge_nodes));
        let one = Sparsity::new(&(cells, edges)).unwrap();
        let other = Sparsity::new(&(edges, cells, edges)).unwrap();
        assert!(one.is_same(&other));
        assert_eq!(one.num_entries(), 12, "3 x 3 and two nodes of the edge, of which one is known");
        assert!(!one.is_same(&Sparsity::new(&[cells]).unwrap()));
        cell_nodes.core().from.home.renumbered();
        assert!(!one.is_same(&Sparsity::new(&(cells, edges)).unwrap()));
    }

    #[test]
    fn a_sparsity_lives_as_long_as_somebody_uses_it() {
        let Mesh { cell_nodes, .. } = &mesh();
        let pairs = [(cell_nodes, cell_nodes)];
        let first = Sparsity::new(&pairs).unwrap().core().id;
        assert_ne!(Sparsity::new(&pairs).unwrap().core().id, first);
    }

    #[test]
    fn pairs_must_lead_to_the_same_sets() {
        let (mesh, other) = (mesh(), mesh());
        let pairs = [(&mesh.cell_nodes, &mesh.cell_nodes), (&other.cell_nodes, &other.cell_nodes)];
        let error = Sparsity::new(&pairs).unwrap_err().to_string();
        assert!(error.contains("belong to different contexts"), "{error}");
        let nodes: Set<Nodes> = Set::declare(&mesh.home, None, 4).unwrap();
        let cells = Set::of_core(mesh.cell_nodes.core().from.clone());
        let map: Map<Cells, Nodes, 3> =
            Map::declare("elsewhere", &cells, &nodes, &[[0, 1, 2]]).unwrap();
        let error = Sparsity::new(&[(&mesh.cell_nodes, &map), (&map, &map)]).unwrap_err();
        assert!(error.to_string().contains("does not lead to"), "{error}");
        assert!(Sparsity::new(&[(&map, &map); 0]).is_err());
    }

    #[test]
    fn positions_are_found_once_and_missing_entries_named() {
        let mesh = mesh();
        let sparsity = Sparsity::new(&(&mesh.cell_nodes, &mesh.cell_nodes)).unwrap();
        let core = sparsity.core();
        let cells = Side { map: mesh.cell_nodes.core(), mask: None };
        let edges = Side { map: mesh.edge_nodes.core(), mask: None };
        let ends = Subset::declare(&mesh.nodes, "ends", &[0, 3]).unwrap();
        let inner = Side { mask: Some(ends.core()), ..cells };
        let _turn = mesh.home.turn().unwrap();
        // SAFETY: the turn is held.
        let positions = |rows, cols| unsafe { core.positions(rows, cols) };
        let one = positions(cells, cells).unwrap();
        assert_eq!(one.places(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert!(Arc::ptr_eq(&one, &positions(cells, cells).unwrap()));
        let masked = positions(inner, cells).unwrap();
        assert_eq!(masked.places(), [DROPPED, DROPPED, DROPPED, 3, 4, 5, 6, 7, 8]);
        let error = positions(edges, edges).unwrap_err().to_string();
        assert!(error.contains("row 2 has no entry in column 3"), "{error}");
    }

    #[test]
    fn a_renumbered_mesh_needs_a_new_sparsity() {
        let mesh = mesh();
        let sparsity = Sparsity::new(&(&mesh.cell_nodes, &mesh.cell_nodes)).unwrap();
        sparsity.core().check_numbering().unwrap();
        mesh.nodes.core().set_order(Arc::new(Permutation::identity(4)));
        let error = sparsity.core().check_numbering().unwrap_err().to_string();
        assert!(error.contains("renumbered"), "{error}");
    }

    #[test]
    fn a_list_is_in_the_users_numbering() {
        let mesh = mesh();
        mesh.nodes.core().set_order(Arc::new(Permutation::new(vec![3, 2, 1, 0]).unwrap()));
        let sparsity = Sparsity::from_list(&mesh.nodes, &mesh.nodes, &[(0, 1)]).unwrap();
        assert_eq!(sparsity.core().pattern().row(3), [2, 3]);
        let error = Sparsity::from_list(&mesh.nodes, &mesh.nodes, &[(0, 4)]).unwrap_err();
        assert!(error.to_string().contains("(0, 4), outside a matrix of 4 x 4"), "{error}");
    }
}
