//! Solvers and preconditioners, on matrices filled by hand.

use op2::prelude::*;
use op2::solve::precond::{BlockJacobi, Ic0, Ilu0, Jacobi, Ssor};
use op2::solve::{
    BicgstabOptions, CgOptions, GmresOptions, MatrixFree, MinresOptions, NewtonOptions,
    Preconditioner, Reason, Vector, bicgstab, cg, gmres, minres, newton,
};

use crate::five_points::{CONVECTION, INDEFINITE, LAPLACIAN, Square};
use crate::meshes::{Cells, Nodes, permutation, random_values};
use crate::target::Target;

fn assert_near(found: &Dat<Nodes, f64>, exact: &[f64], tolerance: f64) {
    let found = found.read().unwrap();
    let error = found.iter().zip(exact).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(error < tolerance, "off by {error}");
}

/// Conjugate gradients with one preconditioner; how many iterations it takes.
fn iterations(
    square: &Square,
    a: &Mat<Nodes, Nodes, f64>,
    preconditioner: &dyn Preconditioner<Dat<Nodes, f64>>,
) -> usize {
    let (exact, b) = square.problem(a);
    let mut u = b.like("u").unwrap();
    let options = CgOptions { rtol: 1e-11, preconditioner, ..Default::default() };
    let report = cg(a, &b, &mut u, options).unwrap();
    assert_near(&u, &exact, 1e-8);
    assert_eq!(report.residuals.len(), report.iterations + 1);
    assert!(report.residual() <= report.threshold);
    report.iterations
}

/// Each solves the system, and the cleverer ones do it in fewer iterations.
pub fn conjugate_gradients_with_each_preconditioner(target: &Target) {
    let square = Square::new(target.context(), 20);
    let a = square.numbers_matrix(LAPLACIAN);
    let plain = iterations(&square, &a, &op2::solve::precond::Identity);
    assert_eq!(iterations(&square, &a, &Jacobi::new(&a).unwrap()), plain, "a constant diagonal");
    assert_eq!(iterations(&square, &a, &BlockJacobi::new(&a).unwrap()), plain);
    let ssor = iterations(&square, &a, &Ssor::new(&a, 1.5).unwrap());
    let gauss_seidel = iterations(&square, &a, &Ssor::gauss_seidel(&a).unwrap());
    let ic = iterations(&square, &a, &Ic0::new(&a).unwrap());
    let ilu = iterations(&square, &a, &Ilu0::new(&a).unwrap());
    if target.ranks() > 1 {
        // Each rank has its own part of them: how good that is depends on the partition.
        return;
    }
    assert!(ssor < gauss_seidel && gauss_seidel < plain, "{ssor} {gauss_seidel} {plain}");
    assert!(ic < gauss_seidel && ic == ilu, "{ic} {ilu} {gauss_seidel}");
}

pub fn nonsymmetric_systems_are_solved(target: &Target) {
    let square = Square::new(target.context(), 20);
    let a = square.numbers_matrix(CONVECTION);
    let (exact, b) = square.problem(&a);
    let (jacobi, ilu) = (Jacobi::new(&a).unwrap(), Ilu0::new(&a).unwrap());
    let ssor = Ssor::gauss_seidel(&a).unwrap();
    let all: [&dyn Preconditioner<Dat<Nodes, f64>>; 4] =
        [&op2::solve::precond::Identity, &jacobi, &ssor, &ilu];
    for preconditioner in all {
        let mut u = b.like("u").unwrap();
        let options = GmresOptions { rtol: 1e-11, preconditioner, ..Default::default() };
        let by_gmres = gmres(&a, &b, &mut u, options).unwrap();
        assert_near(&u, &exact, 1e-8);
        let mut u = b.like("u").unwrap();
        let options = BicgstabOptions { rtol: 1e-11, preconditioner, ..Default::default() };
        let by_bicgstab = bicgstab(&a, &b, &mut u, options).unwrap();
        assert_near(&u, &exact, 1e-8);
        assert!(by_bicgstab.iterations < by_gmres.iterations, "two products in each");
    }
}

