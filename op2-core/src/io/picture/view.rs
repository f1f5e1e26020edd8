//! From where a mesh is seen, and how bright its faces are.

use super::faces::Face;
use crate::base::csr::Csr;

type Vector = [f64; 3];

/// Edges sharper than this, as the cosine of the angle between two faces, stay edges in the shading.
const CREASE: f64 = 0.77;

/// The darkest that a face gets, turned away from the light.
const DUSK: f64 = 0.66;

/// How far light reaches around what it falls on, as the cosine of the angle beyond the horizon.
const WRAP: f64 = 0.3;

/// A parallel projection.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    right: Vector,
    up: Vector,
    toward: Vector,
}

impl View {
    /// The plane as it is written: x to the right, y up.
    pub(super) const PLANE: Self =
        Self { right: [1.0, 0.0, 0.0], up: [0.0, 1.0, 0.0], toward: [0.0, 0.0, 1.0] };

    /// Seen from a place far away in direction `from`, with `up` upward in the picture.
    pub(super) fn new(from: Vector, up: Vector) -> Result<Self, String> {
        let nowhere = || format!("there is no view from {from:?} with {up:?} upward");
        let toward = unit(from).ok_or_else(nowhere)?;
        let right = unit(cross(up, toward)).ok_or_else(nowhere)?;
        Ok(Self { right, up: cross(toward, right), toward })
    }

    /// A point as the picture has it: to the right, up, toward the viewer.
    pub(super) fn place(&self, point: Vector) -> Vector {
        [dot(point, self.right), dot(point, self.up), dot(point, self.toward)]
    }

    /// The three axes in the picture.
    pub(super) fn axes(&self) -> [Vector; 3] {
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]].map(|axis| self.place(axis))
    }
}

/// How bright each corner of each face is, from [`DUSK`] to 1; `places` are those of the picture.
///
/// The light comes from over the viewer's left shoulder and falls on both sides of a surface.
/// Corners of faces that meet at a blunt angle share a normal, so that they look round.
pub(super) fn shades(faces: &[Face], places: &[Vector]) -> Vec<[f32; 4]> {
    let normals: Vec<_> = faces.iter().map(|face| normal(face, places)).collect();
    let pairs = (0..)
        .zip(faces)
        .flat_map(|(number, face)| face.nodes().iter().map(move |&node| (node, number)));
    let around = Csr::from_pairs(places.len(), &pairs.collect::<Vec<_>>());
    let mut shades = Vec::with_capacity(faces.len());
    for (face, own) in faces.iter().zip(&normals) {
        let mut corners = [brightness(*own); 4];
        // Too many faces to be counted are drawn flat.
        if let Ok(around) = &around {
            for (corner, &node) in corners.iter_mut().zip(face.nodes()) {
                *corner = brightness(smooth(*own, around.row(node), &normals));
            }
        }
        shades.push(corners);
    }
    shades
}

/// The sum of the normals around a node that differ little from `own`; surfaces may have faces that
/// look to either side.
fn smooth(own: Vector, around: &[u32], normals: &[Vector]) -> Vector {
    let Some(direction) = unit(own) else { return own };
    let mut sum = [0.0; 3];
    for &face in around {
        let normal = normals[face as usize];
        let along = dot(direction, normal);
        if along.abs() >= CREASE * dot(normal, normal).sqrt() {
            for (sum, part) in sum.iter_mut().zip(normal) {
                *sum += part * along.signum();
            }
        }
    }
    sum
}

fn brightness(normal: Vector) -> f32 {
    const LIGHT: Vector = [-0.28, 0.44, 0.853];
    let Some(normal) = unit(normal) else { return 1.0 };
    // The side that is seen.
    let side = if normal[2] < 0.0 { -1.0 } else { 1.0 };
    let light = ((side * dot(normal, LIGHT) + WRAP) / (1.0 + WRAP)).max(0.0);
    (DUSK + (1.0 - DUSK) * light) as f32
}

/// Normal to a face, as long as twice its area.
fn normal(face: &Face, places: &[Vector]) -> Vector {
    let corner = |k: usize| places[face.nodes()[k] as usize];
    let (a, b) = match face.nodes().len() {
        3 => (minus(corner(1), corner(0)), minus(corner(2), corner(0))),
        _ => (minus(corner(2), corner(0)), minus(corner(3), corner(1))),
    };
    cross(a, b)
}

fn minus(a: Vector, b: Vector) -> Vector {
    std::array::from_fn(|k| a[k] - b[k])
}

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// The vector of length 1, if there is one.
fn unit(a: Vector) -> Option<Vector> {
    let length = dot(a, a).sqrt();
    (length.is_finite() && length > 1e-12).then(|| a.map(|x| x / length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_keeps_lengths_and_puts_up_upward() {
        let view = View::new([1.0, -2.0, 1.0], [0.0, 0.0, 1.0]).unwrap();
        let place = view.place([3.0, 4.0, 12.0]);
        assert!((dot(place, place) - 169.0).abs() < 1e-10);
        let [right, up, _] = view.place([0.0, 0.0, 1.0]);
        assert!(right.abs() < 1e-15 && up > 0.5);
        assert!(view.place([1.0, -2.0, 1.0])[2] > 2.4);
        assert_eq!(View::PLANE.place([1.0, 2.0, 3.0]), [1.0, 2.0, 3.0]);
    }

    #[test]
    fn some_views_cannot_be() {
        for (from, up) in [
            ([0.0; 3], [0.0, 0.0, 1.0]),
            ([0.0, 0.0, 2.0], [0.0, 0.0, 1.0]),
            ([f64::NAN; 3], [1.0; 3]),
        ] {
            assert!(View::new(from, up).unwrap_err().contains("upward"));
        }
    }

    #[test]
    fn light_falls_on_both_sides() {
        let facing = brightness([0.0, 0.0, 1.0]);
        assert_eq!(facing, brightness([0.0, 0.0, -1.0]));
        assert!(facing > brightness([1.0, 0.0, 0.2]) && brightness([0.0; 3]) == 1.0);
    }
}
