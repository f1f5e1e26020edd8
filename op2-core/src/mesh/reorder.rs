//! Renumbering for locality, applied to all sets, maps, dats and subsets of a context together.
//!
//! One set is given an order; the others follow through the maps: elements are sorted by the rows
//! they name, and sets that nothing sorts are numbered by first use. Users keep their numbering:
//! guards, `index()`, subsets and messages translate.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use crate::base::error::{Error, Result};
use crate::mesh::dat::Dat;
use crate::mesh::home::Home;
use crate::mesh::map::{Map, MapCore};
use crate::mesh::ordering::{
    Permutation, Spread, hilbert, order_by_rows, reverse_cuthill_mckee_map,
};
use crate::mesh::registry::Everything;
use crate::mesh::set::{Set, SetCore};

/// Which set to order and how; the others follow.
#[derive(Clone, Debug)]
pub struct Reorder {
    lead: Lead,
    kept: HashSet<u64>,
}

#[derive(Clone, Debug)]
enum Lead {
    /// The target set of this map, by reverse Cuthill-McKee.
    Rows(Arc<MapCore>),
    /// This set, along a Hilbert curve.
    Curve { set: Arc<SetCore>, order: Result<Vec<u32>, String>, numbering: u64 },
}

impl Reorder {
    /// Orders the set that `map` leads to by reverse Cuthill-McKee, where elements are neighbors if
    /// one element of the other set names both: cells through `edge_cells`.
    pub fn cuthill_mckee<F, T, const A: usize>(map: &Map<F, T, A>) -> Self {
        Self { lead: Lead::Rows(map.core().clone()), kept: HashSet::new() }
    }

    /// Orders the set of `points` along a Hilbert curve; `D` is 2 or 3. The points are read now: on several
    /// ranks make the request after `partition`. Collective.
    pub fn hilbert<S, const D: usize>(points: &Dat<S, [f64; D]>) -> Self {
        let set = points.core().set.clone();
        let order = present_points(points).map(|points| hilbert(&points));
        let order = order.map_err(|error| error.to_string());
        let numbering = set.home.numbering();
        Self { lead: Lead::Curve { set, order, numbering }, kept: HashSet::new() }
    }

    /// Leaves a set as it is.
    #[must_use]
    pub fn keep<S>(mut self, set: &Set<S>) -> Self {
        self.kept.insert(set.core().id);
        self
    }
}

/// All points, or those of this rank, in the numbers that they will be ordered in.
fn present_points<S, const D: usize>(points: &Dat<S, [f64; D]>) -> Result<Vec<[f64; D]>> {
    let home = &points.core().set.home;
    if home.comm().is_none() {
        return points.to_vec();
    }
    let turn = home.turn()?;
    home.settle_topology()?;
    drop(turn);
    points.owned_values()
}

/// What a renumbering achieved.
#[derive(Clone, Debug)]
pub struct Reordered {
    /// For each map: its name, and the spread of the rows that one element names, before and after.
    pub maps: Vec<(String, Spread, Spread)>,
    /// Time it took.
    pub seconds: f64,
}

impl Reordered {
    /// What was achieved since `start`, from the distances that there were; the turn is held.
    pub(crate) fn since(start: Instant, maps: &[Arc<MapCore>], before: Vec<Spread>) -> Self {
        let maps = maps.iter().zip(before);
        let maps = maps.map(|(map, before)| (map.name.clone(), before, spread(map))).collect();
        Self { maps, seconds: start.elapsed().as_secs_f64() }
    }
}

impl fmt::Display for Reordered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "renumbered in {:.3} s; distance of the rows named by one element:",
            self.seconds
        )?;
        for (name, before, after) in &self.maps {
            writeln!(f, "  {name}: {before} -> {after}")?;
        }
        Ok(())
    }
}