/// Starting anew costs iterations, and the residual that is reported is the true one.
pub fn restarts_solve_the_same_system(target: &Target) {
    let square = Square::new(target.context(), 12);
    let a = square.numbers_matrix(CONVECTION);
    let (exact, b) = square.problem(&a);
    let solve = |restart| {
        let mut u = b.like("u").unwrap();
        let options = GmresOptions { rtol: 1e-11, restart, ..Default::default() };
        let report = gmres(&a, &b, &mut u, options).unwrap();
        assert_near(&u, &exact, 1e-8);
        let r = b.like("r").unwrap();
        a.multiply(&u, &r).unwrap();
        op2::builtins::sub(&b, &r, &r).unwrap();
        let residual = op2::builtins::norm2(&r).unwrap();
        assert!((residual - report.residual()).abs() < 1e-3 * residual);
        report.iterations
    };
    let (seldom, often, always) = (solve(1000), solve(10), solve(1));
    assert!(seldom < often && often < always, "{seldom} {often} {always}");
}

pub fn indefinite_systems_are_solved(target: &Target) {
    let square = Square::new(target.context(), 12);
    let a = square.numbers_matrix(INDEFINITE);
    let (exact, b) = square.problem(&a);
    let jacobi = Jacobi::new(&square.numbers_matrix(LAPLACIAN)).unwrap();
    let mut u = b.like("u").unwrap();
    minres(&a, &b, &mut u, MinresOptions { rtol: 1e-12, ..Default::default() }).unwrap();
    assert_near(&u, &exact, 1e-8);
    let mut u = b.like("u").unwrap();
    let options = MinresOptions { rtol: 1e-12, preconditioner: &jacobi, ..Default::default() };
    minres(&a, &b, &mut u, options).unwrap();
    assert_near(&u, &exact, 1e-8);
    let error = cg(&a, &b, &mut b.like("u").unwrap(), CgOptions::default()).unwrap_err();
    let op2::Error::NotConverged(report) = error else { panic!("{error}") };
    assert_eq!(report.reason, Reason::NotPositiveDefinite { what: "operator" });
}

pub fn vector_valued_unknowns_with_each_preconditioner(target: &Target) {
    let square = Square::new(target.context(), 12);
    let a = square.blocks_matrix(LAPLACIAN);
    let x: Vec<[f64; 2]> = random_values(144, 7).into_iter().map(|x| [x, 1.0 - x]).collect();
    let exact = square.cx.dat("x", &square.nodes, &x).unwrap();
    let b = exact.like("b").unwrap();
    a.multiply(&exact, &b).unwrap();
    let solve = |preconditioner: &dyn Preconditioner<Dat<Nodes, [f64; 2]>>| {
        let mut u = b.like("u").unwrap();
        let options = CgOptions { rtol: 1e-11, preconditioner, ..Default::default() };
        let report = cg(&a, &b, &mut u, options).unwrap();
        let found = u.read().unwrap();
        let error = |(a, b): (&[f64; 2], &[f64; 2])| (a[0] - b[0]).abs() + (a[1] - b[1]).abs();
        assert!(found.iter().zip(&x).map(error).fold(0.0, f64::max) < 1e-8);
        report.iterations
    };
    let plain = solve(&op2::solve::precond::Identity);
    let jacobi = solve(&Jacobi::new(&a).unwrap());
    let block_jacobi = solve(&BlockJacobi::new(&a).unwrap());
    let gauss_seidel = solve(&Ssor::gauss_seidel(&a).unwrap());
    let ic = solve(&Ic0::new(&a).unwrap());
    assert!(jacobi <= plain && block_jacobi <= plain, "{jacobi} {block_jacobi} {plain}");
    let better = ic < gauss_seidel && gauss_seidel < block_jacobi;
    assert!(better || target.ranks() > 1, "{ic} {gauss_seidel}");
    assert_eq!(solve(&Ilu0::new(&a).unwrap()), ic);
}

