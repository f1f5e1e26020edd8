//! Random programs: a mesh, who owns what, a machine, and what is done one after the other.

use std::fmt;

use op2::{Backend, Context, ContextBuilder, Layout};
use op2_props::world::{WholeMap, World, worlds_with};
use proptest::prelude::*;

/// Dats on each set: the last one starts with zeros that nobody has given.
pub(crate) const DATS: usize = 3;

/// A program, with all that it needs.
#[derive(Clone)]
pub(crate) struct Program {
    pub(crate) world: World,
    pub(crate) machine: Machine,
    pub(crate) start: Start,
    pub(crate) parts: Vec<Part>,
    pub(crate) actions: Vec<Action>,
}

/// What runs the loops on each rank.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Machine {
    pub(crate) backend: Backend,
    pub(crate) mode: Mode,
    pub(crate) layout: Layout,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Mode {
    Plain,
    Checked,
    Reproducible,
}

/// Who owns what when the first loop runs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Start {
    /// Nobody says.
    Nothing,
    /// A dat on this set says it.
    Given(usize),
}

/// A subset.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) set: usize,
    pub(crate) elements: Vec<u32>,
}

/// A dat: its set, and which one there.
pub(crate) type At = (usize, usize);

/// One thing that a program does. Not every kind looks at all fields.
#[derive(Clone)]
pub(crate) struct Action {
    pub(crate) kind: Kind,
    /// The set of a loop without maps, or of a new partition.
    pub(crate) set: usize,
    /// Where the loop runs, if not on all elements.
    pub(crate) part: Option<usize>,
    pub(crate) map: usize,
    /// Another map from the same set; the same one if there is no other.
    pub(crate) other: usize,
    /// Changed, or looked at.
    pub(crate) y: At,
    /// Read where the map leads; not `y`.
    pub(crate) x: At,
    /// Read directly; not `y`.
    pub(crate) w: At,
    pub(crate) salt: i64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    // Loops without maps.
    Assign,
    Advance,
    Measure,
    UseSums,
    // y is on the set that the map comes from.
    Collect,
    Replace,
    Look,
    // y is on the set that it leads to.
    Spread,
    SpreadAndMeasure,
    Give,
    Flow,
    Relay,
    Lower,
    Raise,
    // The same, where no two elements name one row.
    Turn,
    Overwrite,
    // The same, where all elements that name a row write the same.
    Copy,
    Agree,
    // A sum of what is read through a map.
    MeasureThrough,
    // The program itself.
    Show,
    Gather,
    Poke,
    SetSums,
    ShowSums,
    Reduce,
    Blocks,
    Scatter,
    Reorder,
}

impl Kind {
    const ALL: [Kind; 28] = [
        Kind::Show,
        Kind::Assign,
        Kind::Advance,
        Kind::Look,
        Kind::Give,
        Kind::Collect,
        Kind::Spread,
        Kind::Flow,
        Kind::Relay,
        Kind::Replace,
        Kind::Lower,
        Kind::Raise,
        Kind::Measure,
        Kind::UseSums,
        Kind::SpreadAndMeasure,
        Kind::MeasureThrough,
        Kind::Turn,
        Kind::Overwrite,
        Kind::Copy,
        Kind::Agree,
        Kind::Gather,
        Kind::Poke,
        Kind::SetSums,
        Kind::ShowSums,
        Kind::Reduce,
        Kind::Blocks,
        Kind::Scatter,
        Kind::Reorder,
    ];

    /// Whether the target of the map is changed.
    fn changes_target(self) -> bool {
        use Kind::{
            Agree, Copy, Flow, Give, Lower, Overwrite, Raise, Relay, Spread, SpreadAndMeasure, Turn,
        };
        matches!(
            self,
            Spread
                | SpreadAndMeasure
                | Give
                | Flow
                | Lower
                | Raise
                | Turn
                | Overwrite
                | Copy
                | Agree
                | Relay
        )
    }

    fn needs_map(self) -> bool {
        use Kind::{Collect, Look, MeasureThrough, Reorder, Replace};
        self.changes_target() || matches!(self, Collect | Look | MeasureThrough | Reorder | Replace)
    }

    /// Whether only elements take part of which no two name one row.
    fn is_apart(self) -> bool {
        matches!(self, Kind::Turn | Kind::Overwrite)
    }

    /// Whether a machine refuses it: several elements write one row, though all the same.
    fn is_refused(self, machine: Machine) -> bool {
        let finds_mistakes = machine.mode == Mode::Checked || machine.backend == Backend::Memcheck;
        match self {
            Kind::Agree => finds_mistakes || machine.mode == Mode::Reproducible,
            Kind::Copy => finds_mistakes,
            _ => false,
        }
    }
}

/// As short as what shrinking leaves should be read.
impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { world, machine, start, parts, actions } = self;
        writeln!(f, "{} ranks, {machine:?}, start {start:?}", world.ranks)?;
        for (number, set) in world.sets.iter().enumerate() {
            writeln!(f, "set {number}: owners {:?}", set.owner)?;
        }
        for (number, map) in world.maps.iter().enumerate() {
            let rows: Vec<&[u64]> = map.targets.chunks_exact(map.arity).collect();
            writeln!(f, "map {number}: set {} to set {}: {rows:?}", map.from, map.to)?;
        }
        for (number, part) in parts.iter().enumerate() {
            writeln!(f, "part {number}: of set {}: {:?}", part.set, part.elements)?;
        }
        actions.iter().try_for_each(|action| writeln!(f, "{action:?}"))
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, set, part, map, other, y, x, w, salt } = self;
        write!(f, "{kind:?}: set {set}, part {part:?}, map {map}, other {other}, ")?;
        write!(f, "y {y:?}, x {x:?}, w {w:?}, salt {salt}")
    }
}

