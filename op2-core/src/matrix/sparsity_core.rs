//! What is known of a sparsity, whatever the markers of its sets: its pattern, and, once asked for, the
//! transposed pattern and the positions of each pair of maps.
//!
//! Everything here is in local numbering. A sparsity made before its sets were renumbered no longer
//! fits the maps, and says so when it is used.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::base::error::{Error, Result};
use crate::mesh::home::fresh_id;
use crate::mesh::mirror::Kept;
use crate::mesh::ordering::Permutation;
use crate::mesh::set::SetCore;

use super::pairs::MapPair;
use super::pattern::{Pair, Pattern, PatternError};
use super::positions::Positions;
use super::side::{Side, as_table, table};
use super::transpose::Transposed;

/// Positions, by the maps and masks of rows and columns.
type Found = HashMap<[u64; 4], Arc<Positions>>;

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
    /// Those found under one numbering: elements may move where rows and columns stay.
    positions: Mutex<(u64, Found)>,
    /// What upper floors have made of the pattern.
    pub kept: Kept,
    /// What upper floors have made of the transposed pattern.
    pub kept_transposed: Kept,
}

impl SparsityCore {
    /// Builds the pattern, by the context's threads.
    ///
    /// # Errors
    /// No pairs, maps of different contexts or that lead to different sets, too many entries.
    pub(super) fn build(mut pairs: Vec<MapPair>) -> Result<Arc<Self>> {
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

    /// A sparsity of this pattern, in the present numbering.
    pub(super) fn around(
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
            kept: Kept::default(),
            kept_transposed: Kept::default(),
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
        let mut found = self.positions.lock().unwrap_or_else(PoisonError::into_inner);
        let numbering = self.rows.home.numbering();
        if found.0 != numbering {
            *found = (numbering, HashMap::new());
        }
        let positions = &mut found.1;
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
        let new = Arc::new(Positions::new(&self.pattern, &row_table, &col_table).map_err(fail)?);
        positions.insert(key, new.clone());
        Ok(new)
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

/// Both sets, for messages.
pub(super) fn sets(rows: &SetCore, cols: &SetCore) -> String {
    format!("{} x {}", rows.name, cols.name)
}

/// Why there is no such pattern, in words of the sets.
pub(super) fn refused(rows: &SetCore, cols: &SetCore, reason: &PatternError) -> Error {
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