pub fn single_precision_converges(target: &Target) {
    let square = Square::new(target.context(), 12);
    let a = square.matrix(LAPLACIAN, |weight, _| weight as f32);
    let exact = square.cx.dat("x", &square.nodes, vec![0.5_f32; 144]).unwrap();
    let b = exact.like("b").unwrap();
    a.multiply(&exact, &b).unwrap();
    let ic = Ic0::new(&a).unwrap();
    let mut u = b.like("u").unwrap();
    let options = CgOptions { rtol: 1e-6, preconditioner: &ic, ..Default::default() };
    cg(&a, &b, &mut u, options).unwrap();
    assert!(u.read().unwrap().iter().all(|u| (u - 0.5).abs() < 1e-4));
    gmres(&a, &b, &mut u, GmresOptions { rtol: 1e-5, ..Default::default() }).unwrap();
    assert!(u.read().unwrap().iter().all(|u| (u - 0.5).abs() < 1e-3));
}

/// Another numbering changes nothing but rounding, and a good one makes IC(0) better.
pub fn renumbered_systems_have_the_same_solution(target: &Target) {
    let cx = target.context();
    let numbers = permutation(400, 3).into_iter().map(|[node]| node).collect();
    let square = Square::numbered(cx, 20, numbers);
    let solve = |square: &Square| {
        let a = square.numbers_matrix(LAPLACIAN);
        let ilu = iterations(square, &a, &Ilu0::new(&a).unwrap());
        let jacobi = iterations(square, &a, &Jacobi::new(&a).unwrap());
        (iterations(square, &a, &Ic0::new(&a).unwrap()), ilu, jacobi)
    };
    let before = solve(&square);
    square.cx.reorder(&Reorder::cuthill_mckee(&square.ends)).unwrap();
    let after = solve(&square);
    let better = after.0 < before.0 && after.1 < before.1;
    assert!(better || target.ranks() > 1, "{before:?} {after:?}");
    assert!(after.2.abs_diff(before.2) <= 1, "{before:?} {after:?}");
    // Messages name rows in the user's numbering.
    let a = square.numbers_matrix(LAPLACIAN);
    a.set(17, 17, 0.0).unwrap();
    let error = Jacobi::new(&a).map(drop).unwrap_err().to_string();
    assert!(error.ends_with("row 17 has 0 on the diagonal, which has no inverse"), "{error}");
    let error = Ssor::gauss_seidel(&a).map(drop).unwrap_err().to_string();
    assert!(error.ends_with("row 17 has the pivot 0.0, which has no inverse"), "{error}");
}

/// On so many rows that all threads take part.
pub fn threads_change_no_bit_of_a_solution(target: &Target) {
    let solve = |cx: Context| {
        let square = Square::new(cx, 150);
        let a = square.numbers_matrix(LAPLACIAN);
        let (_, b) = square.problem(&a);
        let (mut u, mut v) = (b.like("u").unwrap(), b.like("v").unwrap());
        let (jacobi, ic) = (Jacobi::new(&a).unwrap(), Ic0::new(&a).unwrap());
        let options = CgOptions { rtol: 1e-2, preconditioner: &jacobi, ..Default::default() };
        let report = cg(&a, &b, &mut u, options).unwrap();
        let options = GmresOptions { rtol: 1e-2, preconditioner: &ic, ..Default::default() };
        let other = gmres(&a, &b, &mut v, options).unwrap();
        (report.residuals, other.residuals, u.to_vec().unwrap(), v.to_vec().unwrap())
    };
    // A device's sums have a tree of their own, the same on every run.
    let one = if target.has_device() {
        target.context()
    } else {
        target.builder().backend(op2::Backend::Seq).build().unwrap()
    };
    assert!(solve(one) == solve(target.context()), "the same bits");
}

