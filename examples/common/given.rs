//! An option as it was given, and how its value is read.

use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;

use lexopt::ValueExt;

/// An option on the command line, with the arguments that may hold its value.
///
/// Each method reads the value in one form. Its error says what is valid.
pub(crate) struct Given<'a> {
    name: &'a str,
    parser: &'a mut lexopt::Parser,
}

impl<'a> Given<'a> {
    pub(super) fn new(name: &'a str, parser: &'a mut lexopt::Parser) -> Self {
        Self { name, parser }
    }

    /// The name, without dashes.
    pub(crate) fn name(&self) -> &'a str {
        self.name
    }

    /// The name of a file.
    pub(crate) fn path(&mut self) -> Result<PathBuf, String> {
        let value = self.parser.value().map_err(|_| format!("`--{}` needs a file", self.name))?;
        if value.is_empty() {
            return Err(format!("`--{}` needs a file, not an empty name", self.name));
        }
        Ok(value.into())
    }

    /// A whole number.
    pub(crate) fn number<T>(&mut self, least: T) -> Result<T, String>
    where
        T: Copy + FromStr + PartialOrd + Display,
    {
        let valid = format!("a whole number, at least {least}");
        self.value(&valid, |value| value.parse().ok().filter(|number| *number >= least))
    }

    /// Two whole numbers.
    pub(crate) fn pair(&mut self) -> Result<(usize, usize), String> {
        self.value("two whole numbers I,J such as 400,600", |value| {
            let (i, j) = value.split_once(',')?;
            Some((i.trim().parse().ok()?, j.trim().parse().ok()?))
        })
    }

    /// One of several names.
    pub(crate) fn chosen<C: Choice>(&mut self) -> Result<C, String> {
        let names: Vec<_> = C::ALL.iter().map(|(name, _)| *name).collect();
        let valid = match names.as_slice() {
            [all @ .., last] if !all.is_empty() => format!("{} or {last}", all.join(", ")),
            all => all.join(", "),
        };
        self.value(&valid, |value| {
            C::ALL.iter().find(|(name, _)| *name == value).map(|&(_, choice)| choice)
        })
    }

    /// Any value that `read` makes something of; `valid` says what that is.
    pub(crate) fn value<T>(
        &mut self,
        valid: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, String> {
        let name = self.name;
        let value =
            self.parser.value().map_err(|_| format!("`--{name}` needs a value: {valid}"))?;
        let value = value
            .string()
            .map_err(|_| format!("the value of `--{name}` is not text; valid is {valid}"))?;
        read(&value).ok_or_else(|| format!("`--{name} {value}`: valid is {valid}"))
    }
}

/// A choice between names, written alike on the command line and in reports.
pub(crate) trait Choice: Copy + 'static {
    const ALL: &'static [(&'static str, Self)];
}

impl Choice for op2::Backend {
    const ALL: &'static [(&'static str, Self)] = &[
        ("seq", Self::Seq),
        ("rayon", Self::Rayon),
        ("memcheck", Self::Memcheck),
        ("opencl", Self::OpenCl),
        ("cuda", Self::Cuda),
    ];
}

/// Makes an enum a [`Choice`]: `choice! { /// Doc. Precision { F64 = "f64", F32 = "f32" } }`.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $name { $($variant),* }

        impl $crate::common::given::Choice for $name {
            const ALL: &'static [(&'static str, Self)] = &[$(($text, Self::$variant)),*];
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
                out.write_str(match self { $(Self::$variant => $text),* })
            }
        }
    };
}

pub(crate) use choice;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backends_are_written_as_they_are_read() {
        for (name, backend) in <op2::Backend as Choice>::ALL {
            assert_eq!(backend.to_string(), *name);
        }
    }
}
