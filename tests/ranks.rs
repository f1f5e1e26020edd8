//! Programs on several ranks, which are threads here: the answers of one rank, values that are never
//! stale, and no message too many.

use std::sync::Arc;

use op2::comm::Comm;
use op2::prelude::*;

op2::sets! {
    Nodes;
    Edges;
    Cells;
}

op2::constants! {
    FACTOR: f64 = 1.0;
}

#[op2::kernel]
fn difference(a: &f64, b: &f64, weight: &f64, left: Inc<f64>, right: Inc<f64>) {
    *left += *weight * (*b - *a);
    *right -= *weight * (*b - *a);
}

#[op2::kernel]
fn advance(u: &mut f64, change: &mut f64, norm: Inc<f64>, most: Max<f64>) {
    *u += 0.1 * *change;
    *norm += *change * *change;
    *most = (*most).max(*change);
    *change = 0.0;
}

#[op2::kernel]
fn set_weight(i: &u64, weight: &mut f64) {
    *weight += 1.0 + 0.25 * *i as f64;
}

#[op2::kernel]
fn count_ends(ends: Inc<[f64; 2]>) {
    ends[0] += 1.0;
    ends[1] += 1.0;
}

#[op2::kernel]
fn sum_of_ends(counts: &[f64; 2], sum: Write<f64>) {
    *sum = counts[0] + counts[1];
}

#[op2::kernel]
fn add_own_and_ends(own: &f64, ends: &[f64; 2], here: Inc<[f64; 2]>) {
    here[0] += *own + ends[1];
    here[1] += *own + ends[0];
}

#[op2::kernel]
fn scale(x: &mut f64, by: &f64) {
    *x *= FACTOR * *by;
}

#[op2::kernel]
fn own_number(i: &u64, x: Write<f64>) {
    *x = *i as f64;
}

#[op2::kernel]
fn total(x: &f64, sum: Inc<f64>) {
    *sum += *x;
}

/// A grid of `n` x `n` cells, nodes numbered along rows.
struct Grid {
    nodes: Set<Nodes>,
    edges: Set<Edges>,
    cells: Set<Cells>,
    edge_nodes: Map<Edges, Nodes, 2>,
    edge_cells: Map<Edges, Cells, 2>,
    cell_nodes: Map<Cells, Nodes, 4>,
    x: Dat<Nodes, [f64; 2]>,
}

fn grid(cx: &Context, n: u32) -> op2::Result<Grid> {
    let node = |i, j| i + j * (n + 1);
    let cell = |i, j| i + j * n;
    let places: Vec<(u32, u32)> = (0..n).flat_map(|j| (0..n).map(move |i| (i, j))).collect();
    // Inner sides only: upright ones, then level ones.
    let upright = places.iter().filter(|(i, _)| *i > 0);
    let level = places.iter().filter(|(_, j)| *j > 0);
    let edge_nodes: Vec<[u32; 2]> = upright
        .clone()
        .map(|&(i, j)| [node(i, j), node(i, j + 1)])
        .chain(level.clone().map(|&(i, j)| [node(i, j), node(i + 1, j)]))
        .collect();
    let edge_cells: Vec<[u32; 2]> = upright
        .map(|&(i, j)| [cell(i - 1, j), cell(i, j)])
        .chain(level.map(|&(i, j)| [cell(i, j - 1), cell(i, j)]))
        .collect();
    let corners = |&(i, j)| [node(i, j), node(i + 1, j), node(i + 1, j + 1), node(i, j + 1)];
    let cell_nodes: Vec<[u32; 4]> = places.iter().map(corners).collect();
    let points: Vec<[f64; 2]> =
        (0..=n).flat_map(|j| (0..=n).map(move |i| [f64::from(i), f64::from(j)])).collect();
    let nodes = cx.set::<Nodes>(points.len())?;
    let edges = cx.set::<Edges>(edge_nodes.len())?;
    let cells = cx.set::<Cells>(cell_nodes.len())?;
    Ok(Grid {
        edge_nodes: cx.map("edge_nodes", &edges, &nodes, edge_nodes)?,
        edge_cells: cx.map("edge_cells", &edges, &cells, edge_cells)?,
        cell_nodes: cx.map("cell_nodes", &cells, &nodes, cell_nodes)?,
        x: cx.dat("x", &nodes, points)?,
        nodes,
        edges,
        cells,
    })
}

