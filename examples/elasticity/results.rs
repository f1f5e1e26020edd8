//! The picture and the file for `ParaView`.

use op2::Context;
use op2::io::{Mesh, Picture, Vtu};

use crate::options::Options;
use crate::problem::Problem;
use crate::solid::{Solid, Stress};

/// In the picture, the largest displacement is this part of the longest side.
const EXAGGERATION: f64 = 0.12;

/// Writes what was asked for.
pub(crate) fn write(
    cx: &Context,
    options: &Options,
    mesh: &Mesh,
    solid: &Solid,
    stress: &Stress,
) -> op2::Result<()> {
    let (u, mises) = (solid.u.read()?, stress.mises.read()?);
    // All ranks gather the values; the first writes.
    if cx.rank() > 0 {
        return Ok(());
    }
    if let Some(path) = &options.run.png {
        let scale = exaggeration(mesh, &u);
        let cells = mises.len();
        Picture::of(mesh)
            .displaced(scale, &u)
            .cell_field("von Mises / E", &mises)
            .smooth(true)
            .lines(cells < 20_000)
            // Corners of clamps have stresses without bound.
            .clip(0.001)
            .title(title(options.problem))
            .subtitle(&format!("{cells} tetrahedra, displacement x {scale}"))
            .view_from([0.6, -1.6, 0.9])
            .size(1200, 700)
            .write(path)?;
    }
    if let Some(path) = &options.run.vtu {
        Vtu::of(mesh)
            .point_field("displacement", &u)
            .cell_field("stress", &stress.tensor.read()?)
            .cell_field("von Mises", &mises)
            .write(path)?;
    }
    Ok(())
}

fn title(problem: Problem) -> &'static str {
    match problem {
        Problem::Cantilever => "A plate, clamped at one end, pulled down at the other",
        Problem::Stretch => "A brick that is stretched",
        Problem::Waves => "A solid bent in waves",
        Problem::Bracket => "A solid, clamped at one face, pulled down at another",
    }
}

/// How much larger than in truth displacements are drawn, as 1, 2 or 5 times a power of ten.
fn exaggeration(mesh: &Mesh, u: &[[f64; 3]]) -> f64 {
    let length = |u: &[f64; 3]| u.iter().map(|part| part * part).sum::<f64>().sqrt();
    let largest = u.iter().map(length).fold(0.0, f64::max);
    let longest = crate::faces::bounding_box(mesh).1.into_iter().fold(0.0, f64::max);
    let wanted = EXAGGERATION * longest / largest;
    if !wanted.is_normal() {
        return 1.0;
    }
    let power = 10_f64.powf(wanted.log10().floor());
    let factor = [5.0, 2.0].into_iter().find(|factor| factor * power <= wanted).unwrap_or(1.0);
    factor * power
}
