//! Numbers in files that come as text or as raw bytes, read the same way.
//!
//! A reader walks through a section once: [`Values::row`] where the text form begins a new line,
//! then one call per number, then [`Values::end`]. In the binary forms rows and ends are nothing.

use super::ReadError;
use super::lines::Lines;
use super::row::{Number, Row, RowError};

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Decimal, a row a line.
    Text,
    /// Decimal; a line may end between any two numbers.
    FreeText,
    /// Raw, least significant byte first.
    Little,
    /// Raw, most significant byte first.
    Big,
}

impl Encoding {
    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::FreeText)
    }
}

/// The numbers of one section of a file.
pub(super) struct Values<'a> {
    lines: &'a mut Lines,
    encoding: Encoding,
    /// What the section holds, for errors.
    what: &'static str,
    /// How many rows have begun.
    rows: u64,
    /// How far the current line is read.
    position: usize,
}

macro_rules! number {
    ($name:ident, $number:ty) => {
        #[doc = concat!("The next number, `", stringify!($number), "` in the binary forms.")]
        #[inline]
        pub(super) fn $name(&mut self) -> Result<$number, ReadError> {
            let value = match self.encoding {
                Encoding::Text | Encoding::FreeText => return self.text(|row| row.number()),
                Encoding::Little => <$number>::from_le_bytes(self.lines.array(self.what)?),
                Encoding::Big => <$number>::from_be_bytes(self.lines.array(self.what)?),
            };
            if value.is_usable() { Ok(value) } else { Err(self.here("is not a finite number")) }
        }
    };
}

impl<'a> Values<'a> {
    pub(super) fn new(lines: &'a mut Lines, encoding: Encoding, what: &'static str) -> Self {
        // The line that announced the section is done with.
        let position = lines.line().len();
        Self { lines, encoding, what, rows: 0, position }
    }

    number!(f64, f64);
    number!(f32, f32);
    number!(i32, i32);
    number!(i64, i64);
    number!(u32, u32);
    number!(i16, i16);
    number!(u16, u16);
    number!(i8, i8);
    number!(u8, u8);

    /// Begins a row: in text, the next line that is not blank.
    #[inline]
    pub(super) fn row(&mut self) -> Result<(), ReadError> {
        self.rows += 1;
        if self.encoding == Encoding::Text {
            self.next_line()?;
        }
        Ok(())
    }

    /// Ends a row, or the section where lines may end anywhere: in text, nothing may follow in
    /// the line.
    #[inline]
    pub(super) fn end(&mut self) -> Result<(), ReadError> {
        match self.encoding {
            Encoding::Text | Encoding::FreeText => {
                let rest = Row::resumed(self.lines.line(), self.position).end();
                self.placed(rest)
            }
            Encoding::Little | Encoding::Big => Ok(()),
        }
    }

    /// Whether nothing is left in the line of a row; never so in the binary forms.
    pub(super) fn is_row_over(&self) -> bool {
        self.encoding == Encoding::Text && Row::resumed(self.lines.line(), self.position).is_blank()
    }

    /// An identifier or a count, eight bytes in the binary forms.
    #[inline]
    // The method itself is not general enough: its row has one lifetime.
    #[allow(clippy::redundant_closure_for_method_calls)]
    pub(super) fn size(&mut self) -> Result<u64, ReadError> {
        match self.encoding {
            Encoding::Text | Encoding::FreeText => self.text(|row: &mut Row| row.id()),
            Encoding::Little => Ok(u64::from_le_bytes(self.lines.array(self.what)?)),
            Encoding::Big => Ok(u64::from_be_bytes(self.lines.array(self.what)?)),
        }
    }

    /// An identifier, four bytes in the binary forms.
    #[inline]
    pub(super) fn id32(&mut self) -> Result<u64, ReadError> {
        if self.encoding.is_text() {
            return self.size();
        }
        let id = self.i32()?;
        u64::try_from(id).map_err(|_| self.here(format!("`{id}` is not an identifier")))
    }

