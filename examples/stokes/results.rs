//! The picture and the file for `ParaView`.

use op2::Context;
use op2::io::{ColorMap, Picture, Shape, Vtu};

use crate::options::{Options, Shown};
use crate::system::System;

/// Writes what was asked for.
pub(crate) fn write(cx: &Context, options: &Options, system: &System) -> op2::Result<()> {
    if options.run.png.is_none() && options.run.vtu.is_none() {
        return Ok(());
    }
    let spaces = system.spaces();
    let (coords, cells) = (spaces.place.read()?, spaces.fine_cells()?);
    let (velocity, pressure) = (system.flow.0.read()?, spaces.at_nodes(&system.flow.1)?);
    // All ranks gather the values; the first writes.
    if cx.rank() > 0 {
        return Ok(());
    }
    if let Some(path) = &options.run.png {
        let num_cells = spaces.mesh.cells.size();
        let picture = Picture::new(&coords, Shape::Triangle, &cells);
        let picture = match options.shown {
            Shown::Speed => picture.point_field("speed", &velocity),
            Shown::Pressure => {
                picture.point_field("pressure", &pressure).colors(ColorMap::Diverging)
            }
        };
        picture
            .contours(true)
            .lines(false)
            .axes("x", "y")
            .title("Stokes flow: a vortex")
            .subtitle(&format!("{num_cells} triangles, Taylor-Hood elements"))
            .write(path)?;
    }
    if let Some(path) = &options.run.vtu {
        let coords: Vec<[f64; 3]> = coords.iter().map(|&[x, y]| [x, y, 0.0]).collect();
        Vtu::new(&coords, Shape::Triangle, &cells)
            .point_field("velocity", &velocity)
            .point_field("pressure", &pressure)
            .write(path)?;
    }
    Ok(())
}
