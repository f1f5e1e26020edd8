//! A cursor over a mesh file: lines of text, and raw bytes where a format mixes both.
//!
//! [`Lines`] knows the file, the place in it and how much is left; every reader takes its input
//! from here, so every error carries a place. A place is a line, or, once raw bytes were taken,
//! a byte. What the values mean is left to the readers above.

use std::fmt::Display;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use super::ReadError;
use super::compressed::{self, Source};
use super::row::{Row, RowError};

/// How the small text file begins that git-lfs leaves in place of a large one.
const LFS_POINTER: &[u8] = b"version https://git-lfs";
/// No row of a mesh is longer; a binary file without line ends stops here.
const LONGEST_LINE: usize = 64 * 1024;
/// How much of the beginning tells a format.
const START: usize = 4096;
/// Rows to make room for before any was read, where the size of the file does not vouch for more.
const FIRST_ROWS: usize = 64 * 1024;

/// A file being read, compressed (zstd, xz) or not.
pub(super) struct Lines {
    file: PathBuf,
    source: Source,
    line: Vec<u8>,
    line_number: u64,
    bytes_read: u64,
    /// Begins a comment that runs to the end of the line.
    comment: Option<u8>,
    /// Raw bytes were taken: line numbers mean nothing any more.
    binary: bool,
}

impl Lines {
    /// Opens a file; zstd and xz are decompressed while it is read.
    pub(super) fn open(path: &Path) -> Result<Self, ReadError> {
        Ok(Self::new(path.to_owned(), compressed::open(path)?))
    }

    /// Reads `bytes` as if they were a file called `name`.
    pub(super) fn of_bytes(name: &Path, bytes: Vec<u8>) -> Self {
        let size = Some(bytes.len() as u64);
        Self::new(name.to_owned(), Source { bytes: Box::new(std::io::Cursor::new(bytes)), size })
    }

