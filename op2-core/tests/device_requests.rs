//! What the order of a loop on a device depends on, from the loop's description.

use std::sync::Arc;

use op2_core::base::config::Settings;
use op2_core::base::error::Site;
use op2_core::context::Context;
use op2_core::device::api::Atomics;
use op2_core::device::call::Call;
use op2_core::device::order::{Limits, RaceStrategy, Races, Request, audit, of_loop, order};
use op2_core::device::targets::targets;
use op2_core::kernel::{Cost, KernelInfo};
use op2_core::matrix::mat::Mat;
use op2_core::matrix::positions::Positions;
use op2_core::matrix::side::Side;
use op2_core::matrix::sparsity::Sparsity;
use op2_core::matrix::table::DROPPED;
use op2_core::mesh::access::Access;
use op2_core::mesh::dat::Dat;
use op2_core::mesh::map::Map;
use op2_core::mesh::set::{Set, SetMarker};
use op2_core::mesh::subset::Subset;
use op2_core::par_loop::arg::{ArgRef, DataRef, Part, Route, SpaceRef, Via};
use op2_core::par_loop::body::{Form, LoopBody};
use op2_core::par_loop::descriptor::LoopRef;
use op2_core::par_loop::piece::Piece;
use op2_core::par_loop::view::Work;

struct Nodes;
impl SetMarker for Nodes {
    const NAME: &'static str = "nodes";
}
struct Edges;
impl SetMarker for Edges {
    const NAME: &'static str = "edges";
}

static KERNEL: KernelInfo = KernelInfo {
    name: "nothing",
    file: "",
    line: 0,
    params: &[],
    cost: Cost { flops: 0, divisions: 0, square_roots: 0, transcendentals: 0 },
    host: true,
    lanes: 1,
    code: None,
};

