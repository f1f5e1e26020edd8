//! Tables of numbers as text, as reports print them.
//!
//! What is in the table is left to the reports.

use std::fmt;

/// Shown where there is no number.
pub const NOTHING: &str = "-";

/// Writes titles, rows and, behind another rule, a last row; columns as wide as they must be.
///
/// The first column stands left, the others, which are numbers, right, two spaces between.
///
/// # Errors
/// Whatever `f` refuses.
pub fn write<const N: usize>(
    f: &mut fmt::Formatter<'_>,
    titles: [&str; N],
    rows: &[[String; N]],
    last: Option<&[String; N]>,
) -> fmt::Result {
    let titles = titles.map(str::to_owned);
    let mut widths = [0; N];
    for line in rows.iter().chain([&titles]).chain(last) {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    let rule = "-".repeat(widths.iter().sum::<usize>() + 2 * (N - 1));

    write_line(f, &titles, &widths)?;
    writeln!(f, "{rule}")?;
    rows.iter().try_for_each(|line| write_line(f, line, &widths))?;
    last.map_or(Ok(()), |line| {
        writeln!(f, "{rule}")?;
        write_line(f, line, &widths)
    })
}

fn write_line(f: &mut fmt::Formatter<'_>, line: &[String], widths: &[usize]) -> fmt::Result {
    write!(f, "{:<width$}", line[0], width = widths[0])?;
    for (cell, width) in line.iter().zip(widths).skip(1) {
        write!(f, "  {cell:>width$}")?;
    }
    writeln!(f)
}

/// `None` where a fraction has no meaning, so that no table shows `NaN` or `inf`.
pub fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

/// Digits in groups of three: 1,438,600.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A time with its unit, about three digits.
pub fn seconds(seconds: f64) -> String {
    match seconds {
        0.0 => NOTHING.to_owned(),
        s if s < 1e-3 => format!("{} us", decimals(1e6 * s)),
        s if s < 1.0 => format!("{} ms", decimals(1e3 * s)),
        s => format!("{} s", decimals(s)),
    }
}

/// An amount of memory with its unit, about three digits.
pub fn bytes(bytes: u64) -> String {
    let units = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    match units.iter().find(|(size, _)| bytes as f64 >= *size) {
        Some((size, unit)) => format!("{} {unit}", decimals(bytes as f64 / size)),
        None if bytes == 0 => NOTHING.to_owned(),
        None => format!("{bytes} B"),
    }
}

/// A fraction in per cent.
pub fn percent(fraction: Option<f64>) -> String {
    fraction.map_or(NOTHING.to_owned(), |fraction| format!("{:.1} %", 100.0 * fraction))
}

/// About three digits: 0.123, 1.23, 12.3, 123.
pub fn decimals(number: f64) -> String {
    match number {
        n if n < 0.9995 => format!("{n:.3}"),
        n if n < 9.995 => format!("{n:.2}"),
        n if n < 99.95 => format!("{n:.1}"),
        n => format!("{n:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_about_three_digits_and_a_unit() {
        assert_eq!(["0", "999", "1,000", "1,438,600"], [0, 999, 1000, 1_438_600].map(count)[..]);
        assert_eq!(
            ["-", "43.0 us", "5.30 ms", "1.00 s", "120 s"],
            [0.0, 43e-6, 5.3e-3, 1.0, 120.0].map(seconds)[..]
        );
        assert_eq!(
            ["-", "999 B", "1.00 kB", "2.50 GB"],
            [0, 999, 1000, 2_500_000_000].map(bytes)[..]
        );
    }
}
