//! Pictures as files: decoded again, the right colors are in the right places.

use super::colors::MISSING;
use super::*;
use crate::io::op2_text::tests::Scratch;

type Rgb = [u8; 3];

/// A picture read back.
struct Decoded {
    width: usize,
    pixels: Vec<Rgb>,
}

impl Decoded {
    fn of(picture: &Picture) -> Self {
        let file = Scratch::new("out.png", b"");
        picture.write(file.path()).unwrap();
        let bytes = std::io::Cursor::new(std::fs::read(file.path()).unwrap());
        let mut reader = png::Decoder::new(bytes).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgb, png::BitDepth::Eight));
        Self { width: info.width as usize, pixels: pixels.as_chunks().0.to_vec() }
    }

    fn size(&self) -> (usize, usize) {
        (self.width, self.pixels.len() / self.width)
    }

    fn at(&self, (x, y): (usize, usize)) -> Rgb {
        self.pixels[y * self.width + x]
    }

    fn count(&self, color: Rgb) -> usize {
        self.pixels.iter().filter(|&&pixel| pixel == color).count()
    }
}

const CORNERS: [[f64; 2]; 4] = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
const TRIANGLES: [[u32; 3]; 2] = [[0, 1, 2], [0, 2, 3]];

/// The unit square, which fills the plot: 778 pixels each way, from (72, 36) on.
fn square() -> Picture<'static> {
    Picture::new(&CORNERS, Shape::Triangle, &TRIANGLES).window([0.0, 0.0], [1.0, 1.0])
}

/// Where a picture of `square` has a point of the plane.
fn place([x, y]: [f64; 2]) -> (usize, usize) {
    (72 + (x * 778.0) as usize, 36 + ((1.0 - y) * 778.0) as usize)
}

/// A place on its color bar, from 0 below to 1 above.
fn on_bar(height: f64) -> (usize, usize) {
    (900, 76 + ((1.0 - height) * 738.0) as usize)
}

/// The color of a value between 0 and 1.
fn color(value: f64) -> Rgb {
    ColorMap::Sequential.table()[(255.0 * value).round() as usize]
}

#[track_caller]
fn assert_alike(found: Rgb, expected: Rgb) {
    let far = found.iter().zip(expected).map(|(a, b)| a.abs_diff(b)).max().unwrap();
    assert!(far <= 4, "{found:?} instead of {expected:?}");
}

#[test]
fn values_at_points_are_interpolated() {
    let picture = square().point_field("x", &[0.0_f32, 1.0, 1.0, 0.0]);
    let drawn = Decoded::of(&picture);
    assert_eq!(drawn.size(), (72 + 778 + 156, 36 + 778 + 60));
    for (x, y) in [(0.25, 0.25), (0.5, 0.9), (0.7, 0.1), (0.99, 0.5)] {
        assert_alike(drawn.at(place([x, y])), color(x));
        assert_alike(drawn.at(on_bar(x)), color(x));
    }
    assert_eq!(drawn.at((3, 3)), [255; 3]);
}

#[test]
fn values_of_cells_are_flat_unless_smoothed() {
    let picture = square().cell_field("c", &[2_u8, 4]);
    let drawn = Decoded::of(&picture);
    let (below, above) = (color(0.0), color(1.0));
    assert!(drawn.count(below) > 300_000 && drawn.count(above) > 300_000);
    assert_eq!(drawn.at(place([0.9, 0.8])), below);
    assert_eq!(drawn.at(place([0.8, 0.9])), above);
    // Two corners belong to both cells: there, and between them, is the mean.
    let drawn = Decoded::of(&picture.smooth(true));
    assert_alike(drawn.at(place([0.5, 0.5])), color(0.5));
    assert_alike(drawn.at(place([0.99, 0.02])), color(0.01));
}

#[test]
fn a_range_limits_the_colors() {
    let picture = square().point_field("x", &[0.0, 1.0, 1.0, 0.0]).range(0.25, 0.5);
    let drawn = Decoded::of(&picture);
    assert_eq!(drawn.at(place([0.1, 0.5])), color(0.0));
    assert_eq!(drawn.at(place([0.6, 0.5])), color(1.0));
    assert_alike(drawn.at(place([0.375, 0.5])), color(0.5));
    assert_alike(drawn.at(on_bar(0.5)), color(0.5));
}

#[test]
fn deviations_have_zero_in_the_middle() {
    let field = [-1.0, 3.0, 3.0, -1.0];
    let drawn = Decoded::of(&square().point_field("d", &field).colors(ColorMap::Diverging));
    let table = ColorMap::Diverging.table();
    assert_alike(drawn.at(place([0.25, 0.5])), table[128]);
    assert_alike(drawn.at(place([0.99, 0.5])), table[254]);
    assert_alike(drawn.at(place([0.01, 0.5])), table[87]);
}

