//! The ways to keep work-items apart: each with its order, or with what speaks against it.

use super::coloring::color;
use super::first_fit::MOST_COLORS;
use super::reason::{self, Obstacle};
use super::request::{Limits, Request};
use super::staging::{LARGEST_BLOCK, color_blocks, cut};
use super::{Order, Races, Staging};

/// So many colors are accepted whatever they hold.
pub(super) const FEW_COLORS: usize = 16;

/// Elements that a color of blocks must have on average: fewer leave a device idle, and then colors of
/// elements, of which there are fewer, are better.
const ELEMENTS_PER_COLOR_OF_BLOCKS: usize = 20_000;

/// Blocks are not halved below this: the work-items that run in step.
const SMALLEST_BLOCK: usize = 32;

/// Turns that the elements of a block may take, on average over the blocks, whatever the block's size.
const FEW_TURNS: usize = 32;

/// In larger blocks more turns are accepted, if so many elements take each.
const ELEMENTS_PER_TURN: usize = 4;

/// All positions in one launch; none if there are none.
pub(super) fn whole(request: &Request<'_>, races: Races, reason: impl Into<String>) -> Order {
    let all = 0..request.positions as u32;
    Order {
        races,
        reason: reason.into(),
        launches: if all.is_empty() { Vec::new() } else { vec![all] },
        elements: Vec::new(),
        staging: None,
        seconds: 0.0,
    }
}

fn all_combine(request: &Request<'_>) -> Result<(), Obstacle> {
    let combine = request.targets.iter().all(|target| target.combines);
    if combine { Ok(()) } else { Err(Obstacle::Overwrites) }
}

pub(super) fn atomics(request: &Request<'_>) -> Result<Order, Obstacle> {
    all_combine(request)?;
    if !request.targets.iter().all(|target| target.atomic) {
        return Err(Obstacle::NotAtomic);
    }
    let exact = request.targets.iter().all(|target| target.exact);
    let reason = if exact { reason::EXACT } else { reason::ATOMICS };
    Ok(whole(request, Races::Atomics, reason))
}

pub(super) fn colored(request: &Request<'_>, max_colors: usize) -> Result<Order, Obstacle> {
    let elements = request.positions;
    let colored =
        color(request, max_colors).ok_or(Obstacle::CrowdedElements { elements, max_colors })?;
    Ok(Order {
        races: Races::Coloring,
        reason: reason::colored(elements, colored.launches.len()),
        launches: colored.launches,
        elements: colored.elements,
        staging: None,
        seconds: 0.0,
    })
}

/// What blocks must keep to be better than colors of elements.
pub(super) struct Worth {
    max_colors: usize,
    few_turns: usize,
}

impl Worth {
    /// All are welcome that can be counted.
    pub(super) const ANY: Self = Self { max_colors: MOST_COLORS, few_turns: usize::MAX };

    pub(super) fn of(request: &Request<'_>) -> Self {
        let colors = request.positions / ELEMENTS_PER_COLOR_OF_BLOCKS;
        Self { max_colors: colors.clamp(FEW_COLORS, MOST_COLORS), few_turns: FEW_TURNS }
    }

    fn turns(&self, staging: &Staging) -> Result<(), Obstacle> {
        let turns: f64 = staging.num_colors.iter().copied().map(f64::from).sum();
        let average = turns / staging.num_colors.len() as f64;
        let most = self.few_turns.max(staging.block / ELEMENTS_PER_TURN);
        if average <= most as f64 { Ok(()) } else { Err(Obstacle::Turns { average }) }
    }
}

pub(super) fn staged(
    request: &Request<'_>,
    limits: &Limits,
    worth: &Worth,
) -> Result<Order, Obstacle> {
    all_combine(request)?;
    if request.points != 1 {
        return Err(Obstacle::Points);
    }
    let mut staging = largest_blocks(request, limits)?;
    worth.turns(&staging)?;
    let (blocks, max_colors) = (staging.num_colors.len(), worth.max_colors);
    let launches = color_blocks(request, &mut staging, max_colors)
        .ok_or(Obstacle::CrowdedBlocks { blocks, max_colors })?;
    let bytes = staging.local_bytes(request.targets);
    Ok(Order {
        races: Races::Staging,
        reason: reason::staged(&staging, launches.len(), bytes),
        launches,
        elements: Vec::new(),
        staging: Some(staging),
        seconds: 0.0,
    })
}

/// Blocks of a group, or of as large a part of it as fits into its memory.
fn largest_blocks(request: &Request<'_>, limits: &Limits) -> Result<Staging, Obstacle> {
    let largest = limits.group.clamp(1, LARGEST_BLOCK);
    let half = |size: &usize| Some(size / 2).filter(|&half| half >= SMALLEST_BLOCK);
    let mut block = largest;
    for size in std::iter::successors(Some(largest), half) {
        if let Some(staging) = cut(request, size, limits.local_bytes) {
            return Ok(staging);
        }
        block = size;
    }
    Err(Obstacle::TooLarge { block, local_bytes: limits.local_bytes })
}
