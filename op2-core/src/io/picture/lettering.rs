//! A small alphabet of strokes, so that a picture needs no font files.
//!
//! Letters stand on a grid of 4 by 6, small ones are 4 high, tails reach down 2:
//!
//! ```text
//!   6 . . . . .        a point is written as two characters, column and row;
//!   4 . . . . .        rows below the line are y (-1) and z (-2);
//!   0 . . . . .  line  a stroke beginning with `~` is smoothed
//!   z . . . . .
//! ```

/// A straight piece of a stroke, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    pub(super) from: (f64, f64),
    pub(super) to: (f64, f64),
}

impl Segment {
    /// The distance of a point from the nearest point of the segment.
    pub(super) fn distance(self, (x, y): (f64, f64)) -> f64 {
        let (dx, dy) = (self.to.0 - self.from.0, self.to.1 - self.from.1);
        let (px, py) = (x - self.from.0, y - self.from.1);
        let length2 = dx * dx + dy * dy;
        // A segment without length is a dot.
        let along =
            if length2 > 0.0 { ((px * dx + py * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
        (px - along * dx).hypot(py - along * dy)
    }
}

/// How wide a text is whose capitals are `size` high.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let advances: f64 = text.chars().map(|character| advance(character, size)).sum();
    (advances - GAP * size / CAPITAL).max(0.0)
}

/// How far the next character stands from this one.
pub(super) fn advance(character: char, size: f64) -> f64 {
    let columns = points(glyph(character)).map(|(x, _)| x);
    let widest = if character == ' ' { 1.4 } else { columns.fold(0.0, f64::max) };
    (widest + GAP) * size / CAPITAL
}

/// The strokes of a character that stands on `origin`.
pub(super) fn strokes(character: char, origin: (f64, f64), size: f64) -> Vec<Segment> {
    let unit = size / CAPITAL;
    let place = |(x, y): (f64, f64)| (origin.0 + x * unit, origin.1 - y * unit);
    let mut segments = Vec::new();
    for stroke in glyph(character).split_whitespace() {
        let line: Vec<_> = points(stroke).collect();
        let line = if stroke.starts_with('~') { smoothed(line) } else { line };
        segments.extend(
            line.windows(2).map(|ends| Segment { from: place(ends[0]), to: place(ends[1]) }),
        );
    }
    segments
}

/// Height of a capital, and the space between characters, on the grid.
const CAPITAL: f64 = 6.0;
const GAP: f64 = 1.7;

fn points(strokes: &str) -> impl Iterator<Item = (f64, f64)> {
    let column = |symbol: u8| f64::from(symbol - b'0');
    let row = move |symbol: u8| match symbol {
        b'y' => -1.0,
        b'z' => -2.0,
        digit => column(digit),
    };
    strokes
        .split_whitespace()
        .map(|stroke| stroke.trim_start_matches('~').as_bytes())
        .flat_map(|stroke| stroke.as_chunks::<2>().0)
        .map(move |&[x, y]| (column(x), row(y)))
}

/// Cuts corners until they look round (Chaikin 1974); the ends stay.
fn smoothed(mut line: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    for _ in 0..3 {
        let (first, last) = (line[0], line[line.len() - 1]);
        let mix =
            |a: (f64, f64), b: (f64, f64), t: f64| (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1));
        let cut = line.windows(2).flat_map(|ends| [0.25, 0.75].map(|t| mix(ends[0], ends[1], t)));
        line = std::iter::once(first).chain(cut).chain([last]).collect();
    }
    line
}

/// The strokes of a character; an unknown one is a box.
fn glyph(character: char) -> &'static str {
    let nth = |first: char| character as usize - first as usize;
    match character {
        'A'..='Z' => CAPITALS[nth('A')],
        'a'..='z' => SMALL[nth('a')],
        '0'..='9' => DIGITS[nth('0')],
        ' ' => "",
        '.' => "0000",
        ',' => "000y",
        ':' => "0101 0404",
        '-' => "0232",
        '+' => "0343 2125",
        '=' => "0242 0444",
        '/' => "0036",
        '_' => "0y4y",
        '\'' => "0605",
        '(' => "~16050110",
        ')' => "~06151100",
        '%' => "0046 ~050616150504 ~404131304041",
        '*' => "2125 0343 ~0145 ~0541",
        '<' => "340230",
        '>' => "043200",
        '|' => "0z06",
        '[' => "16060010",
        ']' => "06161000",
        '!' => "0602 0000",
        '?' => "~0506363412 1000",
        '^' => "041634",
        '#' => "1115 3135 0242 0444",
        '&' => "~40051626250301002042",
        '~' => "~0213223344",
        ';' => "010y 0404",
        '"' => "0604 1614",
        '\u{b0}' => "~051626240405",
        '\u{d7}' => "0135 0531",
        '\u{b2}' => "~051626250303 0323",
        _ => "0006464000",
    }
}

