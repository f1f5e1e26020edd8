//! Pixels, and what is drawn on them: lines, frames, text.

use super::lettering::{self, Segment};

/// Red, green, blue as stored in the file (sRGB).
pub(super) type Rgb = [u8; 3];

/// A rectangle of pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rect {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// On which side of its place a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Center,
    Right,
}

/// An image, row by row from the top.
pub(super) struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<Rgb>,
}

impl Canvas {
    /// An image of one color.
    pub(super) fn new((width, height): (usize, usize), color: Rgb) -> Self {
        Self { width, height, pixels: vec![color; width * height] }
    }

    /// Red, green, blue of each pixel.
    pub(super) fn bytes(&self) -> &[u8] {
        self.pixels.as_flattened()
    }

    /// Width and height.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    #[cfg(test)]
    pub(super) fn get(&self, x: usize, y: usize) -> Rgb {
        self.pixels[y * self.width + x]
    }

    /// Sets a pixel of the image.
    pub(super) fn set(&mut self, x: usize, y: usize, color: Rgb) {
        self.pixels[y * self.width + x] = color;
    }

    /// A thin line around a rectangle.
    pub(super) fn frame(&mut self, rect: Rect, color: Rgb) {
        let (left, top) = (rect.x as f64 - 0.5, rect.y as f64 - 0.5);
        let right = left + rect.width as f64 + 1.0;
        let bottom = top + rect.height as f64 + 1.0;
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        for side in corners.windows(2) {
            self.line(side[0], side[1], 1.0, color);
        }
    }

    /// A line of some thickness between two places.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), thickness: f64, color: Rgb) {
        self.strokes(&[Segment { from, to }], thickness, color);
    }

    /// A line of text with capitals `size` pixels high, standing on `place`.
    pub(super) fn text(
        &mut self,
        (x, y): (f64, f64),
        size: f64,
        color: Rgb,
        align: Align,
        text: &str,
    ) {
        let width = lettering::width(text, size);
        let mut x = match align {
            Align::Left => x,
            Align::Center => x - width / 2.0,
            Align::Right => x - width,
        };
        for character in text.chars() {
            let strokes = lettering::strokes(character, (x, y), size);
            self.strokes(&strokes, 1.0 + size / 18.0, color);
            x += lettering::advance(character, size);
        }
    }

    /// Text as large as `size`, or smaller so that it is no wider than `room`.
    pub(super) fn text_within(
        &mut self,
        place: (f64, f64),
        size: f64,
        room: f64,
        color: Rgb,
        text: &str,
    ) {
        let size = size.min(size * room / lettering::width(text, size).max(1e-9));
        self.text(place, size, color, Align::Left, text);
    }

    /// Text that runs upward, its middle at `place` and its letters to the left.
    pub(super) fn text_upward(&mut self, (x, y): (f64, f64), size: f64, color: Rgb, text: &str) {
        let mut along = -lettering::width(text, size) / 2.0;
        for character in text.chars() {
            let turned = |(right, down): (f64, f64)| (x + down, y - right);
            let strokes: Vec<_> = lettering::strokes(character, (along, 0.0), size)
                .into_iter()
                .map(|Segment { from, to }| Segment { from: turned(from), to: turned(to) })
                .collect();
            self.strokes(&strokes, 1.0 + size / 18.0, color);
            along += lettering::advance(character, size);
        }
    }

    /// Draws segments that belong together: where they meet, no pixel is painted twice.
    fn strokes(&mut self, segments: &[Segment], thickness: f64, color: Rgb) {
        let reach = thickness / 2.0 + 1.0;
        let ends = || segments.iter().flat_map(|segment| [segment.from, segment.to]);
        let (columns, rows) = (
            pixels_near(ends().map(|(x, _)| x), reach, self.width),
            pixels_near(ends().map(|(_, y)| y), reach, self.height),
        );
        for (y, x) in rows.flat_map(|y| columns.clone().map(move |x| (y, x))) {
            let at = (x as f64, y as f64);
            let distances = segments.iter().map(|segment| segment.distance(at));
            let distance = distances.fold(f64::INFINITY, f64::min);
            self.blend(x, y, color, (thickness / 2.0 + 0.5 - distance).clamp(0.0, 1.0));
        }
    }

    fn blend(&mut self, x: usize, y: usize, color: Rgb, opacity: f64) {
        let pixel = &mut self.pixels[y * self.width + x];
        for (below, above) in pixel.iter_mut().zip(color) {
            let mixed = f64::from(*below) * (1.0 - opacity) + f64::from(above) * opacity;
            *below = mixed.round() as u8;
        }
    }
}

fn pixels_near(
    places: impl Iterator<Item = f64>,
    reach: f64,
    limit: usize,
) -> std::ops::Range<usize> {
    let (low, high) = places
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| (low.min(at), high.max(at)));
    // Casts take what is outside to the nearest end; without any place the range is empty.
    (low - reach) as usize..((high + reach + 1.0) as usize).min(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLACK: Rgb = [0; 3];
    const WHITE: Rgb = [255; 3];

    #[test]
    fn a_line_covers_its_pixels_and_no_others() {
        let mut canvas = Canvas::new((9, 5), WHITE);
        canvas.line((2.0, 2.0), (6.0, 2.0), 1.0, BLACK);
        for (y, x) in (0..5).flat_map(|y| (0..9).map(move |x| (y, x))) {
            let expected = if y == 2 && (2..=6).contains(&x) { BLACK } else { WHITE };
            assert_eq!(canvas.get(x, y), expected, "{x} {y}");
        }
    }

    #[test]
    fn drawing_beyond_the_edge_is_cut_off() {
        let mut canvas = Canvas::new((9, 5), WHITE);
        canvas.line((-20.0, -3.0), (30.0, 9.0), 3.0, BLACK);
        canvas.text((-100.0, 2.0), 300.0, BLACK, Align::Left, "beyond");
        canvas.text((4.0, 400.0), 11.0, BLACK, Align::Center, "below");
        assert_eq!(canvas.bytes().len(), 9 * 5 * 3);
    }

    #[test]
    fn text_upward_is_text_turned() {
        let mut flat = Canvas::new((99, 99), WHITE);
        flat.text((49.0, 49.0), 12.0, BLACK, Align::Center, "Ry");
        let mut turned = Canvas::new((99, 99), WHITE);
        turned.text_upward((49.0, 49.0), 12.0, BLACK, "Ry");
        // Half a pixel may be rounded either way.
        let far = |x: usize, y: usize| flat.get(x, y)[0].abs_diff(turned.get(y, 98 - x)[0]);
        assert!((0..99).all(|y| (0..99).all(|x| far(x, y) <= 1)));
        let letter = (50..62).flat_map(|y| (38..49).map(move |x| (x, y)));
        assert!(letter.into_iter().any(|(x, y)| turned.get(x, y) == BLACK), "the R is elsewhere");
    }

    #[test]
    fn alignment_moves_a_text_by_its_width() {
        let column = |align| {
            let mut canvas = Canvas::new((99, 20), WHITE);
            canvas.text((50.0, 15.0), 9.0, BLACK, align, "H");
            (0..99).find(|&x| canvas.get(x, 12) != WHITE).unwrap()
        };
        assert!(column(Align::Right) < column(Align::Center));
        assert!(column(Align::Center) < column(Align::Left));
    }
}
