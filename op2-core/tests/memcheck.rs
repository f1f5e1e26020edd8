//! The device that finds mistakes finds those that it is for: values that get lost on the way, tables that
//! change on the way. And what other devices may do to a loop (no room, a driver's error) leaves
//! the values right.

mod common;

use std::sync::{Arc, Mutex};

use common::{Trouble, Troubled};
use op2_core::base::config::{Backend, Settings};
use op2_core::base::device_settings::RaceStrategy;
use op2_core::base::error::{Error, Result, Site};
use op2_core::base::layout::Layout;
use op2_core::context::Context;
use op2_core::exec::run::run;
use op2_core::kernel::{Cost, KernelInfo};
use op2_core::matrix::mat::Mat;
use op2_core::matrix::sparsity::Sparsity;
use op2_core::mesh::access::Access;
use op2_core::mesh::dat::Dat;
use op2_core::mesh::map::Map;
use op2_core::mesh::mirror::Fresh;
use op2_core::mesh::reorder::Reorder;
use op2_core::mesh::set::{Set, SetMarker};
use op2_core::mesh::subset::Subset;
use op2_core::par_loop::arg::{ArgRef, DataRef, Part, Route, SpaceRef, Via};
use op2_core::par_loop::body::{Form, LoopBody};
use op2_core::par_loop::descriptor::LoopRef;
use op2_core::par_loop::view::Work;

struct Nodes;
impl SetMarker for Nodes {
    const NAME: &'static str = "nodes";
}
struct Edges;
impl SetMarker for Edges {
    const NAME: &'static str = "edges";
}

const fn kernel(name: &'static str, host: bool) -> KernelInfo {
    let cost = Cost { flops: 0, divisions: 0, square_roots: 0, transcendentals: 0 };
    KernelInfo { name, file: "", line: 0, params: &[], cost, host, lanes: 1, code: None }
}

static ADD: KernelInfo = kernel("add", false);
static HOST: KernelInfo = kernel("print", true);
static FILL: KernelInfo = kernel("fill", false);

/// Adds the weights of each edge, the second argument, to the sums of its ends, the first.
struct Add(&'static KernelInfo);

/// A weight that the kernel does not take.
const BAD: f64 = -77.0;

// SAFETY: touches the rows that its loops name: one value for each end, two for each edge.
unsafe impl LoopBody for Add {
    fn kernel(&self) -> &'static KernelInfo {
        self.0
    }
    fn points(&self) -> &'static [usize] {
        &[]
    }
    fn constant_bytes(&self) -> usize {
        0
    }
    unsafe fn store_constants(&self, _: *mut u8) -> Result<(), &'static str> {
        Ok(())
    }
    unsafe fn run(&self, work: &Work, _: Form) {
        // SAFETY: the loop has these two arguments; the work names its elements.
        unsafe {
            let (sums, weights) = (work.binding(0), work.binding(1));
            for position in work.lo..work.hi {
                let edge =
                    if work.list.is_null() { position } else { *work.list.add(position) as usize };
                for end in 0..2 {
                    let leaf = match weights.scattered {
                        0 => 2 * edge + end,
                        rows => rows * end + edge,
                    };
                    let weight = *weights.data.cast::<f64>().add(leaf);
                    assert!(weight.to_bits() != BAD.to_bits(), "a bad weight");
                    let node = *sums.table.add(2 * edge + end) as usize;
                    *sums.data.cast::<f64>().add(node) += weight;
                }
            }
        }
    }
    unsafe fn combine_partials(&self, _: &Work, _: *mut u8, _: *const u8) {}
}

/// Touches nothing.
struct Fill;

// SAFETY: as it says.
unsafe impl LoopBody for Fill {
    fn kernel(&self) -> &'static KernelInfo {
        &FILL
    }
    fn points(&self) -> &'static [usize] {
        &[]
    }
    fn constant_bytes(&self) -> usize {
        0
    }
    unsafe fn store_constants(&self, _: *mut u8) -> Result<(), &'static str> {
        Ok(())
    }
    unsafe fn run(&self, _: &Work, _: Form) {}
    unsafe fn combine_partials(&self, _: &Work, _: *mut u8, _: *const u8) {}
}

static ADD_BODY: Add = Add(&ADD);
static HOST_BODY: Add = Add(&HOST);