#[rustfmt::skip]
const DIGITS: [&str; 10] = [
    "~204046060020", "152620", "~040646432200 0040", "~0506464313 ~1343400001", "30360242",
    "460604 ~0444400001", "~360502 ~020040440402", "064610", "~234346060323 ~234340000323",
    "~104144 ~444606024244",
];

#[rustfmt::skip]
const CAPITALS: [&str; 26] = [
    "002640 1232", "0006 ~06464303 ~03434000", "~454606004041", "0006 ~06464000", "46060040 0333",
    "460600 0333", "~454606004043 4323", "0006 4046 0343", "0006", "3632 ~32300002",
    "0006 4602 1340", "060040", "0006234640", "00064046", "~204046060020",
    "0006 ~06464303", "~204046060020 3140", "0006 ~06464303 2340", "~4546060343400001", "0646 2620",
    "0602 ~02004042 4246", "062046", "0610243046", "0046 0640", "062346 2320", "06460040",
];

#[rustfmt::skip]
const SMALL: [&str; 26] = [
    "~323404003032 3430", "0600 ~020434300002", "~333404003031", "3630 ~323404003032",
    "0232 ~323404003031", "~261614 1410 0424", "~323404003032 3430 ~303z0z0y", "0600 ~02043432 3230",
    "0400 0606", "1410 ~101z0z 1616", "0600 3401 1230", "0600", "0400 ~02042422 2220 ~22244442 4240",
    "0400 ~02043432 3230", "~020434300002", "040z ~020434300002", "343z ~323404003032",
    "0400 ~020424", "~3334040232300001", "1612 ~121020 0424", "0402 ~02003032 3430", "041024",
    "0410233044", "0034 0430", "0421 440z", "04340030",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_glyph_stays_on_its_grid() {
        for character in (' '..='~').chain(['\u{fc}']) {
            for (x, y) in points(glyph(character)) {
                assert!((0.0..=4.0).contains(&x) && (-2.0..=6.0).contains(&y), "{character}");
            }
            assert!(glyph(character).split_whitespace().all(|stroke| {
                let digits = stroke.trim_start_matches('~').len();
                digits >= 4 && digits.is_multiple_of(2)
            }));
        }
    }

    #[test]
    fn texts_are_as_wide_as_their_characters() {
        assert_eq!(width("", 12.0), 0.0);
        assert_eq!(width("H", 12.0), 8.0);
        let whole = width("Mach", 12.0);
        let parts = advance('M', 12.0) + advance('a', 12.0) + advance('c', 12.0);
        assert!((whole - parts - width("h", 12.0)).abs() < 1e-12);
    }

    #[test]
    fn smoothing_keeps_the_ends() {
        let line = smoothed(vec![(0.0, 0.0), (4.0, 0.0), (4.0, 6.0)]);
        assert_eq!((line[0], line[line.len() - 1]), ((0.0, 0.0), (4.0, 6.0)));
        assert!(line.iter().all(|&(x, y)| x - y / 1.5 < 4.0 && !(x > 3.5 && y < 0.5)));
    }

    #[test]
    fn the_distance_from_a_dot_is_that_of_a_point() {
        let dot = Segment { from: (1.0, 1.0), to: (1.0, 1.0) };
        assert_eq!(dot.distance((4.0, 5.0)), 5.0);
    }
}
