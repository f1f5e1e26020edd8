//! What is known of a sparsity, whatever the markers of its sets: its pattern, and, once asked for, the
//! transposed pattern and the positions of each pair of maps.
//!
//! Everything here is in local numbering. A sparsity made before its sets were renumbered no longer
//! fits the maps, and says so when it is used.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::base::comm::Comm;
use crate::base::error::{Error, Result};
use crate::base::wire::agree;
use crate::mesh::home::fresh_id;
use crate::mesh::mirror::Kept;
use crate::mesh::numbering::Numbering;
use crate::mesh::set::SetCore;

use super::by_users::{self, sums_by_users};
use super::neighbors::Wanted;
use super::pairs::MapPair;
use super::pattern::{Pair, Pattern, PatternError, countable};
use super::positions::Positions;
use super::row_split::RowSplit;
use super::side::{Side, as_table, table};
use super::spmv::Matrix;
use super::transpose::Transposed;

/// Positions, by the maps and masks of rows and columns.
type Found = HashMap<[u64; 4], Arc<Positions>>;

/// Sequences of users' numbers, where local numbers have another.
#[derive(Default)]
struct Sequences {
    entries: OnceLock<Option<Vec<u32>>>,
    rows: OnceLock<Option<Vec<u32>>>,
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
    /// On all ranks.
    num_entries: usize,
    /// Rows that are stored here and belong to other ranks.
    halo_rows: usize,
    split: OnceLock<RowSplit>,
    numbering: [Option<Arc<Numbering>>; 2],
    transposed: OnceLock<Transposed>,
    by_users: Sequences,
    /// Those found under one numbering: elements may move where rows and columns stay.
    positions: Mutex<(u64, Found)>,
    /// What upper floors have made of the pattern.
    pub kept: Kept,
    /// What upper floors have made of the transposed pattern.
    pub kept_transposed: Kept,
    /// What upper floors have made of the rows with and without columns in the halo.
    pub kept_split: Kept,
}

impl SparsityCore {
    /// Builds the pattern, by the context's threads. Collective.
    ///
    /// # Errors
    /// No pairs, maps of different contexts or that lead to different sets, too many entries.
    pub(super) fn build(mut pairs: Vec<MapPair>) -> Result<Arc<Self>> {
        pairs.sort_by_key(|(rows, cols)| (rows.id, cols.id));
        pairs.dedup_by_key(|(rows, cols)| (rows.id, cols.id));
        let (rows, cols) = check_pairs(&pairs)?;
        let home = rows.home.clone();
        let _turn = home.turn()?;
        home.settle_topology()?;
        let tables: Vec<Pair<'_>> = pairs
            .iter()
            // SAFETY: the turn is held, and all maps belong to this home (`check_pairs`).
            .map(|(rows, cols)| unsafe { Pair { rows: table(rows), cols: table(cols) } })
            .collect();
        let same = rows.id == cols.id;
        let pattern =
            home.on_threads(|| Pattern::from_pairs(rows.owned(), cols.rows(), &tables, same));
        let pattern = pattern.map_err(|e| refused(&rows, &cols, &e));
        Self::around(rows, cols, pairs, pattern)
    }

    /// A sparsity of this pattern of the rows that this rank owns, in the present numbering. Collective,
    /// with the turn held.
    ///
    /// # Errors
    /// That of the pattern on any rank; those of the ranks.
    pub(super) fn around(
        rows: Arc<SetCore>,
        cols: Arc<SetCore>,
        pairs: Vec<MapPair>,
        pattern: Result<Pattern>,
    ) -> Result<Arc<Self>> {
        let halo_rows = rows.rows() - rows.owned();
        let pattern = pattern.and_then(|pattern| {
            // Contributions to rows of others go behind the entries.
            let places = pattern.num_entries() + halo_rows;
            countable("entries", places).map_err(|e| refused(&rows, &cols, &e))?;
            Ok(pattern)
        });
        let (pattern, num_entries) = match rows.home.comm() {
            None => (pattern?, None),
            Some(comm) => {
                let pattern = agree(&**comm, pattern)?;
                let num_entries = total(&**comm, pattern.num_entries())?;
                (pattern, Some(num_entries))
            }
        };
        let numbering = [rows.order(), cols.order()];
        Ok(Arc::new(Self {
            id: fresh_id(),
            rows,
            cols,
            pairs,
            num_entries: num_entries.unwrap_or(pattern.num_entries()),
            halo_rows,
            pattern,
            split: OnceLock::new(),
            numbering,
            transposed: OnceLock::new(),
            by_users: Sequences::default(),
            positions: Mutex::default(),
            kept: Kept::default(),
            kept_transposed: Kept::default(),
            kept_split: Kept::default(),
        }))
    }