const NUM_EDGES: usize = 40;
const NUM_NODES: usize = 45;

/// Bytes of what is brought to the device. All are different.
const SUMS: usize = 8 * NUM_NODES;
const WEIGHTS: usize = 16 * 64;
const TABLE: usize = 8 * NUM_EDGES;
const ELEMENTS: usize = 4 * NUM_EDGES;
const LIST: usize = 4 * 7;

/// Edges along a line of nodes; some nodes are left over.
struct Line {
    trouble: Arc<Mutex<Option<Trouble>>>,
    cx: Context,
    nodes: Set<Nodes>,
    edges: Set<Edges>,
    some: Subset<Edges>,
    ends: Map<Edges, Nodes, 2>,
    sums: Dat<Nodes, f64>,
    weights: Dat<Edges, [f64; 2]>,
}

impl Line {
    fn new(trouble: Option<Trouble>) -> Result<Self> {
        Self::with(trouble, RaceStrategy::Coloring)
    }

    fn with(trouble: Option<Trouble>, races: RaceStrategy) -> Result<Self> {
        let trouble = Arc::new(Mutex::new(trouble));
        let mut settings = Settings { backend: Backend::OpenCl, ..Settings::default() };
        settings.device.races.usual = races;
        let cx = Context::new(settings, Some(Box::new(Troubled::new(&trouble))))?;
        let (nodes, edges): (Set<Nodes>, Set<Edges>) = (cx.set(NUM_NODES)?, cx.set(NUM_EDGES)?);
        let ends: Vec<[u32; 2]> = (0..NUM_EDGES as u32).map(|i| [i, i + 1]).collect();
        let weights: Vec<[f64; 2]> = (0..NUM_EDGES).map(|i| [i as f64, 100.0]).collect();
        Ok(Self {
            trouble,
            some: cx.subset("some", &edges, [3, 4, 5, 9, 17, 30, 39])?,
            ends: cx.map("ends", &edges, &nodes, ends)?,
            sums: cx.dat("sums", &nodes, vec![0.5; NUM_NODES])?,
            weights: cx.dat_in("weights", &edges, weights, Layout::Aos)?,
            cx,
            nodes,
            edges,
        })
    }

    fn now(&self, trouble: Option<Trouble>) {
        *self.trouble.lock().unwrap() = trouble;
    }

    fn sums(&self, access: Access) -> ArgRef<'_> {
        let via = Via::Map(Route::new(self.ends.core(), Part::All));
        ArgRef { data: DataRef::Dat(self.sums.core()), access, via, text: "sums(Inc, ends)" }
    }

    fn entries<'a>(&'a self, mat: &'a Mat<Nodes, Nodes, f64>) -> ArgRef<'a> {
        let route = Route::new(self.ends.core(), Part::All);
        let (data, via) = (DataRef::Mat(mat.core()), Via::Maps(route, route));
        ArgRef { data, access: Access::Inc, via, text: "A(Inc, ends, ends)" }
    }

    fn run(&self, body: &'static dyn LoopBody, args: &[ArgRef<'_>]) -> Result<()> {
        run_over(SpaceRef { set: self.edges.core(), subset: None }, body, args)
    }

    fn add(&self) -> Result<()> {
        self.run(&ADD_BODY, &[self.sums(Access::Inc), weights(&self.weights)])
    }

    fn add_some(&self) -> Result<()> {
        let space = SpaceRef { set: self.edges.core(), subset: Some(self.some.core()) };
        run_over(space, &ADD_BODY, &[self.sums(Access::Inc), weights(&self.weights)])
    }

    /// What the sums are once the weights were added so often.
    fn expected(times: f64) -> Vec<f64> {
        let left = |node: usize| if node < NUM_EDGES { node as f64 } else { 0.0 };
        let right = |node: usize| if (1..=NUM_EDGES).contains(&node) { 100.0 } else { 0.0 };
        (0..NUM_NODES).map(|node| 0.5 + times * (left(node) + right(node))).collect()
    }

    /// Which copies of the sums and of the weights are valid, and what was copied so far.
    fn state(&self) -> ([Fresh; 2], Option<op2_core::device::transfers::Transfers>) {
        let fresh = [self.sums.core().mirror().fresh(), self.weights.core().mirror().fresh()];
        (fresh, self.cx.transfers())
    }
}