/// How a test shares the grid.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Nothing,
    Boxes,
    CellBoxes,
    Scattered,
    OnTheLast,
    #[cfg(feature = "metis")]
    Graph,
}

const WAYS: &[Way] = &[
    Way::Nothing,
    Way::Boxes,
    Way::CellBoxes,
    Way::Scattered,
    Way::OnTheLast,
    #[cfg(feature = "metis")]
    Way::Graph,
];

fn share(cx: &Context, grid: &Grid, way: Way) -> op2::Result<()> {
    let given = |rank: &dyn Fn(u32) -> u32| -> op2::Result<Partition> {
        let ranks: Vec<u32> = (0..grid.cells.size() as u32).map(rank).collect();
        Ok(Partition::given(&cx.dat("ranks", &grid.cells, ranks)?))
    };
    let ranks = cx.ranks() as u32;
    let partition = match way {
        Way::Nothing => return Ok(()),
        Way::Boxes => Partition::rcb(&grid.x),
        Way::CellBoxes => Partition::rcb_of(&grid.cell_nodes, &grid.x),
        Way::Scattered => given(&|cell| cell.wrapping_mul(2_654_435_761) % ranks)?,
        Way::OnTheLast => given(&|_| ranks - 1)?,
        #[cfg(feature = "metis")]
        Way::Graph => Partition::kway(&grid.edge_cells),
    };
    let quality = cx.partition(&partition)?;
    assert_eq!(quality.neighbors.len(), ranks as usize, "{way:?}");
    Ok(())
}

/// What a small program has computed: values on cells and edges, and sums.
#[derive(Debug, PartialEq)]
struct Answer {
    u: Vec<f64>,
    weights: Vec<f64>,
    ends: Vec<f64>,
    norm: f64,
    most: f64,
}

/// Some steps of diffusion between cells, with weights that are computed on edges.
fn diffuse(cx: &Context, n: u32, way: Way, reorder: bool) -> op2::Result<Answer> {
    let grid = grid(cx, n)?;
    let start: Vec<f64> = (0..grid.cells.size()).map(|i| ((i * 37) % 101) as f64).collect();
    let u = cx.dat("u", &grid.cells, start)?;
    let change = cx.dat_zeros::<Cells, f64>("change", &grid.cells)?;
    let weight = cx.dat_zeros::<Edges, f64>("weight", &grid.edges)?;
    let ends = cx.dat_zeros::<Nodes, f64>("ends", &grid.nodes)?;
    let sums = cx.dat_zeros::<Edges, f64>("sums", &grid.edges)?;
    share(cx, &grid, way)?;
    if reorder {
        cx.reorder(&Reorder::cuthill_mckee(&grid.edge_cells))?;
    }
    let (norm, most) = (cx.global("norm", 0.0), cx.reduction::<f64>("most"));
    for _ in 0..5 {
        par_loop!(set_weight, grid.edges, index(), weight(Rw))?;
        par_loop!(
            difference,
            grid.edges,
            u(Read, grid.edge_cells[0]),
            u(Read, grid.edge_cells[1]),
            weight(Read),
            change(Inc, grid.edge_cells[0]),
            change(Inc, grid.edge_cells[1])
        )?;
        par_loop!(advance, grid.cells, u(Rw), change(Rw), norm(Inc), most(Max))?;
    }
    par_loop!(count_ends, grid.edges, ends(Inc, grid.edge_nodes))?;
    par_loop!(sum_of_ends, grid.edges, ends(Read, grid.edge_nodes), sums(Write))?;
    Ok(Answer {
        u: u.to_vec()?,
        weights: weight.to_vec()?,
        ends: sums.to_vec()?,
        norm: norm.value()?,
        most: most.value()?,
    })
}

fn context(comm: Arc<dyn Comm>) -> op2::Result<Context> {
    Context::builder().backend(Backend::Seq).comm(comm).build()
}

fn close(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-12 * b.abs().max(1.0))
}

fn same(found: &Answer, one: &Answer) -> bool {
    close(&found.u, &one.u)
        && found.weights == one.weights
        && found.ends == one.ends
        && close(&[found.norm, found.most], &[one.norm, one.most])
}

