//! Where a program's mesh comes from: a file, or a generator.

use std::fmt;
use std::path::PathBuf;

use super::given::Given;

/// Where the mesh comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MeshSource {
    File(PathBuf),
    /// Numbers of cells in two directions.
    Size(usize, usize),
}

impl fmt::Display for MeshSource {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::File(path) => write!(out, "{}", path.display()),
            Self::Size(i, j) => write!(out, "{i}x{j}"),
        }
    }
}

/// The options `--mesh FILE` and `--size I,J`, of which one may be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MeshOption {
    source: MeshSource,
    given: bool,
}

impl MeshOption {
    /// A mesh of this size, unless the command line says otherwise.
    pub(crate) fn size(i: usize, j: usize) -> Self {
        Self { source: MeshSource::Size(i, j), given: false }
    }

    /// What was asked for.
    pub(crate) fn source(&self) -> &MeshSource {
        &self.source
    }

    /// Takes one of the two options; `false` for any other.
    ///
    /// # Errors
    /// A wrong value, or both options.
    pub(crate) fn take(&mut self, option: &mut Given) -> Result<bool, String> {
        let source = match option.name() {
            "mesh" => MeshSource::File(option.path()?),
            "size" => option.pair().map(|(i, j)| MeshSource::Size(i, j))?,
            _ => return Ok(false),
        };
        let is_file = |source: &MeshSource| matches!(source, MeshSource::File(_));
        if self.given && is_file(&source) != is_file(&self.source) {
            return Err("give either `--mesh` or `--size`, not both".to_owned());
        }
        *self = Self { source, given: true };
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_named_in_reports() {
        assert_eq!(MeshSource::Size(60, 90).to_string(), "60x90");
        assert_eq!(MeshSource::File("a/b.dat.zst".into()).to_string(), "a/b.dat.zst");
    }
}
