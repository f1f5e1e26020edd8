//! Runs a random program on one rank or several.

use op2::prelude::*;
use op2_props::world::WholeMap;

use crate::kernels::{
    advance, agree, assign, collect, copy, flow, give, look, lower, measure, measure_through,
    overwrite, raise, relay, replace, spread, spread_and_measure, turn, use_sums,
};
use crate::program::{Action, DATS, Kind, Program, Start};

op2::sets! { Points; }

/// What dats hold.
pub(crate) type Value = [i64; 2];

/// All that a rank has seen.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) shown: Vec<Shown>,
    /// All dats in the end, set by set.
    pub(crate) dats: Vec<Vec<Value>>,
    /// All globals in the end.
    pub(crate) sums: Vec<Value>,
}

/// What an action has shown; nothing where another rank sees it.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) action: usize,
    pub(crate) values: Option<Vec<Value>>,
}

/// What there is to see of an action.
enum Seen {
    Nothing,
    /// Another rank sees it.
    Elsewhere,
    Values(Vec<Value>),
}

/// A map of any arity.
enum AnyMap {
    One(Map<Points, Points, 1>),
    Two(Map<Points, Points, 2>),
    Three(Map<Points, Points, 3>),
}

/// The mesh as declared, with its dats.
struct Mesh {
    sets: Vec<Set<Points>>,
    maps: Vec<AnyMap>,
    parts: Vec<Subset<Points>>,
    dats: Vec<[Dat<Points, Value>; DATS]>,
    sum: Global<Value>,
    low: Global<Value>,
    high: Global<Value>,
    total: Reduction<Value>,
}

pub(crate) fn run(cx: &Context, program: &Program) -> op2::Result<Answer> {
    let mesh = Mesh::declare(cx, program)?;
    if let Start::Given(set) = program.start {
        mesh.partition(cx, program, set, 0)?;
    }
    let mut answer = Answer::default();
    for (at, action) in program.actions.iter().enumerate() {
        let values = match mesh.act(cx, program, action)? {
            Seen::Nothing => continue,
            Seen::Elsewhere => None,
            Seen::Values(values) => Some(values),
        };
        answer.shown.push(Shown { action: at, values });
    }
    answer.sums = mesh.sums()?;
    answer.dats = mesh.dats.iter().flatten().map(Dat::to_vec).collect::<op2::Result<_>>()?;
    Ok(answer)
}

/// What follows, over the elements of an action.
macro_rules! over {
    ($mesh:expr, $action:expr, |$space:ident| $loop:expr) => {
        match $action.part {
            None => {
                let $space = &$mesh.sets[$action.set];
                $loop
            }
            Some(part) => {
                let $space = &$mesh.parts[part];
                $loop
            }
        }
    };
}

/// What follows, with a map as what it is, and the number of its last entry.
macro_rules! through {
    ($any:expr, |$map:ident, $last:ident| $loop:expr) => {
        match $any {
            AnyMap::One($map) => {
                #[allow(dead_code, reason = "some loops take all entries")]
                const $last: usize = 0;
                $loop
            }
            AnyMap::Two($map) => {
                #[allow(dead_code, reason = "some loops take all entries")]
                const $last: usize = 1;
                $loop
            }
            AnyMap::Three($map) => {
                #[allow(dead_code, reason = "some loops take all entries")]
                const $last: usize = 2;
                $loop
            }
        }
    };
}

impl Mesh {
    fn declare(cx: &Context, program: &Program) -> op2::Result<Self> {
        let world = &program.world;
        let mut sets = Vec::new();
        for (number, set) in world.sets.iter().enumerate() {
            sets.push(cx.set_named::<Points>(&format!("set{number}"), set.owner.len())?);
        }
        let mut maps = Vec::new();
        for (number, map) in world.maps.iter().enumerate() {
            let (name, from, to) = (format!("map{number}"), &sets[map.from], &sets[map.to]);
            maps.push(match map.arity {
                1 => AnyMap::One(cx.map(&name, from, to, rows(map))?),
                2 => AnyMap::Two(cx.map(&name, from, to, rows(map))?),
                3 => AnyMap::Three(cx.map(&name, from, to, rows(map))?),
                arity => panic!("no loop takes {arity} entries"),
            });
        }
        let mut parts = Vec::new();
        for (number, part) in program.parts.iter().enumerate() {
            parts.push(cx.subset(&format!("part{number}"), &sets[part.set], &part.elements)?);
        }
        let mut dats = Vec::new();
        for (number, set) in sets.iter().enumerate() {
            let values = |salt: i64| -> Vec<Value> {
                (0..set.size() as i64).map(|i| [i * salt + 3, 1000 - i * salt]).collect()
            };
            let name = |which| format!("dat{number}_{which}");
            dats.push([
                cx.dat(&name(0), set, values(37))?,
                cx.dat(&name(1), set, values(101))?,
                cx.dat_zeros(&name(2), set)?,
            ]);
        }
        let (sum, low) = (cx.global("sum", [0; 2]), cx.global("low", [0; 2]));
        let (high, total) = (cx.global("high", [0; 2]), cx.reduction("total"));
        Ok(Self { sets, maps, parts, dats, sum, low, high, total })
    }

