//! Text and a bar for those who watch a run.

#[cfg(not(test))]
use std::io::{Write as _, stderr, stdout};

use indicatif::{ProgressBar, ProgressStyle};
use op2::Context;

use super::run_options::JsonTarget;

/// Where the text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    Stdout,
    /// For when standard output is to be nothing but JSON.
    Stderr,
    /// For all ranks but the first.
    Nowhere,
}

impl Channel {
    /// The channel of a rank, which leaves standard output to the JSON, if it goes there.
    pub(crate) fn of(cx: &Context, json: Option<&JsonTarget>) -> Self {
        if cx.rank() > 0 { Self::Nowhere } else { Self::beside(json) }
    }

    /// The channel that leaves standard output to the JSON, if it goes there.
    pub(crate) fn beside(json: Option<&JsonTarget>) -> Self {
        if json == Some(&JsonTarget::Stdout) { Self::Stderr } else { Self::Stdout }
    }

    /// Writes a line. That nobody reads any more is no reason to stop: there are files to write.
    #[cfg(not(test))]
    pub(crate) fn say(self, line: &str) {
        let _ = match self {
            Self::Stdout => writeln!(stdout(), "{line}"),
            Self::Stderr => writeln!(stderr(), "{line}"),
            Self::Nowhere => Ok(()),
        };
    }

    /// Leaves a line to the test harness, which shows it if the test fails: verdicts among those of tests mislead.
    #[cfg(test)]
    pub(crate) fn say(self, line: &str) {
        match self {
            Self::Stdout => println!("{line}"),
            Self::Stderr => eprintln!("{line}"),
            Self::Nowhere => {}
        }
    }
}

/// A bar that fills while `len` pieces of work, called `unit`, are done.
///
/// Nothing is drawn where standard error is no terminal, nor by ranks that say nothing.
pub(crate) fn progress_bar(channel: Channel, len: u32, unit: &str) -> ProgressBar {
    if channel == Channel::Nowhere {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(u64::from(len));
    let template = format!("{{bar:40}} {{pos}}/{{len}} {unit}, {{eta}} left");
    bar.with_style(ProgressStyle::with_template(&template).expect("the template is valid"))
}

/// A known number beside a computed one: both, and how far they are apart.
pub(crate) fn beside(computed: f64, known: f64) -> String {
    if known == computed {
        format!("{known:<22.17e}  none")
    } else {
        format!("{known:<22.17e}  {:+.1e}", computed / known - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_leaves_standard_output_to_the_json() {
        assert_eq!(Channel::beside(Some(&JsonTarget::Stdout)), Channel::Stderr);
        assert_eq!(Channel::beside(Some(&JsonTarget::File("a".into()))), Channel::Stdout);
        assert_eq!(Channel::beside(None), Channel::Stdout);
    }

    #[test]
    fn a_known_number_shows_how_far_the_other_is_off() {
        assert_eq!(beside(2.0e-4, 2.0e-4), "2.00000000000000010e-4  none");
        assert!(beside(2.2e-4, 2.0e-4).ends_with("+1.0e-1"));
    }
}
