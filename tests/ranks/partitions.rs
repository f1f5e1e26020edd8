//! However the mesh is shared, the answer is that of one rank.

use op2::SetCounts;
use op2::prelude::*;

#[cfg(feature = "metis")]
use crate::chain::Chain;
use crate::context;
use crate::grid::{Cells, Edges, Grid, Nodes, WAYS, Way};
use crate::kernels::{count_ends, flow, set_weight, sum_of_ends};

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
    let grid = Grid::new(cx, n)?;
    let start: Vec<f64> = (0..grid.cells.size()).map(|i| ((i * 37) % 101) as f64).collect();
    let u = cx.dat("u", &grid.cells, start)?;
    let change = cx.dat_zeros::<Cells, f64>("change", &grid.cells)?;
    let weight = cx.dat_zeros::<Edges, f64>("weight", &grid.edges)?;
    let ends = cx.dat_zeros::<Nodes, f64>("ends", &grid.nodes)?;
    let sums = cx.dat_zeros::<Edges, f64>("sums", &grid.edges)?;
    grid.share(cx, way)?;
    if reorder {
        cx.reorder(&Reorder::cuthill_mckee(&grid.edge_cells))?;
    }
    let (norm, most) = (cx.global("norm", 0.0), cx.reduction::<f64>("most"));
    for _ in 0..5 {
        par_loop!(set_weight, grid.edges, index(), weight(Rw))?;
        flow(&grid, &u, &weight, &change)?;
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

#[op2::kernel]
fn advance(u: &mut f64, change: &mut f64, norm: Inc<f64>, most: Max<f64>) {
    *u += 0.1 * *change;
    *norm += *change * *change;
    *most = (*most).max(*change);
    *change = 0.0;
}

fn same(found: &Answer, one: &Answer) -> bool {
    close(&found.u, &one.u)
        && found.weights == one.weights
        && found.ends == one.ends
        && close(&[found.norm, found.most], &[one.norm, one.most])
}

fn close(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-12 * b.abs().max(1.0))
}

#[test]
fn a_partition_is_described_in_numbers() {
    let all = op2::ranks(2, |comm| {
        let cx = context(comm)?;
        let (nodes, edges) = (cx.set::<Nodes>(10)?, cx.set::<Edges>(9)?);
        let path: Vec<[u32; 2]> = (0..9).map(|i| [i, i + 1]).collect();
        let _path = cx.map("path", &edges, &nodes, path)?;
        // The last four nodes are on rank 0; one edge leads from them to the others.
        let ranks =
            cx.dat("ranks", &nodes, (0..10).map(|i| u32::from(i < 6)).collect::<Vec<_>>())?;
        let quality = cx.partition(&Partition::given(&ranks))?;
        Ok((quality, nodes.owned()))
    });
    let all = all.unwrap();
    assert_eq!(all[0].1, [6, 7, 8, 9]);
    assert_eq!(all[0].0, all[1].0);
    let quality = &all[0].0;
    let counts = |owned, exec_halo, non_exec_halo| SetCounts { owned, exec_halo, non_exec_halo };
    let [nodes, edges] = &quality.sets[..] else { panic!("{quality}") };
    assert_eq!(nodes.ranks, [counts(4, 0, 1), counts(6, 0, 1)]);
    assert_eq!(nodes.imbalance(), Some(1.2));
    // The edge between them belongs to one of the two, and runs on the other as well.
    let (left, right) = ([counts(4, 0, 0), counts(5, 1, 0)], [counts(3, 1, 0), counts(6, 0, 0)]);
    assert!(edges.ranks == left || edges.ranks == right, "{quality}");
    let [path] = &quality.maps[..] else { panic!("{quality}") };
    assert_eq!((path.counts.rows, path.counts.cut), (9, 1));
    assert_eq!(quality.neighbors, [1, 1]);
}

#[test]
fn requests_of_another_context_are_refused_on_any_number_of_ranks() {
    for ranks in [1, 2] {
        let refused = op2::ranks(ranks, |comm| {
            let (mine, other) = (context(comm.clone())?, context(comm)?);
            let points = vec![[0.0; 2]; 4];
            let x = other.dat("x", &other.set::<Nodes>(4)?, points)?;
            Ok(mine.partition(&Partition::rcb(&x)).unwrap_err().to_string())
        });
        for refused in refused.unwrap() {
            assert!(refused.contains("belongs to another context"), "{refused}");
        }
    }
}

/// A second mesh gets owners of its own, and the first keeps those it has.
#[cfg(feature = "metis")]
#[test]
fn what_is_partitioned_stays_where_it_is() {
    let owned = op2::ranks(3, |comm| {
        let builder = Context::builder().backend(Backend::Seq).partition(op2::AutoPartition::Kway);
        let cx = builder.comm(comm).build()?;
        let Chain { nodes, edges, .. } = Chain::new(&cx)?;
        let ranks = cx.dat("ranks", &nodes, (0..30).map(|i| i % 3).collect::<Vec<u32>>())?;
        cx.partition(&Partition::given(&ranks))?;
        let (first_nodes, first_edges) = (nodes.owned(), edges.owned());
        let (points, lines) = (cx.set::<Nodes>(40)?, cx.set::<Edges>(39)?);
        let table: Vec<[u32; 2]> = (0..39).map(|i| [i, i + 1]).collect();
        let path = cx.map("path", &lines, &points, table)?;
        let counts = cx.dat_zeros::<_, f64>("counts", &points)?;
        par_loop!(count_ends, lines, counts(Inc, path))?;
        assert_eq!((nodes.owned(), edges.owned()), (first_nodes, first_edges));
        Ok(points.owned())
    });
    let owned = owned.unwrap();
    assert_eq!(owned.iter().map(Vec::len).sum::<usize>(), 40);
    let blocks = owned.iter().all(|own| own.windows(2).all(|pair| pair[0] + 1 == pair[1]));
    assert!(owned.iter().all(|own| own.len() > 10) && blocks, "parts of a path: {owned:?}");
}
