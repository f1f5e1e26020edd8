//! The pattern of a mesh: which entries loops over given pairs of maps can fill.
//!
//! A [`Sparsity`] knows its sets, the pairs of maps it was made from, its pattern, and, once asked
//! for, the transposed pattern and the positions of each pair. [`SparsityCache`] makes the same maps
//! give the same object; it belongs to a context, which is to clear it when sets are renumbered.
//!
//! Everything here is in local numbering. A sparsity made before its sets were renumbered no longer
//! fits the maps, and says so when it is used.

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use crate::base::error::{Error, Result};
use crate::mesh::home::fresh_id;
use crate::mesh::map::MapCore;
use crate::mesh::ordering::Permutation;
use crate::mesh::set::{Set, SetCore};

use super::pairs::{MapPair, MapPairs};
use super::pattern::{Pair, Pattern, PatternError, check_list};
use super::positions::Positions;
use super::table::Table;
use super::transpose::Transposed;

/// Tells sparsities apart: the maps, whatever the order of the pairs and however often one is named.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SparsityKey(Vec<(u64, u64)>);

impl SparsityKey {
    /// The key of some pairs.
    pub fn of(pairs: &[MapPair]) -> Self {
        let mut ids: Vec<_> = pairs.iter().map(|(rows, cols)| (rows.id, cols.id)).collect();
        ids.sort_unstable();
        ids.dedup();
        Self(ids)
    }
}

/// What is known of a sparsity, whatever the markers of its sets.
pub struct SparsityCore {
    /// Distinguishes sparsities.
    pub id: u64,
    /// The set of the rows.
    pub rows: Arc<SetCore>,
    /// The set of the columns.
    pub cols: Arc<SetCore>,
    /// The pairs it was made from, each once; none if it was made from a list.
    pub pairs: Vec<MapPair>,
    pattern: Pattern,
    numbering: [Option<Arc<Permutation>>; 2],
    transposed: OnceLock<Transposed>,
    positions: Mutex<HashMap<(u64, u64), Arc<Positions>>>,
}

impl SparsityCore {
    /// Builds the pattern, in the home's turn. Threads of the caller's pool help.
    ///
    /// # Errors
    /// No pairs, maps of different contexts or that lead to different sets, too many entries.
    pub fn build(mut pairs: Vec<MapPair>) -> Result<Arc<Self>> {
        pairs.sort_by_key(|(rows, cols)| (rows.id, cols.id));
        pairs.dedup_by_key(|(rows, cols)| (rows.id, cols.id));
        let (rows, cols) = check_pairs(&pairs)?;
        let home = rows.home.clone();
        let _turn = home.turn()?;
        let tables: Vec<Pair<'_>> = pairs
            .iter()
            // SAFETY: the turn is held, and all maps belong to this home (`check_pairs`).
            .map(|(rows, cols)| unsafe { Pair { rows: table(rows), cols: table(cols) } })
            .collect();
        let pattern = Pattern::from_pairs(rows.size, cols.size, &tables, rows.id == cols.id)
            .map_err(|e| refused(&rows, &cols, &e))?;
        Ok(Self::around(rows, cols, pairs, pattern))
    }

    fn around(
        rows: Arc<SetCore>,
        cols: Arc<SetCore>,
        pairs: Vec<MapPair>,
        pattern: Pattern,
    ) -> Arc<Self> {
        let numbering = [rows.order(), cols.order()];
        Arc::new(Self {
            id: fresh_id(),
            rows,
            cols,
            pairs,
            pattern,
            numbering,
            transposed: OnceLock::new(),
            positions: Mutex::default(),
        })
    }

    /// The pattern, in local numbering.
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// The pattern with rows and columns exchanged; made when first asked for.
    pub fn transposed(&self) -> &Transposed {
        self.transposed.get_or_init(|| Transposed::new(&self.pattern))
    }

    /// The sparsity of the transposed matrix: that of the same maps with rows and columns exchanged.
    pub fn exchanged(&self) -> Arc<Self> {
        let mut pairs: Vec<MapPair> =
            self.pairs.iter().map(|(rows, cols)| (cols.clone(), rows.clone())).collect();
        pairs.sort_by_key(|(rows, cols)| (rows.id, cols.id));
        let pattern = self.transposed().pattern().clone();
        Self::around(self.cols.clone(), self.rows.clone(), pairs, pattern)
    }

