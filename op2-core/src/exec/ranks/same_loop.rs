//! Whether all ranks run the same loop: asked before each loop in the checked mode.

use crate::base::comm::Comm;
use crate::base::error::{Error, Result};
use crate::par_loop::descriptor::LoopRef;

/// Compares the loop with those that the other ranks are about to run. Collective.
///
/// # Errors
/// Another one, with the rank that runs it; the same on all ranks.
pub(super) fn check(comm: &dyn Comm, the_loop: &LoopRef<'_>) -> Result<()> {
    let all = comm.all_gather(description(the_loop).as_bytes())?;
    let Some(rank) = all.iter().position(|theirs| *theirs != all[0]) else { return Ok(()) };
    let text = |rank: usize| match std::str::from_utf8(&all[rank]) {
        Ok(text) if text.starts_with("loop ") => format!("runs {text}"),
        _ => "runs no loop now: it declares or touches data".to_owned(),
    };
    Err(Error::Rank { rank, reason: format!("it {}, while rank 0 {}", text(rank), text(0)) })
}

/// The kernel, the place, the space, and the data with the modes: in words, so that ranks can tell.
fn description(the_loop: &LoopRef<'_>) -> String {
    let mut text = format!(
        "loop `{}` ({}) over `{}`",
        the_loop.kernel().name,
        the_loop.site,
        the_loop.space.name()
    );
    for arg in the_loop.args {
        let name = arg.dat().map(|dat| &dat.name).or(arg.mat().map(|(mat, ..)| &mat.name));
        if let Some(name) = name {
            text.extend([", ", name, " ", arg.access.name()]);
        }
    }
    text
}
