//! Which names are visible, block by block.

use std::collections::HashMap;

use super::ir::LocalId;

/// The open blocks, innermost last, with the names that each binds.
pub(crate) struct Scope {
    blocks: Vec<HashMap<String, LocalId>>,
}

impl Scope {
    /// The scope of a fn, for its parameters.
    pub(crate) fn new() -> Self {
        Self { blocks: vec![HashMap::new()] }
    }

    /// Opens a block.
    pub(crate) fn enter(&mut self) {
        self.blocks.push(HashMap::new());
    }

    /// Closes the innermost block: its names are visible no more.
    pub(crate) fn leave(&mut self) {
        self.blocks.pop();
    }

    /// Binds `name` in the innermost block, over what it meant before.
    pub(crate) fn bind(&mut self, name: String, local: LocalId) {
        if let Some(block) = self.blocks.last_mut() {
            block.insert(name, local);
        }
    }

    /// What `name` means here.
    pub(crate) fn lookup(&self, name: &str) -> Option<LocalId> {
        self.blocks.iter().rev().find_map(|block| block.get(name)).copied()
    }
}
