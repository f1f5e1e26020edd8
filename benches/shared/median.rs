//! The middle of what was measured.

/// The middle value; the mean of the middle two where there are two.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let (left, right) = ((values.len() - 1) / 2, values.len() / 2);
    f64::midpoint(values[left], values[right])
}
