//! A picture of a field around the profile of airfoil and aero: PNG, 1200 by 800.

use std::path::Path;

use op2::io::{CellShape, Picture, WriteError};

/// What is written on a picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caption<'a> {
    /// The headline.
    pub(crate) title: &'a str,
    /// A second line, such as the mesh and the iteration.
    pub(crate) subtitle: &'a str,
    /// The name of the field, over its color bar.
    pub(crate) field: &'a str,
}

/// Draws one value per cell around the profile and writes the picture to `path`.
///
/// `coords` is `[num_nodes, 2]` in chords, `cell_nodes` `[num_cells, 4]`, `field` `[num_cells]`.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn write(
    path: impl AsRef<Path>,
    coords: &[[f64; 2]],
    cell_nodes: &[[u32; 4]],
    field: &[f64],
    caption: &Caption,
) -> Result<(), WriteError> {
    Picture::new(coords, CellShape::Quad, cell_nodes)
        .cell_field(caption.field, field)
        // A coarse mesh shows no steps, and lines of equal value tell more.
        .smooth(true)
        .contours(true)
        // The nose of the profile has extreme values on a few pixels.
        .clip(0.005)
        .window([-0.5, -2.0 / 3.0], [1.5, 2.0 / 3.0])
        .axes("x / chord", "")
        .title(caption.title)
        .subtitle(caption.subtitle)
        .size(1200, 800)
        .write(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_a_png_of_the_promised_size() {
        let coords = [[-0.4, -0.5], [1.4, -0.5], [1.4, 0.5], [-0.4, 0.5]];
        let caption = Caption { title: "NACA 0012", subtitle: "numbers", field: "Cell" };
        let path = std::env::temp_dir().join(format!("op2-profile-{}.png", std::process::id()));
        write(&path, &coords, &[[0, 1, 2, 3]], &[1.0], &caption).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"));
        // The header chunk begins with width and height, most significant byte first.
        assert_eq!(bytes[16..24], [0, 0, 4, 0xb0, 0, 0, 3, 0x20]);
    }
}
