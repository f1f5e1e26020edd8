//! Loops: what one rank gives on the host, and no more is copied than travels.

use std::sync::Arc;

use op2::prelude::*;
use op2::{ContextBuilder, RaceStrategy, Result};
use op2_core::base::comm::Comm;
use op2_core::dist::partition::Partition;

use crate::on_devices::on_devices;

op2::sets! { Nodes; Edges; Cells; }

/// A square of `SIDE` times `SIDE` nodes, with the edges along its lines and the squares between them.
struct Square {
    cx: Context,
    nodes: Set<Nodes>,
    edges: Set<Edges>,
    cells: Set<Cells>,
    ends: Map<Edges, Nodes, 2>,
    corners: Map<Cells, Nodes, 4>,
    /// Each node once.
    partner: Map<Nodes, Nodes, 1>,
}

const SIDE: u32 = 12;

/// Who gets which nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Share {
    /// Equal blocks of all sets, without regard to each other.
    Blocks,
    /// Stripes of neighbors.
    Stripes,
    /// Neighbors are everywhere.
    Scattered,
    /// All on the last rank.
    One,
}

impl Square {
    fn new(cx: Context, share: Share) -> Result<Self> {
        let number = |i: u32, j: u32| j * SIDE + i;
        let lattice = |ni: u32, nj: u32| (0..nj).flat_map(move |j| (0..ni).map(move |i| (i, j)));
        let along = lattice(SIDE - 1, SIDE).map(|(i, j)| [number(i, j), number(i + 1, j)]);
        let across = lattice(SIDE, SIDE - 1).map(|(i, j)| [number(i, j), number(i, j + 1)]);
        let ends: Vec<_> = along.chain(across).collect();
        let corners: Vec<_> = lattice(SIDE - 1, SIDE - 1)
            .map(|(i, j)| [(i, j), (i + 1, j), (i, j + 1), (i + 1, j + 1)])
            .map(|corners| corners.map(|(i, j)| number(i, j)))
            .collect();
        let size = SIDE * SIDE;
        let partner: Vec<_> = (0..size).map(|node| [(5 * node + 3) % size]).collect();
        let nodes = cx.set(size as usize)?;
        let edges = cx.set(ends.len())?;
        let cells = cx.set(corners.len())?;
        let ends = cx.map("ends", &edges, &nodes, ends)?;
        let corners = cx.map("corners", &cells, &nodes, corners)?;
        let partner = cx.map("partner", &nodes, &nodes, partner)?;
        let ranks = cx.ranks() as u32;
        let rank = |node: u32| match share {
            Share::Blocks | Share::Stripes => node * ranks / size,
            Share::Scattered => node * 7 % 11 % ranks,
            Share::One => ranks - 1,
        };
        if share != Share::Blocks {
            let ranks = cx.dat("ranks", &nodes, (0..size).map(rank).collect::<Vec<_>>())?;
            cx.partition(&Partition::given(&ranks))?;
        }
        Ok(Self { cx, nodes, edges, cells, ends, corners, partner })
    }
}

#[op2::kernel]
fn begin(i: &u64, x: Write<[f64; 2]>) {
    x[0] = (*i * 7 % 23) as f64;
    x[1] = (*i % 5) as f64 - 2.0;
}

#[op2::kernel]
fn jump(x: &[[f64; 2]; 2], jump: Write<f64>) {
    *jump = x[1][0] - x[0][0] + x[0][1];
}

#[op2::kernel]
fn spread(jump: &f64, x: &[[f64; 2]; 2], sum: Inc<[[f64; 2]; 2]>, count: Inc<[u32; 2]>) {
    sum[0][0] += *jump;
    sum[1][0] -= *jump;
    sum[0][1] += x[1][0];
    sum[1][1] += x[0][0];
    count[0] += 1;
    count[1] += 1;
}