impl Machine {
    pub(crate) fn builder(self) -> ContextBuilder {
        Context::builder()
            .backend(self.backend)
            .threads(if self.backend == Backend::Rayon { 2 } else { 1 })
            .layout(self.layout)
            .checked(self.mode == Mode::Checked)
            .reproducible(self.mode == Mode::Reproducible)
    }
}

pub(crate) fn programs() -> impl Strategy<Value = Program> {
    let choices = prop::collection::vec(choice(), 1..13);
    let start = prop_oneof![Just(None), any::<u8>().prop_map(Some)];
    let parts = prop::collection::vec(any::<(u8, u64)>(), 0..3);
    // In the sequence in which they become simpler.
    (choices, machine(), start, parts, worlds_with(1..6, 1..4)).prop_map(
        |(choices, machine, start, parts, world)| {
            let sets = world.sets.len();
            let start = start.map_or(Start::Nothing, |set| Start::Given(usize::from(set) % sets));
            let parts = all_parts(&world, &parts);
            let actions =
                choices.iter().filter_map(|choice| choice.action(&world, machine, &parts));
            let actions = actions.collect();
            Program { world, machine, start, parts, actions }
        },
    )
}

fn machine() -> impl Strategy<Value = Machine> {
    let backend = prop_oneof![3 => Just(Backend::Seq), 1 => Just(Backend::Rayon), 1 => Just(Backend::Memcheck)];
    let mode = prop_oneof![
        4 => Just(Mode::Plain),
        1 => Just(Mode::Checked),
        1 => Just(Mode::Reproducible),
    ];
    let layout = prop_oneof![Just(Layout::Aos), Just(Layout::Soa)];
    (backend, mode, layout).prop_map(|(backend, mode, layout)| {
        // Devices refuse it.
        let refused = backend == Backend::Memcheck && mode == Mode::Reproducible;
        Machine { backend, mode: if refused { Mode::Plain } else { mode }, layout }
    })
}

/// For each map first the elements that name no row that one before them names; then those asked for, as
/// a set and 64 bits that are repeated.
fn all_parts(world: &World, asked: &[(u8, u64)]) -> Vec<Part> {
    let apart = world.maps.iter().map(|map| Part { set: map.from, elements: apart(world, map) });
    let asked = asked.iter().map(|&(set, bits)| {
        let set = usize::from(set) % world.sets.len();
        let elements =
            (0..world.size(set) as u32).filter(|element| bits >> (element % 64) & 1 == 1);
        Part { set, elements: elements.collect() }
    });
    apart.chain(asked).collect()
}

fn apart(world: &World, map: &WholeMap) -> Vec<u32> {
    let mut is_named = vec![false; world.size(map.to) as usize];
    let is_apart = |&element: &u32| {
        let row = map.row(u64::from(element));
        let is_new = row
            .iter()
            .enumerate()
            .all(|(place, &target)| !is_named[target as usize] && !row[..place].contains(&target));
        if is_new {
            row.iter().for_each(|&target| is_named[target as usize] = true);
        }
        is_new
    };
    (0..world.size(map.from) as u32).filter(is_apart).collect()
}

/// An action whose sets, maps and dats are numbers that any world turns into its own.
#[derive(Debug, Clone)]
struct Choice {
    kind: Kind,
    set: u8,
    part: Option<u8>,
    maps: [u8; 2],
    dats: [u8; 3],
    salt: i64,
}

fn choice() -> impl Strategy<Value = Choice> {
    let kind = prop::sample::select(&Kind::ALL[..]);
    let part = prop::option::weighted(0.3, any::<u8>());
    let dats = prop::array::uniform3(0..DATS as u8);
    (kind, 0..4_u8, part, prop::array::uniform2(0..5_u8), dats, 0..1000_i64).prop_map(
        |(kind, set, part, maps, dats, salt)| Choice { kind, set, part, maps, dats, salt },
    )
}

impl Choice {
    fn action(&self, world: &World, machine: Machine, parts: &[Part]) -> Option<Action> {
        let kind = self.kind;
        if kind.is_refused(machine) || (kind.needs_map() && world.maps.is_empty()) {
            return None;
        }
        let mut set = usize::from(self.set) % world.sets.len();
        let (mut map, mut other, mut target) = (0, 0, set);
        if kind.needs_map() {
            map = usize::from(self.maps[0]) % world.maps.len();
            set = world.maps[map].from;
            target = world.maps[map].to;
            let same = (0..world.maps.len()).filter(|&other| world.maps[other].from == set);
            let same: Vec<usize> = same.collect();
            other = same[usize::from(self.maps[1]) % same.len()];
        }
        let [y, x, w] = self.dats.map(usize::from);
        let (y, x_set) = match kind {
            Kind::Relay => ((world.maps[other].to, y), target),
            _ if kind.changes_target() => ((target, y), target),
            _ => ((set, y), target),
        };
        let but_y = |at: At| if at == y { (at.0, (at.1 + 1) % DATS) } else { at };
        let of_set: Vec<usize> = (0..parts.len()).filter(|&part| parts[part].set == set).collect();
        let part = match self.part {
            _ if kind.is_apart() => Some(map),
            Some(part) if !of_set.is_empty() => Some(of_set[usize::from(part) % of_set.len()]),
            _ => None,
        };
        let (x, w) = (but_y((x_set, x)), but_y((set, w)));
        Some(Action { kind, set, part, map, other, y, x, w, salt: self.salt })
    }
}