/// The order that a request gives to each set, by the sets' ids: `to_old[new] = present number`. Of
/// sets that are not named all keep their order. On several ranks these are orders of what each stores.
///
/// # Errors
/// Data of another context.
pub(crate) fn orders(
    home: &Home,
    maps: &[Arc<MapCore>],
    request: &Reorder,
) -> Result<HashMap<u64, Permutation>> {
    let (set, order) = lead(home, request)?;
    let mut orders = HashMap::new();
    if !request.kept.contains(&set.id) {
        orders.insert(set.id, permutation(order)?);
    }
    follow(maps, &request.kept, set.id, &mut orders)?;
    Ok(orders)
}

/// The distances of the rows that one element names, for each map.
pub(crate) fn spreads(maps: &[Arc<MapCore>]) -> Vec<Spread> {
    maps.iter().map(|map| spread(map)).collect()
}

/// Renumbers; nothing is changed on an error. Plans made before no longer hold.
///
/// # Errors
/// A guard on a dat that would move, data of another context, a call from inside a loop.
pub fn reorder(home: &Home, request: &Reorder) -> Result<Reordered> {
    let start = Instant::now();
    let _turn = home.turn()?;
    let registry = home.registry();
    let all = registry.alive();
    let orders = orders(home, &all.maps, request)?;
    if let Some(dat) =
        all.dats.iter().find(|dat| orders.contains_key(&dat.set.id) && dat.blocked(true).is_some())
    {
        let reason = dat.blocked(true).unwrap_or_default().replace("the loop", "renumbering");
        return Err(Error::InUse { what: "dat", name: dat.name.clone(), reason });
    }
    for dat in all.dats.iter().filter(|dat| orders.contains_key(&dat.set.id)) {
        // SAFETY: the turn is held, and there is no guard.
        unsafe { dat.on_host(true)? };
    }
    let before = spreads(&all.maps);
    // Before, so that nothing old is used should it fail half-way; after, for who looked meanwhile.
    home.renumbered();
    apply(&all, &orders)?;
    home.renumbered();
    Ok(Reordered::since(start, &all.maps, before))
}

fn refused(reason: impl fmt::Display) -> Error {
    Error::declaration("reorder", "set", reason.to_string())
}

fn permutation(order: Vec<u32>) -> Result<Permutation> {
    Permutation::new(order).map_err(refused)
}

/// The set to begin with, and its order: `order[new] = present number`.
fn lead(home: &Home, request: &Reorder) -> Result<(Arc<SetCore>, Vec<u32>)> {
    let (set, order) = match &request.lead {
        Lead::Rows(map) => {
            // SAFETY: the turn is held.
            let table = unsafe { map.table() };
            let order = reverse_cuthill_mckee_map(table, map.arity, map.to.rows()).map_err(refused);
            (map.to.clone(), order)
        }
        Lead::Curve { set, order, numbering } => {
            if home.comm().is_some() && *numbering != home.numbering() {
                return Err(refused(
                    "elements have moved since the points were read: make the request after `partition` and after all declarations",
                ));
            }
            let order = order.clone().map_err(refused).map(|mut order| {
                if let Some(now) = set.permutation() {
                    // Points were read in the user's numbering.
                    order.iter_mut().for_each(|user| *user = now.to_new()[*user as usize]);
                }
                // On several ranks only those of owned elements were.
                order.extend(order.len() as u32..set.rows() as u32);
                order
            });
            (set.clone(), order)
        }
    };
    if set.home.id() == home.id() {
        Ok((set, order?))
    } else {
        Err(refused(format!("{set:?} belongs to another context")))
    }
}

/// Gives an order to every set that maps connect with those that have one.
fn follow(
    maps: &[Arc<MapCore>],
    kept: &HashSet<u64>,
    lead: u64,
    orders: &mut HashMap<u64, Permutation>,
) -> Result<()> {
    // Sets that are kept count as done, in their present order.
    let mut done: HashSet<u64> = kept.clone();
    done.insert(lead);
    loop {
        let sortable = maps.iter().find(|m| done.contains(&m.to.id) && !done.contains(&m.from.id));
        if let Some(map) = sortable {
            orders.insert(map.from.id, permutation(sorted_by_rows(map, orders.get(&map.to.id)))?);
            done.insert(map.from.id);
            continue;
        }
        let usable = maps.iter().find(|m| done.contains(&m.from.id) && !done.contains(&m.to.id));
        let Some(map) = usable else { return Ok(()) };
        orders.insert(map.to.id, permutation(by_first_use(map, orders.get(&map.from.id)))?);
        done.insert(map.to.id);
    }
}

