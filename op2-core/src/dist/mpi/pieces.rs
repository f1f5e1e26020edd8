//! Messages in pieces that MPI can count.

use std::ops::Range;

/// The pieces of so many bytes, all of the same length but the last.
pub(super) fn pieces(bytes: usize, longest: usize) -> impl Iterator<Item = Range<usize>> {
    (0..bytes).step_by(longest).map(move |start| start..bytes.min(start + longest))
}

/// How long the pieces are in which ranks gather messages of these lengths, such that one piece of
/// each fits into one message.
pub(super) fn shared_piece(lengths: &[usize], longest: usize) -> usize {
    let total: usize = lengths.iter().sum();
    let whole = lengths.iter().copied().max().unwrap_or(0);
    if total <= longest { whole.max(1) } else { (longest / lengths.len()).max(1) }
}

#[cfg(test)]
mod tests {
    use super::{pieces, shared_piece};

    #[test]
    fn pieces_cover_a_message_once() {
        assert_eq!(pieces(0, 7).count(), 0);
        assert_eq!(
            pieces(7, 7).map(|piece| (piece.start, piece.end)).collect::<Vec<_>>(),
            [(0, 7)]
        );
        assert_eq!(pieces(16, 7).collect::<Vec<_>>(), [0..7, 7..14, 14..16]);
    }

    #[test]
    fn a_piece_of_each_fits_into_one_message() {
        assert_eq!(shared_piece(&[0, 0], 7), 1);
        assert_eq!(shared_piece(&[4, 3], 7), 4);
        assert_eq!(shared_piece(&[9, 0, 1], 7), 2);
        assert_eq!(shared_piece(&[1; 20], 7), 1);
    }
}
