//! Every element type, in every way a dat is reached.

use op2::prelude::*;

use crate::meshes::{Graph, MANY, Nodes, permutation, random_rows};
use crate::target::Target;

/// The same loops for one number type: direct, gathered, incremented through a map.
macro_rules! numbers {
    ($($ty:ident)*) => {$(
        mod $ty {
            use op2::prelude::*;

            use crate::meshes::{Graph, MANY, random_rows};
            use crate::target::Target;

            #[op2::kernel]
            fn twice(x: &$ty, y: Write<$ty>) {
                *y = *x + *x;
            }

            #[op2::kernel]
            fn next(x: &mut $ty) {
                *x += 1 as $ty;
            }

            #[op2::kernel]
            fn larger_end(x: &[$ty; 2], y: Write<$ty>) {
                *y = x[0].max(x[1]);
            }

            #[op2::kernel]
            fn add_one(a: Inc<$ty>, b: Inc<[$ty; 3]>) {
                *a += 1 as $ty;
                b[2] += 2 as $ty;
            }

            #[op2::kernel]
            fn lower(x: &$ty, y: Min<$ty>) {
                *y = (*y).min(*x);
            }

            pub(super) fn all(target: &Target) {
                // Few edges per node: the counts fit into all types.
                let table = random_rows::<2>(MANY, MANY, 1);
                let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), MANY, &table);
                let values: Vec<$ty> = (0..MANY).map(|i| (i % 100) as $ty).collect();
                let x = cx.dat("x", &nodes, &values).unwrap();
                let y = cx.dat_zeros::<_, $ty>("y", &nodes).unwrap();
                par_loop!(twice, nodes, x(Read), y(Write)).unwrap();
                par_loop!(next, nodes, y(Rw)).unwrap();
                let expected = values.iter().map(|&x| x + x + 1 as $ty);
                assert!(y.read().unwrap().iter().copied().eq(expected));

                let larger = cx.dat_zeros::<_, $ty>("larger", &edges).unwrap();
                par_loop!(larger_end, edges, x(Read, ends), larger(Write)).unwrap();
                let of = |[a, b]: &[u32; 2]| values[*a as usize].max(values[*b as usize]);
                assert!(larger.read().unwrap().iter().copied().eq(table.iter().map(of)));

                let (ones, twos) = (
                    cx.dat_zeros::<_, $ty>("ones", &nodes).unwrap(),
                    cx.dat_zeros::<_, [$ty; 3]>("twos", &nodes).unwrap(),
                );
                par_loop!(add_one, edges, ones(Inc, ends[0]), twos(Inc, ends[0])).unwrap();
                let low = cx.dat("low", &nodes, vec![90 as $ty; MANY]).unwrap();
                par_loop!(lower, edges, larger(Read), low(Min, ends[1])).unwrap();
                let (mut counts, mut lowest) = (vec![0; MANY], vec![90 as $ty; MANY]);
                for row in &table {
                    counts[row[0] as usize] += 1;
                    let lowest = &mut lowest[row[1] as usize];
                    *lowest = (*lowest).min(of(row));
                }
                let counts = || counts.iter().map(|&count: &u8| count as $ty);
                assert!(ones.read().unwrap().iter().copied().eq(counts()));
                let zero = 0 as $ty;
                let twice = counts().map(|count| [zero, zero, count + count]);
                assert!(twos.read().unwrap().iter().copied().eq(twice));
                assert_eq!(*low.read().unwrap(), lowest[..]);
            }
        }
    )*};
}

numbers!(f64 f32 i32 i64 u32 u64 u8);

#[op2::kernel]
fn negate(flag: &bool, out: Write<bool>) {
    *out = !*flag;
}

#[op2::kernel]
fn both_ends(flags: &[bool; 2], out: Write<[bool; 2]>, count: Inc<u32>) {
    out[0] = flags[0] && flags[1];
    out[1] = flags[0] || flags[1];
    if out[0] {
        *count += 1;
    }
}

#[op2::kernel]
fn flip(flag: &mut bool) {
    *flag = !*flag;
}

#[op2::kernel]
fn transpose(a: &[[f64; 3]; 2], b: Write<[[f64; 2]; 3]>) {
    for i in 0..2 {
        for j in 0..3 {
            b[j][i] = a[i][j];
        }
    }
}

#[op2::kernel]
fn deep(a: &[[[i32; 2]; 3]; 2], sum: Inc<[[i32; 2]; 3]>) {
    for i in 0..2 {
        for j in 0..3 {
            for k in 0..2 {
                sum[j][k] += a[i][j][k];
            }
        }
    }
}

