//! Lines of C, indented by depth.

/// Text that grows line by line.
#[derive(Default)]
pub(super) struct Text {
    out: String,
    depth: usize,
}

impl Text {
    /// Adds a line.
    pub(super) fn line(&mut self, line: impl AsRef<str>) {
        for _ in 0..self.depth {
            self.out.push_str("    ");
        }
        self.out.push_str(line.as_ref());
        self.out.push('\n');
    }

    /// Adds an empty line.
    pub(super) fn blank(&mut self) {
        self.out.push('\n');
    }

    /// Adds a line and a brace; what follows is deeper.
    pub(super) fn open(&mut self, head: impl AsRef<str>) {
        self.line(format!("{} {{", head.as_ref()));
        self.depth += 1;
    }

    /// Opens a block: names in it are its own.
    pub(super) fn scope(&mut self) {
        self.line("{");
        self.depth += 1;
    }

    /// Ends what was opened last.
    pub(super) fn close(&mut self) {
        self.depth -= 1;
        self.line("}");
    }

    /// All of it.
    pub(super) fn into_string(self) -> String {
        self.out
    }
}

/// A program that depends on few things, and on no loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramText {
    /// All of it.
    pub text: String,
    /// The function to start.
    pub entry: &'static str,
    /// Groups may be of any size up to this one; of no other where it is the one that was asked for.
    pub most_group: usize,
}

/// Text for a comment that ends with its line: no letter of it can end it earlier, or later.
pub(super) fn comment(text: &str) -> String {
    let plain = |letter: char| match letter {
        '\\' => '/',
        letter if letter.is_control() => ' ',
        letter => letter,
    };
    // Three characters that begin with `??` may stand for another one.
    text.chars().map(plain).collect::<String>().replace("??", "? ?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_indented() {
        let mut text = Text::default();
        text.open("for (;;)");
        text.line("x();");
        text.close();
        assert_eq!(text.into_string(), "for (;;) {\n    x();\n}\n");
    }

    #[test]
    fn a_comment_is_one_line() {
        assert_eq!(comment("src\\a.rs\n+ 1 ??/"), "src/a.rs + 1 ? ?/");
    }
}