    /// The pattern of the rows that this rank owns, in local numbering.
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// How many entries there are, on all ranks together.
    pub fn num_entries(&self) -> usize {
        self.num_entries
    }

    /// How many values a matrix stores here: one for each entry of the pattern, and behind these one for
    /// each row of other ranks, where loops leave what nobody looks at.
    pub fn num_stored(&self) -> usize {
        self.pattern.num_entries() + self.halo_rows
    }

    /// Which rows have columns in the halo; found when first asked for.
    pub fn split(&self) -> &RowSplit {
        self.split.get_or_init(|| RowSplit::new(&self.pattern, self.cols.owned()))
    }

    /// The columns that belong to other ranks, as rows of vectors.
    pub fn wanted(&self) -> Wanted<'_> {
        Wanted { key: self.id, set: &self.cols, rows: &self.split().halo }
    }

    /// The pattern with rows and columns exchanged; made when first asked for.
    pub fn transposed(&self) -> &Transposed {
        self.transposed.get_or_init(|| Transposed::new(&self.pattern))
    }

    /// A matrix with these values, to multiply with: in the reproducible mode, its rows are summed by the
    /// user's numbers of their columns.
    pub(super) fn with<'a, T>(&'a self, values: &'a [T]) -> Matrix<'a, T> {
        let sequence = || Some(by_users::entries(&self.pattern, self.numbering[1].as_deref()?));
        Matrix {
            pattern: &self.pattern,
            values,
            sequence: self.if_by_users(&self.by_users.entries, sequence),
        }
    }

    /// In what sequence rows are added to a product with the transposed matrix, if not in their own.
    pub(super) fn row_sequence(&self) -> Option<&[u32]> {
        let sequence = || Some(by_users::rows(&self.pattern, self.numbering[0].as_deref()?));
        self.if_by_users(&self.by_users.rows, sequence)
    }

    fn if_by_users<'a>(
        &self,
        known: &'a OnceLock<Option<Vec<u32>>>,
        sequence: impl FnOnce() -> Option<Vec<u32>>,
    ) -> Option<&'a [u32]> {
        sums_by_users(&self.rows.home).then(|| known.get_or_init(sequence).as_deref()).flatten()
    }

    /// The sparsity of the transposed matrix, with this pattern of the rows that this rank owns: that of
    /// the same maps with rows and columns exchanged. Collective, with the turn held.
    ///
    /// # Errors
    /// As [`around`](Self::around).
    pub(super) fn exchanged(&self, pattern: Result<Pattern>) -> Result<Arc<Self>> {
        let mut pairs: Vec<MapPair> =
            self.pairs.iter().map(|(rows, cols)| (cols.clone(), rows.clone())).collect();
        pairs.sort_by_key(|(rows, cols)| (rows.id, cols.id));
        Self::around(self.cols.clone(), self.rows.clone(), pairs, pattern)
    }

    /// Where the contributions of each element go that come through this pair of maps; computed
    /// when first asked for, which is collective. Threads of the caller's pool help.
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
        let new = Positions::with_halo(&self.pattern, self.halo_rows, &row_table, &col_table);
        let new = match self.rows.home.comm() {
            None => new.map_err(fail)?,
            Some(comm) => agree(&**comm, new.map_err(fail))?,
        };
        let new = Arc::new(new);
        positions.insert(key, new.clone());
        Ok(new)
    }

    /// Whether the sets are still numbered as when the pattern was made.
    ///
    /// # Errors
    /// They were renumbered.
    pub fn check_numbering(&self) -> Result<()> {
        let same = |then: &Option<Arc<Numbering>>, now: Option<Arc<Numbering>>| {
            then.as_ref().map(Arc::as_ptr) == now.as_ref().map(Arc::as_ptr)
        };
        let [rows, cols] = &self.numbering;
        if same(rows, self.rows.order()) && same(cols, self.cols.order()) {
            return Ok(());
        }
        let reason = if self.rows.home.comm().is_none() {
            "its sets were renumbered after it was made: call `reorder` first, then make sparsities and matrices"
        } else {
            "its sets were renumbered after it was made, by `partition`, `reorder`, or for maps declared since: do all that first, then make sparsities and matrices"
        };
        Err(Error::declaration("sparsity", sets(&self.rows, &self.cols), reason))
    }
}

impl fmt::Debug for SparsityCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sparsity {}: {} entries", sets(&self.rows, &self.cols), self.num_entries)
    }
}

/// The sum over all ranks. Collective.
fn total(comm: &dyn Comm, mine: usize) -> Result<usize> {
    let all = comm.all_gather(&(mine as u64).to_le_bytes())?;
    let number = |bytes: &Vec<u8>| bytes.as_slice().try_into().map_or(0, u64::from_le_bytes);
    Ok(all.iter().map(number).sum::<u64>() as usize)
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
