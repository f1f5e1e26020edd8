//! Loops over part of a set, and the algebra of subsets.

use op2::prelude::*;

use crate::meshes::{Edges, Graph, MANY, N, Nodes, Random, counting, permutation, random_rows};
use crate::target::Target;

#[op2::kernel]
fn answer(x: Write<u32>) {
    *x = 42;
}

#[op2::kernel]
fn one_more(x: &mut u32) {
    *x += 1;
}

#[op2::kernel]
fn count(x: Inc<u32>) {
    *x += 1;
}

#[op2::kernel]
fn sum(x: &u32, total: Inc<u64>, low: Min<u32>, high: Max<u32>) {
    *total += *x as u64;
    *low = (*low).min(*x);
    *high = (*high).max(*x);
}

#[op2::kernel]
fn double_into(i: &u64, x: &u32, factor: &u32, y: Write<u32>) {
    *y = *x * *factor + *i as u32;
}

#[op2::kernel]
fn ends(a: &u32, b: &u32, product: Write<u32>, seen_a: Inc<u32>, seen_b: Inc<u32>) {
    *product = *a * *b;
    *seen_a += 1;
    *seen_b += 100;
}

#[op2::kernel]
fn all_ends(x: &[u32; 2], sum: &mut u32, seen: Inc<[u32; 2]>) {
    *sum += x[0] + x[1];
    seen[0] += 1;
    seen[1] += 100;
}

#[op2::kernel]
fn extremes_of_ends(value: &u32, low: Min<u32>, high: Max<u32>) {
    *low = (*low).min(*value);
    *high = (*high).max(*value);
}

#[op2::kernel]
fn scatter(value: &u32, y: Write<u32>) {
    *y = *value;
}

#[op2::kernel]
fn add_number(i: &u64, x: &mut u32) {
    *x += *i as u32;
}

#[op2::kernel]
fn count_ends(a: Inc<u32>, b: Inc<u32>) {
    *a += 1;
    *b += 100;
}

/// About half of `0..len`, in no order.
fn half(len: usize, seed: u64) -> Vec<u32> {
    let mut random = Random(seed);
    let order = permutation(len, seed);
    order.into_iter().map(|[i]| i).filter(|_| random.below(2) == 0).collect()
}

pub fn a_direct_loop_touches_the_subset_only(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let even = cx.subset("even", &nodes, (0..N as u32).step_by(2).collect::<Vec<_>>()).unwrap();
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    par_loop!(answer, even, x(Write)).unwrap();
    let expected = |i: u32| if i % 2 == 0 { 42 } else { i };
    assert!(x.read().unwrap().iter().zip(0..).all(|(&x, i)| x == expected(i)));
}

pub fn an_indirect_loop_touches_what_the_subset_reaches(target: &Target) {
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), N, &permutation(N, 1));
    let even = cx.subset("even", &edges, (0..N as u32).step_by(2).collect::<Vec<_>>()).unwrap();
    let x = cx.dat_zeros::<_, u32>("x", &nodes).unwrap();
    par_loop!(count, even, x(Inc, ends[0])).unwrap();
    assert_eq!(x.read().unwrap().iter().sum::<u32>(), N as u32 / 2);
    let reached = ends.to_vec().unwrap();
    let x = x.read().unwrap();
    assert!(reached.iter().zip(0..).all(|([to], i)| x[*to as usize] == 1 - i % 2));
}

pub fn complementary_subsets_cover_the_set_once(target: &Target) {
    let cx = target.context();
    for len in [10, N, MANY] {
        let nodes = cx.set::<Nodes>(len).unwrap();
        let some = cx.subset("some", &nodes, half(len, 2)).unwrap();
        let others = some.complement();
        assert_eq!(some.size() + others.size(), len);
        let x = cx.dat("x", &nodes, counting(len)).unwrap();
        par_loop!(one_more, some, x(Rw)).unwrap();
        par_loop!(one_more, others, x(Rw)).unwrap();
        assert!(x.read().unwrap().iter().zip(1..).all(|(&x, i)| x == i), "{len}");
    }
}

pub fn a_loop_over_an_empty_subset_does_nothing(target: &Target) {
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), N, &permutation(N, 3));
    let none = cx.subset("none", &edges, vec![]).unwrap();
    let x = cx.dat("x", &nodes, counting(N)).unwrap();
    let y = cx.dat("y", &edges, counting(N)).unwrap();
    let total = cx.global("total", 9).unwrap();
    let (low, high) = (cx.global("low", 9).unwrap(), cx.global("high", 9).unwrap());
    par_loop!(answer, none, y(Write)).unwrap();
    par_loop!(count, none, x(Inc, ends[0])).unwrap();
    par_loop!(answer, none, x(Write, ends[0])).unwrap();
    par_loop!(sum, none, y(Read), total(Inc), low(Min), high(Max)).unwrap();
    assert_eq!(x.to_vec().unwrap(), counting(N));
    assert_eq!(y.to_vec().unwrap(), counting(N));
    assert_eq!((total.value().unwrap(), low.value().unwrap(), high.value().unwrap()), (9, 9, 9));
}