    /// The file as the caller named it.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    fn new(file: PathBuf, source: Source) -> Self {
        let line = Vec::new();
        Self { file, source, line, line_number: 0, bytes_read: 0, comment: None, binary: false }
    }

    /// From here on, `mark` begins a comment.
    pub(super) fn with_comments(mut self, mark: u8) -> Self {
        self.comment = Some(mark);
        self
    }

    /// The first bytes, without moving: as many as the source has at hand, one at least.
    pub(super) fn start(&mut self) -> Result<Vec<u8>, ReadError> {
        let fail = |error| ReadError::whole_file(&self.file, format!("cannot be read: {error}"));
        let start = self.source.bytes.fill_buf().map_err(fail)?;
        let start = start[..start.len().min(START)].to_vec();
        if start.is_empty() {
            return Err(ReadError::whole_file(&self.file, "is empty"));
        }
        self.check_pointer(&start)?;
        Ok(start)
    }

    /// Moves to the next line that is not blank; false at the end of the file.
    #[inline]
    pub(super) fn next_line(&mut self) -> Result<bool, ReadError> {
        loop {
            self.line.clear();
            let mut limited = (&mut self.source.bytes).take(LONGEST_LINE as u64 + 1);
            let length = match limited.read_until(b'\n', &mut self.line) {
                Ok(length) => length,
                Err(error) => return Err(self.after(format!("cannot be read: {error}"))),
            };
            if length == 0 {
                return Ok(false);
            }
            self.bytes_read += length as u64;
            self.line_number += 1;
            if length > LONGEST_LINE {
                let reason = format!("is longer than {LONGEST_LINE} bytes; not a text mesh");
                return Err(self.here(reason));
            }
            if let Some(mark) = self.comment
                && let Some(end) = self.line.iter().position(|&byte| byte == mark)
            {
                self.line.truncate(end);
            }
            if !self.row().is_blank() {
                return Ok(true);
            }
        }
    }

    /// Moves to the next line, which must be there: it holds `what`.
    pub(super) fn expect_line(&mut self, what: impl Display) -> Result<Row<'_>, ReadError> {
        if !self.next_line()? {
            return Err(self.at_end(format!("the file ends before {what}")));
        }
        self.check_pointer(&self.line)?;
        Ok(self.row())
    }

    fn check_pointer(&self, start: &[u8]) -> Result<(), ReadError> {
        if start.starts_with(LFS_POINTER) {
            return Err(
                self.here("is a git-lfs pointer, not the mesh; fetch it with `git lfs pull`")
            );
        }
        Ok(())
    }

    /// The current line, from its beginning.
    #[inline]
    pub(super) fn row(&self) -> Row<'_> {
        Row::new(&self.line)
    }

    pub(super) fn line(&self) -> &[u8] {
        &self.line
    }

    /// The current line without white space around it.
    pub(super) fn text(&self) -> &[u8] {
        self.line.trim_ascii()
    }

    /// The number of the current line, from 1.
    pub(super) fn number(&self) -> u64 {
        self.line_number
    }

    /// Takes the next `N` bytes as they are.
    #[inline]
    pub(super) fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N], ReadError> {
        self.binary = true;
        let mut bytes = [0; N];
        match self.source.bytes.read_exact(&mut bytes) {
            Ok(()) => {
                self.bytes_read += N as u64;
                Ok(bytes)
            }
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Err(self.here(format!("{what}: the file ends too early")))
            }
            Err(error) => Err(self.here(format!("{what}: cannot be read: {error}"))),
        }
    }

    /// Skips lines of any length until one that is `end` after trimming; what stands between may
    /// be binary.
    pub(super) fn skip_until(&mut self, end: &str) -> Result<(), ReadError> {
        loop {
            let begins_line = self.line.is_empty() || self.line.ends_with(b"\n");
            self.line.clear();
            let mut limited = (&mut self.source.bytes).take(LONGEST_LINE as u64);
            let read = limited.read_until(b'\n', &mut self.line);
            let length =
                read.map_err(|error| self.after(format!("cannot be read: {error}")))? as u64;
            if length == 0 {
                return Err(self.here(format!("the file ends before `{end}`")));
            }
            self.bytes_read += length;
            self.line_number += u64::from(self.line.ends_with(b"\n"));
            if begins_line && self.text() == end.as_bytes() {
                return Ok(());
            }
        }
    }

    /// Reads `num_rows` lines of `width` values each, whatever `read` makes of them.
    pub(super) fn table<T>(
        &mut self,
        num_rows: usize,
        width: usize,
        what: &str,
        mut read: impl FnMut(&mut Row) -> Result<T, RowError>,
    ) -> Result<Vec<T>, ReadError> {
        // A value takes a digit and a separator.
        let room = self.room(num_rows, 2 * width.max(1), what)?;
        let mut table = Vec::with_capacity(room);
        self.each_row(num_rows, what, |row, _| {
            table.push(read(row)?);
            Ok(())
        })?;
        Ok(table)
    }

    /// Calls `read` for `num_rows` lines with their numbers; it must leave nothing on the line.
    #[inline]
    pub(super) fn each_row(
        &mut self,
        num_rows: usize,
        what: &str,
        mut read: impl FnMut(&mut Row, u64) -> Result<(), RowError>,
    ) -> Result<(), ReadError> {
        for number in 0..num_rows {
            let place = || format!("{what}, row {number} of {num_rows}");
            if !self.next_line()? {
                return Err(self.at_end(format!("the file ends before {}", place())));
            }
            let mut row = self.row();
            if let Err(error) = read(&mut row, self.line_number).and_then(|()| row.end()) {
                return Err(self.in_table(place(), error));
            }
        }
        Ok(())
    }

    /// How many of the announced rows to make room for, or that they cannot all be there, when
    /// each takes at least `row_bytes`.
    pub(super) fn room(
        &self,
        rows: usize,
        row_bytes: usize,
        what: &str,
    ) -> Result<usize, ReadError> {
        let Some(size) = self.source.size else { return Ok(rows.min(FIRST_ROWS)) };
        let rest = size.saturating_sub(self.bytes_read);
        // The very last separator may be missing.
        let fitting = (rest + 1) / row_bytes as u64;
        if rows as u64 > fitting {
            return Err(self.here(format!(
                "{what}: {rows} rows are announced, but the {rest} bytes that are left hold at \
                 most {fitting}"
            )));
        }
        Ok(rows)
    }

    /// Checks that only blank lines are left.
    pub(super) fn end(&mut self) -> Result<(), ReadError> {
        if self.next_line()? {
            return Err(self.here("more data follows the last table that the header announces"));
        }
        Ok(())
    }

    /// An error on the current line, in a named table.
    #[cold]
    pub(super) fn in_table(&self, table: impl Display, error: RowError) -> ReadError {
        self.here(format!("{table}: {}", error.into_reason()))
    }

    /// An error on the current line.
    #[cold]
    pub(super) fn here(&self, reason: impl Into<String>) -> ReadError {
        self.on_line(self.line_number.max(1), reason)
    }

    /// An error on a line that was read earlier.
    #[cold]
    pub(super) fn on_line(&self, line: u64, reason: impl Into<String>) -> ReadError {
        let (file, reason) = (self.file.clone(), reason.into());
        if self.binary {
            let reason = format!("at byte {}: {reason}", self.bytes_read);
            return ReadError { file, line: None, reason };
        }
        ReadError { file, line: Some(line), reason }
    }

    /// An error on the line that could not be read.
    #[cold]
    fn after(&self, reason: String) -> ReadError {
        self.on_line(self.line_number + 1, reason)
    }

    #[cold]
    pub(super) fn at_end(&self, reason: String) -> ReadError {
        if self.bytes_read == 0 {
            return ReadError::whole_file(&self.file, format!("is empty: {reason}"));
        }
        self.here(reason)
    }
}
