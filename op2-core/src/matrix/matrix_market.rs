//! Matrix Market files (coordinate format): the exchange format of sparse matrices.
//!
//! Reading is our own because that of `sprs` waits forever at the end of a file that is cut off.
//! Source of the format: R. Boisvert, R. Pozo, K. Remington, "The Matrix Market Exchange Formats:
//! Initial Design", NISTIR 5935, 1996.

use std::io::{BufRead, Write};

use sprs::CsMatViewI;

use super::entry::Scalar;
use super::pattern::Pattern;
use crate::base::error::{Error, Result};

/// Writes a matrix of single numbers. Reading it back gives the same bits.
///
/// # Errors
/// Whatever `to` reports.
pub fn write<S: Scalar>(matrix: &CsMatViewI<'_, S, u32>, to: &mut impl Write) -> Result<()> {
    writeln!(to, "%%MatrixMarket matrix coordinate real general")?;
    writeln!(to, "{} {} {}", matrix.rows(), matrix.cols(), matrix.nnz())?;
    for (value, (row, col)) in matrix {
        writeln!(to, "{} {} {value}", row + 1, col + 1)?;
    }
    Ok(())
}

/// Reads a matrix: real, integer or pattern (ones); general, symmetric or skew-symmetric. Values
/// given twice for one entry are added.
///
/// # Errors
/// A file that is something else, is cut off, or names entries outside its matrix; the message says
/// in which line.
pub fn read<S: Scalar>(from: &mut impl BufRead) -> Result<(Pattern, Vec<S>)> {
    let mut lines = Lines { from, number: 0, text: String::new() };
    lines.advance()?;
    let kind = parse_header(&lines.text).ok_or_else(|| {
        lines.refuse("expected `%%MatrixMarket matrix coordinate`, then real, integer or pattern, then general, symmetric or skew-symmetric")
    })?;
    lines.skip_comments()?;
    let [num_rows, num_cols, num_entries] = parse_sizes(&lines.text)
        .ok_or_else(|| lines.refuse("expected the numbers of rows, columns and entries"))?;
    let mut entries = Entries::default();
    for read in 0..num_entries {
        if !lines.skip_comments()? {
            return Err(
                lines.refuse(&format!("the file ends after {read} of {num_entries} entries"))
            );
        }
        let (row, col, value) = parse_entry::<S>(&lines.text, &kind)
            .ok_or_else(|| lines.refuse("expected a row, a column and a value"))?;
        if !(1..=num_rows).contains(&row) || !(1..=num_cols).contains(&col) {
            let reason =
                format!("entry ({row}, {col}) is outside a matrix of {num_rows} x {num_cols}");
            return Err(lines.refuse(&reason));
        }
        entries.push((row - 1) as u32, (col - 1) as u32, value, &kind);
    }
    entries.finish(num_rows, num_cols)
}

/// What the header says of the values.
struct Kind {
    has_values: bool,
    mirrored: Mirror,
}

#[derive(PartialEq)]
enum Mirror {
    No,
    Same,
    Negative,
}

fn parse_header(line: &str) -> Option<Kind> {
    let line = line.to_ascii_lowercase();
    let words: Vec<&str> = line.split_whitespace().collect();
    let ["%%matrixmarket", "matrix", "coordinate", field, symmetry] = words[..] else {
        return None;
    };
    let has_values = match field {
        "real" | "integer" => true,
        "pattern" => false,
        _ => return None,
    };
    let mirrored = match symmetry {
        "general" => Mirror::No,
        "symmetric" => Mirror::Same,
        "skew-symmetric" => Mirror::Negative,
        _ => return None,
    };
    Some(Kind { has_values, mirrored })
}

/// Local numbers of 32 bits bound what can be read, so that no memory is asked for in vain.
fn parse_sizes(line: &str) -> Option<[usize; 3]> {
    let sizes: Vec<usize> =
        line.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    let limit = u32::MAX as usize;
    sizes.try_into().ok().filter(|sizes: &[usize; 3]| sizes.iter().all(|&size| size < limit))
}

fn parse_entry<S: Scalar>(line: &str, kind: &Kind) -> Option<(usize, usize, S)> {
    let mut words = line.split_whitespace();
    let (row, col) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let value = if kind.has_values { words.next()?.parse().ok()? } else { S::ONE };
    words.next().is_none().then_some((row, col, value))
}