#[test]
fn extremes_can_be_left_out_of_the_colors() {
    // One percent of the square, on a strip at its left, has a value far off.
    let coords = [[0.0, 0.0], [0.01, 0.0], [0.01, 1.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    let quads = [[0, 1, 2, 3], [1, 4, 5, 2]];
    let picture = Picture::new(&coords, Shape::Quad, &quads).window([0.0, 0.0], [1.0, 1.0]);
    let spike = picture.clone().cell_field("p", &[-1e6, 5.0]).clip(0.02);
    assert_alike(Decoded::of(&spike).at(place([0.5, 0.5])), color(0.5));
    let plain = picture.cell_field("p", &[-1e6, 5.0]);
    assert_eq!(Decoded::of(&plain).at(place([0.5, 0.5])), color(1.0));
}

#[test]
fn what_is_not_finite_has_a_color_of_its_own() {
    for hopeless in [f64::NAN, f64::INFINITY] {
        let drawn = Decoded::of(&square().cell_field("c", &[1.0, hopeless]));
        assert_eq!(drawn.at(place([0.2, 0.8])), MISSING);
        assert_ne!(drawn.at(place([0.8, 0.2])), MISSING);
        // The legend has one more patch of it.
        assert!(drawn.pixels.iter().enumerate().any(|(k, &p)| p == MISSING && k % 1006 > 880));
        let all = Decoded::of(&square().cell_field("c", &[hopeless; 2]));
        assert_eq!(all.at(place([0.8, 0.2])), MISSING);
    }
    let sound = Decoded::of(&square().cell_field("c", &[1.0, 1.0]));
    assert_eq!(sound.count(MISSING), 0);
}

#[test]
fn vectors_are_shown_by_their_length() {
    let picture = square().point_field("u", &[[3.0, 4.0], [0.0, 0.0], [0.0, 0.0], [0.0, 5.0]]);
    let drawn = Decoded::of(&picture);
    assert_alike(drawn.at(place([0.3, 0.5])), color(0.7));
}

#[test]
fn a_mesh_without_field_shows_its_edges() {
    let drawn = Decoded::of(&square());
    assert_eq!(drawn.size().0, 72 + 778 + 36);
    let plain = drawn.at(place([0.75, 0.25]));
    assert!(plain.iter().all(|&channel| channel > 200), "{plain:?}");
    // The diagonal runs through two of these pixels.
    let (column, row) = place([0.5, 0.5]);
    let darkest = (row - 1..row + 2).map(|row| drawn.at((column, row))[0]).min().unwrap();
    assert!(darkest + 40 < plain[0], "{darkest} {plain:?}");
    let without = Decoded::of(&square().lines(false));
    assert_eq!(without.at(place([0.5, 0.5])), plain);
}

#[test]
fn holes_are_blank_and_outlined() {
    // A square with a square hole, of four quads.
    let hole = [[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]];
    let coords = [CORNERS, hole].concat();
    let quads = [[0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]];
    let picture = Picture::new(&coords, Shape::Quad, &quads).window([0.0, 0.0], [1.0, 1.0]);
    let drawn = Decoded::of(&picture.point_field("one", &[1.0; 8]));
    assert_eq!(drawn.at(place([0.5, 0.5])), super::page::GROUND);
    let (left, row) = place([0.25, 0.5]);
    let darkest = (left - 2..left + 3).map(|column| drawn.at((column, row))[0]).min().unwrap();
    assert!(darkest < 100, "{darkest}");
}

#[test]
fn points_can_be_displaced() {
    let up = [[0.0, 1.0]; 4];
    let field = [1.0, 2.0];
    let drawn = Decoded::of(&square().cell_field("c", &field).displaced(0.5, &up));
    assert_eq!(drawn.at(place([0.5, 0.25])), super::page::GROUND);
    assert_eq!(drawn.at(place([0.9, 0.75])), color(0.0));
}

#[test]
fn contours_are_darker_lines() {
    let picture = square().point_field("x", &[0.0, 1.0, 1.0, 0.0]);
    let (plain, lines) = (Decoded::of(&picture), Decoded::of(&picture.clone().contours(true)));
    let row = |drawn: &Decoded| {
        let light = |x| drawn.at((x, 400)).map(u32::from).iter().sum::<u32>();
        (80..840).map(light).collect::<Vec<_>>()
    };
    let darker: Vec<_> = row(&plain).iter().zip(row(&lines)).map(|(a, b)| b + 8 < *a).collect();
    // Ticks are 0.2 apart: lines at 0.05, 0.1, ..., 0.95.
    let begun = darker.windows(2).filter(|pair| !pair[0] && pair[1]).count();
    assert_eq!(begun, 19);
}

/// The cube of side 1 around the origin, as one hexahedron.
fn cube() -> Mesh {
    let corner = |k: u32| [(k ^ (k >> 1)) & 1, (k >> 1) & 1, k >> 2].map(|x| f64::from(x) - 0.5);
    let corners: Vec<_> = (0..8).map(corner).collect();
    Mesh::new(&corners, Shape::Hexahedron, &[[0, 1, 2, 3, 4, 5, 6, 7]]).unwrap()
}

#[test]
fn solids_are_seen_from_outside() {
    let mesh = cube();
    assert_eq!(mesh.measure(), 1.0);
    let field: Vec<_> = mesh.points.iter().map(|point| point[0]).collect();
    for (side, expected) in [(1.0, 1.0), (-1.0, 0.0)] {
        let picture = Picture::of(&mesh).point_field("x", &field).view_from([side, 0.0, 0.0]);
        let drawn = Decoded::of(&picture);
        let (width, height) = drawn.size();
        // Only the side toward the viewer is seen, a little darker than in full light.
        let middle = drawn.at(((36 + width - 156) / 2, (36 + height - 60) / 2));
        let full = color(expected);
        let ratio = |k: usize| f64::from(middle[k]) / f64::from(full[k]);
        assert!((0.75..=1.0).contains(&ratio(0)), "{middle:?} {full:?}");
        assert!((ratio(0) - ratio(2)).abs() < 0.03, "{middle:?} {full:?}");
        assert_eq!(drawn.at((40, 40)), [255; 3]);
    }
}

#[test]
fn a_mesh_gives_the_picture_of_its_tables() {
    let mesh = Mesh::new(&CORNERS, Shape::Triangle, &TRIANGLES).unwrap();
    let field = [0.0, 1.0, 2.0, 3.0];
    let of_mesh = Picture::of(&mesh).window([0.0; 2], [1.0; 2]).point_field("u", &field);
    assert!(Decoded::of(&of_mesh).pixels == Decoded::of(&square().point_field("u", &field)).pixels);
}

#[test]
fn sizes_and_texts_of_all_kinds_can_be_drawn() {
    let long = "A title that is much longer than any picture is wide ".repeat(9);
    for (width, height) in [(160, 160), (160, 700), (900, 160), (333, 257)] {
        let picture = square().point_field(&long, &[1e-300, -1e300, 7.0, 0.0]).title(&long);
        let picture = picture.subtitle("\u{fc}\u{2207}").axes(&long, &long).size(width, height);
        assert_eq!(Decoded::of(&picture).size(), (width, height));
    }
    for value in [0.0, 1.0, 1e300, f64::MAX, -1e-300, 5e-324] {
        Decoded::of(&square().point_field("constant", &[value; 4]));
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let reason = |picture: Picture| {
        let error = picture.write("unused.png").unwrap_err();
        assert!(!Path::new("unused.png").exists());
        error.reason
    };
    let short = square().point_field("u", &[1.0; 3]);
    assert_eq!(reason(short), "field `u` has 3 entries for 4 points");
    let short = square().cell_field("u", &[1.0; 3]);
    assert_eq!(reason(short), "field `u` has 3 entries for 2 cells");
    let short = square().displaced(1.0, &[[0.0; 2]; 3]);
    assert_eq!(reason(short), "field `displacement` has 3 entries for 4 points");
    let spatial = square().displaced(1.0, &[[0.0; 3]; 4]);
    assert_eq!(reason(spatial), "displacements have 3 components in 2 dimensions");
    let beyond = Picture::new(&CORNERS[..3], Shape::Triangle, &TRIANGLES);
    assert_eq!(reason(beyond), "triangle 1 names node 3, but there are 3 points");
    assert!(reason(square().size(5, 5)).contains("sides are 160 to 4096"));
    assert!(reason(square().range(1.0, 1.0)).contains("holds no values"));
    assert!(reason(square().range(0.0, f64::NAN)).contains("holds no values"));
    let far = square().cell_field("u", &[f64::MIN, f64::MAX]);
    assert!(reason(far).ends_with("have no range"));
    assert!(reason(square().clip(0.5)).contains("cannot be left out"));
    assert!(reason(square().window([0.0; 2], [0.0, 1.0])).contains("nothing to draw"));
    assert!(
        reason(square().displaced(1.0, &[[f64::NAN; 2]; 4]).window([1.0; 2], [0.0; 2]))
            .contains("nothing to draw")
    );
    let mesh = cube();
    assert!(reason(Picture::of(&mesh).view_from([0.0; 3])).contains("there is no view"));
    let points = [[0.0; 2]; 3];
    assert!(reason(Picture::new(&points, Shape::Triangle, &[[0, 1, 2]])).contains("nothing"));
    assert!(reason(Picture::new::<2, 3>(&points, Shape::Triangle, &[])).contains("nothing"));
}
