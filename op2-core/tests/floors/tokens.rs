//! Cuts Rust source into tokens: as little of the language as finding paths needs.

/// A word, or one letter of punctuation, with `::` as one.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Token<'t> {
    pub(crate) text: &'t str,
    pub(crate) line: usize,
}

/// Cuts a source into tokens, leaving out spaces, comments, texts and letters in quotes.
pub(crate) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (source, 1);
    while let Some(first) = rest.chars().next() {
        let len = skipped(rest);
        let (part, is_token) = match len {
            0 if is_word(first) => (&rest[..word_len(rest)], true),
            0 if rest.starts_with("::") => (&rest[..2], true),
            0 => (&rest[..first.len_utf8()], !first.is_whitespace()),
            len => (&rest[..len], false),
        };
        if is_token {
            tokens.push(Token { text: part, line });
        }
        line += part.matches('\n').count();
        rest = &rest[part.len()..];
    }
    tokens
}

/// The length of the comment or literal that `rest` begins with; 0 if it begins with neither.
fn skipped(rest: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment_len(rest);
    }
    if rest.starts_with('\'') {
        return letter_len(rest);
    }
    let prefix = ["b", "c", ""].iter().find(|prefix| {
        rest.strip_prefix(**prefix).is_some_and(|text| text.starts_with(['"', 'r']))
    });
    let Some(prefix) = prefix else { return 0 };
    let text = &rest[prefix.len()..];
    let len = if text.starts_with('"') { text_len(text) } else { raw_text_len(text) };
    if len == 0 { 0 } else { prefix.len() + len }
}

/// Block comments nest.
fn block_comment_len(rest: &str) -> usize {
    let (mut level, mut at) = (0, 0);
    while at < rest.len() {
        let pair = rest.as_bytes().get(at..at + 2);
        match pair {
            Some(b"/*") => level += 1,
            Some(b"*/") => level -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if level == 0 {
            return at;
        }
    }
    rest.len()
}

/// `'x'` and `'\n'`; 0 for a lifetime, which has no second quote.
fn letter_len(rest: &str) -> usize {
    let inside = &rest[1..];
    if inside.starts_with('\\') {
        // The letter after the backslash may itself be a quote.
        return inside.get(2..).and_then(|tail| tail.find('\'')).map_or(0, |end| end + 4);
    }
    let Some(letter) = inside.chars().next() else { return 0 };
    let closed = inside[letter.len_utf8()..].starts_with('\'');
    if closed { letter.len_utf8() + 2 } else { 0 }
}

fn text_len(rest: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// `r"..."`, `r#"..."#` and longer; 0 for a word that begins with r.
fn raw_text_len(rest: &str) -> usize {
    let hashes = rest[1..].chars().take_while(|letter| *letter == '#').count();
    let inside = 1 + hashes + 1;
    if rest.as_bytes().get(inside - 1) != Some(&b'"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    rest[inside..].find(&end).map_or(rest.len(), |at| inside + at + end.len())
}

fn is_word(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}

fn word_len(rest: &str) -> usize {
    rest.find(|letter| !is_word(letter)).unwrap_or(rest.len())
}
