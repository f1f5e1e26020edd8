//! The access modes: what a loop promises about each of its arguments.

use std::fmt;

/// How a kernel uses an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Read only.
    Read,
    /// Every value is overwritten; the old one is not looked at.
    Write,
    /// Read and written.
    Rw,
    /// Added to; never read.
    Inc,
    /// Replaced by the smaller of itself and the kernel's value.
    Min,
    /// Replaced by the larger of itself and the kernel's value.
    Max,
}

impl Access {
    /// Whether the loop may change the data.
    pub const fn writes(self) -> bool {
        !matches!(self, Self::Read)
    }

    /// Whether contributions of several elements to one value combine, in any order.
    pub const fn combines(self) -> bool {
        matches!(self, Self::Inc | Self::Min | Self::Max)
    }

    /// The name as written in a loop.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "Read",
            Self::Write => "Write",
            Self::Rw => "Rw",
            Self::Inc => "Inc",
            Self::Min => "Min",
            Self::Max => "Max",
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An access mode as a type, for the checks made by the compiler.
pub trait Mode: 'static {
    /// The mode as a value.
    const ACCESS: Access;
    /// Whether a direct argument starts from the stored value.
    const GATHERS_DIRECT: bool;
    /// Whether an argument through a map starts from the stored value (zero otherwise).
    const GATHERS_INDIRECT: bool;
}

/// The modes as types. They are named in loops, not used as values.
pub mod mode {
    use super::{Access, Mode};

    macro_rules! modes {
        ($($(#[$doc:meta])* $name:ident = $access:ident, $direct:literal, $indirect:literal;)*) => {$(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}
            impl Mode for $name {
                const ACCESS: Access = Access::$access;
                const GATHERS_DIRECT: bool = $direct;
                const GATHERS_INDIRECT: bool = $indirect;
            }
        )*};
    }

    modes! {
        /// Read only.
        Read = Read, true, true;
        /// Overwritten; where a kernel leaves a direct argument out, the old value stays.
        Write = Write, true, false;
        /// `Write` by a kernel that assigns the whole value on every path; loops say `Write`.
        #[doc(hidden)]
        Fill = Write, false, false;
        /// Read and written.
        Rw = Rw, true, true;
        /// Added to.
        Inc = Inc, true, false;
        /// Lowered.
        Min = Min, true, true;
        /// Raised.
        Max = Max, true, true;
    }
}
