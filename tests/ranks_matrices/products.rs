//! Products with vectors, and what they send.

use op2::Result;
use op2::matrix::Numbers;
use op2::prelude::*;

use crate::agreement::{all_close, same_on_ranks};
use crate::mesh::{Mesh, NODES, Nodes, Parts};

#[test]
fn products_are_those_of_one_rank() {
    same_on_ranks(
        |mesh| {
            let (a, b) = (mesh.matrix("A", 2.0, 3.0)?, mesh.coupling("B")?);
            let (u, v, p) = (mesh.on_nodes("u", 1)?, mesh.on_nodes("v", 2)?, mesh.on_cells("p")?);
            let q = p.like("q")?;
            a.multiply(&u, &v)?;
            a.multiply_add(&v, &u)?;
            b.multiply(&u, &q)?;
            let mut found = vec![u.to_vec()?, v.to_vec()?, q.to_vec()?];
            a.multiply_transposed(&u, &v)?;
            b.multiply_transposed(&p, &u)?;
            found.extend([v.to_vec()?, u.to_vec()?]);
            b.transpose("B^T")?.multiply(&p, &u)?;
            found.push(u.to_vec()?);
            // A loop reads what a product has written, through a map.
            let (cells, corners) = (&mesh.cells, &mesh.corners);
            par_loop!(gather_corners, cells, u(Read, corners), q(Write))?;
            found.push(q.to_vec()?);
            Ok(found)
        },
        |found, expected| all_close(found, expected, 1e-12),
    );
}

#[op2::kernel]
fn gather_corners(u: &[f64; 3], q: Write<f64>) {
    *q = u[0] + 2.0 * u[1] + 3.0 * u[2];
}

#[test]
fn blocks_are_multiplied_in_any_layout() {
    same_on_ranks(
        |mesh| {
            let Mesh { cx, nodes, corners, .. } = mesh;
            let sparsity = Sparsity::new(&(corners, corners))?;
            let a: Mat<Nodes, Nodes, [[f64; 3]; 2]> = cx.mat("A", &sparsity)?;
            {
                let mut entries = a.write()?;
                for [i, j, k] in corners.to_vec()? {
                    let number = |c: u32| f64::from(i * 3 + c);
                    let block = |c| [[number(c), 1.0, 0.5], [2.0, number(c + 1), 3.0]];
                    entries.add_tensor(&[i, j], &[k, i], &[[block(0), block(1)]; 2])?;
                }
            }
            let mut found = vec![a.to_numbers()?.data().to_vec()];
            for layout in [op2::Layout::Aos, op2::Layout::Soa] {
                let rows: Vec<[f64; 3]> = (0..NODES).map(|i| [i as f64, 1.0, -2.0]).collect();
                let u = cx.dat_in(&format!("u {layout:?}"), nodes, rows, layout)?;
                let first = vec![[1.0; 2]; NODES];
                let v = cx.dat_in(&format!("v {layout:?}"), nodes, first, layout)?;
                a.multiply_add(&u, &v)?;
                a.multiply_transposed(&v, &u)?;
                found.extend([v.to_vec()?].map(|rows| rows.concat()));
                found.push(u.to_vec()?.concat());
            }
            assert_eq!(found[1..3], found[3..5]);
            Ok(found)
        },
        |found, expected| all_close(found, expected, 1e-12),
    );
}

#[test]
fn an_exchange_for_a_product_and_none_for_fresh_values() {
    let on_rank = |comm| {
        let cx = Context::builder().backend(Backend::Seq).comm(comm).build()?;
        let mesh = Mesh::new(cx, Parts::Boxes)?;
        let a = mesh.matrix("A", 2.0, 3.0)?;
        let (u, v, w) = (mesh.on_nodes("u", 1)?, mesh.on_nodes("v", 2)?, mesh.on_nodes("w", 3)?);
        let exchanges = |work: &dyn Fn() -> Result<()>| {
            let before = mesh.cx.traffic();
            work()?;
            let after = mesh.cx.traffic();
            Ok::<_, op2::Error>(after.exchanges - before.exchanges)
        };
        assert_eq!(exchanges(&|| a.multiply(&u, &v))?, 1);
        assert_eq!(exchanges(&|| a.multiply(&u, &w))?, 0, "u has not changed");
        assert_eq!(exchanges(&|| a.multiply(&v, &w))?, 1, "v was a result");
        assert_eq!(exchanges(&|| op2::builtins::scale(2.0, &u))?, 0);
        assert_eq!(exchanges(&|| a.multiply(&u, &v))?, 1);
        // What a loop over cells has brought is more than the product needs.
        let (cells, corners, q) = (&mesh.cells, &mesh.corners, mesh.on_cells("q")?);
        op2::builtins::scale(2.0, &u)?;
        assert_eq!(exchanges(&|| par_loop!(spread, cells, u(Read, corners), v(Inc, corners)))?, 1);
        assert_eq!(exchanges(&|| a.multiply(&u, &w))?, 0);
        assert_eq!(exchanges(&|| a.multiply_transposed(&u, &w))?, 1);
        assert_eq!(exchanges(&|| par_loop!(gather_corners, cells, w(Read, corners), q(Write)))?, 1);
        let zeros: Dat<Nodes, f64> = mesh.cx.dat_zeros("zeros", &mesh.nodes)?;
        assert_eq!(exchanges(&|| a.multiply(&zeros, &w))?, 0, "all know zeros");
        Ok(())
    };
    op2::ranks(3, on_rank).unwrap();
}

#[op2::kernel]
fn spread(u: &[f64; 3], v: Inc<[f64; 3]>) {
    for i in 0..3 {
        v[i] += u[i];
    }
}

#[test]
fn threads_change_no_bit_of_a_product() {
    let products = |backend: Backend, threads: usize| {
        let on_rank = |comm| {
            let settings = Context::builder().backend(backend).threads(threads).comm(comm);
            let mesh = Mesh::new(settings.build()?, Parts::Boxes)?;
            let a = mesh.matrix("A", 2.0, 3.0)?;
            let (u, v) = (mesh.on_nodes("u", 1)?, mesh.on_nodes("v", 2)?);
            mesh.cx.run(|| a.multiply(&u, &v).and_then(|()| a.multiply_transposed(&v, &u)))?;
            u.to_vec()
        };
        op2::ranks(3, on_rank).unwrap()
    };
    assert_eq!(products(Backend::Seq, 1), products(Backend::Rayon, 2));
}

#[test]
fn mixed_systems_are_multiplied_and_merged() {
    same_on_ranks(
        |mesh| {
            let (a, b) = (mesh.matrix("A", 1.0, 2.0)?, mesh.coupling("B")?);
            let bt = b.transpose("B^T")?;
            let saddle = ((&a, &bt), (&b, ()));
            let x = (mesh.on_nodes("u", 1)?, mesh.on_cells("p")?);
            let y = (x.0.like("v")?, x.1.like("q")?);
            op2::solve::LinearOperator::apply(&saddle, &x, &y)?;
            let merged = saddle.merged()?;
            assert_eq!(merged.rows(), NODES + mesh.cells.size());
            let mut file = Vec::new();
            saddle.write_merged(&mut file)?;
            assert_eq!(file.is_empty(), mesh.cx.rank() != 0);
            Ok(vec![y.0.to_vec()?, y.1.to_vec()?, merged.data().to_vec()])
        },
        |found, expected| all_close(found, expected, 1e-12),
    );
}
