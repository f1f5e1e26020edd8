//! What can be known from the loop's text alone.

use quote::ToTokens;

use super::model::{Arg, DataArg, LoopCall};
use crate::errors::Errors;

/// The same expression twice, in modes that make the answer depend on the order of elements:
/// `q(Read, edge_cells[0]), q(Inc, edge_cells[1])`. Different expressions for the same dat are found
/// when the loop runs.
pub(crate) fn same_data_twice(call: &LoopCall, errors: &Errors) {
    let args: Vec<&DataArg> = call.args.iter().filter_map(data).collect();
    for (i, arg) in args.iter().enumerate() {
        let name = arg.data.to_token_stream().to_string();
        let clash = args[..i].iter().find(|other| {
            other.data.to_token_stream().to_string() == name && other.mode != arg.mode
        });
        if let Some(other) = clash {
            errors.on(
                &arg.data,
                format!(
                    "`{name}` is passed both as {} and as {}: the answer would depend on the order of elements",
                    other.mode, arg.mode
                ),
                "use one mode for it in this loop, or another dat for the result",
            );
        }
    }
}

fn data(arg: &Arg) -> Option<&DataArg> {
    match arg {
        Arg::Data(data) => Some(data),
        Arg::Index { .. } => None,
    }
}
