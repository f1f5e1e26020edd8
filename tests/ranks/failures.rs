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
