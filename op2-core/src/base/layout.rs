//! How values lie in memory.

use std::fmt;
use std::str::FromStr;

use crate::base::error::{Error, Result};

/// How the values of a dat lie in memory. Kernels do not notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Layout {
    /// Array of structures: row after row. Best on CPUs.
    #[default]
    Aos,
    /// Structure of arrays: all first components, then all second ones, and so on. Best on GPUs.
    Soa,
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aos => "aos",
            Self::Soa => "soa",
        })
    }
}

impl FromStr for Layout {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.to_ascii_lowercase().as_str() {
            "aos" => Ok(Self::Aos),
            "soa" => Ok(Self::Soa),
            _ => Err(Error::Settings(format!("unknown layout `{text}`: valid are aos, soa"))),
        }
    }
}