/// The entries in the order of the file.
#[derive(Default)]
struct Entries<S> {
    places: Vec<(u32, u32)>,
    values: Vec<S>,
}

impl<S: Scalar> Entries<S> {
    fn push(&mut self, row: u32, col: u32, value: S, kind: &Kind) {
        self.places.push((row, col));
        self.values.push(value);
        if kind.mirrored != Mirror::No && row != col {
            self.places.push((col, row));
            self.values.push(if kind.mirrored == Mirror::Same { value } else { -value });
        }
    }

    fn finish(self, num_rows: usize, num_cols: usize) -> Result<(Pattern, Vec<S>)> {
        let refuse = |e| Error::File(format!("Matrix Market file: {e}"));
        let pattern =
            Pattern::from_list(num_rows, num_cols, &self.places, false).map_err(refuse)?;
        let mut values = vec![S::ZERO; pattern.num_entries()];
        for (&(row, col), value) in self.places.iter().zip(self.values) {
            values[pattern.position(row, col).map_err(refuse)?] += value;
        }
        Ok((pattern, values))
    }
}

/// The lines of a file, counted for messages.
struct Lines<'f, F> {
    from: &'f mut F,
    number: usize,
    text: String,
}

impl<F: BufRead> Lines<'_, F> {
    /// Reads the next line; false at the end.
    fn advance(&mut self) -> Result<bool> {
        self.text.clear();
        self.number += 1;
        Ok(self.from.read_line(&mut self.text)? > 0)
    }

    /// Goes to the next line that is neither empty nor a comment; false at the end.
    fn skip_comments(&mut self) -> Result<bool> {
        while self.advance()? {
            let text = self.text.trim();
            if !text.is_empty() && !text.starts_with('%') {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn refuse(&self, reason: &str) -> Error {
        Error::File(format!("Matrix Market file, line {}: {reason}", self.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<(Pattern, Vec<f64>)> {
        read(&mut text.as_bytes())
    }

    const HEADER: &str = "%%MatrixMarket matrix coordinate real";

    #[test]
    fn what_is_written_is_read_back_to_the_bit() {
        let pattern = Pattern::from_list(2, 3, &[(0, 2), (1, 0), (1, 1)], false).unwrap();
        let values = [0.1 + 0.2, f64::MIN_POSITIVE, -1e300];
        let mut file = Vec::new();
        write(&super::super::exchange::view(&pattern, &values), &mut file).unwrap();
        assert_eq!(parse(std::str::from_utf8(&file).unwrap()).unwrap(), (pattern, values.into()));
    }

    #[test]
    fn the_half_of_a_symmetric_matrix_is_mirrored() {
        let body = "% comment\n\n2 2 2\n1 1 4\n\n2 1 3\n";
        let (pattern, values) = parse(&format!("{HEADER} symmetric\n{body}")).unwrap();
        assert_eq!((pattern.columns(), &values[..]), (&[0, 1, 0][..], &[4.0, 3.0, 3.0][..]));
        let (_, values) = parse(&format!("{HEADER} skew-symmetric\n2 2 1\n2 1 3\n")).unwrap();
        assert_eq!(values, [-3.0, 3.0]);
        let text = "%%MatrixMarket matrix coordinate pattern general\n1 1 2\n1 1\n1 1\n";
        assert_eq!(parse(text).unwrap().1, [2.0], "entries given twice are added");
    }

    #[test]
    fn broken_files_are_refused_with_the_line() {
        for (text, expected) in [
            (String::new(), "line 1: expected `%%MatrixMarket"),
            ("%%MatrixMarket matrix array real general\n".into(), "line 1: expected"),
            (format!("{HEADER} general\n"), "line 2: expected the numbers"),
            (format!("{HEADER} general\n2 2\n"), "line 2: expected the numbers"),
            (format!("{HEADER} general\n2 2 99999999999\n"), "line 2: expected the numbers"),
            (format!("{HEADER} general\n2 2 2\n1 1 1\n"), "the file ends after 1 of 2 entries"),
            (format!("{HEADER} general\n2 2 1\n1 3 1\n"), "(1, 3) is outside a matrix of 2 x 2"),
            (format!("{HEADER} general\n2 2 1\n0 1 1\n"), "(0, 1) is outside"),
            (format!("{HEADER} general\n2 2 1\n1 1 x\n"), "line 3: expected a row"),
            (format!("{HEADER} general\n2 2 1\n1 1 1 1\n"), "line 3: expected a row"),
        ] {
            let error = parse(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }
}