    /// Gives each element of a set to its owner, or to a rank so many further.
    fn partition(&self, cx: &Context, program: &Program, set: usize, by: usize) -> op2::Result<()> {
        let (world, ranks) = (&program.world, cx.ranks());
        let owners = world.sets[set].owner.iter().enumerate();
        // Not the same for all, so that neighbors change.
        let ranks = owners.map(|(i, &owner)| ((owner + by * (1 + i % 3)) % ranks) as u32);
        let ranks = cx.dat("ranks", &self.sets[set], ranks.collect::<Vec<u32>>())?;
        cx.partition(&Partition::given(&ranks))?;
        Ok(())
    }

    /// Does what an action says, and gives what there is to see.
    fn act(&self, cx: &Context, program: &Program, action: &Action) -> op2::Result<Seen> {
        let salt = action.salt;
        let [y, _, w] = self.dats_of(action);
        match action.kind {
            Kind::Show => return Ok(Seen::Values(y.to_vec()?)),
            Kind::Gather => {
                return Ok(y
                    .gather(salt as usize % cx.ranks())?
                    .map_or(Seen::Elsewhere, Seen::Values));
            }
            Kind::ShowSums => return self.sums().map(Seen::Values),
            Kind::Reduce => {
                over!(self, action, |space| par_loop!(
                    measure,
                    space,
                    w(Read),
                    self.total(Inc),
                    self.low(Min),
                    self.high(Max)
                ))?;
                return Ok(Seen::Values(vec![self.total.value()?]));
            }
            Kind::Poke => poke(cx, y, salt)?,
            Kind::SetSums => self.sum.set([salt, -salt]),
            Kind::Blocks => drop(cx.partition(&Partition::blocks(&self.sets[action.set]))?),
            Kind::Scatter => self.partition(cx, program, action.set, salt as usize)?,
            // One rank finds the same without it.
            Kind::Reorder if cx.ranks() == 1 => (),
            Kind::Reorder => through!(&self.maps[action.map], |map, _LAST| {
                cx.reorder(&Reorder::cuthill_mckee(map))?;
            }),
            _ => self.run_loop(action)?,
        }
        Ok(Seen::Nothing)
    }

    fn dats_of(&self, action: &Action) -> [&Dat<Points, Value>; 3] {
        [action.y, action.x, action.w].map(|(set, which)| &self.dats[set][which])
    }

    /// Loops without maps, and all others.
    fn run_loop(&self, action: &Action) -> op2::Result<()> {
        let Self { sum, low, high, .. } = self;
        let ([y, _, w], salt) = (self.dats_of(action), action.salt);
        match action.kind {
            Kind::Assign => {
                over!(self, action, |space| par_loop!(assign, space, index(), salt(Read), y(Write)))
            }
            Kind::Advance => {
                over!(self, action, |space| par_loop!(advance, space, salt(Read), w(Read), y(Rw)))
            }
            Kind::Measure => over!(self, action, |space| par_loop!(
                measure,
                space,
                w(Read),
                sum(Inc),
                low(Min),
                high(Max)
            )),
            Kind::UseSums => over!(self, action, |space| par_loop!(
                use_sums,
                space,
                sum(Read),
                low(Read),
                high(Read),
                y(Rw)
            )),
            _ => self.run_reading(action),
        }
    }

    /// Loops that read through a map, and those that change.
    fn run_reading(&self, action: &Action) -> op2::Result<()> {
        let Self { sum, low, .. } = self;
        let ([y, x, w], salt) = (self.dats_of(action), action.salt);
        match action.kind {
            Kind::Collect => through!(&self.maps[action.map], |map, LAST| {
                over!(self, action, |space| par_loop!(collect, space, x(Read, map), w(Read), y(Rw)))
            }),
            Kind::Replace => through!(&self.maps[action.map], |map, LAST| {
                par_loop!(replace, self.sets[action.set], x(Read, map), y(Write))
            }),
            Kind::Look => through!(&self.maps[action.map], |map, LAST| {
                over!(self, action, |space| par_loop!(
                    look,
                    space,
                    salt(Read),
                    x(Read, map[LAST]),
                    y(Rw)
                ))
            }),
            Kind::MeasureThrough => through!(&self.maps[action.map], |map, LAST| {
                over!(self, action, |space| par_loop!(
                    measure_through,
                    space,
                    x(Read, map),
                    w(Read),
                    sum(Inc),
                    low(Min)
                ))
            }),
            _ => self.run_adding(action),
        }
    }