pub fn failures_carry_a_report(target: &Target) {
    let square = Square::new(target.context(), 10);
    let a = square.numbers_matrix(LAPLACIAN);
    let (_, b) = square.problem(&a);
    let report = |result: op2::Result<_>| match result {
        Err(op2::Error::NotConverged(report)) => report,
        other => panic!("{other:?}"),
    };
    let mut u = b.like("u").unwrap();
    let few = report(cg(&a, &b, &mut u, CgOptions { max_iterations: 3, ..Default::default() }));
    assert_eq!((few.iterations, few.residuals.len(), &few.reason), (3, 4, &Reason::MaxIterations));
    let text = op2::Error::NotConverged(few).to_string();
    assert!(text.starts_with("CG did not converge in 3 iterations: no more"), "{text}");
    // The last iterate is there to go on from.
    let two =
        report(gmres(&a, &b, &mut u, GmresOptions { max_iterations: 2, ..Default::default() }));
    assert!(two.residuals[2] < two.residuals[0]);
    let mut seen = 0;
    let stopped = report(minres(
        &a,
        &b,
        &mut u,
        MinresOptions {
            monitor: Some(&mut |step| {
                seen += 1;
                if step.iteration == 2 {
                    step.stop();
                }
            }),
            ..Default::default()
        },
    ));
    assert_eq!((seen, stopped.reason), (3, Reason::Stopped));

    // An operator that is not a number; the checked mode notices by itself.
    if !target.finds_mistakes() {
        let nan = MatrixFree::new((100, 100), |x: &Dat<Nodes, f64>, y: &Dat<Nodes, f64>| {
            op2::builtins::copy(x, y)?;
            op2::builtins::scale(f64::NAN, y)
        });
        let mut u = b.like("u").unwrap();
        let broken = report(bicgstab(&nan, &b, &mut u, BicgstabOptions::default()));
        assert_eq!(broken.reason, Reason::NotANumber);
    }
    let none = MatrixFree::new((100, 100), |_: &Dat<Nodes, f64>, y: &Dat<Nodes, f64>| {
        op2::builtins::fill(0.0, y)
    });
    for broken in [
        report(gmres(&none, &b, &mut b.like("u").unwrap(), GmresOptions::default())),
        report(minres(&none, &b, &mut b.like("u").unwrap(), MinresOptions::default())),
        report(bicgstab(&none, &b, &mut b.like("u").unwrap(), BicgstabOptions::default())),
    ] {
        assert!(matches!(broken.reason, Reason::Breakdown(_)), "{broken}");
    }
}

pub fn nothing_to_solve_takes_no_iterations(target: &Target) {
    let square = Square::new(target.context(), 4);
    let a = square.numbers_matrix(LAPLACIAN);
    let (exact, b) = square.problem(&a);
    let mut u = square.cx.dat("u", &square.nodes, &exact).unwrap();
    assert_eq!(cg(&a, &b, &mut u, CgOptions::default()).unwrap().iterations, 0);
    let zero = b.like("zero").unwrap();
    let mut u = b.like("u").unwrap();
    assert_eq!(cg(&a, &zero, &mut u, CgOptions::default()).unwrap().iterations, 0);
    assert_eq!(gmres(&a, &zero, &mut u, GmresOptions::default()).unwrap().iterations, 0);
    assert_eq!(minres(&a, &zero, &mut u, MinresOptions::default()).unwrap().iterations, 0);
    assert_eq!(bicgstab(&a, &zero, &mut u, BicgstabOptions::default()).unwrap().iterations, 0);
    let empty = Square::new(target.context(), 0);
    let a = empty.numbers_matrix(LAPLACIAN);
    let b: Dat<Nodes, f64> = empty.cx.dat_zeros("b", &empty.nodes).unwrap();
    let jacobi = Jacobi::new(&a).unwrap();
    let options = CgOptions { preconditioner: &jacobi, ..Default::default() };
    assert_eq!(cg(&a, &b, &mut b.like("u").unwrap(), options).unwrap().iterations, 0);
}

