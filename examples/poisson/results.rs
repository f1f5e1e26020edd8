//! The picture and the file for `ParaView`.

use std::path::Path;

use op2::io::{Mesh, Picture, Shape, Vtu, WriteError};

use crate::options::Options;
use crate::problem::Problem;
use crate::slice::Slice;
use crate::solution::Solution;

/// Up to this number of cells the mesh is drawn, beyond it lines of equal value.
const COARSE: usize = 1000;

/// Writes what was asked for.
///
/// # Errors
/// When a file cannot be written.
pub(crate) fn write(
    options: &Options,
    mesh: &Mesh,
    solution: &Solution,
    problem: Problem,
) -> op2::Result<()> {
    if let Some(path) = &options.run.png {
        draw(path, mesh, solution, &format!("problem {problem}"))?;
    }
    if let Some(path) = &options.run.vtu {
        write_vtu(path, mesh, solution)?;
    }
    Ok(())
}

/// Draws `u`: on a plane mesh or a surface, or on a plane cut through a solid.
fn draw(path: &Path, mesh: &Mesh, solution: &Solution, name: &str) -> op2::Result<()> {
    let subtitle = format!("{name}, {} cells", solution.cells);
    if mesh.cell_dim() == 3 {
        let cells: Vec<[u32; 4]> = mesh.table(Shape::Tetrahedron).map_err(op2::Error::other)?;
        let slice = Slice::in_the_middle(&mesh.points, &cells, &solution.u);
        let picture = Picture::new(&slice.points, Shape::Triangle, &slice.triangles)
            .point_field("u", &slice.values)
            .contours(true)
            .axes("x", "z");
        finish(picture, &format!("{subtitle}, cut at y = {}", slice.y), path)?;
    } else {
        let coarse = solution.cells <= COARSE;
        let picture = Picture::of(mesh)
            .point_field("u", &solution.u)
            .lines(coarse)
            .contours(!coarse)
            .axes("x", "y");
        finish(picture, &subtitle, path)?;
    }
    Ok(())
}

fn finish(picture: Picture, subtitle: &str, path: &Path) -> Result<(), WriteError> {
    let title = "Poisson's equation, linear finite elements";
    picture.title(title).subtitle(subtitle).write(path)
}

/// Writes `u`, and the exact solution and the error where they are known.
fn write_vtu(path: &Path, mesh: &Mesh, solution: &Solution) -> op2::Result<()> {
    let vtu = Vtu::of(mesh).point_field("u", &solution.u);
    match &solution.exact {
        Some(exact) => {
            let error: Vec<f64> =
                solution.u.iter().zip(exact).map(|(u, exact)| u - exact).collect();
            vtu.point_field("exact", exact).point_field("error", &error).write(path)?;
        }
        None => vtu.write(path)?,
    }
    Ok(())
}