    /// Whether a loop may fill the matrix through this pair of maps.
    pub fn has_pair(&self, rows: &MapCore, cols: &MapCore) -> bool {
        self.pairs.iter().any(|(r, c)| (r.id, c.id) == (rows.id, cols.id))
    }

    /// Where the contributions of each element go that come through this pair of maps; computed
    /// when first asked for.
    ///
    /// # Errors
    /// An entry that the pattern lacks, maps of another context, sets that were renumbered, not
    /// enough memory, a call from inside a loop.
    pub fn positions(&self, rows: &MapCore, cols: &MapCore) -> Result<Arc<Positions>> {
        let _turn = self.rows.home.turn()?;
        // SAFETY: the turn is held.
        unsafe { self.positions_in_turn(rows, cols) }
    }

    /// As [`positions`](Self::positions), for who holds the turn already.
    ///
    /// # Errors
    /// As [`positions`](Self::positions).
    ///
    /// # Safety
    /// Hold the home's turn.
    pub unsafe fn positions_in_turn(
        &self,
        rows: &MapCore,
        cols: &MapCore,
    ) -> Result<Arc<Positions>> {
        let home = self.rows.home.id();
        if rows.from.home.id() != home || cols.from.home.id() != home {
            let reason = format!("{rows:?} and {cols:?} belong to another context");
            return Err(Error::declaration("sparsity", sets(&self.rows, &self.cols), reason));
        }
        self.check_numbering()?;
        let mut positions = self.positions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(positions) = positions.get(&(rows.id, cols.id)) {
            return Ok(positions.clone());
        }
        let fail = |e: PatternError| match e {
            PatternError::Missing { row, col } => {
                let (row, col) =
                    (self.rows.user_number(row as usize), self.cols.user_number(col as usize));
                let reason = format!(
                    "row {row} has no entry in column {col}, which {rows:?} and {cols:?} need: make the sparsity from this pair too"
                );
                Error::declaration("sparsity", sets(&self.rows, &self.cols), reason)
            }
            other => refused(&self.rows, &self.cols, &other),
        };
        // SAFETY: the caller holds the turn of these maps' home.
        let (row_table, col_table) = unsafe { (table(rows), table(cols)) };
        let found = Arc::new(Positions::new(&self.pattern, &row_table, &col_table).map_err(fail)?);
        positions.insert((rows.id, cols.id), found.clone());
        Ok(found)
    }

    /// Whether the sets are still numbered as when the pattern was made.
    ///
    /// # Errors
    /// They were renumbered.
    pub fn check_numbering(&self) -> Result<()> {
        let same = |then: &Option<Arc<Permutation>>, now: Option<Arc<Permutation>>| {
            then.as_ref().map(Arc::as_ptr) == now.as_ref().map(Arc::as_ptr)
        };
        let [rows, cols] = &self.numbering;
        if same(rows, self.rows.order()) && same(cols, self.cols.order()) {
            return Ok(());
        }
        let reason = "its sets were renumbered after it was made: call `reorder` first, then make sparsities and matrices";
        Err(Error::declaration("sparsity", sets(&self.rows, &self.cols), reason))
    }
}

