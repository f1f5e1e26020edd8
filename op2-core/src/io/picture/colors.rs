//! Color maps, computed in the perceptual space `OKLCh`.
//!
//! Source: B. Ottosson, "A perceptual color space for image processing" (2020). There, equal steps
//! of lightness look equal, which is what makes viridis (Smith and van der Walt 2015) readable in
//! gray and for color-blind eyes. Each map is a few stops of lightness, chroma and hue; between
//! them the path is straight, so that lightness changes evenly.

use super::canvas::Rgb;

/// How values become colors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorMap {
    /// Dark violet over blue and green to yellow, each step equally visible: as viridis.
    #[default]
    Sequential,
    /// Blue over white to red, for deviations: the automatic range has zero in its middle.
    Diverging,
    /// Black to white.
    Gray,
}

/// What a value that is not finite looks like: no map comes near it.
pub(super) const MISSING: Rgb = [245, 30, 190];

/// A place of a color map, from 0 to 1, and its color: lightness, chroma, hue in degrees.
type Stop = (f64, [f64; 3]);

const SEQUENTIAL: [Stop; 5] = [
    (0.0, [0.26, 0.125, 302.0]),
    // Less chroma than at the ends: screens show little here, and cutting off leaves an edge.
    (0.25, [0.425, 0.1, 253.0]),
    (0.5, [0.59, 0.095, 204.0]),
    (0.75, [0.755, 0.122, 155.0]),
    (1.0, [0.92, 0.175, 106.0]),
];

const DIVERGING: [Stop; 5] = [
    (0.0, [0.36, 0.13, 262.0]),
    (0.25, [0.66, 0.13, 250.0]),
    (0.5, [0.97, 0.0, 250.0]),
    (0.5, [0.97, 0.0, 28.0]),
    (1.0, [0.40, 0.17, 25.0]),
];

const GRAY: [Stop; 2] = [(0.0, [0.15, 0.0, 0.0]), (1.0, [0.97, 0.0, 0.0])];

impl ColorMap {
    /// 256 colors from low to high.
    pub(super) fn table(self) -> Vec<Rgb> {
        let stops: &[Stop] = match self {
            Self::Sequential => &SEQUENTIAL,
            Self::Diverging => &DIVERGING,
            Self::Gray => &GRAY,
        };
        (0..256).map(|k| color(stops, f64::from(k) / 255.0)).collect()
    }
}

fn color(stops: &[Stop], place: f64) -> Rgb {
    let [lightness, wanted, hue] = between(stops, place);
    let hue = hue.to_radians();
    // Screens do not show all of the space: as much chroma as they can.
    let (mut chroma, mut excess) = (0.0, wanted);
    for _ in 0..12 {
        let middle = 0.5 * (chroma + excess);
        if on_screen(linear_rgb(lightness, middle, hue)) {
            chroma = middle;
        } else {
            excess = middle;
        }
    }
    linear_rgb(lightness, chroma, hue).map(|channel| (255.0 * gamma(channel)).round() as u8)
}

/// The color at a place, between the two stops around it.
fn between(stops: &[Stop], place: f64) -> [f64; 3] {
    let next = stops.iter().position(|&(at, _)| at >= place).unwrap_or(stops.len() - 1).max(1);
    let ((from, a), (to, b)) = (stops[next - 1], stops[next]);
    let along = if to > from { (place - from) / (to - from) } else { 0.0 };
    std::array::from_fn(|k| a[k] + along * (b[k] - a[k]))
}

fn on_screen(rgb: [f64; 3]) -> bool {
    rgb.iter().all(|channel| (0.0..=1.0).contains(channel))
}

/// `OKLCh` to linear sRGB; the constants are those of the definition.
fn linear_rgb(lightness: f64, chroma: f64, hue: f64) -> [f64; 3] {
    let (a, b) = (chroma * hue.cos(), chroma * hue.sin());
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
    ]
}

fn gamma(linear: f64) -> f64 {
    let linear = linear.clamp(0.0, 1.0);
    if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luma([r, g, b]: Rgb) -> f64 {
        0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b)
    }

    #[test]
    fn sequential_maps_only_get_lighter() {
        for map in [ColorMap::Sequential, ColorMap::Gray] {
            let lumas: Vec<_> = map.table().into_iter().map(luma).collect();
            assert_eq!(lumas.len(), 256);
            assert!(lumas.windows(4).all(|run| run[3] > run[0]));
            assert!(lumas[0] < 30.0 && lumas[255] > 200.0);
        }
    }

    #[test]
    fn the_diverging_map_is_blue_white_and_red() {
        let table = ColorMap::Diverging.table();
        let [low, middle, high] = [table[0], table[128], table[255]];
        assert!(low[2] > 2 * low[0] && high[0] > 2 * high[2], "{low:?} {high:?}");
        assert!(middle.iter().all(|&channel| channel > 235), "{middle:?}");
        let lumas: Vec<_> = table.into_iter().map(luma).collect();
        assert!(lumas[..127].windows(4).all(|run| run[3] > run[0]));
        assert!(lumas[129..].windows(4).all(|run| run[3] < run[0]));
    }

    #[test]
    fn neighbors_are_alike_and_nothing_is_like_the_missing() {
        let far = |a: Rgb, b: Rgb| a.iter().zip(b).map(|(a, b)| a.abs_diff(b)).max().unwrap();
        for map in [ColorMap::Sequential, ColorMap::Diverging, ColorMap::Gray] {
            let table = map.table();
            assert!(table.windows(2).all(|pair| far(pair[0], pair[1]) <= 6), "{map:?}");
            assert!(table.iter().all(|&color| far(color, MISSING) > 80), "{map:?}");
        }
    }

    #[test]
    fn gray_is_gray() {
        let [r, g, b] = linear_rgb(0.5, 0.0, 0.0);
        assert!((r - 0.125).abs() < 1e-6 && (g - 0.125).abs() < 1e-6 && (b - 0.125).abs() < 1e-6);
    }
}