fn weights(weights: &Dat<Edges, [f64; 2]>) -> ArgRef<'_> {
    let data = DataRef::Dat(weights.core());
    ArgRef { data, access: Access::Read, via: Via::Direct, text: "weights(Read)" }
}

fn run_over(space: SpaceRef<'_>, body: &'static dyn LoopBody, args: &[ArgRef<'_>]) -> Result<()> {
    let the_loop = LoopRef { body, space, args, site: Site { file: "test.rs", line: 7 } };
    // SAFETY: the bodies are made for these arguments.
    unsafe { run(&the_loop) }
}

fn said<T>(result: Result<T>) -> String {
    result.err().expect("the mistake is found").to_string()
}

#[test]
fn a_device_without_trouble_adds_up() -> Result<()> {
    for races in RaceStrategy::ALL {
        let line = Line::with(None, races)?;
        line.add()?;
        line.add()?;
        assert_eq!(line.sums.to_vec()?, Line::expected(2.0));
        line.add_some()?;
        assert_eq!(line.sums.to_vec()?[4], Line::expected(3.0)[4]);
        assert_eq!(line.sums.to_vec()?[20], Line::expected(2.0)[20]);
    }
    Ok(())
}

#[test]
fn values_that_did_not_arrive_are_missed_where_they_are_needed() -> Result<()> {
    let never = "which was never brought to the device";
    let cases = [
        (
            Trouble::Lost(SUMS, 0..SUMS),
            "argument 1 `sums(Inc, ends)`: element 0 needs row 0 of dat `sums`",
        ),
        // Elements 0, 2, 4.. run first.
        (
            Trouble::Lost(SUMS, 136..144),
            "argument 1 `sums(Inc, ends)`: element 16 needs row 17 of dat `sums`",
        ),
        (
            Trouble::Lost(WEIGHTS, 0..WEIGHTS),
            "argument 2 `weights(Read)`: element 0 needs row 0 of dat `weights`",
        ),
        // Second components begin at 64: that of edge 9.
        (
            Trouble::Lost(WEIGHTS, 584..592),
            "argument 2 `weights(Read)`: element 9 needs row 9 of dat `weights`",
        ),
    ];
    for (trouble, wanted) in cases {
        let error = said(Line::new(Some(trouble))?.add());
        assert_eq!(error, format!("loop `add` (test.rs:7), {wanted}, {never}"));
    }
    Ok(())
}

#[test]
fn values_that_nobody_needs_are_not_missed() -> Result<()> {
    let last_node = SUMS - 8..SUMS;
    Line::new(Some(Trouble::Lost(SUMS, last_node)))?.add()?;
    let edge_10 = 80..88;
    Line::new(Some(Trouble::Lost(WEIGHTS, edge_10)))?.add_some()
}

/// What is on the device from before is of no use.
#[test]
fn values_of_yesterday_do_not_pass_for_those_of_today() -> Result<()> {
    let line = Line::new(None)?;
    line.add()?;
    line.now(Some(Trouble::Lost(WEIGHTS, 0..WEIGHTS)));
    line.add()?;
    line.weights.write()?[20] = [7.0, 7.0];
    let error = said(line.add());
    assert!(error.contains("element 0 needs row 0 of dat `weights`"), "{error}");
    Ok(())
}

#[test]
fn what_is_missed_is_named_by_the_users_numbers() -> Result<()> {
    let line = Line::new(None)?;
    let scattered = |count: usize| (0..count).map(move |i| [(i * 17 % count) as f64, 0.0]);
    let points = line.cx.dat("points", &line.nodes, scattered(NUM_NODES).collect::<Vec<_>>())?;
    line.cx.reorder(&Reorder::hilbert(&points))?;
    let nodes = line.nodes.core();
    let local = (0..NUM_NODES).find(|&local| nodes.user_number(local) == 17).expect("a node");
    assert_ne!(local, 17);
    line.now(Some(Trouble::Lost(SUMS, 8 * local..8 * local + 8)));
    let error = said(line.add());
    let wanted = |edge| format!("element {edge} needs row 17 of dat `sums`, which was never");
    assert!([16, 17].iter().any(|&edge| error.contains(&wanted(edge))), "{error}");
    Ok(())
}

#[test]
fn tables_that_changed_on_the_way_are_found() -> Result<()> {
    let differs = |what: &str| format!("the device's copy of {what} is not what the host has");
    let line = Line::new(Some(Trouble::Changed(TABLE)))?;
    let before = line.sums.to_vec()?;
    let error = said(line.add());
    let table = format!("argument 1 `sums(Inc, ends)`: {}", differs("its table"));
    assert_eq!(error, format!("loop `add` (test.rs:7), {table}"));
    assert_eq!(line.sums.to_vec()?, before, "nothing was run");

    let error = said(Line::new(Some(Trouble::Changed(LIST)))?.add_some());
    assert_eq!(error, format!("loop `add` (test.rs:7), {}", differs("the list of `some`")));

    let order = format!("loop `add` (test.rs:7), {}", differs("the loop's order"));
    let error = said(Line::new(Some(Trouble::Changed(ELEMENTS)))?.add());
    assert_eq!(error, order);
    // Of the one block: its rows; colors of positions; the place of each entry.
    for bytes in [4 * (NUM_EDGES + 1), 2 * NUM_EDGES, 2 * 2 * NUM_EDGES] {
        let line = Line::with(Some(Trouble::Changed(bytes)), RaceStrategy::Staging)?;
        assert_eq!(said(line.add()), order, "{bytes}");
    }
    Ok(())
}

#[test]
fn entries_of_matrices_are_looked_at_too() -> Result<()> {
    let line = Line::new(None)?;
    let sparsity = Sparsity::new(&(&line.ends, &line.ends))?;
    let mat: Mat<Nodes, Nodes, f64> = line.cx.mat("A", &sparsity)?;
    let place = "loop `fill` (test.rs:7), argument 1 `A(Inc, ends, ends)`:";

    let bytes = 8 * mat.num_entries();
    // Entries (0, 0), (0, 1), (1, 0), (1, 1), (1, 2), ..
    line.now(Some(Trouble::Lost(bytes, 32..40)));
    let error = said(line.run(&Fill, &[line.entries(&mat)]));
    let entry = "element 1 needs entry (1, 2) of mat `A`, which was never brought to the device";
    assert_eq!(error, format!("{place} {entry}"));

    let line = Line::new(Some(Trouble::Changed(4 * 4 * NUM_EDGES)))?;
    let sparsity = Sparsity::new(&(&line.ends, &line.ends))?;
    let mat: Mat<Nodes, Nodes, f64> = line.cx.mat("A", &sparsity)?;
    let error = said(line.run(&Fill, &[line.entries(&mat)]));
    assert_eq!(error, format!("{place} the device's copy of its table is not what the host has"));
    Ok(())
}

#[test]
fn panics_and_infinities_are_laid_at_their_elements_door() -> Result<()> {
    let line = Line::new(None)?;
    line.weights.write()?[17] = [0.0, BAD];
    let error = said(line.add());
    assert_eq!(error, "loop `add` (test.rs:7): the kernel panicked: at element 17: a bad weight");
    line.weights.write()?[17] = [0.0, f64::INFINITY];
    line.sums.write()?.fill(0.5);
    let error = said(line.add());
    let wanted =
        "argument 1 `sums(Inc, ends)`: element 17: a NaN or infinity appeared in dat `sums`";
    assert_eq!(error, format!("loop `add` (test.rs:7), {wanted}"));
    line.weights.write()?[17] = [17.0, 100.0];
    line.sums.write()?.fill(0.5);
    line.add()?;
    assert_eq!(line.sums.to_vec()?, Line::expected(1.0), "loops afterwards work");
    Ok(())
}

/// The sums are valid on the device only, the weights on both sides; so it stays, whatever is refused.
#[test]
fn loops_that_are_refused_move_nothing() -> Result<()> {
    let line = Line::new(None)?;
    line.add()?;
    let before = line.state();
    assert_eq!(before.0, [Fresh::Device, Fresh::Both]);

    let error = said(line.run(&HOST_BODY, &[line.sums(Access::Inc), weights(&line.weights)]));
    assert!(error.contains("loop `print` (test.rs:7), it is a host kernel"), "{error}");
    assert_eq!(line.state(), before);

    let others: Set<Edges> = line.cx.set_named("others", NUM_EDGES)?;
    let foreign = line.cx.dat_zeros("foreign", &others)?;
    let error = said(line.run(&ADD_BODY, &[line.sums(Access::Inc), weights(&foreign)]));
    assert!(error.contains("argument 2 `weights(Read)`: dat `foreign` lives on"), "{error}");
    assert_eq!(line.state(), before);
    assert_eq!(foreign.core().mirror().fresh(), Fresh::Host);

    let error = said(line.run(&ADD_BODY, &[line.sums(Access::Rw), weights(&line.weights)]));
    assert!(error.contains("elements 0 and 1 both change element 1 of set `nodes`"), "{error}");
    assert_eq!(line.state(), before);

    let guard = line.weights.write()?;
    let after_guard = line.state();
    let error = said(line.add());
    assert!(error.contains("dat `weights` is in use"), "{error}");
    assert_eq!(line.state(), after_guard);
    drop(guard);

    line.add()?;
    assert_eq!(line.sums.to_vec()?, Line::expected(2.0));
    Ok(())
}

/// Wherever room is short, the error says for what; nothing is lost, and the loop can be run later.
#[test]
fn a_full_device_says_who_takes_what_and_loses_nothing() -> Result<()> {
    let cases = [
        (
            SUMS,
            "360 bytes for dat `sums` on memcheck (1024 of its 5000 bytes are taken: 1024 by dat `weights`)",
        ),
        (
            WEIGHTS,
            "1024 bytes for dat `weights` on memcheck (360 of its 5000 bytes are taken: 360 by dat `sums`)",
        ),
        (TABLE, "320 bytes for map `ends` on memcheck ("),
        (ELEMENTS, "160 bytes for the order of a loop on memcheck ("),
    ];
    for (bytes, wanted) in cases {
        let line = Line::new(None)?;
        if bytes == SUMS {
            // The weights are valid on the device only.
            let data = DataRef::Dat(line.weights.core());
            let arg = ArgRef { data, access: Access::Rw, via: Via::Direct, text: "weights(Rw)" };
            line.run(&Fill, &[arg])?;
            assert_eq!(line.weights.core().mirror().fresh(), Fresh::Device);
        }
        line.now(Some(Trouble::Full(bytes)));
        let error = line.add().unwrap_err();
        assert!(matches!(error, Error::OutOfMemory { bytes: b, .. } if b == bytes), "{error}");
        assert!(error.to_string().starts_with(&format!("out of memory: {wanted}")), "{error}");
        assert_eq!(line.sums.to_vec()?, Line::expected(0.0));
        assert_eq!(line.weights.to_vec()?[39], [39.0, 100.0]);
        assert!(line.add().is_err(), "there is still no room");
        line.sums.write()?[44] = 9.0;
        line.now(None);
        line.add()?;
        let mut expected = Line::expected(1.0);
        expected[44] = 9.0;
        assert_eq!(line.sums.to_vec()?, expected, "no room for {bytes} bytes, then there was");
    }
    Ok(())
}

#[test]
fn users_that_are_gone_take_nothing() -> Result<()> {
    let line = Line::new(None)?;
    let gone = line.weights.like("gone")?;
    line.run(&ADD_BODY, &[line.sums(Access::Inc), weights(&gone)])?;
    drop(gone);
    line.now(Some(Trouble::Full(WEIGHTS)));
    let error = said(line.add());
    assert!(error.contains("(360 of its 5000 bytes are taken: 360 by dat `sums`)"), "{error}");
    Ok(())
}

#[test]
fn copies_that_fail_are_tried_again_by_who_needs_them() -> Result<()> {
    for bytes in [SUMS, WEIGHTS, TABLE, ELEMENTS] {
        let line = Line::new(Some(Trouble::NoUpload(bytes)))?;
        let error = said(line.add());
        assert!(error.ends_with(" on memcheck: the line is dead"), "{error}");
        assert_eq!(line.sums.to_vec()?, Line::expected(0.0));
        line.now(None);
        line.add()?;
        line.now(Some(Trouble::NoDownload(SUMS)));
        let error = said(line.sums.to_vec());
        assert_eq!(error, "copying dat `sums` on memcheck: the line is dead");
        line.now(None);
        assert_eq!(line.sums.to_vec()?, Line::expected(1.0));
    }
    Ok(())
}
