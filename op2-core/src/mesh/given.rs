//! What ranks hand over when a map or a dat is declared: all rows on every rank, each rank's block, or
//! all rows on one rank. Each rank gets those that belong to it.

use bytemuck::pod_collect_to_vec;

use crate::base::blocks::{block_owner, block_range};
use crate::base::comm::Comm;
use crate::base::error::{Error, Result};
use crate::mesh::set::SetCore;

/// How rows of a set are given. Forms that look alike mean the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// All of them on every rank.
    Whole,
    /// On each rank its block.
    Blocks,
    /// All of them on one rank, none elsewhere.
    On(usize),
}

impl Form {
    /// Finds the form from how many rows each rank gives. Collective.
    ///
    /// # Errors
    /// None fits: a declaration error for `what` `name`, the same on all ranks.
    pub fn find(
        comm: &dyn Comm,
        (what, name): (&'static str, &str),
        set: &SetCore,
        rows: usize,
    ) -> Result<Self> {
        let all = comm.all_gather(&(rows as u64).to_le_bytes())?;
        let given: Vec<usize> = all.iter().map(|bytes| number(bytes)).collect();
        let ranks = comm.size();
        let block = |rank| {
            let block = block_range(set.size as u64, ranks, rank);
            block.start as usize..block.end as usize
        };
        if given.iter().all(|&rows| rows == set.size) {
            return Ok(Self::Whole);
        }
        if given.iter().enumerate().all(|(rank, &rows)| rows == block(rank).len()) {
            return Ok(Self::Blocks);
        }
        if let Some(root) = given.iter().position(|&rows| rows == set.size)
            && given.iter().enumerate().all(|(rank, &rows)| rank == root || rows == 0)
        {
            return Ok(Self::On(root));
        }
        if given.iter().all(|&other| other == rows) {
            let values = if what == "map" { "rows" } else { "values" };
            return Err(Error::declaration(
                what,
                name,
                format!("{rows} {values} given for {set:?}"),
            ));
        }
        let reason = format!(
            "{given:?} rows given by ranks for {set:?}: give all of them on every rank, on each rank its block (here {:?}), or all on one rank and none elsewhere",
            block(comm.rank())
        );
        Err(Error::declaration(what, name, reason))
    }

    /// The rank that gives the row of an element, and its place there.
    fn place(self, comm: &dyn Comm, size: usize, user: usize) -> (usize, usize) {
        match self {
            Self::Whole => (comm.rank(), user),
            Self::On(root) => (root, user),
            Self::Blocks => {
                let rank = block_owner(size as u64, comm.size(), user as u64);
                (rank, user - block_range(size as u64, comm.size(), rank).start as usize)
            }
        }
    }

    /// The user's number of the element whose row this rank gives at a place.
    pub fn user(self, comm: &dyn Comm, size: usize, at: usize) -> usize {
        match self {
            Self::Whole | Self::On(_) => at,
            Self::Blocks => block_range(size as u64, comm.size(), comm.rank()).start as usize + at,
        }
    }

    /// The rows of the elements that belong to this rank, in their local sequence. Collective.
    ///
    /// # Errors
    /// Those of the ranks.
    pub fn owned_rows(
        self,
        comm: &dyn Comm,
        set: &SetCore,
        row_bytes: usize,
        given: &[u8],
    ) -> Result<Vec<u8>> {
        let order = set.order();
        let owned = set.owned();
        let user = |local: usize| order.as_ref().map_or(local, |o| o.to_user()[local] as usize);
        let places: Vec<(usize, usize)> =
            (0..owned).map(|local| self.place(comm, set.size, user(local))).collect();
        let row = |at: usize| &given[at * row_bytes..(at + 1) * row_bytes];
        if self == Self::Whole {
            return Ok(places.iter().flat_map(|&(_, at)| row(at)).copied().collect());
        }
        let mut asked = vec![Vec::new(); comm.size()];
        for &(rank, at) in &places {
            asked[rank].extend_from_slice(&(at as u64).to_le_bytes());
        }
        let questions = comm.all_to_all(asked)?;
        let answer = |question: &Vec<u8>| {
            let wanted: Vec<u64> = pod_collect_to_vec(question);
            wanted.iter().flat_map(|&at| row(at as usize)).copied().collect()
        };
        let answers = comm.all_to_all(questions.iter().map(answer).collect())?;
        let mut taken = vec![0; comm.size()];
        let mut rows = Vec::with_capacity(owned * row_bytes);
        for (rank, _) in places {
            rows.extend_from_slice(&answers[rank][taken[rank]..][..row_bytes]);
            taken[rank] += row_bytes;
        }
        Ok(rows)
    }
}

/// All rows of a set in the user's sequence on every rank, from those that each rank owns. Collective.
///
/// # Errors
/// Those of the ranks.
pub fn gather_rows(
    comm: &dyn Comm,
    set: &SetCore,
    row_bytes: usize,
    owned: &[u8],
) -> Result<Vec<u8>> {
    Ok(in_sequence(set, row_bytes, &comm.all_gather(&numbered(set, owned))?))
}

/// As [`gather_rows`], on one rank only. Collective.
///
/// # Errors
/// Those of the ranks; no such rank.
pub fn collect_rows(
    comm: &dyn Comm,
    rank: usize,
    set: &SetCore,
    row_bytes: usize,
    owned: &[u8],
) -> Result<Option<Vec<u8>>> {
    if rank >= comm.size() {
        return Err(Error::Other(format!("there is no rank {rank}: {} ranks", comm.size())));
    }
    let mut send = vec![Vec::new(); comm.size()];
    send[rank] = numbered(set, owned);
    let all = comm.all_to_all(send)?;
    Ok((rank == comm.rank()).then(|| in_sequence(set, row_bytes, &all)))
}

/// A message of rows, after the user's numbers of their elements.
fn numbered(set: &SetCore, owned: &[u8]) -> Vec<u8> {
    let order = set.order();
    let user = |local: usize| order.as_ref().map_or(local as u32, |o| o.to_user()[local]);
    let mut message = Vec::with_capacity(set.owned() * size_of::<u32>() + owned.len());
    (0..set.owned()).for_each(|local| message.extend_from_slice(&user(local).to_le_bytes()));
    message.extend_from_slice(owned);
    message
}

/// The rows of such messages in the user's sequence.
fn in_sequence(set: &SetCore, row_bytes: usize, messages: &[Vec<u8>]) -> Vec<u8> {
    let mut rows = vec![0; set.size * row_bytes];
    for message in messages {
        let count = message.len() / (size_of::<u32>() + row_bytes);
        let (users, values) = message.split_at(size_of::<u32>() * count);
        for (i, user) in pod_collect_to_vec::<u8, u32>(users).into_iter().enumerate() {
            let user = user as usize;
            rows[user * row_bytes..(user + 1) * row_bytes]
                .copy_from_slice(&values[i * row_bytes..(i + 1) * row_bytes]);
        }
    }
    rows
}

fn number(bytes: &[u8]) -> usize {
    bytes.try_into().map_or(usize::MAX, |bytes| u64::from_le_bytes(bytes) as usize)
}