/// Elements in the sequence of the rows they name.
fn sorted_by_rows(map: &MapCore, to: Option<&Permutation>) -> Vec<u32> {
    if map.arity == 0 {
        return (0..map.from.rows() as u32).collect();
    }
    // SAFETY: called in the home's turn.
    let mut table = unsafe { map.table() }.to_vec();
    if let Some(to) = to {
        table.iter_mut().for_each(|row| *row = to.to_new()[*row as usize]);
    }
    let mut order = order_by_rows(&table, map.arity);
    // Elements of the halo may have no entries here.
    order.extend(order.len() as u32..map.from.rows() as u32);
    order
}

/// Rows in the sequence in which elements first name them; unnamed ones last.
fn by_first_use(map: &MapCore, from: Option<&Permutation>) -> Vec<u32> {
    // SAFETY: called in the home's turn.
    let table = unsafe { map.table() };
    let mut seen = vec![false; map.to.rows()];
    let mut order = Vec::with_capacity(map.to.rows());
    let mut visit = |row: u32| {
        if !std::mem::replace(&mut seen[row as usize], true) {
            order.push(row);
        }
    };
    let sequence = (0..map.from.rows()).map(|new| from.map_or(new, |f| f.to_old()[new] as usize));
    for element in sequence.filter(|&element| element < map.from.mapped()) {
        table[element * map.arity..][..map.arity].iter().copied().for_each(&mut visit);
    }
    (0..map.to.rows() as u32).for_each(visit);
    order
}

fn spread(map: &MapCore) -> Spread {
    // SAFETY: called in the home's turn.
    Spread::of(unsafe { map.table() }, map.arity)
}

/// Moves everything. All that can fail is prepared before anything is moved.
fn apply(all: &Everything, orders: &HashMap<u64, Permutation>) -> Result<()> {
    let tables: Vec<_> =
        all.maps.iter().map(|map| new_table(map, orders)).collect::<Result<_>>()?;
    let mut sets: HashMap<u64, Arc<SetCore>> = HashMap::new();
    for (map, table) in all.maps.iter().zip(tables) {
        // SAFETY: the turn is held; a renumbered table names the same rows as before.
        unsafe { map.replace(&table) };
        sets.insert(map.from.id, map.from.clone());
        sets.insert(map.to.id, map.to.clone());
    }
    for dat in &all.dats {
        if let Some(order) = orders.get(&dat.set.id) {
            // SAFETY: the turn is held, no guard is alive, and the values are here.
            unsafe { dat.permute(order.to_old()) };
        }
        sets.insert(dat.set.id, dat.set.clone());
    }
    for subset in &all.subsets {
        if let Some(order) = orders.get(&subset.set.id) {
            subset.renumber(order.to_new());
        }
        sets.insert(subset.set.id, subset.set.clone());
    }
    for (id, order) in orders {
        let Some(set) = sets.get(id) else { continue };
        let total = match set.permutation() {
            Some(before) => before.then(order).map_err(refused)?,
            None => order.clone(),
        };
        set.set_order(Arc::new(total));
    }
    Ok(())
}

fn new_table(map: &MapCore, orders: &HashMap<u64, Permutation>) -> Result<Vec<u32>> {
    // SAFETY: the turn is held.
    let table = unsafe { map.table() };
    let mut table = match orders.get(&map.from.id) {
        Some(order) => order.apply(table, map.arity).map_err(refused)?,
        None => table.to_vec(),
    };
    if let Some(order) = orders.get(&map.to.id) {
        order.renumber(&mut table).map_err(refused)?;
    }
    Ok(table)
}
