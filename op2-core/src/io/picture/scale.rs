//! A range of values and the round numbers in it.

/// A range of values, its round numbers, and how they are written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
    /// The round numbers between both.
    pub(super) ticks: Vec<f64>,
    /// Distance between ticks, a power of ten times 1, 2 or 5.
    pub(super) step: f64,
}

impl Scale {
    /// A range with about `count` ticks, often less.
    pub(super) fn new((low, high): (f64, f64), count: f64) -> Self {
        // A constant field still wants a color bar.
        let margin = 1e-9 * low.abs().max(1e-30);
        let (low, high) =
            if high - low > 2.0 * margin { (low, high) } else { (low - margin, high + margin) };
        let step = round_step((high - low) / count);
        Self { low, high, ticks: multiples(low, high, step), step }
    }

    /// A range with ticks of a given distance, or of its own where that gives less than two.
    pub(super) fn with_step(low: f64, high: f64, step: f64) -> Self {
        let ticks = multiples(low, high, step);
        if ticks.len() < 2 { Self::new((low, high), 4.0) } else { Self { low, high, ticks, step } }
    }

    /// From 0 at the lowest value to 1 at the highest; values beyond take the nearer end.
    pub(super) fn position(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// A tick as text, with as many decimals as the step needs.
    pub(super) fn label(&self, tick: f64) -> String {
        self.text(tick, 0)
    }

    /// Any value as text, a digit more precise than the ticks.
    pub(super) fn fine_label(&self, value: f64) -> String {
        self.text(value, 1)
    }

    fn text(&self, value: f64, more: usize) -> String {
        let unit = exponent(self.step);
        let most = exponent(self.low.abs().max(self.high.abs()).max(value.abs()));
        if (-5..0).contains(&unit) && most < 6 {
            let decimals = (-unit) as usize + more;
            return format!("{value:.decimals$}");
        }
        if unit >= 0 && most < 6 {
            return format!("{value:.more$}");
        }
        // Scientific, with the digits down to the step.
        if value.abs() < 1e-9 * self.step {
            return "0".to_owned();
        }
        let digits = usize::try_from(exponent(value) - unit).unwrap_or(0).min(15) + more;
        format!("{value:.digits$e}")
    }
}

/// The power of ten that a number has in scientific notation; that of 0 is lowest.
fn exponent(value: f64) -> i32 {
    // Rounding may have left a power of ten a little short.
    (value.abs() * (1.0 + 1e-9)).log10().floor().max(-400.0) as i32
}

fn multiples(low: f64, high: f64, step: f64) -> Vec<f64> {
    // A tick at the very end may miss it by rounding.
    let slack = 1e-9;
    let first = (low / step - slack).ceil();
    let last = (high / step + slack).floor();
    let count = if last >= first { (last - first).min(1000.0) as usize + 1 } else { 0 };
    // Adding 0 turns -0, which would be written with its sign.
    (0..count).map(|k| (first + k as f64) * step + 0.0).collect()
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `step`.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= step * 0.999_999);
    factor.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        for (low, high, labels) in [
            (0.013, 0.61, vec!["0.1", "0.2", "0.3", "0.4", "0.5", "0.6"]),
            (-1.0, 1.0, vec!["-1.0", "-0.5", "0.0", "0.5", "1.0"]),
            (0.0, 70.0, vec!["0", "10", "20", "30", "40", "50", "60", "70"]),
            (-2e-7, 2e-7, vec!["-2e-7", "-1e-7", "0", "1e-7", "2e-7"]),
            (6.0e6, 6.5e6, vec!["6.0e6", "6.1e6", "6.2e6", "6.3e6", "6.4e6", "6.5e6"]),
            (0.99, 1.02, vec!["0.990", "0.995", "1.000", "1.005", "1.010", "1.015", "1.020"]),
        ] {
            let scale = Scale::new((low, high), 7.0);
            let found: Vec<_> = scale.ticks.iter().map(|&tick| scale.label(tick)).collect();
            assert_eq!(found, labels);
        }
        assert_eq!(Scale::new((0.013, 0.61), 7.0).fine_label(0.0128), "0.01");
    }

    #[test]
    fn ranges_without_width_have_one() {
        for value in [0.0, 1.0, -1e300, 1e-300] {
            let scale = Scale::new((value, value), 7.0);
            assert!((scale.position(value) - 0.5).abs() < 0.1, "{scale:?}");
            assert!(scale.ticks.len() < 20);
            let _ = scale.fine_label(value);
        }
    }

    #[test]
    fn steps_can_be_shared() {
        assert_eq!(Scale::with_step(-0.5, 1.5, 0.5).ticks, [-0.5, 0.0, 0.5, 1.0, 1.5]);
        assert_eq!(Scale::with_step(0.0, 0.3, 0.5).step, 0.1);
    }
}