/// A kernel that does nothing, called so often.
struct Nothing(&'static [usize]);

// SAFETY: touches nothing.
unsafe impl LoopBody for Nothing {
    fn kernel(&self) -> &'static KernelInfo {
        &KERNEL
    }
    fn points(&self) -> &'static [usize] {
        self.0
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

static ONCE: Nothing = Nothing(&[]);
static FOUR_TIMES: Nothing = Nothing(&[2, 2]);

/// Four nodes along a line, three edges between them.
struct Line {
    edges: Set<Edges>,
    ends: Map<Edges, Nodes, 2>,
    first_node: Subset<Nodes>,
    last_edges: Subset<Edges>,
    sums: Dat<Nodes, [f64; 3]>,
    counts: Dat<Nodes, i32>,
    matrix: Mat<Nodes, Nodes, f64>,
}

impl Line {
    fn new() -> op2_core::base::error::Result<Self> {
        let cx = Context::new(Settings::default(), None)?;
        let nodes: Set<Nodes> = cx.set(4)?;
        let edges: Set<Edges> = cx.set(3)?;
        let ends = cx.map("ends", &edges, &nodes, [[0, 1], [1, 2], [2, 3]])?;
        let sparsity = Sparsity::new(&(&ends, &ends))?;
        Ok(Self {
            first_node: cx.subset("first", &nodes, [0])?,
            last_edges: cx.subset("last", &edges, [1, 2])?,
            sums: cx.dat_zeros("sums", &nodes)?,
            counts: cx.dat_zeros("counts", &nodes)?,
            matrix: cx.mat("matrix", &sparsity)?,
            edges,
            ends,
        })
    }

    fn route(&self, part: Part) -> Route<'_> {
        Route::new(self.ends.core(), part)
    }

    fn sums(&self, access: Access, part: Part) -> ArgRef<'_> {
        let (data, via) = (DataRef::Dat(self.sums.core()), Via::Map(self.route(part)));
        ArgRef { data, access, via, text: "sums" }
    }

    fn counts(&self, access: Access) -> ArgRef<'_> {
        let (data, via) = (DataRef::Dat(self.counts.core()), Via::Map(self.route(Part::All)));
        ArgRef { data, access, via, text: "counts" }
    }

    /// The matrix, its first node's row left out, and one column only.
    fn masked(&self) -> ArgRef<'_> {
        let rows = Route { mask: Some(self.first_node.core()), ..self.route(Part::All) };
        let via = Via::Maps(rows, self.route(Part::One(1)));
        ArgRef { data: DataRef::Mat(self.matrix.core()), access: Access::Inc, via, text: "matrix" }
    }

    fn with_request<R>(
        &self,
        body: &'static Nothing,
        subset: Option<&Subset<Edges>>,
        args: &[ArgRef<'_>],
        f: impl FnOnce(&Request<'_>) -> R,
    ) -> R {
        let space = SpaceRef { set: self.edges.core(), subset: subset.map(Subset::core) };
        let the_loop = LoopRef { body, space, args, site: Site { file: "test.rs", line: 1 } };
        let _turn = self.edges.core().home.turn().expect("nobody else is here");
        let places: Vec<Option<Arc<Positions>>> = args.iter().map(places).collect();
        let atomics = Atomics { swap_64: true, native_add: false };
        let list = subset.map(|subset| subset.core().indices());
        let call = Call {
            the_loop: &the_loop,
            positions: list.as_ref().map_or(self.edges.size(), |list| list.len()),
            list: list.as_deref(),
            kept: None,
            piece: Piece::All,
            places: &places,
            targets: &targets(&the_loop),
            constants: &[],
        };
        // SAFETY: the turn is held.
        unsafe { of_loop::with_request(&call, atomics, f) }
    }
}

/// Where an element's entries are in a matrix; to be called in the home's turn.
fn places(arg: &ArgRef<'_>) -> Option<Arc<Positions>> {
    let (mat, rows, cols) = arg.mat()?;
    let [rows, cols] =
        [rows, cols].map(|route| Side { map: route.map, mask: route.mask.map(|mask| &**mask) });
    // SAFETY: the turn is held.
    Some(unsafe { mat.sparsity.positions(rows, cols) }.expect("the matrix has these entries"))
}

#[test]
fn dats_are_reached_through_the_columns_that_the_loop_names() {
    let line = Line::new().unwrap();
    let args = [
        line.sums(Access::Inc, Part::One(1)),
        line.counts(Access::Inc),
        line.sums(Access::Inc, Part::One(0)),
    ];
    line.with_request(&ONCE, None, &args, |request| {
        assert_eq!((request.positions, request.subset, request.points), (3, None, 1));
        let [sums, counts] = request.targets else { panic!("{request:?}") };
        let columns: Vec<_> = sums.reaches.iter().map(|reach| &reach.columns[..]).collect();
        assert_eq!(columns, [[1], [0]]);
        assert_eq!((sums.reaches[0].table, sums.reaches[0].arity), (&[0, 1, 1, 2, 2, 3][..], 2));
        assert_eq!((sums.num_rows, sums.row_bytes), (4, 24));
        assert_eq!((sums.combines, sums.atomic, sums.exact), (true, true, false));
        assert_eq!(counts.reaches[0].columns, [0, 1]);
        assert_eq!((counts.num_rows, counts.row_bytes), (4, 4));
        assert!(counts.combines && counts.atomic && counts.exact);
    });
}

#[test]
fn a_subset_gives_the_positions() {
    let line = Line::new().unwrap();
    let args = [line.counts(Access::Rw)];
    line.with_request(&FOUR_TIMES, Some(&line.last_edges), &args, |request| {
        assert_eq!((request.positions, request.subset), (2, Some(&[1, 2][..])));
        assert_eq!(request.points, 4);
        assert!(!request.targets[0].combines && !request.targets[0].exact);
    });
}

#[test]
fn matrices_are_reached_by_the_places_of_their_entries() {
    let line = Line::new().unwrap();
    line.with_request(&ONCE, None, &[line.masked()], |request| {
        let [matrix] = request.targets else { panic!("{request:?}") };
        // Entries: (0,0) (0,1), (1,0) (1,1) (1,2), (2,1) (2,2) (2,3), (3,2) (3,3).
        let table = [DROPPED, DROPPED, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9];
        assert_eq!((matrix.reaches[0].table, matrix.reaches[0].arity), (&table[..], 4));
        assert_eq!(matrix.reaches[0].columns, [1, 3]);
        assert_eq!((matrix.num_rows, matrix.row_bytes), (10, 8));
    });
}

#[test]
fn loops_as_described_get_orders_that_pass_the_audit() {
    let line = Line::new().unwrap();
    let limits = Limits { local_bytes: 1 << 10, group: 32, wish: RaceStrategy::Auto };
    let races = |args: &[ArgRef<'_>]| {
        line.with_request(&ONCE, None, args, |request| {
            let order = order(request, &limits);
            assert_eq!(audit(request, &order), Ok(()));
            order.races
        })
    };
    assert_eq!(races(&[line.sums(Access::Inc, Part::All), line.masked()]), Races::Staging);
    assert_eq!(races(&[line.sums(Access::Rw, Part::All)]), Races::Coloring);
    assert_eq!(races(&[line.counts(Access::Inc)]), Races::Atomics);
    assert_eq!(races(&[line.sums(Access::Max, Part::All)]), Races::Atomics);
    assert_eq!(races(&[line.sums(Access::Read, Part::All)]), Races::None);
}
