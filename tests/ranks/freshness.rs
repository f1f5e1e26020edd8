//! No loop reads a value that its owner has changed since.

use op2::prelude::*;

use crate::chain::{Chain, everywhere};
use crate::grid::{Edges, Nodes};
use crate::kernels::{count_ends, difference, own_number, set_weight, sum_of_ends, total};

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

#[op2::kernel]
fn add_own_and_ends(own: &f64, ends: &[f64; 2], here: Inc<[f64; 2]>) {
    here[0] += *own + ends[1];
    here[1] += *own + ends[0];
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
fn subsets_come_and_go() {
    everywhere(|cx, Chain { nodes, edges, ends }| {
        let x = cx.dat("x", nodes, (0..30).map(f64::from).collect::<Vec<_>>())?;
        let sums = cx.dat_zeros::<_, f64>("sums", edges)?;
        let all = || par_loop!(sum_of_ends, edges, x(Read, ends), sums(Write));
        for round in 0..80_u32 {
            let some = (0..29).filter(|edge| (edge * 7 + round * round) % (round % 9 + 2) == 0);
            let some = cx.subset("some", edges, some.collect::<Vec<u32>>())?;
            par_loop!(sum_of_ends, some, x(Read, ends), sums(Write))?;
            par_loop!(count_ends, some, x(Inc, ends))?;
            if round % 10 == 0 {
                all()?;
            }
        }
        let mut values = x.to_vec()?;
        values.extend(sums.to_vec()?);
        Ok(values)
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

op2::constants! {
    FACTOR: f64 = 1.0;
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

#[op2::kernel]
fn scale(x: &mut f64, by: &f64) {
    *x *= FACTOR * *by;
}

#[op2::kernel]
fn reset(count: Write<u8>) {
    *count = 0;
}

#[op2::kernel]
fn count_few(ends: Inc<[u8; 2]>) {
    ends[0] += 1;
    ends[1] += 1;
}

/// Copies of other ranks' rows are added to, and nobody sets them back.
#[test]
fn copies_that_nobody_reads_overflow_in_silence() {
    everywhere(|cx, Chain { nodes, edges, ends }| {
        let counts = cx.dat_zeros::<_, u8>("counts", nodes)?;
        for _ in 0..200 {
            par_loop!(reset, nodes, counts(Write))?;
            par_loop!(count_few, edges, counts(Inc, ends))?;
        }
        Ok(counts.to_vec()?.into_iter().map(f64::from).collect())
    });
}

#[op2::kernel]
fn nothing(x: &f64, none: Inc<[f64; 0]>) {
    for i in 0..none.len() {
        none[i] += *x;
    }
}

#[test]
fn values_without_numbers_are_reduced() {
    everywhere(|cx, Chain { nodes, .. }| {
        let x = cx.dat("x", nodes, vec![1.0; 30])?;
        let none = cx.reduction::<[f64; 0]>("none");
        par_loop!(nothing, nodes, x(Read), none(Inc))?;
        Ok(none.value()?.to_vec())
    });
}