#[op2::kernel]
fn relax(
    sum: &mut [f64; 2],
    x: &mut [f64; 2],
    factor: &f64,
    total: Inc<f64>,
    low: Min<f64>,
    high: Max<f64>,
) {
    x[0] += *factor * sum[0];
    x[1] += sum[1];
    *total += x[0];
    *low = (*low).min(x[0]);
    *high = (*high).max(x[1]);
    sum[0] = 0.0;
    sum[1] = 0.0;
}

#[op2::kernel]
fn bounds(x: &[[f64; 2]; 4], low: Min<[f32; 4]>, high: Max<[f64; 4]>) {
    for k in 0..4 {
        low[k] = low[k].min(x[3 - k][0] as f32);
        high[k] = high[k].max(x[3 - k][1]);
    }
}

#[op2::kernel]
fn send(x: &[f64; 2], y: Write<[f64; 1]>) {
    y[0] = x[0] + x[1];
}

#[op2::kernel]
fn change(x: &[f64; 2], y: &mut [f64; 1]) {
    y[0] = 2.0 * y[0] - x[1];
}

#[op2::kernel]
fn last_end(x: &[f64; 2], i: &u64, sum: Inc<[f64; 2]>, marked: Inc<u64>) {
    sum[0] += x[1];
    sum[1] += *i as f64;
    *marked += *i;
}

impl Square {
    /// What changes along each edge, and what its ends get of it.
    fn spread_jumps(
        &self,
        x: &Dat<Nodes, [f64; 2]>,
        difference: &Dat<Edges, f64>,
        sum: &Dat<Nodes, [f64; 2]>,
        count: &Dat<Nodes, u32>,
    ) -> Result<()> {
        let Self { edges, ends, .. } = self;
        par_loop!(jump, edges, x(Read, ends), difference(Write))?;
        par_loop!(spread, edges, difference(Read), x(Read, ends), sum(Inc, ends), count(Inc, ends))
    }
}

/// Three steps of all kinds of loops, on a whole square and on parts of it. All numbers are whole, so
/// that sums are the same in any order.
fn all_kinds(square: &Square) -> Result<Vec<f64>> {
    let Square { cx, nodes, edges, cells, ends, corners, partner } = square;
    let x: Dat<Nodes, [f64; 2]> = cx.dat_zeros("x", nodes)?;
    let sum: Dat<Nodes, [f64; 2]> = cx.dat_zeros("sum", nodes)?;
    let count: Dat<Nodes, u32> = cx.dat_zeros("count", nodes)?;
    let low = cx.dat("low", nodes, vec![9.0_f32; nodes.size()])?;
    let high = cx.dat("high", nodes, vec![-9.0; nodes.size()])?;
    let y: Dat<Nodes, f64> = cx.dat_zeros("y", nodes)?;
    let difference: Dat<Edges, f64> = cx.dat_zeros("difference", edges)?;
    let every_third: Vec<u32> = (0..edges.size() as u32).step_by(3).collect();
    let some = cx.subset("some", edges, every_third)?;
    let mut results = Vec::new();
    par_loop!(begin, nodes, index(), x(Write))?;
    for step in 0..3 {
        let (total, least) = (cx.global("total", 5.0), cx.global("least", 4.0));
        let most = cx.reduction::<f64>("most");
        let marked = cx.global("marked", 1_u64);
        square.spread_jumps(&x, &difference, &sum, &count)?;
        par_loop!(last_end, some, x(Read, ends[0]), index(), sum(Inc, ends[1]), marked(Inc))?;
        let factor = f64::from(step + 1);
        par_loop!(relax, nodes, sum(Rw), x(Rw), factor(Read), total(Inc), least(Min), most(Max))?;
        par_loop!(bounds, cells, x(Read, corners), low(Min, corners), high(Max, corners))?;
        par_loop!(send, nodes, x(Read), y(Write, partner))?;
        par_loop!(change, nodes, x(Read), y(Rw, partner))?;
        results.extend([total.value()?, least.value()?, most.value()?, marked.value()? as f64]);
    }
    results.extend(x.to_vec()?.iter().chain(&*sum.read()?).flatten());
    results.extend(count.to_vec()?.into_iter().map(f64::from));
    results.extend(low.to_vec()?.into_iter().map(f64::from));
    results.extend(high.to_vec()?.iter().chain(&*y.read()?).chain(&*difference.read()?));
    Ok(results)
}