impl fmt::Debug for SparsityCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "sparsity {}: {} entries",
            sets(&self.rows, &self.cols),
            self.pattern.num_entries()
        )
    }
}

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
    /// The union of what all pairs couple; the diagonal too, if rows and columns are the same set.
    /// Always a new object: [`SparsityCache::sparsity`] gives the one that may already exist.
    ///
    /// # Errors
    /// No pairs, maps of different contexts or that lead to different sets, too many entries.
    pub fn build<P: MapPairs<Rows = R, Cols = C> + ?Sized>(pairs: &P) -> Result<Self> {
        Ok(Self::of_core(SparsityCore::build(pairs.pairs())?))
    }

    /// Exactly the listed entries `(row, column)`, in the user's numbering, and the diagonal if rows
    /// and columns are the same set: for matrices that are filled by hand, or by loops whose maps
    /// couple no more.
    ///
    /// # Errors
    /// An entry outside the sets, sets of different contexts.
    pub fn from_list(rows: &Set<R>, cols: &Set<C>, entries: &[(u32, u32)]) -> Result<Self> {
        let (rows, cols) = (rows.core().clone(), cols.core().clone());
        if rows.home.id() != cols.home.id() {
            let reason = "they belong to different contexts";
            return Err(Error::declaration("sparsity", sets(&rows, &cols), reason));
        }
        let diagonal = rows.id == cols.id;
        check_list(rows.size, cols.size, entries).map_err(|e| refused(&rows, &cols, &e))?;
        let (row_order, col_order) = (rows.order(), cols.order());
        let local = |order: &Option<Arc<Permutation>>, user: u32| {
            order.as_ref().map_or(user, |order| order.to_new()[user as usize])
        };
        let entries: Vec<_> = entries
            .iter()
            .map(|&(row, col)| (local(&row_order, row), local(&col_order, col)))
            .collect();
        let pattern = Pattern::from_list(rows.size, cols.size, &entries, diagonal)
            .map_err(|e| refused(&rows, &cols, &e))?;
        Ok(Self::of_core(SparsityCore::around(rows, cols, Vec::new(), pattern)))
    }

    /// A handle of a sparsity whose sets are known to be `R` and `C`.
    pub(crate) fn of_core(core: Arc<SparsityCore>) -> Self {
        Self { core, marker: PhantomData }
    }

    /// How many rows and columns, in elements of their sets.
    pub fn size(&self) -> (usize, usize) {
        (self.core.rows.size, self.core.cols.size)
    }

    /// How many entries (blocks, for vector spaces).
    pub fn num_entries(&self) -> usize {
        self.core.pattern.num_entries()
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

/// The sparsities of one context that are alive, by their maps.
#[derive(Debug, Default)]
pub struct SparsityCache {
    alive: Mutex<HashMap<SparsityKey, Weak<SparsityCore>>>,
}

impl SparsityCache {
    /// The sparsity of these pairs: the same object for the same maps, in any order.
    ///
    /// # Errors
    /// As [`Sparsity::build`].
    pub fn sparsity<P: MapPairs + ?Sized>(&self, pairs: &P) -> Result<Sparsity<P::Rows, P::Cols>> {
        self.core(pairs.pairs()).map(Sparsity::of_core)
    }

    /// As [`sparsity`](Self::sparsity), whatever the markers.
    ///
    /// # Errors
    /// As [`Sparsity::build`].
    pub fn core(&self, pairs: Vec<MapPair>) -> Result<Arc<SparsityCore>> {
        let key = SparsityKey::of(&pairs);
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

    /// Forgets all: to be called when sets are renumbered.
    pub fn clear(&self) {
        self.alive().clear();
    }

    fn alive(&self) -> MutexGuard<'_, HashMap<SparsityKey, Weak<SparsityCore>>> {
        self.alive.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn sets(rows: &SetCore, cols: &SetCore) -> String {
    format!("{} x {}", rows.name, cols.name)
}

fn refused(rows: &SetCore, cols: &SetCore, reason: &PatternError) -> Error {
    match reason {
        PatternError::Memory(e) => {
            let what = format!("a matrix of `{}` x `{}`", rows.name, cols.name);
            Error::OutOfMemory { what, bytes: e.bytes }
        }
        other => Error::declaration("sparsity", sets(rows, cols), other.to_string()),
    }
}

/// The sets of rows and columns, having checked that all pairs lead to them.
fn check_pairs(pairs: &[MapPair]) -> Result<(Arc<SetCore>, Arc<SetCore>)> {
    let Some((first_rows, first_cols)) = pairs.first() else {
        return Err(Error::declaration("sparsity", "", "no pair of maps was given"));
    };
    let (to_rows, to_cols) = (&first_rows.to, &first_cols.to);
    let fail = |reason| Err(Error::declaration("sparsity", sets(to_rows, to_cols), reason));
    for (rows, cols) in pairs {
        if rows.from.home.id() != cols.from.home.id() || rows.to.home.id() != to_rows.home.id() {
            return fail(format!("{rows:?} and {cols:?} belong to different contexts"));
        }
        if rows.from.id != cols.from.id {
            return fail(format!("{rows:?} and {cols:?} start at different sets"));
        }
        for (map, to) in [(rows, to_rows), (cols, to_cols)] {
            if map.to.id != to.id {
                return fail(format!("{map:?} does not lead to {to:?}"));
            }
        }
    }
    Ok((to_rows.clone(), to_cols.clone()))
}

/// A map as a plain table.
///
/// # Safety
/// Hold the home's turn as long as the table is used.
unsafe fn table(map: &MapCore) -> Table<'_> {
    // SAFETY: the caller's promise.
    let entries = unsafe { map.table() };
    Table::new(entries, map.arity).expect("a map has whole rows, and an arity above zero")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::home::Home;
    use crate::mesh::map::Map;
    use crate::mesh::set::SetMarker;

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
        let home = Home::new(Box::new(()));
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
        let cache = SparsityCache::default();
        let (cells, edges) = ((cell_nodes, cell_nodes), (edge_nodes, edge_nodes));
        let one = cache.sparsity(&(cells, edges)).unwrap();
        let other = cache.sparsity(&(edges, cells, edges)).unwrap();
        assert!(one.is_same(&other));
        assert_eq!(one.num_entries(), 12, "3 x 3 and two nodes of the edge, of which one is known");
        assert!(!one.is_same(&cache.sparsity(&[cells]).unwrap()));
        cache.clear();
        assert!(!one.is_same(&cache.sparsity(&(cells, edges)).unwrap()));
    }

    #[test]
    fn a_sparsity_lives_as_long_as_somebody_uses_it() {
        let Mesh { cell_nodes, .. } = &mesh();
        let cache = SparsityCache::default();
        let pairs = [(cell_nodes, cell_nodes)];
        let first = cache.sparsity(&pairs).unwrap().core().id;
        assert_ne!(cache.sparsity(&pairs).unwrap().core().id, first);
    }

    #[test]
    fn pairs_must_lead_to_the_same_sets() {
        let (mesh, other) = (mesh(), mesh());
        let pairs = [(&mesh.cell_nodes, &mesh.cell_nodes), (&other.cell_nodes, &other.cell_nodes)];
        let error = Sparsity::build(&pairs).unwrap_err().to_string();
        assert!(error.contains("belong to different contexts"), "{error}");
        let nodes: Set<Nodes> = Set::declare(&mesh.home, None, 4).unwrap();
        let cells = Set::of_core(mesh.cell_nodes.core().from.clone());
        let map: Map<Cells, Nodes, 3> =
            Map::declare("elsewhere", &cells, &nodes, &[[0, 1, 2]]).unwrap();
        let error = Sparsity::build(&[(&mesh.cell_nodes, &map), (&map, &map)]).unwrap_err();
        assert!(error.to_string().contains("does not lead to"), "{error}");
        assert!(Sparsity::build(&[(&map, &map); 0]).is_err());
    }

    #[test]
    fn positions_are_found_once_and_missing_entries_named() {
        let mesh = mesh();
        let sparsity = Sparsity::build(&(&mesh.cell_nodes, &mesh.cell_nodes)).unwrap();
        let core = sparsity.core();
        let (cells, edges) = (mesh.cell_nodes.core(), mesh.edge_nodes.core());
        let one = core.positions(cells, cells).unwrap();
        assert_eq!(one.places(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert!(Arc::ptr_eq(&one, &core.positions(cells, cells).unwrap()));
        assert!(core.has_pair(cells, cells) && !core.has_pair(edges, edges));
        let error = core.positions(edges, edges).unwrap_err().to_string();
        assert!(error.contains("row 2 has no entry in column 3"), "{error}");
    }

    #[test]
    fn a_renumbered_mesh_needs_a_new_sparsity() {
        let mesh = mesh();
        let sparsity = Sparsity::build(&(&mesh.cell_nodes, &mesh.cell_nodes)).unwrap();
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
