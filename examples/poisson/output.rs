//! A solution as a picture and as a file for `ParaView`.

use std::path::Path;

use op2::io::{Mesh, Picture, Shape, Vtu};

use crate::solution::Solution;

/// Lines of a mesh are drawn up to this number of cells; beyond, they would hide the colors.
const CELLS_WITH_LINES: usize = 12_000;

/// Draws `u`. Solids are cut open, because on their boundary there is little to see.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn draw(
    path: &Path,
    mesh: &Mesh,
    solution: &Solution,
    subtitle: &str,
) -> op2::Result<()> {
    let mut half = Vec::new();
    let picture = if mesh.cell_dim() == 3 {
        half = rear_half(mesh)?;
        Picture::new(&mesh.points, Shape::Tetrahedron, &half)
    } else {
        Picture::of(mesh).contours(true)
    };
    let cut = if half.is_empty() { "" } else { ", cut open in the middle" };
    picture
        .point_field("u", &solution.u)
        .lines(solution.cells <= CELLS_WITH_LINES)
        .title("Poisson's equation, linear finite elements")
        .subtitle(&format!("{subtitle}, {} cells{cut}", solution.cells))
        .write(path)?;
    Ok(())
}

/// The tetrahedra behind the middle, as seen from the front: the side of small `y`.
fn rear_half(mesh: &Mesh) -> op2::Result<Vec<[u32; 4]>> {
    let y = |node: &u32| mesh.points[*node as usize][1];
    let cells: Vec<[u32; 4]> = mesh.table(Shape::Tetrahedron).map_err(op2::Error::other)?;
    let corners = || cells.as_flattened().iter().map(y);
    let middle =
        f64::midpoint(corners().fold(f64::MAX, f64::min), corners().fold(f64::MIN, f64::max));
    let behind = |cell: &&[u32; 4]| cell.iter().map(y).sum::<f64>() > 4.0 * middle;
    Ok(cells.iter().filter(behind).copied().collect())
}

/// Writes `u`, and the exact solution and the error where they are known.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn write_vtu(path: &Path, mesh: &Mesh, solution: &Solution) -> op2::Result<()> {
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