fn on_host() -> Result<Vec<f64>> {
    let cx = Context::builder().backend(Backend::Seq).build()?;
    all_kinds(&Square::new(cx, Share::Blocks)?)
}

/// Runs `program` on ranks, each with a context of this builder.
fn on_ranks<R: Send>(
    ranks: usize,
    builder: &ContextBuilder,
    program: impl Fn(Context, &Arc<dyn Comm>) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    op2::ranks(ranks, |comm| {
        let builder = builder.clone();
        program(builder.comm(comm.clone()).build()?, &comm)
    })
}

#[test]
fn all_ranks_have_what_one_has_on_the_host() -> Result<()> {
    let expected = on_host()?;
    assert!(expected.iter().all(|value| value.is_finite() && value.fract() == 0.0));
    on_devices(|builder| {
        for ranks in [1, 2, 3, 5] {
            for share in [Share::Blocks, Share::Stripes, Share::Scattered, Share::One] {
                let found = on_ranks(ranks, &builder, |cx, _| all_kinds(&Square::new(cx, share)?))?;
                for (rank, found) in found.iter().enumerate() {
                    assert_eq!(found, &expected, "rank {rank} of {ranks}, {share:?}");
                }
            }
        }
        Ok(())
    })
}

#[test]
fn orders_and_layouts_make_no_difference() -> Result<()> {
    let expected = on_host()?;
    on_devices(|builder| {
        for races in RaceStrategy::ALL {
            for layout in [Layout::Aos, Layout::Soa] {
                let builder = builder.clone().races(races).device_layout(layout).layout(layout);
                let found =
                    on_ranks(2, &builder, |cx, _| all_kinds(&Square::new(cx, Share::Scattered)?))?;
                assert_eq!(found, [&expected[..]; 2], "{races} {layout}");
            }
        }
        Ok(())
    })
}

#[test]
fn two_contexts_do_not_disturb_each_other() -> Result<()> {
    let expected = on_host()?;
    on_devices(|builder| {
        let found = on_ranks(3, &builder, |first, comm| {
            let second = builder.clone().comm(comm.clone()).build()?;
            let first = Square::new(first, Share::Scattered)?;
            let second = Square::new(second, Share::Blocks)?;
            Ok([all_kinds(&first)?, all_kinds(&second)?])
        })?;
        assert!(found.iter().flatten().all(|found| found == &expected));
        Ok(())
    })
}

#[test]
fn squares_can_be_shared_anew() -> Result<()> {
    let found = on_ranks(3, &Context::builder().backend(Backend::Memcheck), |cx, _| {
        let square = Square::new(cx, Share::Blocks)?;
        let Square { cx, nodes, edges, ends, .. } = &square;
        let x: Dat<Nodes, [f64; 2]> = cx.dat_zeros("x", nodes)?;
        let difference: Dat<Edges, f64> = cx.dat_zeros("difference", edges)?;
        let ranks: Dat<Nodes, u32> = cx.dat("ranks", nodes, vec![0; nodes.size()])?;
        par_loop!(begin, nodes, index(), x(Write))?;
        let mut found = Vec::new();
        for turn in 0..3 {
            par_loop!(jump, edges, x(Read, ends), difference(Write))?;
            found.push(difference.to_vec()?);
            ranks.write()?.iter_mut().zip(0..).for_each(|(rank, node)| *rank = (node + turn) % 3);
            cx.partition(&Partition::given(&ranks))?;
        }
        Ok(found)
    })?;
    assert!(found.iter().flatten().all(|differences| differences == &found[0][0]));
    Ok(())
}

