//! Plain orders of elements, for small meshes: first fit, element after element.

use op2_core::device::order::{NOWHERE, Races, StagedTarget, Staging};
use op2_core::device::targets::{Target, table_arity};
use op2_core::matrix::side::Side;
use op2_core::par_loop::arg::{ArgRef, Route};
use op2_core::par_loop::descriptor::LoopRef;

/// Positions of a block.
pub(crate) const BLOCK: usize = 64;

/// No row.
const DROPPED: u32 = u32::MAX;

/// What a launch needs to know of the order of a loop.
pub(crate) struct Order {
    /// Places in `list`, positions, or places in the staging's blocks.
    pub(crate) launches: Vec<(usize, usize)>,
    /// The element of each position.
    pub(crate) list: Vec<u32>,
    pub(crate) staging: Option<Staging>,
}

/// The order of a loop.
pub(crate) fn order(the_loop: &LoopRef<'_>, targets: &[Target], races: Races) -> Order {
    let elements = elements(the_loop);
    let rows: Vec<Vec<Vec<u32>>> =
        targets.iter().map(|target| changed(the_loop, target, &elements)).collect();
    match races {
        Races::Coloring => coloring(&elements, &rows),
        Races::Staging => staging(elements, &rows),
        Races::None | Races::Atomics | Races::Serial => {
            Order { launches: vec![(0, elements.len())], list: elements, staging: None }
        }
    }
}

fn elements(the_loop: &LoopRef<'_>) -> Vec<u32> {
    match the_loop.space.subset {
        Some(subset) => subset.indices().to_vec(),
        None => (0..the_loop.space.set.size as u32).collect(),
    }
}

/// An argument's table, `[elements, columns]`.
pub(crate) fn table(arg: &ArgRef<'_>) -> Vec<u32> {
    if let Some((mat, rows, cols)) = arg.mat() {
        fn side(route: Route<'_>) -> Side<'_> {
            Side { map: route.map, mask: route.mask.map(|mask| &**mask) }
        }
        // SAFETY: nothing is renumbered meanwhile.
        let places = unsafe { mat.sparsity.positions(side(rows), side(cols)) };
        return places.expect("the matrix has these entries").places().to_vec();
    }
    let route = arg.via.rows().expect("the argument has a map");
    // SAFETY: nothing is renumbered meanwhile.
    unsafe { route.map.table() }.to_vec()
}

/// The rows of a target that each element changes, entry by entry.
fn changed(the_loop: &LoopRef<'_>, target: &Target, elements: &[u32]) -> Vec<Vec<u32>> {
    let mut rows = vec![Vec::new(); elements.len()];
    for reach in &target.reaches {
        let arg = &the_loop.args[reach.arg];
        let (table, arity) = (table(arg), table_arity(arg));
        for (rows, &element) in rows.iter_mut().zip(elements) {
            let of_element = &table[element as usize * arity..];
            rows.extend(reach.columns.iter().map(|&column| of_element[column]));
        }
    }
    rows
}

/// The first color for each of some things that shares no row with a thing before it of that color.
fn colors(things: usize, rows: &[impl Fn(usize) -> Vec<u32>]) -> Vec<usize> {
    let mut taken: Vec<Vec<(usize, u32)>> = Vec::new();
    let first_fit = |thing| {
        let own: Vec<(usize, u32)> = rows
            .iter()
            .enumerate()
            .flat_map(|(t, rows)| rows(thing).into_iter().map(move |row| (t, row)))
            .filter(|(_, row)| *row != DROPPED)
            .collect();
        let free = |taken: &Vec<(usize, u32)>| own.iter().all(|row| !taken.contains(row));
        let color = taken.iter().position(free).unwrap_or(taken.len());
        taken.resize(taken.len().max(color + 1), Vec::new());
        taken[color].extend(own);
        color
    };
    (0..things).map(first_fit).collect()
}

/// What has a color comes after all of smaller colors; where each color's begin and end.
fn sorted(colors: &[usize]) -> (Vec<usize>, Vec<(usize, usize)>) {
    let mut order: Vec<usize> = (0..colors.len()).collect();
    order.sort_by_key(|&thing| colors[thing]);
    let mut ranges = Vec::new();
    let mut start = 0;
    for group in order.chunk_by(|a, b| colors[*a] == colors[*b]) {
        ranges.push((start, start + group.len()));
        start += group.len();
    }
    (order, ranges)
}

fn coloring(elements: &[u32], rows: &[Vec<Vec<u32>>]) -> Order {
    let of: Vec<_> = rows.iter().map(|rows| |position: usize| rows[position].clone()).collect();
    let (order, launches) = sorted(&colors(elements.len(), &of));
    let list = order.into_iter().map(|position| elements[position]).collect();
    Order { launches, list, staging: None }
}

fn staging(elements: Vec<u32>, rows: &[Vec<Vec<u32>>]) -> Order {
    let positions = elements.len();
    let num_blocks = positions.div_ceil(BLOCK);
    let range = |block: usize| block * BLOCK..((block + 1) * BLOCK).min(positions);
    let of_block: Vec<_> =
        rows.iter().map(|rows| move |block: usize| rows[range(block)].concat()).collect();
    let (order, launches) = sorted(&colors(num_blocks, &of_block));
    let (mut element_colors, mut num_colors) = (Vec::new(), Vec::new());
    for block in 0..num_blocks {
        let start = block * BLOCK;
        let of: Vec<_> = rows.iter().map(|rows| move |i: usize| rows[start + i].clone()).collect();
        let own = colors(range(block).len(), &of);
        num_colors.push(own.iter().max().map_or(0, |most| *most as u32 + 1));
        element_colors.extend(own.into_iter().map(|color| color as u16));
    }
    let staging = Staging {
        block: BLOCK,
        blocks: order.into_iter().map(|block| block as u32).collect(),
        colors: element_colors,
        num_colors,
        targets: rows.iter().map(|rows| target(rows, num_blocks, range)).collect(),
    };
    Order { launches, list: elements, staging: Some(staging) }
}

fn target(
    changed: &[Vec<u32>],
    num_blocks: usize,
    range: impl Fn(usize) -> std::ops::Range<usize>,
) -> StagedTarget {
    let positions = changed.len();
    let entries = changed.first().map_or(0, Vec::len);
    let mut places = vec![NOWHERE; entries * positions];
    let (mut offsets, mut rows, mut most_rows) = (vec![0], Vec::new(), 0);
    for block in 0..num_blocks {
        let mut own = changed[range(block)].concat();
        own.retain(|row| *row != DROPPED);
        own.sort_unstable();
        own.dedup();
        for position in range(block) {
            for (entry, row) in changed[position].iter().enumerate() {
                if let Ok(place) = own.binary_search(row) {
                    places[entry * positions + position] = place as u16;
                }
            }
        }
        most_rows = most_rows.max(own.len());
        rows.extend(own);
        offsets.push(rows.len() as u32);
    }
    StagedTarget { offsets, rows, places, most_rows }
}
