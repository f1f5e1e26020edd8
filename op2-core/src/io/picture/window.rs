//! Which part of the picture's plane is shown, and where.

use super::canvas::Rect;

/// A rectangle of the picture's plane, and the pixels that show it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Window {
    pub(super) low: [f64; 2],
    pub(super) high: [f64; 2],
    /// Pixels per unit of length.
    zoom: f64,
}

impl Window {
    /// The smallest window with the shape of `plot` that has both corners inside.
    pub(super) fn around(low: [f64; 2], high: [f64; 2], plot: Rect) -> Self {
        let size = [plot.width as f64, plot.height as f64];
        let wanted = [high[0] - low[0], high[1] - low[1]];
        let zoom = (size[0] / wanted[0]).min(size[1] / wanted[1]);
        let half = size.map(|pixels| pixels / zoom / 2.0);
        let middle = [0, 1].map(|axis| low[axis] + wanted[axis] / 2.0);
        let [low, high] = [-1.0, 1.0].map(|side| [0, 1].map(|k| middle[k] + side * half[k]));
        Self { low, high, zoom }
    }

    /// The place of a point, in pixels from the upper left corner of the plot.
    pub(super) fn to_pixel(self, [x, y]: [f64; 2]) -> [f64; 2] {
        [(x - self.low[0]) * self.zoom, (self.high[1] - y) * self.zoom]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLOT: Rect = Rect { x: 0, y: 0, width: 20, height: 10 };

    #[test]
    fn a_window_takes_the_shape_of_its_plot() {
        let window = Window::around([0.0, 0.0], [1.0, 1.0], PLOT);
        assert_eq!((window.low, window.high), ([-0.5, 0.0], [1.5, 1.0]));
        assert_eq!(window.to_pixel([0.0, 1.0]), [5.0, 0.0]);
        assert_eq!(window.to_pixel([1.5, 0.0]), [20.0, 10.0]);
    }
}
