//! How values lie in the memory of a device, and the way there and back.

use std::borrow::Cow;

use crate::base::layout::Layout;

/// Structures of arrays keep so many rows apart that each array starts at a line of memory.
const ROWS_TOGETHER: usize = 32;

/// How the rows of a dat, or of a table, lie in the memory of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// How many rows.
    pub rows: usize,
    /// Leaves of each.
    pub dim: usize,
    /// Bytes of a leaf.
    pub leaf: usize,
    /// How they lie.
    pub layout: Layout,
    /// Rows from one array to the next ([`Layout::Soa`]).
    pub stride: usize,
}

impl Shape {
    /// Rows of `dim` leaves of `leaf` bytes.
    pub fn new(rows: usize, dim: usize, leaf: usize, layout: Layout) -> Self {
        let layout = if dim > 1 { layout } else { Layout::Aos };
        let stride = match layout {
            Layout::Aos => rows,
            Layout::Soa => rows.next_multiple_of(ROWS_TOGETHER),
        };
        Self { rows, dim, leaf, layout, stride }
    }

    /// How many bytes.
    pub fn bytes(&self) -> usize {
        self.stride * self.dim * self.leaf
    }

    /// Whether the bytes are those of the host, which has its rows in that layout.
    pub fn is_as(&self, host: Layout) -> bool {
        self.dim <= 1 || (host == self.layout && (host == Layout::Aos || self.stride == self.rows))
    }

    /// The bytes for the device, of those of the host.
    pub fn pack<'h>(&self, host: &'h [u8], layout: Layout) -> Cow<'h, [u8]> {
        if self.is_as(layout) {
            return Cow::Borrowed(host);
        }
        let mut bytes = vec![0; self.bytes()];
        self.each_leaf(layout, |there, here| {
            bytes[there..there + self.leaf].copy_from_slice(&host[here..here + self.leaf]);
        });
        Cow::Owned(bytes)
    }

    /// The bytes of the host, of those of the device.
    pub fn unpack(&self, bytes: &[u8], host: &mut [u8], layout: Layout) {
        if self.is_as(layout) {
            return host.copy_from_slice(bytes);
        }
        self.each_leaf(layout, |there, here| {
            host[here..here + self.leaf].copy_from_slice(&bytes[there..there + self.leaf]);
        });
    }

    /// Where leaf `c` of a row is.
    pub fn leaf_at(&self, row: usize, c: usize) -> usize {
        self.leaf * place(self.layout, self.dim, self.stride, row, c)
    }

    /// Where byte `i` of a row is.
    ///
    /// # Panics
    /// There is no such row, or it has fewer bytes.
    pub fn byte_at(&self, row: usize, i: usize) -> usize {
        assert!(row < self.rows && i < self.dim * self.leaf, "a byte of a row");
        self.leaf_at(row, i / self.leaf) + i % self.leaf
    }

    /// Calls `f` with the first byte of each leaf on the device, and on the host.
    fn each_leaf(&self, host: Layout, mut f: impl FnMut(usize, usize)) {
        // Rows in runs that stay in the nearest cache while their leaves are spread.
        for first in (0..self.rows).step_by(64) {
            for c in 0..self.dim {
                for row in first..(first + 64).min(self.rows) {
                    let here = place(host, self.dim, self.rows, row, c);
                    f(self.leaf_at(row, c), self.leaf * here);
                }
            }
        }
    }
}

fn place(layout: Layout, dim: usize, stride: usize, row: usize, c: usize) -> usize {
    match layout {
        Layout::Aos => row * dim + c,
        Layout::Soa => c * stride + row,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_went() {
        for (rows, dim, leaf) in [(0, 3, 8), (1, 2, 4), (33, 3, 8), (130, 4, 1), (70, 1, 8)] {
            let host: Vec<u8> = (0..rows * dim * leaf).map(|i| (i % 251) as u8).collect();
            for here in [Layout::Aos, Layout::Soa] {
                for there in [Layout::Aos, Layout::Soa] {
                    let shape = Shape::new(rows, dim, leaf, there);
                    let bytes = shape.pack(&host, here).into_owned();
                    assert_eq!(bytes.len(), shape.bytes());
                    let mut back = vec![0; host.len()];
                    shape.unpack(&bytes, &mut back, here);
                    assert_eq!(back, host, "{rows} {dim} {leaf} {here} {there}");
                }
            }
        }
    }

    #[test]
    fn arrays_start_at_lines() {
        let shape = Shape::new(3, 2, 1, Layout::Soa);
        let bytes = shape.pack(&[1, 2, 3, 4, 5, 6], Layout::Aos).into_owned();
        assert_eq!(
            (&bytes[..3], &bytes[32..35], shape.stride),
            (&[1, 3, 5][..], &[2, 4, 6][..], 32)
        );
        assert_eq!(shape.leaf_at(2, 1), 34);
    }
}