pub fn subsets_are_sorted_and_unique(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(10).unwrap();
    let subset = cx.subset("some", &nodes, vec![7, 3, 7, 0, 3]).unwrap();
    assert_eq!((subset.indices(), subset.size()), (vec![0, 3, 7], 3));
    assert_eq!(subset.name(), "some");
    let x = cx.dat_zeros::<_, u32>("x", &nodes).unwrap();
    par_loop!(one_more, subset, x(Rw)).unwrap();
    assert_eq!(x.to_vec().unwrap(), [1, 0, 0, 1, 0, 0, 0, 1, 0, 0]);
}

pub fn subsets_combine_as_sets_do(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(10).unwrap();
    let a = cx.subset("a", &nodes, vec![2, 3, 5, 7]).unwrap();
    let b = cx.subset("b", &nodes, vec![2, 4, 6, 8]).unwrap();
    assert_eq!(a.union(&b).unwrap().indices(), [2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(a.intersection(&b).unwrap().indices(), [2]);
    assert_eq!(a.difference(&b).unwrap().indices(), [3, 5, 7]);
    assert_eq!(a.symmetric_difference(&b).unwrap().indices(), [3, 4, 5, 6, 7, 8]);
    assert_eq!(a.complement().indices(), [0, 1, 4, 6, 8, 9]);
    assert_eq!(a.intersection(&a.complement()).unwrap().size(), 0);
    let all = a.union(&a.complement()).unwrap();
    assert_eq!(all.indices(), counting(10));
}

pub fn a_loop_runs_over_a_subset_of_a_subset(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(N).unwrap();
    let multiples = |k: u32| (0..N as u32).filter(|i| i % k == 0).collect::<Vec<_>>();
    let of_two = cx.subset("of two", &nodes, multiples(2)).unwrap();
    let of_three = cx.subset("of three", &nodes, multiples(3)).unwrap();
    let of_six = of_two.intersection(&of_three).unwrap();
    let x = cx.dat_zeros::<_, u32>("x", &nodes).unwrap();
    par_loop!(one_more, of_two, x(Rw)).unwrap();
    par_loop!(one_more, of_six, x(Rw)).unwrap();
    let expected = |i: u32| u32::from(i % 2 == 0) + u32::from(i % 6 == 0);
    assert!(x.read().unwrap().iter().zip(0..).all(|(&x, i)| x == expected(i)));
}

pub fn an_element_outside_the_set_is_refused(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(10).unwrap();
    let error = cx.subset("some", &nodes, vec![3, 10, 4]).unwrap_err().to_string();
    assert_eq!(error, "subset `some`: entry 1: value 10 is not in set `Nodes` of size 10");
}

pub fn subsets_of_different_sets_do_not_combine(target: &Target) {
    let cx = target.context();
    let first = cx.set::<Nodes>(10).unwrap();
    let second = cx.set::<Nodes>(10).unwrap();
    let a = cx.subset("a", &first, vec![1]).unwrap();
    let b = cx.subset("b", &second, vec![1]).unwrap();
    for combined in [a.union(&b), a.intersection(&b), a.difference(&b), a.symmetric_difference(&b)]
    {
        let error = combined.unwrap_err().to_string();
        assert!(error.contains("`a` is part of set `Nodes` of 10"), "{error}");
        assert!(error.contains("`b` of set `Nodes#2` of 10"), "{error}");
    }
}

pub fn values_globals_and_numbers_in_a_subset_loop(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let indices = half(MANY, 4);
    let some = cx.subset("some", &nodes, &indices[..]).unwrap();
    let x = cx.dat("x", &nodes, counting(MANY)).unwrap();
    let y = cx.dat("y", &nodes, vec![5; MANY]).unwrap();
    let (factor, total) = (3_u32, cx.global("total", 0).unwrap());
    let (low, high) = (cx.global("low", 1000).unwrap(), cx.global("high", 0).unwrap());
    par_loop!(double_into, some, index(), x(Read), factor(Read), y(Write)).unwrap();
    par_loop!(sum, some, x(Read), total(Inc), low(Min), high(Max)).unwrap();
    let mut expected = vec![5; MANY];
    indices.iter().for_each(|&i| expected[i as usize] = 4 * i);
    assert_eq!(*y.read().unwrap(), expected[..]);
    assert_eq!(total.value().unwrap(), indices.iter().map(|&i| u64::from(i)).sum::<u64>());
    assert_eq!(Some(low.value().unwrap()), indices.iter().copied().min());
    assert_eq!(Some(high.value().unwrap()), indices.iter().copied().max());
}

pub fn every_mode_through_maps_in_a_subset_loop(target: &Target) {
    let table = random_rows::<2>(MANY, 7001, 5);
    let Graph { edges, nodes, ends: map, cx } = Graph::new(target.context(), 7001, &table);
    let indices = half(MANY, 6);
    let some = cx.subset("some", &edges, &indices[..]).unwrap();
    let values: Vec<u32> = (0..7001).map(|i| i % 3 + 1).collect();
    let x = cx.dat("x", &nodes, &values).unwrap();
    let products = cx.dat("products", &edges, vec![77; MANY]).unwrap();
    let sums = cx.dat("sums", &edges, vec![1000; MANY]).unwrap();
    let numbers = cx.dat("numbers", &edges, counting(MANY)).unwrap();
    let seen = cx.dat_zeros::<_, u32>("seen", &nodes).unwrap();
    let low = cx.dat("low", &nodes, vec![500; 7001]).unwrap();
    let high = cx.dat("high", &nodes, vec![500; 7001]).unwrap();
    par_loop!(
        ends,
        some,
        x(Read, map[0]),
        x(Read, map[1]),
        products(Write),
        seen(Inc, map[0]),
        seen(Inc, map[1])
    )
    .unwrap();
    par_loop!(all_ends, some, x(Read, map), sums(Rw), seen(Inc, map)).unwrap();
    par_loop!(extremes_of_ends, some, numbers(Read), low(Min, map[0]), high(Max, map[1])).unwrap();

    let (mut expected_products, mut expected_sums) = (vec![77; MANY], vec![1000; MANY]);
    let mut expected_seen = vec![0; 7001];
    let (mut expected_low, mut expected_high) = (vec![500; 7001], vec![500; 7001]);
    for &edge in &indices {
        let [a, b] = table[edge as usize].map(|node| node as usize);
        expected_products[edge as usize] = values[a] * values[b];
        expected_sums[edge as usize] += values[a] + values[b];
        expected_seen[a] += 2;
        expected_seen[b] += 200;
        expected_low[a] = edge.min(expected_low[a]);
        expected_high[b] = edge.max(expected_high[b]);
    }
    assert_eq!(*products.read().unwrap(), expected_products[..]);
    assert_eq!(*sums.read().unwrap(), expected_sums[..]);
    assert_eq!(*seen.read().unwrap(), expected_seen[..]);
    assert_eq!(*low.read().unwrap(), expected_low[..]);
    assert_eq!(*high.read().unwrap(), expected_high[..]);
}

pub fn write_and_rw_through_maps_in_a_subset_loop(target: &Target) {
    let table = permutation(MANY, 7);
    let Graph { edges, nodes, ends: map, cx } = Graph::new(target.context(), MANY, &table);
    let indices = half(MANY, 8);
    let some = cx.subset("some", &edges, &indices[..]).unwrap();
    let values = cx.dat("values", &edges, counting(MANY)).unwrap();
    let y = cx.dat("y", &nodes, vec![u32::MAX - 10; MANY]).unwrap();
    par_loop!(scatter, some, values(Read), y(Write, map[0])).unwrap();
    par_loop!(one_more, some, y(Rw, map[0])).unwrap();
    par_loop!(add_number, some, index(), y(Rw, map[0])).unwrap();
    let mut expected = vec![u32::MAX - 10; MANY];
    indices.iter().for_each(|&i| expected[table[i as usize][0] as usize] = 2 * i + 1);
    assert_eq!(*y.read().unwrap(), expected[..]);
}

pub fn subsets_of_any_size_have_their_own_plans(target: &Target) {
    let table = random_rows::<2>(MANY, 2001, 9);
    let Graph { edges, nodes, ends: map, cx } = Graph::new(target.context(), 2001, &table);
    let seen = cx.dat_zeros::<_, u32>("seen", &nodes).unwrap();
    let mut expected = vec![0; 2001];
    for size in [1, 7, 2047, 2049, 30_000, MANY] {
        let some = cx.subset("first", &edges, counting(size)).unwrap();
        par_loop!(count_ends, some, seen(Inc, map[0]), seen(Inc, map[1])).unwrap();
        for [a, b] in &table[..size] {
            expected[*a as usize] += 1;
            expected[*b as usize] += 100;
        }
        assert_eq!(*seen.read().unwrap(), expected[..], "{size}");
    }
    par_loop!(count_ends, edges, seen(Inc, map[0]), seen(Inc, map[1])).unwrap();
    assert!(seen.read().unwrap().iter().sum::<u32>() > expected.iter().sum());
}

pub fn a_loop_runs_over_the_subset_of_a_function(target: &Target) {
    fn odd_ones(cx: &Context, set: &Set<Edges>) -> op2::Result<Subset<Edges>> {
        let odd = (0..set.size() as u32).filter(|i| i % 2 == 1);
        cx.subset("odd", set, odd.collect::<Vec<_>>())
    }
    let cx = target.context();
    let edges = cx.set::<Edges>(N).unwrap();
    let x = cx.dat_zeros::<_, u32>("x", &edges).unwrap();
    par_loop!(one_more, odd_ones(&cx, &edges).unwrap(), x(Rw)).unwrap();
    assert!(x.read().unwrap().iter().zip(0..).all(|(&x, i)| x == i % 2));
}
