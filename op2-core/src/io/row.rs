//! One line of a text mesh, read token by token.
//!
//! A [`Row`] knows its bytes and how far they are read. It does not know its file or its number:
//! [`Op2Text`](super::Op2Text) adds them to whatever a row complains about.

use std::fmt::Display;
use std::str::FromStr;

/// The values of one line, taken from left to right.
pub struct Row<'a> {
    line: &'a [u8],
    at: usize,
}

/// What is wrong with a row: the text of a [`ReadError`](super::ReadError) without its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError(String);

impl RowError {
    /// An error with a reason of the program's own, such as an unknown code in a column.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    pub(super) fn into_reason(self) -> String {
        self.0
    }
}

/// A number a text mesh may hold. Floating-point numbers must be finite.
pub trait Number: Copy + Default + FromStr {
    /// What the number is called in errors.
    const KIND: &'static str;
    /// False for NaN and the infinities.
    fn is_usable(self) -> bool {
        true
    }
}

impl Number for f64 {
    const KIND: &'static str = "number";
    fn is_usable(self) -> bool {
        self.is_finite()
    }
}

impl Number for f32 {
    const KIND: &'static str = "number";
    fn is_usable(self) -> bool {
        self.is_finite()
    }
}

macro_rules! integers {
    ($($integer:ty: $kind:literal),*) => {$(
        impl Number for $integer {
            const KIND: &'static str = $kind;
        }
    )*};
}

integers! {
    i8: "8-bit integer", i16: "16-bit integer", i32: "32-bit integer", i64: "64-bit integer",
    u8: "8-bit natural number", u16: "16-bit natural number", u32: "32-bit natural number"
}

impl<'a> Row<'a> {
    pub(super) fn new(line: &'a [u8]) -> Self {
        Self { line, at: 0 }
    }

    /// The same line, read up to byte `at`.
    pub(super) fn resumed(line: &'a [u8], at: usize) -> Self {
        Self { line, at }
    }

    /// How many bytes were read.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// The next value as a number.
    ///
    /// # Errors
    /// When the line has no further value, or it is not a finite number of type `T`.
    #[inline]
    pub fn number<T: Number>(&mut self) -> Result<T, RowError> {
        let token = self.token()?;
        match std::str::from_utf8(token).ok().and_then(|text| text.parse::<T>().ok()) {
            Some(number) if number.is_usable() => Ok(number),
            Some(_) => Err(self.complain(token, "is not a finite number")),
            None => Err(self.complain(token, format_args!("is not a {}", T::KIND))),
        }
    }

    /// The next value as an index, which must be below `limit`.
    ///
    /// # Errors
    /// When the line has no further value, or it is not one of `0..limit`.
    #[inline]
    pub fn index(&mut self, limit: usize) -> Result<u32, RowError> {
        let token = self.token()?;
        match unsigned(token).and_then(|value| u32::try_from(value).ok()) {
            Some(index) if (index as usize) < limit => Ok(index),
            _ => Err(self.bad_index(token, limit)),
        }
    }

    /// The next `A` values as indices, all below `limit`.
    ///
    /// # Errors
    /// As [`Row::index`].
    #[inline]
    pub fn indices<const A: usize>(&mut self, limit: usize) -> Result<[u32; A], RowError> {
        let mut indices = [0; A];
        for index in &mut indices {
            *index = self.index(limit)?;
        }
        Ok(indices)
    }

    /// The next value as a number that stands for something: an identifier, from 0.
    pub(super) fn id(&mut self) -> Result<u64, RowError> {
        let token = self.token()?;
        unsigned(token).ok_or_else(|| self.complain(token, "is not an identifier"))
    }

    /// The next value as an index whose limit is not known yet.
    pub(super) fn any_index(&mut self) -> Result<u32, RowError> {
        self.index(u32::MAX as usize)
    }