/// What is said when a rank reads copies that were not brought after their owners have changed them.
fn said_of_stale_copies(builder: &ContextBuilder) -> String {
    let program = |cx: Context, _: &Arc<dyn Comm>| {
        let square = Square::new(cx, Share::Blocks)?;
        let Square { cx, nodes, edges, ends, .. } = &square;
        let x: Dat<Nodes, [f64; 2]> = cx.dat_zeros("x", nodes)?;
        let difference: Dat<Edges, f64> = cx.dat_zeros("difference", edges)?;
        par_loop!(begin, nodes, index(), x(Write))?;
        par_loop!(jump, edges, x(Read, ends), difference(Write))?;
        let Some(known) = x.core().halo.fresh() else { panic!("copies have arrived") };
        par_loop!(begin, nodes, index(), x(Write))?;
        // As if it were forgotten that values have changed.
        known.into_iter().for_each(|need| x.core().halo.arrived(need));
        par_loop!(jump, edges, x(Read, ends), difference(Write))
    };
    on_ranks(2, builder, program).unwrap_err().to_string()
}

#[test]
fn copies_that_are_stale_are_found() {
    let on_device = Context::builder().backend(Backend::Memcheck);
    for builder in [on_device, Context::builder().backend(Backend::Seq).checked(true)] {
        let text = said_of_stale_copies(&builder);
        assert!(text.contains("loop `jump`"), "{text}");
        assert!(text.contains("argument 1 `x(Read, ends)`: element"), "{text}");
        let why = "of dat `x`, which belongs to another rank and was not brought here before";
        assert!(text.contains(why), "{text}");
    }
}

/// A time step of an explicit solver.
struct Solver {
    square: Square,
    x: Dat<Nodes, [f64; 2]>,
    sum: Dat<Nodes, [f64; 2]>,
    count: Dat<Nodes, u32>,
    difference: Dat<Edges, f64>,
}

impl Solver {
    fn new(square: Square) -> Result<Self> {
        let Square { cx, nodes, edges, .. } = &square;
        let x: Dat<Nodes, [f64; 2]> = cx.dat_zeros("x", nodes)?;
        let (sum, count) = (x.like("sum")?, cx.dat_zeros("count", nodes)?);
        let difference = cx.dat_zeros("difference", edges)?;
        par_loop!(begin, nodes, index(), x(Write))?;
        Ok(Self { square, x, sum, count, difference })
    }

    fn step(&self) -> Result<f64> {
        let Self { square, x, sum, count, difference } = self;
        let Square { cx, nodes, .. } = square;
        let (total, low) = (cx.global("total", 0.0), cx.global("low", 0.0));
        let high = cx.global("high", 0.0);
        square.spread_jumps(x, difference, sum, count)?;
        par_loop!(relax, nodes, sum(Rw), x(Rw), 0.5(Read), total(Inc), low(Min), high(Max))?;
        total.value()
    }

    /// Bytes copied to the host and to the device, and bytes sent to other ranks, so far.
    fn moved(&self) -> [u64; 3] {
        let cx = &self.square.cx;
        let transfers = cx.transfers().unwrap();
        [transfers.bytes_to_host, transfers.bytes_to_device, cx.traffic().bytes]
    }

    /// What `f` moves.
    fn moved_by(&self, f: impl FnOnce() -> Result<()>) -> Result<[u64; 3]> {
        let before = self.moved();
        f()?;
        let after = self.moved();
        Ok(std::array::from_fn(|i| after[i] - before[i]))
    }
}

