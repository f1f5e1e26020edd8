//! The text meshes of OP2's programs: a header of counts, then tables, one row a line.
//!
//! [`Op2Text`] is a cursor over such a file. The program calls it in the order of the file and so
//! states the format; the cursor checks every value and knows where it stands. Which tables there
//! are, and what they mean, is left to the program.
//!
//! The format has no comments; blank lines, tabs, `\r\n` and spaces at the ends are accepted, a
//! row that spills over its line is not: that is how a shifted table is noticed at once.

use std::path::Path;

use super::ReadError;
use super::lines::Lines;
use super::row::{Number, Row, RowError};

/// A cursor over a text mesh, compressed (zstd, xz) or not.
///
/// ```no_run
/// # fn main() -> Result<(), op2_core::io::ReadError> {
/// use op2_core::io::Op2Text;
///
/// let mut text = Op2Text::open("mesh.dat.zst")?;
/// let [num_nodes, num_cells] = text.counts(["nodes", "cells"])?;
/// let coords = text.rows::<f64, 2>(num_nodes, "coordinates")?;
/// let cell_nodes = text.indices::<4>(num_cells, num_nodes, "cell -> nodes")?;
/// text.end()?;
/// # Ok(())
/// # }
/// ```
pub struct Op2Text {
    lines: Lines,
}