/// Loops that do several operations at once do the same as one loop for each.
pub fn fused_vector_loops_are_their_parts(target: &Target) {
    let cx = target.context();
    let (cells, nodes) = (cx.set::<Cells>(70).unwrap(), cx.set::<Nodes>(33).unwrap());
    let p: Dat<Cells, f32> = cx.dat_zeros("p", &cells).unwrap();
    let q: Dat<Cells, f64> = cx.dat_zeros("q", &cells).unwrap();
    let u: Dat<Nodes, [f64; 3]> = cx.dat_zeros("u", &nodes).unwrap();
    check_fused(&p);
    check_fused(&(q, u));
}

fn check_fused<X: Vector>(like: &X) {
    let vector = |seed: u64| {
        let vector = like.like("v").unwrap();
        vector.set_numbers(&random_values(like.num_numbers(), seed)).unwrap();
        vector
    };
    let [x, y, u, z] = [11, 12, 13, 14].map(vector);
    let [fused, stepped, parts] = [15, 15, 15].map(vector);
    fused.combine([0.5, -2.0, 3.0], &x, &y).unwrap();
    stepped.combine_step([0.5, -2.0, 3.0, 0.25], &x, &y, &u).unwrap();
    parts.scale(0.5).unwrap();
    parts.axpy(-2.0, &x).unwrap();
    parts.axpy(3.0, &y).unwrap();
    z.assign(&vector(13)).unwrap();
    z.axpy(0.25, &parts).unwrap();
    for (found, right) in [(&fused, &parts), (&stepped, &parts), (&u, &z)] {
        found.axpy(-1.0, right).unwrap();
        assert!(right.norm().unwrap() > 1.0 && found.norm().unwrap() < 1e-5);
    }
}

/// Scratch dats have names of their own, and are gone afterwards.
pub fn scratch_data_stay_out_of_the_way(target: &Target) {
    let square = Square::new(target.context(), 4);
    let a = square.numbers_matrix(LAPLACIAN);
    let (_, b) = square.problem(&a);
    let taken: Dat<Nodes, f64> = square.cx.dat_zeros("cg.r", &square.nodes).unwrap();
    cg(&a, &b, &mut b.like("u").unwrap(), CgOptions::default()).unwrap();
    assert!(square.cx.dat_zeros::<_, f64>("cg.p", &square.nodes).is_ok(), "the name is free again");
    assert_eq!(taken.like("cg.r").unwrap().name(), "cg.r#2");
}

/// A saddle point: a Laplacian, and the sum of all values prescribed by one multiplier.
pub fn mixed_systems_are_solved(target: &Target) {
    let square = Square::new(target.context(), 10);
    let cells = square.cx.set::<Cells>(2).unwrap();
    // Two multipliers: one for each half of the square.
    let half: Vec<[u32; 1]> = (0..100).map(|node| [node / 50]).collect();
    let _half = square.cx.map("half", &square.nodes, &cells, half).unwrap();
    let a = square.numbers_matrix(LAPLACIAN);
    let places: Vec<(u32, u32)> = (0..100).map(|node| (node / 50, node)).collect();
    let halves = Sparsity::from_list(&cells, &square.nodes, &places).unwrap();
    let b: Mat<Cells, Nodes, f64> = square.cx.mat("B", &halves).unwrap();
    places.iter().for_each(|&(cell, node)| b.set(cell, node, 1.0).unwrap());
    let bt = b.transpose("B^T").unwrap();
    let saddle = ((&a, &bt), (&b, ()));
    let x = random_values(100, 9);
    let exact = (
        square.cx.dat("x", &square.nodes, &x).unwrap(),
        square.cx.dat("p", &cells, [3.0, -2.0]).unwrap(),
    );
    let rhs = (exact.0.like("f").unwrap(), exact.1.like("g").unwrap());
    LinearOperator::apply(&saddle, &exact, &rhs).unwrap();
    let ic = Ic0::new(&a).unwrap();
    let blocks = (&ic, op2::solve::precond::Identity);
    let near = |u: &(Dat<Nodes, f64>, Dat<Cells, f64>)| {
        assert_near(&u.0, &x, 1e-7);
        let p = u.1.to_vec().unwrap();
        assert!((p[0] - 3.0).abs() + (p[1] + 2.0).abs() < 1e-7, "{p:?}");
    };
    let mut u = (exact.0.like("u").unwrap(), exact.1.like("q").unwrap());
    let options = MinresOptions { rtol: 1e-12, preconditioner: &blocks, ..Default::default() };
    let fast = minres(&saddle, &rhs, &mut u, options).unwrap();
    near(&u);
    let mut u = (exact.0.like("u").unwrap(), exact.1.like("q").unwrap());
    let slow = minres(&saddle, &rhs, &mut u, MinresOptions { rtol: 1e-12, ..Default::default() });
    near(&u);
    assert!(fast.iterations < slow.unwrap().iterations || target.ranks() > 1);
    let mut u = (exact.0.like("u").unwrap(), exact.1.like("q").unwrap());
    let options =
        GmresOptions { rtol: 1e-12, restart: 100, preconditioner: &blocks, ..Default::default() };
    gmres(&saddle, &rhs, &mut u, options).unwrap();
    near(&u);
    // Block-diagonal, so that conjugate gradients apply.
    let both = ((&a, ()), ((), &a));
    let f = (rhs.0.clone(), exact.0.clone());
    let mut u = (exact.0.like("u").unwrap(), exact.0.like("v").unwrap());
    let options = CgOptions { preconditioner: &(&ic, &ic), ..Default::default() };
    assert!(cg(&both, &f, &mut u, options).is_ok());
}

