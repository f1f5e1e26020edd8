//! The checked mode of a target: mistakes that other modes let pass are found, and named.

use op2::prelude::*;

use crate::meshes::{Graph, MANY, N, Nodes, Random, counting, permutation, random_rows};
use crate::target::Target;

#[op2::kernel]
fn scatter(x: &u32, y: Write<u32>) {
    *y = *x;
}

#[op2::kernel]
fn change(x: &mut u32) {
    *x += 1;
}

#[op2::kernel]
fn write_both(a: Write<u32>, b: Write<u32>) {
    *a = 1;
    *b = 2;
}

#[op2::kernel]
fn inverse(x: &f64, y: Write<f64>) {
    *y = 1.0 / *x;
}

#[op2::kernel]
fn root(x: &[f64; 2], y: Inc<[f64; 2]>) {
    y[0] += 1.0;
    y[1] += x[1].sqrt();
}

#[op2::kernel]
fn halve(x: &mut f64) {
    *x *= 0.5;
}

#[op2::kernel]
fn look_up(table: &[u32; 4], at: &u32, x: Write<u32>) {
    *x = table[*at as usize];
}

#[op2::kernel]
fn count_ends(a: Inc<u32>, b: Inc<u32>) {
    *a += 1;
    *b += 10;
}

fn checked(target: &Target) -> Context {
    target.builder().checked(true).build().unwrap()
}

pub fn conflicting_writes_are_named(target: &Target) {
    let mut table = permutation(MANY, 1);
    // Element 80 000 writes where element 123 has written.
    let [to] = table[123];
    table[80_000] = [to];
    let Graph { edges, nodes, ends, cx } = Graph::new(checked(target), MANY, &table);
    let x = cx.dat("x", &edges, counting(MANY)).unwrap();
    let y = cx.dat("y", &nodes, vec![7; MANY]).unwrap();
    let error = par_loop!(scatter, edges, x(Read), y(Write, ends[0])).unwrap_err().to_string();
    let both = format!("elements 123 and 80000 both write element {to} of set `Nodes`");
    assert!(error.contains("loop `scatter`") && error.contains(&both), "{error}");
    assert!(error.contains("argument 2 `y(Write, ends[0])`"), "{error}");
    assert!(error.contains("through map `ends`: which one wins is not defined"), "{error}");
    assert!(y.read().unwrap().iter().all(|&y| y == 7), "nothing was run");
    let error = par_loop!(change, edges, y(Rw, ends[0])).unwrap_err().to_string();
    assert!(error.contains(&both.replace("write", "change")), "{error}");
}

pub fn conflicts_between_two_entries_are_found(target: &Target) {
    let table = [[0, 1], [2, 3], [4, 1]];
    let Graph { edges, nodes, ends, cx } = Graph::new(checked(target), 5, &table);
    let y = cx.dat_zeros::<_, u32>("y", &nodes).unwrap();
    let error = par_loop!(write_both, edges, y(Write, ends[0]), y(Write, ends[1])).unwrap_err();
    let both = "elements 0 and 2 both write element 1";
    assert!(error.to_string().contains(both), "{error}");
    let crossed = cx.map("crossed", &edges, &nodes, [[0, 1], [2, 0], [4, 3]]).unwrap();
    let error =
        par_loop!(write_both, edges, y(Write, crossed[0]), y(Write, crossed[1])).unwrap_err();
    let both = "elements 0 and 1 both write element 0";
    assert!(error.to_string().contains(both), "{error}");
}

pub fn a_subset_without_the_conflict_runs(target: &Target) {
    let Graph { edges, nodes, ends, cx } = Graph::new(checked(target), 3, &[[0], [1], [1], [2]]);
    let some = cx.subset("some", &edges, [0, 2, 3]).unwrap();
    let x = cx.dat("x", &edges, [10, 11, 12, 13]).unwrap();
    let y = cx.dat_zeros::<_, u32>("y", &nodes).unwrap();
    par_loop!(scatter, edges, x(Read), y(Write, ends[0])).unwrap_err();
    par_loop!(scatter, some, x(Read), y(Write, ends[0])).unwrap();
    assert_eq!(y.to_vec().unwrap(), [10, 12, 13]);
}