#[op2::kernel]
fn wide(a: &[f64; 40], b: &mut [f64; 40]) {
    for k in 0..40 {
        b[k] += a[39 - k];
    }
}

pub fn real_numbers(target: &Target) {
    f64::all(target);
    f32::all(target);
}

pub fn signed_integers(target: &Target) {
    i32::all(target);
    i64::all(target);
}

pub fn unsigned_integers(target: &Target) {
    u32::all(target);
    u64::all(target);
    u8::all(target);
}

pub fn truth_values(target: &Target) {
    let table = random_rows::<2>(MANY, 5003, 2);
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), 5003, &table);
    let values: Vec<bool> = (0..5003).map(|i| i % 3 == 0).collect();
    let flags = cx.dat("flags", &nodes, &values).unwrap();
    let others = cx.dat_zeros::<_, bool>("others", &nodes).unwrap();
    par_loop!(negate, nodes, flags(Read), others(Write)).unwrap();
    assert!(others.read().unwrap().iter().zip(&values).all(|(other, flag)| other != flag));
    let out = cx.dat_zeros::<_, [bool; 2]>("out", &edges).unwrap();
    let count = cx.global("count", 0).unwrap();
    par_loop!(both_ends, edges, flags(Read, ends), out(Write), count(Inc)).unwrap();
    let of = |[a, b]: &[u32; 2]| (values[*a as usize], values[*b as usize]);
    let expected: Vec<_> = table.iter().map(of).map(|(a, b)| [a && b, a || b]).collect();
    assert_eq!(*out.read().unwrap(), expected[..]);
    let both = expected.iter().filter(|[and, _]| *and).count();
    assert_eq!(count.value().unwrap() as usize, both);
    // Through a map in which every element occurs once.
    let order = permutation(5003, 3);
    let same = cx.map("same", &nodes, &nodes, order).unwrap();
    par_loop!(flip, nodes, flags(Rw, same[0])).unwrap();
    assert!(flags.read().unwrap().iter().zip(&values).all(|(now, before)| now != before));
}

pub fn nested_arrays(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let at = |i: usize| [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]].map(|row| row.map(|x| x + i as f64));
    let a = cx.dat("a", &nodes, (0..MANY).map(at).collect::<Vec<_>>()).unwrap();
    let b = cx.dat_zeros::<_, [[f64; 2]; 3]>("b", &nodes).unwrap();
    par_loop!(transpose, nodes, a(Read), b(Write)).unwrap();
    let turned = |i| [0.0, 1.0, 2.0].map(|x: f64| [x + i as f64, x + 3.0 + i as f64]);
    assert!(b.read().unwrap().iter().enumerate().all(|(i, &b)| b == turned(i)));
}

pub fn arrays_of_arrays_of_arrays_behind_a_map(target: &Target) {
    let table = random_rows::<1>(MANY, 301, 4);
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), 301, &table);
    let value = |i: i32| [[[i, 1], [2, 3], [4, 5]], [[6, 7], [8, 9], [10, -i]]];
    let a = cx.dat("a", &edges, (0..MANY as i32).map(value).collect::<Vec<_>>()).unwrap();
    let sum = cx.dat_zeros::<_, [[i32; 2]; 3]>("sum", &nodes).unwrap();
    par_loop!(deep, edges, a(Read), sum(Inc, ends[0])).unwrap();
    let mut expected = vec![[[0; 2]; 3]; 301];
    for ([to], i) in table.into_iter().zip(0..) {
        let row = &mut expected[to as usize];
        for (row, add) in row.iter_mut().zip([[i + 6, 8], [10, 12], [14, 5 - i]]) {
            row.iter_mut().zip(add).for_each(|(row, add)| *row += add);
        }
    }
    assert_eq!(*sum.read().unwrap(), expected[..]);
}

pub fn wide_rows(target: &Target) {
    let table = permutation(4001, 5);
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), 4001, &table);
    let row = |i: usize| std::array::from_fn::<f64, 40, _>(|k| (i + k) as f64);
    let a = cx.dat("a", &nodes, (0..4001).map(row).collect::<Vec<_>>()).unwrap();
    let b = cx.dat("b", &edges, vec![[1.0; 40]; 4001]).unwrap();
    par_loop!(wide, edges, a(Read, ends[0]), b(Rw)).unwrap();
    let b = b.read().unwrap();
    let turned =
        |i: u32| std::array::from_fn::<f64, 40, _>(|k| 1.0 + f64::from(i) + (39 - k) as f64);
    assert!(table.iter().zip(&*b).all(|(&[i], &b)| b == turned(i)));
}
