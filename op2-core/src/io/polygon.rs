//! Faces of surfaces: polygons of any number of corners, made into triangles and quads.

use super::builder::MeshBuilder;
use super::row::RowError;
use super::shape::Shape;

/// More corners than any face has that was meant.
const MOST_CORNERS: usize = 1 << 16;

/// Adds a face: a triangle, a quad, or a fan of triangles around the first corner of a (convex)
/// polygon with more corners.
///
/// A list that goes around the same polygon several times means that polygon.
pub(super) fn add_face(
    builder: &mut MeshBuilder,
    corners: &[u32],
    tags: &[i32],
) -> Result<(), RowError> {
    if corners.len() < 3 || corners.len() > MOST_CORNERS {
        let reason = format!("{} corners do not make a face", corners.len());
        return Err(RowError::new(reason));
    }
    let corners = once_around(corners);
    match corners.len() {
        1 | 2 => Err(RowError::new("a face with less than three different corners")),
        3 => builder.cell(Shape::Triangle, corners, tags),
        4 => builder.cell(Shape::Quad, corners, tags),
        _ => {
            check_distinct(corners)?;
            let ends = corners[1..].windows(2);
            ends.map(|end| [corners[0], end[0], end[1]])
                .try_for_each(|triangle| builder.cell(Shape::Triangle, &triangle, tags))
        }
    }
}

/// The corners without repetitions of the whole round.
fn once_around(corners: &[u32]) -> &[u32] {
    let len = corners.len();
    let is_period = |period: &usize| {
        len.is_multiple_of(*period) && corners[*period..] == corners[..len - *period]
    };
    let period = (1..=len / 2).find(is_period).unwrap_or(len);
    &corners[..period]
}

fn check_distinct(corners: &[u32]) -> Result<(), RowError> {
    let mut sorted = corners.to_vec();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(RowError::new("two corners of the face are the same node"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faces(corners: &[u32]) -> Result<Vec<(Shape, Vec<u32>)>, String> {
        let mut builder = MeshBuilder::default();
        add_face(&mut builder, corners, &[]).map_err(RowError::into_reason)?;
        Ok(builder.finish(3).cells.into_iter().map(|block| (block.shape, block.nodes)).collect())
    }

    #[test]
    fn polygons_become_triangles_and_quads() {
        assert_eq!(faces(&[4, 5, 6]).unwrap(), [(Shape::Triangle, vec![4, 5, 6])]);
        assert_eq!(faces(&[4, 5, 6, 7]).unwrap(), [(Shape::Quad, vec![4, 5, 6, 7])]);
        let fan = vec![4, 5, 6, 4, 6, 7, 4, 7, 8];
        assert_eq!(faces(&[4, 5, 6, 7, 8]).unwrap(), [(Shape::Triangle, fan)]);
    }

    #[test]
    fn going_around_again_means_the_same_face() {
        assert_eq!(faces(&[1, 2, 3, 4, 1, 2, 3, 4]).unwrap(), [(Shape::Quad, vec![1, 2, 3, 4])]);
        assert_eq!(faces(&[1, 2, 3].repeat(5)).unwrap(), [(Shape::Triangle, vec![1, 2, 3])]);
    }

    #[test]
    fn what_is_no_polygon_is_refused() {
        for corners in [&[][..], &[1, 2], &[1, 2, 2], &[1, 2, 1, 2], &[1, 1, 1], &[1, 2, 3, 4, 2]] {
            assert!(faces(corners).is_err(), "{corners:?}");
        }
    }
}