#[op2::kernel]
fn cubic(u: &f64, b: &f64, f: &mut f64) {
    *f += *u * *u * *u - *b;
}

/// `A u + u^3 = b`, from far away.
pub fn newton_finds_the_root(target: &Target) {
    let square = Square::new(target.context(), 8);
    let nodes = square.nodes.clone();
    let a = square.numbers_matrix(LAPLACIAN);
    let jacobian = square.numbers_matrix(LAPLACIAN);
    let x = random_values(64, 4);
    let exact = square.cx.dat("x", &nodes, &x).unwrap();
    let b: Dat<Nodes, f64> = square.cx.dat_zeros("b", &nodes).unwrap();
    let zero: Dat<Nodes, f64> = square.cx.dat_zeros("zero", &nodes).unwrap();
    a.multiply(&exact, &b).unwrap();
    par_loop!(cubic, nodes, exact(Read), zero(Read), b(Rw)).unwrap();
    let solve = |options: NewtonOptions<'_>, linear: usize| {
        let mut u = square.cx.dat("u", &nodes, vec![10.0; 64]).unwrap();
        let report = newton(
            &mut u,
            |u, f| {
                a.multiply(u, f)?;
                par_loop!(cubic, nodes, u(Read), b(Read), f(Rw))
            },
            |u| {
                let u = u.to_vec()?;
                (0..64).try_for_each(|i| {
                    let slope = 3.0 * u[i as usize] * u[i as usize];
                    jacobian.set(i, i, LAPLACIAN[0] + slope)
                })
            },
            |f, d| {
                let options =
                    CgOptions { rtol: 1e-10, max_iterations: linear, ..Default::default() };
                cg(&jacobian, f, d, options).map(drop)
            },
            options,
        );
        report.inspect(|_| assert_near(&u, &x, 1e-9))
    };
    let options = || NewtonOptions { rtol: 1e-12, ..Default::default() };
    let report = solve(options(), 1000).unwrap();
    let [.., before, last] = report.residuals[..] else { panic!("{report}") };
    assert!(last < 1e-3 * before, "quadratically: {:?}", report.residuals);
    solve(NewtonOptions { line_search: true, ..options() }, 1000).unwrap();
    let error = solve(NewtonOptions { max_iterations: 2, ..options() }, 1000).unwrap_err();
    assert!(error.to_string().starts_with("Newton did not converge in 2 iterations"), "{error}");
    let Err(op2::Error::NotConverged(report)) = solve(options(), 1) else { panic!("converged") };
    assert!(matches!(report.reason, Reason::LinearSolver(_)), "{report}");
}