    /// Loops that add through a map, and those that change otherwise.
    fn run_adding(&self, action: &Action) -> op2::Result<()> {
        let Self { sum, high, maps, .. } = self;
        let ([y, x, w], salt) = (self.dats_of(action), action.salt);
        match action.kind {
            Kind::Spread => through!(&self.maps[action.map], |map, LAST| {
                over!(self, action, |space| par_loop!(
                    spread,
                    space,
                    salt(Read),
                    w(Read),
                    y(Inc, map)
                ))
            }),
            Kind::SpreadAndMeasure => through!(&self.maps[action.map], |map, LAST| {
                over!(self, action, |space| par_loop!(
                    spread_and_measure,
                    space,
                    w(Read),
                    y(Inc, map),
                    sum(Inc),
                    high(Max)
                ))
            }),
            Kind::Give => through!(&self.maps[action.map], |map, LAST| {
                over!(self, action, |space| par_loop!(
                    give,
                    space,
                    index(),
                    w(Read),
                    y(Inc, map[LAST])
                ))
            }),
            Kind::Flow => through!(&self.maps[action.map], |map, LAST| {
                over!(self, action, |space| par_loop!(
                    flow,
                    space,
                    x(Read, map[0]),
                    x(Read, map[LAST]),
                    w(Read),
                    y(Inc, map[LAST]),
                    y(Inc, map[0])
                ))
            }),
            Kind::Relay => through!(&self.maps[action.map], |map, _LAST| {
                through!(&maps[action.other], |other, LAST| {
                    par_loop!(
                        relay,
                        self.sets[action.set],
                        x(Read, map[0]),
                        w(Read),
                        y(Inc, other[LAST])
                    )
                })
            }),
            _ => self.run_changing(action),
        }
    }

    /// Loops that change what a map leads to, but do not add.
    fn run_changing(&self, action: &Action) -> op2::Result<()> {
        let [y, x, w] = self.dats_of(action);
        match action.kind {
            Kind::Lower => through!(&self.maps[action.map], |map, LAST| {
                over!(self, action, |space| par_loop!(
                    lower,
                    space,
                    x(Read, map[0]),
                    w(Read),
                    y(Min, map[LAST])
                ))
            }),
            Kind::Raise => through!(&self.maps[action.map], |map, LAST| {
                par_loop!(raise, self.sets[action.set], w(Read), y(Max, map))
            }),
            Kind::Turn => through!(&self.maps[action.map], |map, LAST| {
                par_loop!(turn, self.parts[action.map], w(Read), y(Rw, map))
            }),
            Kind::Overwrite => through!(&self.maps[action.map], |map, LAST| {
                par_loop!(overwrite, self.parts[action.map], w(Read), y(Write, map))
            }),
            Kind::Copy => through!(&self.maps[action.map], |map, LAST| {
                par_loop!(copy, self.sets[action.set], x(Read, map[LAST]), y(Write, map[LAST]))
            }),
            Kind::Agree => through!(&self.maps[action.map], |map, LAST| {
                par_loop!(agree, self.sets[action.set], x(Read, map[LAST]), y(Rw, map[LAST]))
            }),
            kind => panic!("{kind:?} is no loop"),
        }
    }

    fn sums(&self) -> op2::Result<Vec<Value>> {
        Ok(vec![self.sum.value()?, self.low.value()?, self.high.value()?])
    }
}

/// Some values are changed by the program, each on one rank.
fn poke(cx: &Context, y: &Dat<Points, Value>, salt: i64) -> op2::Result<()> {
    let mut values = y.write()?;
    for (i, value) in values.iter_mut().enumerate() {
        let place = i + salt as usize;
        if place.is_multiple_of(3) && place / 3 % cx.ranks() == cx.rank() {
            *value = [value[1], salt + i as i64];
        }
    }
    Ok(())
}

/// The entries of a map, row by row.
fn rows<const A: usize>(map: &WholeMap) -> Vec<[u32; A]> {
    let row = |row: &[u64]| std::array::from_fn(|entry| row[entry] as u32);
    map.targets.chunks_exact(A).map(row).collect()
}