pub fn an_infinity_is_laid_at_its_elements_door(target: &Target) {
    let cx = checked(target);
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let mut values = vec![2.0; MANY];
    values[50_000] = 0.0;
    let x = cx.dat("x", &nodes, values).unwrap();
    let y = cx.dat_zeros::<_, f64>("y", &nodes).unwrap();
    let error = par_loop!(inverse, nodes, x(Read), y(Write)).unwrap_err().to_string();
    let place = format!("loop `inverse` ({}:{})", file!(), line!() - 1);
    let what = "element 50000: a NaN or infinity appeared in dat `y`";
    // Of several ranks, the one is named that has the element.
    assert!(error.ends_with(&format!("{place}, argument 2 `y(Write)`: {what}")), "{error}");
}

pub fn a_nan_behind_a_map_is_found(target: &Target) {
    let table = permutation(N, 2);
    let Graph { edges, nodes, ends, cx } = Graph::new(checked(target), N, &table);
    let mut values = vec![[-1.0, 4.0]; N];
    values[3000][1] = -4.0;
    let x = cx.dat("x", &edges, values).unwrap();
    let y = cx.dat_zeros::<_, [f64; 2]>("y", &nodes).unwrap();
    let error = par_loop!(root, edges, x(Read), y(Inc, ends[0])).unwrap_err().to_string();
    // Other devices than memcheck do not run element by element: they name the row.
    let [row] = table[3000];
    let row = format!("a NaN or infinity appeared in element {row} of set `Nodes`");
    let place = if target.runs_rust() { "element 3000: a NaN" } else { &row };
    assert!(error.contains(&format!("argument 2 `y(Inc, ends[0])`: {place}")), "{error}");
}

pub fn a_nan_that_was_there_before_is_nobodys_fault(target: &Target) {
    let cx = checked(target);
    let nodes = cx.set::<Nodes>(N).unwrap();
    let x = cx.dat("x", &nodes, vec![f64::NAN; N]).unwrap();
    par_loop!(halve, nodes, x(Rw)).unwrap();
    x.write().unwrap()[7] = 4.0;
    par_loop!(halve, nodes, x(Rw)).unwrap();
    assert_eq!(x.read().unwrap()[7], 2.0);
}

pub fn a_panic_is_laid_at_its_elements_door(target: &Target) {
    if !target.runs_rust() {
        return;
    }
    let cx = checked(target);
    let nodes = cx.set::<Nodes>(MANY).unwrap();
    let mut at = vec![3; MANY];
    at[60_000] = 4;
    let at = cx.dat("at", &nodes, at).unwrap();
    let x = cx.dat_zeros::<_, u32>("x", &nodes).unwrap();
    let table = [1, 2, 3, 4];
    let error = par_loop!(look_up, nodes, table(Read), at(Read), x(Write)).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("the kernel panicked: at element 60000: index out of bounds"), "{text}");
    let some = cx.subset("some", &nodes, [5, 60_000]).unwrap();
    let error = par_loop!(look_up, some, table(Read), at(Read), x(Write)).unwrap_err();
    assert!(error.to_string().contains("at element 60000: "), "{error}");
}

pub fn sound_loops_pass(target: &Target) {
    let table = random_rows::<2>(20_000, 3001, 3);
    let Graph { edges, nodes, ends, cx } = Graph::new(checked(target), 3001, &table);
    let counts = cx.dat_zeros::<_, u32>("counts", &nodes).unwrap();
    par_loop!(count_ends, edges, counts(Inc, ends[0]), counts(Inc, ends[1])).unwrap();
    assert_eq!(counts.read().unwrap().iter().sum::<u32>(), 11 * 20_000);
    let mut random = Random(4);
    let some: Vec<u32> = (0..20_000).filter(|_| random.below(3) == 0).collect();
    let some = cx.subset("some", &edges, some).unwrap();
    par_loop!(count_ends, some, counts(Inc, ends[0]), counts(Inc, ends[1])).unwrap();
    let total = 11 * (20_000 + some.size() as u32);
    assert_eq!(counts.read().unwrap().iter().sum::<u32>(), total);
}