#[test]
fn only_what_travels_is_copied() -> Result<()> {
    on_devices(|builder| {
        let found = on_ranks(2, &builder, |cx, _| {
            let solver = Solver::new(Square::new(cx, Share::Stripes)?)?;
            solver.step()?;
            let first = solver.moved_by(|| solver.step().map(drop))?;
            let later = solver.moved_by(|| (0..4).try_for_each(|_| solver.step().map(drop)))?;
            assert_eq!(later, first.map(|bytes| 4 * bytes), "each step moves the same");
            Ok(first)
        })?;
        for (rank, [to_host, to_device, sent]) in found.iter().enumerate() {
            assert_eq!(to_host, sent, "rank {rank}: what it sends");
            assert_eq!(to_device, &found[1 - rank][2], "rank {rank}: what the other sends");
        }
        // The nodes on one side of the border, for two loops, and the edges over it.
        let row = size_of::<[f64; 2]>() as u64;
        let most = u64::from(SIDE) * (2 * row + size_of::<f64>() as u64);
        assert!(found.iter().all(|[_, _, sent]| (1..=most).contains(sent)), "{found:?}");
        Ok(())
    })
}

#[test]
fn values_that_both_sides_have_stay_valid_on_both() -> Result<()> {
    on_devices(|builder| {
        on_ranks(2, &builder, |cx, _| {
            let solver = Solver::new(Square::new(cx, Share::Blocks)?)?;
            let Solver { x, difference, square: Square { edges, ends, .. }, .. } = &solver;
            solver.step()?;
            let all = x.to_vec()?;
            let [to_host, to_device, sent] =
                solver.moved_by(|| par_loop!(jump, edges, x(Read, ends), difference(Write)))?;
            assert_eq!(to_host, 0, "the host packs");
            assert!(sent > 0 && to_device > 0);
            let again = solver.moved_by(|| {
                assert_eq!(x.to_vec()?, all);
                Ok(())
            })?;
            assert_eq!(again, [0; 3]);
            Ok(())
        })
        .map(drop)
    })
}

#[op2::kernel(host)]
fn on_the_host(x: &[[f64; 2]; 2], jump: Write<f64>) {
    *jump = x[1][0] - x[0][0];
}

#[test]
fn a_loop_that_is_refused_leaves_the_way_free() -> Result<()> {
    on_devices(|builder| {
        on_ranks(2, &builder, |cx, _| {
            let solver = Solver::new(Square::new(cx, Share::Blocks)?)?;
            let Solver { x, difference, square: Square { edges, ends, .. }, .. } = &solver;
            for _ in 0..2 {
                let refused = par_loop!(on_the_host, edges, x(Read, ends), difference(Write));
                assert!(refused.unwrap_err().to_string().contains("host kernel"));
                x.write()?[0] = [1.0; 2];
            }
            solver.step().map(drop)
        })
        .map(drop)
    })
}

#[test]
fn what_one_rank_finds_all_ranks_say() -> Result<()> {
    let on_device = Context::builder().backend(Backend::Memcheck);
    for builder in [on_device, Context::builder().backend(Backend::Seq).checked(true)] {
        let said = on_ranks(3, &builder, |cx, _| {
            let Square { cx, nodes, .. } = Square::new(cx, Share::Scattered)?;
            // Both lead to node 9, and the nodes of the first ten are on several ranks.
            let twice: Vec<_> =
                (0..nodes.size() as u32).map(|node| [if node == 2 { 9 } else { node }]).collect();
            let twice = cx.map("twice", &nodes, &nodes, twice)?;
            let x: Dat<Nodes, [f64; 2]> = cx.dat_zeros("x", &nodes)?;
            let y = cx.dat("y", &nodes, vec![7.0; nodes.size()])?;
            let refused = par_loop!(send, nodes, x(Read), y(Write, twice));
            assert!(y.to_vec()?.iter().all(|&y| y == 7.0), "nothing was run");
            Ok(refused.unwrap_err().to_string())
        })?;
        let both = "elements 2 and 9 both write element 9 of set `Nodes`";
        assert!(said.iter().all(|said| said.contains(both)), "{said:?}");
    }
    Ok(())
}
