//! Plain values and element numbers as arguments.

use op2::prelude::*;

use crate::meshes::{Graph, MANY, N, Nodes, SIZES, permutation};
use crate::target::Target;

#[op2::kernel]
fn store_number(i: &u64, x: Write<u64>) {
    *x = *i;
}

#[op2::kernel]
fn add_numbers(i: &u64, sum: Inc<u64>, high: Max<u64>) {
    *sum += *i;
    *high = (*high).max(*i);
}

#[op2::kernel]
fn number_of_writer(i: &u64, again: &u64, x: Write<[u64; 2]>) {
    x[0] = *i;
    x[1] = *again;
}

#[op2::kernel]
fn axpy(a: &f64, x: &f64, y: Inc<f64>) {
    *y += *a * *x;
}

#[op2::kernel]
fn all_kinds(
    real: &f64,
    narrow: &f32,
    row: &[f64; 3],
    matrix: &[[i32; 2]; 2],
    yes: &bool,
    byte: &u8,
    long: &i64,
    out: Write<[f64; 4]>,
) {
    out[0] = *real + row[0] + row[1] + row[2];
    out[1] = (matrix[0][0] + matrix[0][1] + matrix[1][0] + matrix[1][1]) as f64;
    out[2] = *narrow as f64 + *long as f64;
    out[3] = if *yes { *byte as f64 } else { -1.0 };
}

struct Run {
    step: f64,
}

impl Run {
    fn half(&self) -> f64 {
        self.step / 2.0
    }

    fn advance(
        &self,
        nodes: &Set<Nodes>,
        x: &Dat<Nodes, f64>,
        y: &Dat<Nodes, f64>,
    ) -> op2::Result<()> {
        par_loop!(axpy, nodes, self.step(Read), x(Read), y(Inc))
    }
}

pub fn index_is_the_number_of_the_element(target: &Target) {
    for size in SIZES {
        let cx = target.context();
        let nodes = cx.set::<Nodes>(size).unwrap();
        let x = cx.dat("x", &nodes, vec![u64::MAX; size]).unwrap();
        par_loop!(store_number, nodes, index(), x(Write)).unwrap();
        assert!(x.read().unwrap().iter().zip(0..).all(|(&x, i)| x == i), "{size}");
    }
}

pub fn index_in_a_subset_is_the_number_in_the_set(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let thirds: Vec<u32> = (0..MANY as u32).step_by(3).collect();
    let some = cx.subset("some", &nodes, &thirds[..]).unwrap();
    let x = cx.dat("x", &nodes, vec![u64::MAX; MANY]).unwrap();
    let (sum, high) = (cx.global("sum", 0).unwrap(), cx.global("high", 0).unwrap());
    par_loop!(store_number, some, index(), x(Write)).unwrap();
    par_loop!(add_numbers, some, index(), sum(Inc), high(Max)).unwrap();
    let expected = |i| if i % 3 == 0 { i } else { u64::MAX };
    assert!(x.read().unwrap().iter().zip(0..).all(|(&x, i)| x == expected(i)));
    assert_eq!(sum.value().unwrap(), thirds.iter().map(|&i| u64::from(i)).sum::<u64>());
    assert_eq!(high.value().unwrap(), u64::from(*thirds.last().unwrap()));
}

pub fn index_is_that_of_the_loop_not_of_the_target(target: &Target) {
    let table = permutation(MANY, 1);
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), MANY, &table);
    let x = cx.dat_zeros::<_, [u64; 2]>("x", &nodes).unwrap();
    par_loop!(number_of_writer, edges, index(), index(), x(Write, ends[0])).unwrap();
    let x = x.read().unwrap();
    assert!(table.iter().zip(0..).all(|(&[to], i)| x[to as usize] == [i, i]));
}

pub fn a_value_is_the_same_for_all_elements(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let x = cx.dat("x", &nodes, (0..MANY).map(|i| i as f64).collect::<Vec<_>>()).unwrap();
    let y = cx.dat_zeros::<_, f64>("y", &nodes).unwrap();
    for a in [1.0, 10.0, 100.0] {
        par_loop!(axpy, nodes, a(Read), x(Read), y(Inc)).unwrap();
    }
    assert!(y.read().unwrap().iter().enumerate().all(|(i, &y)| y == 111.0 * i as f64));
}

pub fn values_have_any_element_type(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let out = cx.dat_zeros::<_, [f64; 4]>("out", &nodes).unwrap();
    let (real, narrow, row, matrix) = (1.0, 0.5_f32, [1.0, 2.0, 3.0], [[1, 2], [3, 4]]);
    let (yes, byte, long) = (true, 200_u8, -(1_i64 << 40));
    par_loop!(
        all_kinds,
        nodes,
        real(Read),
        narrow(Read),
        row(Read),
        matrix(Read),
        yes(Read),
        byte(Read),
        long(Read),
        out(Write)
    )
    .unwrap();
    let expected = [7.0, 10.0, 0.5 - (1_i64 << 40) as f64, 200.0];
    assert!(out.read().unwrap().iter().all(|&out| out == expected));
}

pub fn values_are_variables_references_fields_and_expressions(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, vec![1.0; N]).unwrap();
    let y = cx.dat_zeros::<_, f64>("y", &nodes).unwrap();
    let run = Run { step: 2.0 };
    let (a, steps) = (&4.0, [8.0, 16.0]);
    par_loop!(axpy, nodes, a(Read), x(Read), y(Inc)).unwrap();
    par_loop!(axpy, nodes, run.step(Read), x(Read), y(Inc)).unwrap();
    par_loop!(axpy, nodes, (run.half())(Read), x(Read), y(Inc)).unwrap();
    par_loop!(axpy, nodes, (steps[0] + steps[1])(Read), x(Read), y(Inc)).unwrap();
    par_loop!(axpy, nodes, 32.0(Read), x(Read), y(Inc)).unwrap();
    run.advance(&nodes, &x, &y).unwrap();
    assert!(y.read().unwrap().iter().all(|&y| y == 4.0 + 2.0 + 1.0 + 24.0 + 32.0 + 2.0));
}
