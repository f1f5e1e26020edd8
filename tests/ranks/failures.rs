//! What goes wrong on one rank is an error on all, which says whose it is.

use op2::prelude::*;

use crate::chain::Chain;
use crate::context;
use crate::grid::Nodes;
use crate::kernels::{count_ends, own_number, total};

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
fn a_rank_that_fails_ends_all() {
    let text = op2::ranks(3, |comm| {
        let cx = context(comm)?;
        let Chain { nodes, .. } = Chain::new(&cx)?;
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
        let Chain { nodes, edges, ends } = Chain::new(&cx)?;
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
        assert!(
            error.starts_with("rank 1: it runs loop `count_ends` (tests/ranks/failures.rs:"),
            "{error}"
        );
        assert!(
            error.contains("while rank 0 runs loop `own_number` (tests/ranks/failures.rs:"),
            "{error}"
        );
    }
}

#[test]
fn ranks_that_run_one_loop_with_different_data_are_named() {
    let errors = op2::ranks(3, |comm| {
        let cx = Context::builder().backend(Backend::Seq).checked(true).comm(comm).build()?;
        let Chain { nodes, edges, ends } = Chain::new(&cx)?;
        let path: Vec<[u32; 2]> = (0..29).map(|i| [i, i + 1]).collect();
        let other = cx.map("other", &edges, &nodes, path)?;
        let (x, y) = (cx.dat("x", &nodes, vec![1.0; 30])?, cx.dat("y", &nodes, vec![2.0; 30])?);
        let counts = cx.dat_zeros::<_, f64>("counts", &nodes)?;
        let (late, rank) = (cx.rank() == 2, cx.rank());
        let by = cx.global("by", if late { 3.0 } else { 2.0 });
        let sum = cx.global("sum", 0.0);
        let factor = 1.0 + rank as f64;
        let done = [
            par_loop!(total, nodes, (if late { &y } else { &x })(Read), sum(Inc)),
            par_loop!(count_ends, edges, counts(Inc, (if late { &other } else { &ends }))),
            par_loop!(enlarge, nodes, by(Read), x(Rw)),
            par_loop!(spread, edges, factor(Read), counts(Inc, ends)),
        ];
        // All go on: nothing was changed.
        assert_eq!(
            (sum.value()?, x.to_vec()?, counts.to_vec()?),
            (0.0, vec![1.0; 30], vec![0.0; 30])
        );
        // Where elements run once, ranks may write what they like.
        par_loop!(enlarge, nodes, factor(Read), x(Rw))?;
        assert_eq!(x.owned_values()?, vec![factor; 10]);
        Ok(done.map(|done| done.unwrap_err().to_string()))
    });
    let expected = [
        ["rank 2: in loop `total` (", "it has dat `y` (Read), while rank 0 has dat `x` (Read)"],
        [
            "rank 2: in loop `count_ends` (",
            "it has dat `counts` (Inc, other), while rank 0 has dat `counts` (Inc, ends)",
        ],
        ["rank 2: in loop `enlarge` (", "global `by` (Read) has another value than on rank 0"],
        ["rank 1: in loop `spread` (", "argument `factor(Read)` has another value than on rank 0"],
    ];
    for errors in errors.unwrap() {
        for (error, [start, end]) in errors.iter().zip(expected) {
            assert!(error.starts_with(start) && error.ends_with(end), "{error}");
        }
    }
}

#[op2::kernel]
fn spread(by: &f64, ends: Inc<[f64; 2]>) {
    ends[0] += *by;
    ends[1] += *by;
}

#[op2::kernel]
fn enlarge(by: &f64, x: &mut f64) {
    *x *= *by;
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
        let Chain { nodes, .. } = Chain::new(&cx)?;
        let x = cx.dat_zeros::<Nodes, f64>("x", &nodes)?;
        par_loop!(refuse, nodes, index(), x(Write))?;
        x.to_vec()
    });
    let text = text.unwrap_err().to_string();
    assert!(text.contains("loop `refuse`") && text.contains("not this one"), "{text}");
    assert!(text.starts_with("rank "), "{text}");
}

#[test]
fn messages_of_other_data_are_not_taken_for_ones_own() {
    let errors = op2::ranks(2, |comm| {
        let cx = context(comm)?;
        let Chain { nodes, edges, ends } = Chain::new(&cx)?;
        let x = cx.dat("x", &nodes, vec![1.0; 30])?;
        let y = cx.dat("y", &nodes, vec![2.0; 30])?;
        let sums = cx.dat_zeros::<_, f64>("sums", &edges)?;
        // Both are sent along the same way before.
        for other in [&x, &y] {
            par_loop!(add_ends, edges, other(Read, ends), sums(Inc))?;
            par_loop!(again, nodes, other(Rw))?;
        }
        let mine = if cx.rank() == 0 { &x } else { &y };
        Ok(par_loop!(add_ends, edges, mine(Read, ends), sums(Inc)).unwrap_err().to_string())
    });
    for error in errors.unwrap() {
        assert!(error.contains("it exchanges other values than the rest"), "{error}");
    }
}

#[op2::kernel]
fn add_ends(x: &[f64; 2], sum: Inc<f64>) {
    *sum += x[0] + x[1];
}

#[op2::kernel]
fn again(x: &mut f64) {
    *x *= 2.0;
}

#[test]
fn a_dat_that_one_rank_keeps_is_named_before_anything_moves() {
    let errors = op2::ranks(3, |comm| {
        let cx = context(comm)?;
        let Chain { nodes, .. } = Chain::new(&cx)?;
        let x = cx.dat("x", &nodes, vec![1.0; 30])?;
        let y = cx.dat("y", &nodes, vec![2.0; 30])?;
        let kept = (cx.rank() == 1).then(|| x.clone());
        drop(x);
        let error = cx.partition(&Partition::blocks(&nodes)).unwrap_err().to_string();
        drop(kept);
        cx.partition(&Partition::blocks(&nodes))?;
        Ok((error, y.to_vec()?))
    });
    for (error, y) in errors.unwrap() {
        assert_eq!(error, "rank 1: it keeps dat `x`, which rank 0 has no more");
        assert_eq!(y, [2.0; 30]);
    }
}

#[test]
fn a_global_can_be_set_after_a_failure() {
    let errors = op2::ranks(2, |comm| {
        let cx = context(comm)?;
        let x = cx.dat("x", &cx.set::<Nodes>(4)?, vec![0.0; 4])?;
        let limit = cx.global("limit", 1.0);
        x.write()?[2] = 1.0 + cx.rank() as f64;
        limit.set(2.0);
        Ok((limit.value().unwrap_err().to_string(), limit.value()?))
    });
    for (error, limit) in errors.unwrap() {
        assert!(error.contains("element 2 was given different values"), "{error}");
        assert_eq!(limit, 2.0);
    }
}

#[test]
fn points_that_were_read_before_elements_moved_give_no_order() {
    let errors = op2::ranks(2, |comm| {
        let cx = context(comm)?;
        let Chain { nodes, .. } = Chain::new(&cx)?;
        let points: Vec<[f64; 2]> = (0..30).map(|i| [f64::from(i * 7 % 30), 0.0]).collect();
        let points = cx.dat("points", &nodes, points)?;
        let early = Reorder::hilbert(&points);
        cx.partition(&Partition::rcb(&points))?;
        let refused = cx.reorder(&early).unwrap_err().to_string();
        cx.reorder(&Reorder::hilbert(&points))?;
        Ok(refused)
    });
    for refused in errors.unwrap() {
        assert!(refused.contains("make the request after `partition`"), "{refused}");
    }
}