impl Op2Text {
    /// Opens a text mesh; a zstd or xz file is decompressed while it is read.
    ///
    /// # Errors
    /// When the file cannot be opened, is a directory, or is packed in another way.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ReadError> {
        Ok(Self::over(Lines::open(path.as_ref())?))
    }

    pub(super) fn over(lines: Lines) -> Self {
        Self { lines }
    }

    /// Reads a header line of `N` counts, called `names` in errors.
    ///
    /// # Errors
    /// When the file is empty, or the line is not exactly `N` counts that fit `u32`.
    pub fn counts<const N: usize>(&mut self, names: [&str; N]) -> Result<[usize; N], ReadError> {
        let what = || format!("header of {N} counts ({})", names.join(", "));
        let mut row = self.lines.expect_line(format_args!("the {}", what()))?;
        let mut counts = [0; N];
        let read = counts.iter_mut().try_for_each(|count| {
            *count = row.count()?;
            Ok(())
        });
        read.and_then(|()| row.end()).map_err(|error| self.lines.in_table(what(), error))?;
        Ok(counts)
    }

    /// Reads `num_rows` rows of `D` numbers: `[num_rows, D]`.
    ///
    /// # Errors
    /// When a row is missing, too short or too long, or a value is not a finite number.
    pub fn rows<T: Number, const D: usize>(
        &mut self,
        num_rows: usize,
        what: &str,
    ) -> Result<Vec<[T; D]>, ReadError> {
        self.table(num_rows, D, what, |row| {
            let mut values = [T::default(); D];
            for value in &mut values {
                *value = row.number()?;
            }
            Ok(values)
        })
    }

    /// Reads `num_rows` rows of `A` indices, each below `limit`: `[num_rows, A]`, from 0.
    ///
    /// # Errors
    /// When a row is missing, too short or too long, or a value is not an index below `limit`.
    pub fn indices<const A: usize>(
        &mut self,
        num_rows: usize,
        limit: usize,
        what: &str,
    ) -> Result<Vec<[u32; A]>, ReadError> {
        self.table(num_rows, A, what, |row| row.indices(limit))
    }

    /// Reads `num_rows` rows of `width` values each, whatever `read` makes of them.
    ///
    /// For tables that mix columns: two nodes and a code, say. Values that `read` leaves on the
    /// line are an error.
    ///
    /// # Errors
    /// When a row is missing, or `read` refuses it, or values follow; and, before anything is
    /// allocated, when the rest of the file cannot hold as many rows.
    pub fn table<T>(
        &mut self,
        num_rows: usize,
        width: usize,
        what: &str,
        read: impl FnMut(&mut Row) -> Result<T, RowError>,
    ) -> Result<Vec<T>, ReadError> {
        self.lines.table(num_rows, width, what, read)
    }

    /// Checks that only blank lines are left.
    ///
    /// # Errors
    /// When there is more: the header counts too few rows, or the file is damaged.
    pub fn end(mut self) -> Result<(), ReadError> {
        self.lines.end()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A file for one test, removed afterwards.
    pub(in crate::io) struct Scratch(PathBuf);

    impl Scratch {
        pub(in crate::io) fn new(name: &str, bytes: &[u8]) -> Self {
            static NEXT: AtomicUsize = AtomicUsize::new(0);
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let unique = format!("op2-io-{}-{number}-{name}", std::process::id());
            let path = std::env::temp_dir().join(unique);
            std::fs::write(&path, bytes).expect("the temporary folder is writable");
            Self(path)
        }

        pub(in crate::io) fn path(&self) -> &Path {
            &self.0
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    type Triangles = (Vec<[f64; 2]>, Vec<[u32; 3]>);

    fn read(bytes: &[u8]) -> Result<Triangles, ReadError> {
        let file = Scratch::new("mesh.dat", bytes);
        let mut text = Op2Text::open(file.path())?;
        let [num_nodes, num_cells] = text.counts(["nodes", "cells"])?;
        let coords = text.rows(num_nodes, "coordinates")?;
        let cell_nodes = text.indices(num_cells, num_nodes, "cell -> nodes")?;
        text.end()?;
        Ok((coords, cell_nodes))
    }

    /// The line and the reason of the error that `bytes` must cause.
    fn refusal(bytes: impl AsRef<[u8]>) -> (Option<u64>, String) {
        let error = read(bytes.as_ref()).unwrap_err();
        (error.line, error.reason)
    }

    const GOOD: &str = "3 1\n 0 0 \n1.5 0\n0 -2e-1\n0 1 2\n";

    #[test]
    fn a_mesh_is_read_as_it_stands() {
        let (coords, cell_nodes) = read(GOOD.as_bytes()).unwrap();
        assert_eq!(coords, [[0.0, 0.0], [1.5, 0.0], [0.0, -0.2]]);
        assert_eq!(cell_nodes, [[0, 1, 2]]);
    }

    #[test]
    fn white_space_does_not_matter() {
        let expected = read(GOOD.as_bytes()).unwrap();
        let windows = GOOD.replace('\n', "\r\n").replace(' ', "\t ");
        assert_eq!(read(windows.as_bytes()).unwrap(), expected);
        let airy = format!("\n{}\n \n", GOOD.replace('\n', "\n\n"));
        assert_eq!(read(airy.as_bytes()).unwrap(), expected);
        assert_eq!(read(GOOD.trim_end().as_bytes()).unwrap(), expected);
    }

    #[test]
    fn empty_tables_need_no_rows() {
        assert_eq!(read(b"0 0").unwrap(), (vec![], vec![]));
    }

    #[test]
    fn an_error_names_file_line_table_and_value() {
        let file = Scratch::new("named.dat", b"1 0\n0.0 x\n");
        let mut text = Op2Text::open(file.path()).unwrap();
        let [num_nodes, _] = text.counts(["nodes", "cells"]).unwrap();
        let error = text.rows::<f64, 2>(num_nodes, "coordinates").unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "{}, line 2: coordinates, row 0 of 1: `x` (column 5) is not a number",
                file.path().display()
            )
        );
    }

    #[test]
    fn rows_must_fit_their_lines() {
        let (line, reason) = refusal(GOOD.replace("1.5 0\n", "1.5\n0\n"));
        assert_eq!(
            (line, reason.as_str()),
            (Some(3), "coordinates, row 1 of 3: the line ends too early")
        );
        let (line, reason) = refusal(GOOD.replace("1.5 0\n", "1.5 0 0\n"));
        assert_eq!(line, Some(3));
        assert!(reason.ends_with("`0` (column 7) follows the last value of the line"), "{reason}");
    }

    #[test]
    fn indices_and_coordinates_are_checked() {
        for bad in ["0 1 3", "0 -1 2", "0 1 two", "0 1 1.0", "0 1 4294967298"] {
            let (line, reason) = refusal(GOOD.replace("0 1 2", bad));
            assert_eq!(line, Some(5), "{bad}");
            assert!(reason.starts_with("cell -> nodes, row 0 of 1: `"), "{bad}: {reason}");
        }
        for bad in ["nan", "-inf", "1e400"] {
            let (line, reason) = refusal(GOOD.replace("1.5", bad));
            assert_eq!(line, Some(3), "{bad}");
            assert!(reason.contains("not a finite number"), "{bad}: {reason}");
        }
    }

    #[test]
    fn truncated_files_and_trailing_data_are_noticed() {
        for length in 0..GOOD.len() - 2 {
            assert!(read(&GOOD.as_bytes()[..length]).is_err(), "{length} bytes");
        }
        let (line, reason) = refusal(format!("{GOOD}0 1 2\n"));
        assert_eq!(line, Some(6));
        assert!(reason.contains("more data follows"), "{reason}");
    }

    #[test]
    fn absurd_counts_are_refused_before_anything_is_allocated() {
        let (line, reason) = refusal(GOOD.replace("3 1", "4000000000 1"));
        assert_eq!(line, Some(1));
        assert!(reason.contains("4000000000 rows are announced, but the 26 bytes"), "{reason}");
        assert!(refusal(GOOD.replace("3 1", "353535235358 1")).1.contains("is more than"));
        assert!(refusal(GOOD.replace("3 1", "-3 1")).1.contains("`-3` (column 1) is not a count"));
    }

    #[test]
    fn what_is_no_mesh_is_called_by_its_name() {
        assert!(refusal("").1.starts_with("is empty: the file ends before the header of 2 counts"));
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 485272\n";
        assert!(refusal(pointer).1.contains("git-lfs pointer"));
        assert!(refusal(b"\x7fELF\x02\x01\x01\0\0").1.contains("`\\x7fELF"));
        assert!(refusal(vec![0; 1 << 20]).1.contains("not a text mesh"));
        assert!(Op2Text::open("no/such/mesh.dat").is_err());
    }
}