#[test]
fn every_partition_gives_the_answer_of_one_rank() {
    let alone = || Context::builder().backend(Backend::Seq).build();
    for n in [1, 2, 7, 12] {
        let one = diffuse(&alone().unwrap(), n, Way::Nothing, false).unwrap();
        for ranks in [1, 2, 3, 4, 7] {
            for &way in WAYS {
                for reorder in [false, true] {
                    let all = op2::ranks(ranks, |comm| diffuse(&context(comm)?, n, way, reorder));
                    let all = all.unwrap_or_else(|e| panic!("{n} {ranks} {way:?} {reorder}: {e}"));
                    for found in &all {
                        assert!(same(found, &one), "{n} {ranks} {way:?} {reorder}");
                    }
                }
            }
        }
    }
}

#[test]
fn threads_on_ranks_change_no_bit() {
    let run = |threads: usize| {
        op2::ranks(3, |comm| {
            let builder = Context::builder().backend(Backend::Rayon).threads(threads);
            let cx = builder.comm(comm).build()?;
            cx.run(|| diffuse(&cx, 40, Way::Boxes, false))
        })
        .unwrap()
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn maps_and_dats_are_given_whole_in_blocks_or_by_one_rank() {
    let table = |i: u32| [i, (i + 3) % 20];
    let expected: Vec<[u32; 2]> = (0..20).map(table).collect();
    let found = op2::ranks(3, |comm| {
        let rank = comm.rank();
        let cx = context(comm)?;
        let edges = cx.set::<Edges>(20)?;
        let nodes = cx.set::<Nodes>(20)?;
        let all: Vec<u32> = (0..20).collect();
        let mine: Vec<u32> = edges.block_range().map(|i| i as u32).collect();
        let on_root = if rank == 1 { all.clone() } else { Vec::new() };
        let mut read = Vec::new();
        for (name, numbers) in [("whole", all), ("blocks", mine), ("root", on_root)] {
            let rows: Vec<[u32; 2]> = numbers.iter().map(|&i| table(i)).collect();
            let map = cx.map(name, &edges, &nodes, rows)?;
            let dat = cx.dat(name, &edges, numbers)?;
            read.push((map.to_vec()?, dat.to_vec()?));
            assert_eq!(dat.gather(2)?.is_some(), rank == 2);
        }
        // Owned parts, together, are all.
        Ok((read, edges.owned()))
    })
    .unwrap();
    for (read, _) in &found {
        for (rows, values) in read {
            assert_eq!((rows, values), (&expected, &(0..20).collect()));
        }
    }
    let owned: Vec<u32> = found.into_iter().flat_map(|(_, owned)| owned).collect();
    assert_eq!(owned, (0..20).collect::<Vec<_>>());
}

#[test]
fn what_does_not_fit_is_refused_on_all_ranks() {
    let refused = op2::ranks(2, |comm| {
        let rank = comm.rank() as u32;
        let cx = context(comm)?;
        let nodes = cx.set::<Nodes>(10)?;
        let few = cx.dat("few", &nodes, vec![1.0; 3 + rank as usize]).unwrap_err();
        let bad = vec![[0], [if rank == 1 { 10 } else { 1 }], [2], [3], [4]];
        let map = cx.map("bad", &nodes, &nodes, bad).unwrap_err();
        let subset = cx.subset("some", &nodes, vec![9 + rank]).unwrap_err();
        // Nothing is lost: the context goes on.
        let sum = cx.dat("ones", &nodes, vec![1.0; 10])?.to_vec()?.iter().sum::<f64>();
        assert_eq!(sum, 10.0);
        Ok([few, map, subset].map(|error| error.to_string()))
    })
    .unwrap();
    for [few, map, subset] in refused {
        assert!(
            few.starts_with("dat `few`: [3, 4] rows given by ranks for set `Nodes` of 10"),
            "{few}"
        );
        assert!(map.contains("row 6, entry 0: value 10 is not in set `Nodes` of size 10"), "{map}");
        assert!(subset.contains("value 10 is not in set"), "{subset}");
    }
}

/// Runs a test on 3 ranks over a chain of 30 nodes in scattered blocks, and on one.
fn everywhere(test: impl Fn(&Context, &Chain) -> op2::Result<Vec<f64>> + Sync) {
    let one = {
        let cx = Context::builder().backend(Backend::Seq).build().unwrap();
        test(&cx, &chain(&cx).unwrap()).unwrap()
    };
    for ranks in [2, 3, 5] {
        let all = op2::ranks(ranks, |comm| {
            let cx = context(comm)?;
            test(&cx, &chain(&cx)?)
        });
        for found in all.unwrap() {
            assert_eq!(found, one, "{ranks} ranks");
        }
    }
}

struct Chain {
    nodes: Set<Nodes>,
    edges: Set<Edges>,
    ends: Map<Edges, Nodes, 2>,
}

fn chain(cx: &Context) -> op2::Result<Chain> {
    let (nodes, edges) = (cx.set::<Nodes>(30)?, cx.set::<Edges>(29)?);
    let table: Vec<[u32; 2]> = (0..29).map(|i| [(7 * i) % 30, (7 * i + 7) % 30]).collect();
    let ends = cx.map("ends", &edges, &nodes, table)?;
    Ok(Chain { nodes, edges, ends })
}

#[test]
fn a_directly_read_dat_is_fresh_where_a_loop_runs_over_the_halo() {
    everywhere(|cx, Chain { nodes, edges, ends }| {
        let own = cx.dat_zeros::<Edges, f64>("own", edges)?;
        let (read, sum) = (cx.dat_zeros::<Nodes, f64>("read", nodes)?, cx.dat_zeros("sum", nodes)?);
        for _ in 0..3 {
            par_loop!(set_weight, edges, index(), own(Rw))?;
            par_loop!(add_own_and_ends, edges, own(Read), read(Read, ends), sum(Inc, ends))?;
        }
        sum.to_vec()
    });
}

#[test]
fn the_same_dat_twice_in_one_loop() {
    everywhere(|cx, Chain { nodes, edges, ends }| {
        let x = cx.dat_zeros::<Nodes, f64>("x", nodes)?;
        let weight = cx.dat("w", edges, vec![2.0; 29])?;
        let sum = cx.dat_zeros::<Nodes, f64>("sum", nodes)?;
        par_loop!(own_number, nodes, index(), x(Write))?;
        par_loop!(
            difference,
            edges,
            x(Read, ends[0]),
            x(Read, ends[1]),
            weight(Read),
            sum(Inc, ends[1]),
            sum(Inc, ends[0])
        )?;
        sum.to_vec()
    });
}

#[test]
fn an_increment_is_complete_where_a_later_loop_reads_the_halo() {
    everywhere(|cx, Chain { nodes, edges, ends }| {
        let counts = cx.dat_zeros::<Nodes, f64>("counts", nodes)?;
        let sums = cx.dat_zeros::<Edges, f64>("sums", edges)?;
        let mut all = Vec::new();
        for _ in 0..3 {
            par_loop!(count_ends, edges, counts(Inc, ends))?;
            par_loop!(sum_of_ends, edges, counts(Read, ends), sums(Write))?;
            all.extend(sums.to_vec()?);
        }
        Ok(all)
    });
}

#[test]
fn constants_and_globals_change_between_loops() {
    everywhere(|cx, Chain { nodes, .. }| {
        let x = cx.dat("x", nodes, vec![1.0; 30])?;
        let (by, sum) = (cx.global("by", 1.0), cx.global("sum", 0.0));
        for step in 1..4 {
            // Ranks that are threads have their constants in common: all set the same, and the value of
            // the sum makes them wait for each other.
            FACTOR.set(f64::from(step));
            par_loop!(total, nodes, x(Read), sum(Inc))?;
            let sum = sum.value()?;
            by.set(1.0 / sum);
            par_loop!(scale, nodes, x(Rw), by(Read))?;
            let after = cx.global("after", 0.0);
            par_loop!(total, nodes, x(Read), after(Inc))?;
            after.value()?;
        }
        FACTOR.set(1.0);
        let mut all = x.to_vec()?;
        all.push(sum.value()?);
        Ok(all.iter().map(|x| (x * 1e9).round()).collect())
    });
}

#[test]
fn a_dat_written_by_the_program_on_one_rank() {
    everywhere(|cx, Chain { nodes, edges, ends }| {
        let counts = cx.dat("counts", nodes, vec![1.0; 30])?;
        let sums = cx.dat_zeros::<Edges, f64>("sums", edges)?;
        let mut all = Vec::new();
        for writer in 0..cx.ranks() {
            par_loop!(sum_of_ends, edges, counts(Read, ends), sums(Write))?;
            let mut values = counts.write()?;
            if writer == cx.rank() {
                for (i, value) in values.iter_mut().enumerate() {
                    *value = i as f64;
                }
            }
            drop(values);
            par_loop!(sum_of_ends, edges, counts(Read, ends), sums(Write))?;
            all = sums.to_vec()?;
        }
        Ok(all)
    });
}

#[test]
fn ranks_that_write_different_values_to_one_element_are_told() {
    let errors = op2::ranks(2, |comm| {
        let cx = context(comm)?;
        let x = cx.dat("x", &cx.set::<Nodes>(4)?, vec![0.0; 4])?;
        x.write()?[2] = 1.0 + cx.rank() as f64;
        Ok(x.read().map(drop).unwrap_err().to_string())
    });
    for error in errors.unwrap() {
        assert!(error.contains("element 2 was given different values by ranks 0 and 1"), "{error}");
    }
}

#[test]
fn nothing_travels_that_is_fresh() {
    op2::ranks(2, |comm| {
        let cx = context(comm)?;
        let grid = grid(&cx, 10)?;
        cx.partition(&Partition::rcb_of(&grid.cell_nodes, &grid.x))?;
        let u = cx.dat("u", &grid.cells, vec![1.0; 100])?;
        let change = cx.dat_zeros::<Cells, f64>("change", &grid.cells)?;
        let weight = cx.dat("weight", &grid.edges, vec![1.0; 180])?;
        let step = || {
            par_loop!(
                difference,
                grid.edges,
                u(Read, grid.edge_cells[0]),
                u(Read, grid.edge_cells[1]),
                weight(Read),
                change(Inc, grid.edge_cells[0]),
                change(Inc, grid.edge_cells[1])
            )
        };
        step()?;
        // Ten sides lie between the halves: ten cells of u, and the weights of sides of the other rank.
        let first = cx.traffic();
        assert_eq!(first.messages, 1);
        assert!(first.bytes >= 80 && first.bytes <= 160, "{first:?}");
        step()?;
        assert_eq!(cx.traffic().messages, 1, "all is fresh");
        par_loop!(own_number, grid.cells, index(), u(Write))?;
        step()?;
        let now = cx.traffic();
        assert_eq!((now.messages, now.bytes - first.bytes), (2, 80), "u alone is stale");
        u.read()?;
        step()?;
        assert_eq!(cx.traffic().messages, 2, "reading changes nothing");
        u.write()?;
        step()?;
        assert_eq!(cx.traffic().messages, 3, "a guard that writes may have changed all");
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_rank_that_fails_ends_all() {
    let text = op2::ranks(3, |comm| {
        let cx = context(comm)?;
        let Chain { nodes, .. } = chain(&cx)?;
        let x = cx.dat("x", &nodes, vec![1.0; 30])?;
        if cx.rank() == 1 {
            return Err(op2::Error::other("no more mesh"));
        }
        let sum = cx.global("sum", 0.0);
        par_loop!(total, nodes, x(Read), sum(Inc))?;
        sum.value()
    })
    .unwrap_err()
    .to_string();
    assert!(text.contains("rank 1") && text.contains("no more mesh"), "{text}");
}

#[test]
fn ranks_that_run_different_loops_are_named() {
    let errors = op2::ranks(2, |comm| {
        let cx = Context::builder().backend(Backend::Seq).checked(true).comm(comm).build()?;
        let Chain { nodes, edges, ends } = chain(&cx)?;
        let x = cx.dat_zeros::<_, f64>("x", &nodes)?;
        let counts = cx.dat_zeros::<_, f64>("counts", &nodes)?;
        let done = if cx.rank() == 0 {
            par_loop!(own_number, nodes, index(), x(Write))
        } else {
            par_loop!(count_ends, edges, counts(Inc, ends))
        };
        Ok(done.unwrap_err().to_string())
    });
    for error in errors.unwrap() {
        assert!(error.starts_with("rank 1: it runs loop `count_ends` (tests/ranks.rs:"), "{error}");
        assert!(error.contains("while rank 0 runs loop `own_number` (tests/ranks.rs:"), "{error}");
    }
}

#[test]
fn a_kernel_that_panics_on_one_rank_ends_all() {
    #[op2::kernel(host)]
    fn refuse(i: &u64, x: Write<f64>) {
        assert!(*i != 29, "not this one");
        *x = 0.0;
    }
    let text = op2::ranks(3, |comm| {
        let cx = context(comm)?;
        let Chain { nodes, .. } = chain(&cx)?;
        let x = cx.dat_zeros::<Nodes, f64>("x", &nodes)?;
        par_loop!(refuse, nodes, index(), x(Write))?;
        x.to_vec()
    });
    let text = text.unwrap_err().to_string();
    assert!(text.contains("loop `refuse`") && text.contains("not this one"), "{text}");
    assert!(text.starts_with("rank "), "{text}");
}