    /// The next value as a word.
    pub(super) fn word(&mut self) -> Result<&'a str, RowError> {
        let token = self.token()?;
        std::str::from_utf8(token).map_err(|_| self.complain(token, "is not text"))
    }

    /// The value that begins at or after byte `start`, again.
    pub(super) fn word_from(&mut self, start: usize) -> Result<&'a str, RowError> {
        self.at = start;
        self.word()
    }

    /// All that is left of the line, without white space around it.
    pub(super) fn rest(&mut self) -> Result<&'a str, RowError> {
        let rest = self.line[self.at..].trim_ascii();
        self.at = self.line.len();
        std::str::from_utf8(rest).map_err(|_| RowError::new("the line is not text"))
    }

    /// The next value as a number of elements, at most `u32::MAX`: local indices are `u32`.
    pub(super) fn count(&mut self) -> Result<usize, RowError> {
        let token = self.token()?;
        match unsigned(token).map(u32::try_from) {
            Some(Ok(count)) => Ok(count as usize),
            Some(Err(_)) => Err(self.complain(token, format_args!("is more than {}", u32::MAX))),
            None => Err(self.complain(token, "is not a count")),
        }
    }

    /// Checks that nothing follows.
    #[inline]
    pub(super) fn end(&mut self) -> Result<(), RowError> {
        match self.next_token() {
            None => Ok(()),
            Some(token) => Err(self.complain(token, "follows the last value of the line")),
        }
    }

    pub(super) fn is_blank(&self) -> bool {
        self.line[self.at..].iter().all(u8::is_ascii_whitespace)
    }

    #[inline]
    fn token(&mut self) -> Result<&'a [u8], RowError> {
        self.next_token().ok_or_else(|| RowError::new("the line ends too early"))
    }

    #[inline]
    fn next_token(&mut self) -> Option<&'a [u8]> {
        let rest = &self.line[self.at..];
        let start = rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let rest = &rest[start..];
        let length = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
        self.at += start + length;
        Some(&rest[..length])
    }

    #[cold]
    fn bad_index(&self, token: &[u8], limit: usize) -> RowError {
        let is_integer = unsigned(token.strip_prefix(b"-").unwrap_or(token)).is_some();
        match (is_integer, limit.checked_sub(1)) {
            (false, _) => self.complain(token, "is not an index"),
            (true, None) => self.complain(token, "is an index into an empty set"),
            (true, Some(last)) => {
                self.complain(token, format_args!("is out of range; valid are 0 to {last}"))
            }
        }
    }

    /// An error about the token just taken.
    #[cold]
    fn complain(&self, token: &[u8], what: impl Display) -> RowError {
        let column = self.at - token.len() + 1;
        RowError(format!("`{}` (column {column}) {what}", excerpt(token)))
    }
}

/// The value of a run of decimal digits.
#[inline]
fn unsigned(digits: &[u8]) -> Option<u64> {
    // Nineteen digits always fit; a longer run is no count or index of ours.
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    let mut value = 0_u64;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value * 10 + u64::from(digit - b'0');
    }
    Some(value)
}

/// The beginning of a token, printable even where the file is binary.
fn excerpt(token: &[u8]) -> String {
    const LONGEST: usize = 24;
    let shown = token[..token.len().min(LONGEST)].escape_ascii();
    if token.len() > LONGEST { format!("{shown}...") } else { shown.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(text: &str, limit: usize) -> Result<u32, String> {
        Row::new(text.as_bytes()).index(limit).map_err(RowError::into_reason)
    }

    fn number(text: &str) -> Result<f64, String> {
        Row::new(text.as_bytes()).number().map_err(RowError::into_reason)
    }

    #[test]
    fn values_are_taken_from_left_to_right() {
        let mut row = Row::new(b"\t1.5  -2e3 7 8 -1\r\n");
        assert_eq!(row.number::<f64>(), Ok(1.5));
        assert_eq!(row.number::<f32>(), Ok(-2000.0));
        assert_eq!(row.indices::<2>(9), Ok([7, 8]));
        assert_eq!(row.number::<i32>(), Ok(-1));
        assert_eq!(row.end(), Ok(()));
        assert!(row.number::<f64>().is_err());
    }

    #[test]
    fn an_index_must_be_below_its_limit() {
        assert_eq!(index("4", 5), Ok(4));
        assert_eq!(index(" 5", 5).unwrap_err(), "`5` (column 2) is out of range; valid are 0 to 4");
        assert_eq!(
            index("-1", 5).unwrap_err(),
            "`-1` (column 1) is out of range; valid are 0 to 4"
        );
        assert_eq!(index("0", 0).unwrap_err(), "`0` (column 1) is an index into an empty set");
        assert!(index("4294967296", usize::MAX).is_err());
        assert!(index("99999999999999999999999", 5).unwrap_err().contains("is not an index"));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["nan", "inf", "-Infinity", "1e999"] {
            assert!(number(text).unwrap_err().contains("not a finite number"), "{text}");
        }
        for text in ["1,5", "0x10", "1d5", "--1", "\u{fc}"] {
            assert!(number(text).unwrap_err().contains("is not a number"), "{text}");
        }
        assert!(index("1.0", 5).unwrap_err().contains("is not an index"));
        assert_eq!(index("", 5).unwrap_err(), "the line ends too early");
    }

    #[test]
    fn binary_text_is_quoted_readably() {
        let reason = number("\0\u{1}abcdefghijklmnopqrstuvwxyz").unwrap_err();
        assert_eq!(reason, "`\\x00\\x01abcdefghijklmnopqrstuv...` (column 1) is not a number");
    }
}