    /// A [`Values::size`] that counts something: at most what local numbers can count.
    pub(super) fn count(&mut self) -> Result<usize, ReadError> {
        let size = self.size()?;
        match u32::try_from(size) {
            Ok(count) => Ok(count as usize),
            Err(_) => Err(self.here(format!("`{size}` is more than {}", u32::MAX))),
        }
    }

    /// See [`Lines::room`]; the least a row takes as text and as raw bytes.
    pub(super) fn room(
        &self,
        rows: usize,
        text_bytes: usize,
        raw_bytes: usize,
    ) -> Result<usize, ReadError> {
        let bytes = if self.encoding.is_text() { text_bytes } else { raw_bytes };
        self.lines.room(rows, bytes, self.what)
    }

    /// An error about the current row.
    #[cold]
    pub(super) fn here(&self, reason: impl Into<String>) -> ReadError {
        self.lines.in_table(self.place(), RowError::new(reason))
    }

    /// Adds the place to an error about the current row.
    pub(super) fn placed<T>(&self, result: Result<T, RowError>) -> Result<T, ReadError> {
        result.map_err(|error| self.lines.in_table(self.place(), error))
    }

    #[inline]
    fn text<T>(
        &mut self,
        read: impl FnOnce(&mut Row) -> Result<T, RowError>,
    ) -> Result<T, ReadError> {
        while self.encoding == Encoding::FreeText
            && Row::resumed(self.lines.line(), self.position).is_blank()
        {
            self.next_line()?;
        }
        let mut row = Row::resumed(self.lines.line(), self.position);
        let value = read(&mut row);
        self.position = row.position();
        match value {
            Ok(value) => Ok(value),
            Err(error) => Err(self.lines.in_table(self.place(), error)),
        }
    }

    fn next_line(&mut self) -> Result<(), ReadError> {
        self.position = 0;
        if self.lines.next_line()? {
            return Ok(());
        }
        Err(self.lines.at_end(format!("the file ends before {}", self.place())))
    }

    fn place(&self) -> String {
        match self.rows {
            0 => self.what.to_owned(),
            begun => format!("{}, row {}", self.what, begun - 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn lines(bytes: &[u8]) -> Lines {
        Lines::of_bytes(Path::new("mesh"), bytes.to_vec())
    }

    #[test]
    fn text_and_bytes_read_alike() {
        let little = [&7_i32.to_le_bytes()[..], &2.5_f64.to_le_bytes()].concat();
        let big = [&7_i32.to_be_bytes()[..], &2.5_f64.to_be_bytes()].concat();
        let forms = [
            (&b"7 2.5\n"[..], Encoding::Text),
            (b"\n7\n\n 2.5", Encoding::FreeText),
            (&little, Encoding::Little),
            (&big, Encoding::Big),
        ];
        for (bytes, encoding) in forms {
            let mut lines = lines(bytes);
            let mut values = Values::new(&mut lines, encoding, "things");
            values.row().unwrap();
            assert_eq!((values.i32(), values.f64()), (Ok(7), Ok(2.5)), "{encoding:?}");
            values.end().unwrap();
        }
    }

    #[test]
    fn errors_say_which_row_and_where() {
        let mut text = lines(b"7\n8 x\n");
        let mut values = Values::new(&mut text, Encoding::Text, "things");
        values.row().unwrap();
        values.size().unwrap();
        values.row().unwrap();
        values.size().unwrap();
        let error = values.size().unwrap_err().to_string();
        assert_eq!(error, "mesh, line 2: things, row 1: `x` (column 3) is not an identifier");
        let mut raw = lines(&[0; 6]);
        let mut values = Values::new(&mut raw, Encoding::Little, "things");
        values.u32().unwrap();
        let error = values.u32().unwrap_err().to_string();
        assert_eq!(error, "mesh: at byte 4: things: the file ends too early");
        let mut nan = lines(&f64::NAN.to_le_bytes());
        assert!(Values::new(&mut nan, Encoding::Little, "things").f64().is_err());
    }

    #[test]
    fn counts_fit_local_numbers() {
        let mut raw = lines(&u64::MAX.to_le_bytes());
        let error = Values::new(&mut raw, Encoding::Little, "things").count().unwrap_err();
        assert!(error.reason.contains("is more than 4294967295"), "{error}");
    }
}
