//! The pattern of a mesh: which entries loops over given pairs of maps can fill.
//!
//! A [`Sparsity`] knows its sets, the pairs of maps it was made from, its pattern, and, once asked
//! for, the transposed pattern and the positions of each pair. [`SparsityCache`] makes the same maps
//! give the same object; a context keeps one, and clears it when sets are renumbered.
//!
//! Everything here is in local numbering. A sparsity made before its sets were renumbered no longer
//! fits the maps, and says so when it is used.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use crate::base::error::{Error, Result};
use crate::mesh::home::fresh_id;
use crate::mesh::map::MapCore;
use crate::mesh::ordering::Permutation;
use crate::mesh::set::{Set, SetCore, SubsetCore};

use super::pairs::{MapPair, MapPairs};
use super::pattern::{Pair, Pattern, PatternError, check_list};
use super::positions::Positions;
use super::table::{DROPPED, Table};
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
    positions: Mutex<HashMap<[u64; 4], Arc<Positions>>>,
}

impl SparsityCore {
    /// Builds the pattern, by the context's threads.
    ///
    /// # Errors
    /// No pairs, maps of different contexts or that lead to different sets, too many entries.
    fn build(mut pairs: Vec<MapPair>) -> Result<Arc<Self>> {
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
        let same = rows.id == cols.id;
        let pattern = home
            .on_threads(|| Pattern::from_pairs(rows.size, cols.size, &tables, same))
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

    /// Where the contributions of each element go that come through this pair of maps; computed
    /// when first asked for. Threads of the caller's pool help.
    ///
    /// # Errors
    /// An entry that the pattern lacks, maps of another context, sets that were renumbered, not
    /// enough memory.
    ///
    /// # Safety
    /// Hold the home's turn.
    pub unsafe fn positions(&self, rows: Side<'_>, cols: Side<'_>) -> Result<Arc<Positions>> {
        let home = self.rows.home.id();
        if rows.map.from.home.id() != home || cols.map.from.home.id() != home {
            let reason = format!("{:?} and {:?} belong to another context", rows.map, cols.map);
            return Err(Error::declaration("sparsity", sets(&self.rows, &self.cols), reason));
        }
        self.check_numbering()?;
        let mut positions = self.positions.lock().unwrap_or_else(PoisonError::into_inner);
        let [key_rows, key_cols] = [rows, cols].map(Side::key);
        let key = [key_rows[0], key_rows[1], key_cols[0], key_cols[1]];
        if let Some(positions) = positions.get(&key) {
            return Ok(positions.clone());
        }
        let fail = |e: PatternError| match e {
            PatternError::Missing { row, col } => {
                let (row, col) =
                    (self.rows.user_number(row as usize), self.cols.user_number(col as usize));
                let reason = format!(
                    "row {row} has no entry in column {col}, which {:?} and {:?} need: make the sparsity from this pair too",
                    rows.map, cols.map
                );
                Error::declaration("sparsity", sets(&self.rows, &self.cols), reason)
            }
            other => refused(&self.rows, &self.cols, &other),
        };
        // SAFETY: the caller holds the turn of these maps' home.
        let (row_entries, col_entries) = unsafe { (rows.entries(), cols.entries()) };
        let (row_table, col_table) =
            (as_table(&row_entries, rows.map), as_table(&col_entries, cols.map));
        let found = Arc::new(Positions::new(&self.pattern, &row_table, &col_table).map_err(fail)?);
        positions.insert(key, found.clone());
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
    /// The union of what all pairs of maps couple: each element of the set that a pair starts at
    /// couples every row with every column that it names. The diagonal too, if rows and columns are
    /// the same set. Built by the context's threads.
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
        cache.core(pairs).map(Self::of_core)
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
    /// As [`Sparsity::new`].
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

/// A map to the rows or columns of a matrix, and where it leads nowhere.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The map.
    pub map: &'a MapCore,
    /// Elements of its target that are left out.
    pub mask: Option<&'a SubsetCore>,
}

impl<'a> Side<'a> {
    fn key(self) -> [u64; 2] {
        [self.map.id, self.mask.map_or(0, |mask| mask.id)]
    }

    /// The map's entries, [`DROPPED`] where it leads nowhere.
    ///
    /// # Safety
    /// Hold the home's turn as long as the entries are used.
    unsafe fn entries(self) -> Cow<'a, [u32]> {
        // SAFETY: the caller's promise.
        let entries = unsafe { self.map.table() };
        let Some(mask) = self.mask else { return Cow::Borrowed(entries) };
        let mut dropped = vec![false; self.map.to.size];
        mask.indices().iter().for_each(|&element| dropped[element as usize] = true);
        let keep = |&entry: &u32| if dropped[entry as usize] { DROPPED } else { entry };
        Cow::Owned(entries.iter().map(keep).collect())
    }
}

fn as_table<'e>(entries: &'e [u32], map: &MapCore) -> Table<'e> {
    Table::new(entries, map.arity).expect("a map has whole rows, and an arity above zero")
}

/// A map as a plain table.
///
/// # Safety
/// Hold the home's turn as long as the table is used.
unsafe fn table(map: &MapCore) -> Table<'_> {
    // SAFETY: the caller's promise.
    as_table(unsafe { map.table() }, map)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::profile::Profile;
    use crate::mesh::home::{Home, Machinery};
    use crate::mesh::map::Map;
    use crate::mesh::set::{SetMarker, Subset};

    #[derive(Default)]
    struct Alone(Profile);
    impl Machinery for Alone {
        fn on_threads(&self, work: &mut (dyn FnMut() + Send)) {
            work();
        }
        fn profile(&self) -> &Profile {
            &self.0
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
        cell_nodes.core().from.home.keep::<SparsityCache>().clear();
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
