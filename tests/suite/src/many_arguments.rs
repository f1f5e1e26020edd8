//! A loop of forty arguments: all kinds and modes at once.

use op2::prelude::*;

use crate::meshes::{Graph, MANY, random_rows};
use crate::target::Target;

#[op2::kernel]
fn forty(
    i: &u64,
    a: &f64,
    r0: &f64,
    r1: &f64,
    r2: &f64,
    r3: &f64,
    r4: &f64,
    r5: &f64,
    r6: &f64,
    r7: &f64,
    s0: &f64,
    s1: &f64,
    s2: &f64,
    s3: &f64,
    v: &[f64; 2],
    w0: Write<f64>,
    w1: Write<f64>,
    w2: Write<f64>,
    w3: Write<f64>,
    w4: Write<f64>,
    u0: &mut f64,
    u1: &mut f64,
    u2: &mut f64,
    u3: &mut f64,
    n0: Inc<f64>,
    n1: Inc<f64>,
    n2: Inc<f64>,
    n3: Inc<f64>,
    n4: Inc<f64>,
    n5: Inc<f64>,
    m0: Min<f64>,
    m1: Max<f64>,
    all: Inc<[f64; 2]>,
    d0: Inc<f64>,
    d1: Min<f64>,
    d2: Max<f64>,
    g: &f64,
    sum: Inc<f64>,
    low: Min<f64>,
    high: Max<f64>,
) {
    let direct = *r0 + *r1 + *r2 + *r3 + *r4 + *r5 + *r6 + *r7;
    let behind = *s0 + *s1 + *s2 + *s3 + v[0] + v[1];
    *w0 = direct;
    *w1 = behind;
    *w2 = *i as f64;
    *w3 = *a;
    *w4 = *g;
    *u0 += 1.0;
    *u1 *= 2.0;
    *u2 -= 3.0;
    *u3 = -*u3;
    *n0 += 1.0;
    *n1 += 2.0;
    *n2 += 3.0;
    *n3 += 4.0;
    *n4 += 5.0;
    *n5 += 6.0;
    *m0 = (*m0).min(*i as f64);
    *m1 = (*m1).max(*i as f64);
    all[0] += 7.0;
    all[1] += 8.0;
    *d0 += *a;
    *d1 = (*d1).min(*a);
    *d2 = (*d2).max(*a);
    *sum += direct;
    *low = (*low).min(*i as f64);
    *high = (*high).max(*i as f64);
}

pub fn forty_arguments_make_one_loop(target: &Target) {
    let table = random_rows::<2>(MANY, 2003, 1);
    let Graph { edges, nodes, ends, cx } = Graph::new(target.context(), 2003, &table);
    let values: Vec<f64> = (0..MANY).map(|i| (i % 16) as f64).collect();
    let on_edges = |name: &str| cx.dat(name, &edges, &values).unwrap();
    let on_nodes = |name: &str| cx.dat(name, &nodes, vec![1.0; 2003]).unwrap();
    let r = on_edges("r");
    let w = ["w0", "w1", "w2", "w3", "w4"].map(on_edges);
    let u = ["u0", "u1", "u2", "u3"].map(on_edges);
    let d = ["d0", "d1", "d2"].map(on_edges);
    let s = ["s0", "s1"].map(on_nodes);
    let (n, o, all) = (on_nodes("n"), on_nodes("o"), on_nodes("all"));
    let m = ["m0", "m1"].map(|name| cx.dat(name, &nodes, vec![50.0; 2003]).unwrap());
    let (a, g) = (8.0, cx.global("g", 11.0).unwrap());
    let (sum, low, high) = (cx.reduction("sum"), cx.reduction("low"), cx.reduction("high"));
    let (sum, low, high): (Reduction<f64>, Reduction<f64>, Reduction<f64>) = (sum, low, high);
    par_loop!(
        forty,
        edges,
        index(),
        a(Read),
        r(Read),
        r(Read),
        r(Read),
        r(Read),
        r(Read),
        r(Read),
        r(Read),
        r(Read),
        s[0](Read, ends[0]),
        s[0](Read, ends[1]),
        s[1](Read, ends[0]),
        s[1](Read, ends[1]),
        s[0](Read, ends),
        w[0](Write),
        w[1](Write),
        w[2](Write),
        w[3](Write),
        w[4](Write),
        u[0](Rw),
        u[1](Rw),
        u[2](Rw),
        u[3](Rw),
        n(Inc, ends[0]),
        n(Inc, ends[1]),
        n(Inc, ends[0]),
        n(Inc, ends[1]),
        o(Inc, ends[0]),
        o(Inc, ends[1]),
        m[0](Min, ends[0]),
        m[1](Max, ends[1]),
        all(Inc, ends),
        d[0](Inc),
        d[1](Min),
        d[2](Max),
        g(Read),
        sum(Inc),
        low(Min),
        high(Max)
    )
    .unwrap();

    let same = |dat: &Dat<_, f64>, of: &dyn Fn(usize) -> f64| {
        dat.read().unwrap().iter().enumerate().all(|(i, &x)| x == of(i))
    };
    assert!(same(&w[0], &|i| 8.0 * values[i]) && same(&w[1], &|_| 6.0));
    assert!(same(&w[2], &|i| i as f64) && same(&w[3], &|_| 8.0) && same(&w[4], &|_| 11.0));
    assert!(same(&u[0], &|i| values[i] + 1.0) && same(&u[1], &|i| values[i] * 2.0));
    assert!(same(&u[2], &|i| values[i] - 3.0) && same(&u[3], &|i| -values[i]));
    assert!(same(&d[0], &|i| values[i] + 8.0) && same(&d[1], &|i| values[i].min(8.0)));
    assert!(same(&d[2], &|i| values[i].max(8.0)));
    let mut expected = vec![[1.0, 1.0, 1.0, 50.0, 50.0]; 2003];
    for ([first, second], i) in table.into_iter().zip(0..) {
        let (first, second, number) = (first as usize, second as usize, f64::from(i));
        for (row, add) in [(first, [4.0, 5.0, 7.0]), (second, [6.0, 6.0, 8.0])] {
            expected[row].iter_mut().zip(add).for_each(|(x, add)| *x += add);
        }
        expected[first][3] = number.min(expected[first][3]);
        expected[second][4] = number.max(expected[second][4]);
    }
    for (k, dat) in [&n, &o, &all, &m[0], &m[1]].into_iter().enumerate() {
        assert!(dat.read().unwrap().iter().zip(&expected).all(|(&x, row)| x == row[k]), "{k}");
    }
    assert_eq!(sum.value().unwrap(), 8.0 * values.iter().sum::<f64>());
    assert_eq!((low.value().unwrap(), high.value().unwrap()), (0.0, (MANY - 1) as f64));
}
