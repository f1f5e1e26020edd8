//! The highest index a section names, for formats that tell the number of points only later.

use super::ReadError;
use super::lines::Lines;

/// The highest of some indices, and its line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reach {
    highest: Option<u32>,
    line: u64,
}

impl Reach {
    #[inline]
    pub(super) fn note(&mut self, nodes: &[u32], line: u64) {
        for &node in nodes {
            if self.highest.is_none_or(|highest| node > highest) {
                *self = Self { highest: Some(node), line };
            }
        }
    }

    /// Checks that all indices are below `num_points`; `first` is how the file calls point 0.
    pub(super) fn check(
        &self,
        lines: &Lines,
        num_points: usize,
        first: u64,
    ) -> Result<(), ReadError> {
        match self.highest {
            Some(highest) if highest as usize >= num_points => {
                let reason = format!(
                    "names node {}, but the last of the {num_points} nodes is {}",
                    u64::from(highest) + first,
                    (num_points as u64 + first).saturating_sub(1)
                );
                Err(lines.on_line(self.line, reason))
            }
            _ => Ok(()),
        }
    }
}
