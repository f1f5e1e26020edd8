//! Solvers and preconditioners.

use op2::Result;
use op2::prelude::*;
use op2::solve::precond::{BlockJacobi, Ic0, Identity, Ilu0, Jacobi, Ssor};
use op2::solve::{
    BicgstabOptions, CgOptions, GmresOptions, MinresOptions, Preconditioner, bicgstab, cg, gmres,
    minres,
};

use crate::agreement::{all_close, same_on_ranks};
use crate::mesh::Nodes;

#[test]
fn solvers_find_the_solution_of_one_rank() {
    same_on_ranks(
        |mesh| {
            let b = mesh.on_nodes("b", 3)?;
            let spd = mesh.matrix("spd", 1.0, 0.0)?;
            let mut found = Vec::new();
            for preconditioner in &symmetric(&spd)? {
                let preconditioner = &**preconditioner;
                let mut u = b.like("u")?;
                let options = CgOptions { rtol: 1e-12, preconditioner, ..Default::default() };
                cg(&spd, &b, &mut u, options)?;
                found.push(u.to_vec()?);
                let mut u = b.like("u")?;
                let options = MinresOptions { rtol: 1e-12, preconditioner, ..Default::default() };
                minres(&spd, &b, &mut u, options)?;
                found.push(u.to_vec()?);
            }
            let a = mesh.matrix("any", 1.0, 8.0)?;
            let mut all: Preconditioners = vec![Box::new(Ilu0::new(&a)?)];
            all.extend(symmetric(&spd)?);
            for preconditioner in &all {
                let preconditioner = &**preconditioner;
                let mut u = b.like("u")?;
                let options = GmresOptions { rtol: 1e-12, preconditioner, ..Default::default() };
                gmres(&a, &b, &mut u, options)?;
                found.push(u.to_vec()?);
                let mut u = b.like("u")?;
                let options = BicgstabOptions { rtol: 1e-12, preconditioner, ..Default::default() };
                bicgstab(&a, &b, &mut u, options)?;
                found.push(u.to_vec()?);
            }
            Ok(found)
        },
        |found, expected| all_close(found, expected, 1e-8),
    );
}

type Preconditioners = Vec<Box<dyn Preconditioner<Dat<Nodes, f64>>>>;

fn symmetric(a: &Mat<Nodes, Nodes, f64>) -> Result<Preconditioners> {
    Ok(vec![
        Box::new(Identity),
        Box::new(Jacobi::new(a)?),
        Box::new(BlockJacobi::new(a)?),
        Box::new(Ssor::new(a, 1.2)?),
        Box::new(Ic0::new(a)?),
    ])
}

#[test]
fn without_a_preconditioner_that_knows_ranks_iterations_are_as_many() {
    let found = same_on_ranks(
        |mesh| {
            let (a, b) = (mesh.matrix("A", 1.0, 0.0)?, mesh.on_nodes("b", 3)?);
            let mut u = b.like("u")?;
            let jacobi = Jacobi::new(&a)?;
            let report =
                cg(&a, &b, &mut u, CgOptions { preconditioner: &jacobi, ..Default::default() })?;
            Ok(report.iterations)
        },
        |found, expected| found == expected,
    );
    assert!(found > 5);
}

#[cfg(feature = "direct")]
#[test]
fn direct_solvers_work_on_the_first_rank() {
    use op2::solve::direct::{Cholesky, Lu};
    same_on_ranks(
        |mesh| {
            let b = mesh.on_nodes("b", 3)?;
            let (spd, any) = (mesh.matrix("spd", 1.0, 0.0)?, mesh.matrix("any", 1.0, 8.0)?);
            let (mut u, mut v) = (b.like("u")?, b.like("v")?);
            Cholesky::new(&spd)?.solve(&b, &mut u)?;
            Lu::new(&any)?.solve(&b, &mut v)?;
            let text = Cholesky::new(&any).err().expect("refused").to_string();
            assert!(text.contains("it is not symmetric"), "{text}");
            Ok(vec![u.to_vec()?, v.to_vec()?])
        },
        |found, expected| all_close(found, expected, 1e-9),
    );
}
