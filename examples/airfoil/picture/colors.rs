//! The color map: dark violet over blue and green to yellow, each step equally visible.

use super::canvas::Rgb;

/// 256 colors from low to high.
///
/// Computed in the perceptual space `OKLCh` (Ottosson 2020): lightness rises evenly, so that the
/// picture also reads in gray and for color-blind eyes, while the hue turns from violet to yellow.
pub(super) fn table() -> Vec<Rgb> {
    (0..256).map(|k| color(f64::from(k) / 255.0)).collect()
}

fn color(place: f64) -> Rgb {
    let lightness = 0.26 + 0.66 * place;
    let hue = (302.0 - 196.0 * place).to_radians();
    // A dent in the middle, where screens show little chroma: clipping there would leave an edge.
    let wanted = 0.125 + 0.05 * place - 0.055 * (std::f64::consts::PI * place).sin();
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

    #[test]
    fn the_map_only_gets_lighter() {
        let luma =
            |[r, g, b]: Rgb| 0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b);
        let lumas: Vec<_> = table().into_iter().map(luma).collect();
        assert_eq!(lumas.len(), 256);
        assert!(lumas.windows(4).all(|run| run[3] > run[0]));
        assert!(lumas[0] < 30.0 && lumas[255] > 200.0);
    }

    #[test]
    fn gray_is_gray() {
        let [r, g, b] = linear_rgb(0.5, 0.0, 0.0);
        assert!((r - 0.125).abs() < 1e-6 && (g - 0.125).abs() < 1e-6 && (b - 0.125).abs() < 1e-6);
    }
}
