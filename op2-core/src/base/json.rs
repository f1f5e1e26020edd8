//! Writes JSON: the few forms that reports and views need.
//!
//! Every function returns a finished JSON value as text, so that values nest by
//! being passed on. Reading JSON is left to those who receive it.

use std::fmt::Write as _;

/// What stands for a value that could not be computed.
pub const NULL: &str = "null";

/// An object; `fields` are names (not yet quoted) and finished values.
pub fn object<'n>(fields: impl IntoIterator<Item = (&'n str, String)>) -> String {
    let field = |(name, value): (&str, String)| format!("{}:{value}", string(name));
    format!("{{{}}}", fields.into_iter().map(field).collect::<Vec<_>>().join(","))
}

/// An array of finished values.
pub fn array(values: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", values.into_iter().collect::<Vec<_>>().join(","))
}

/// A number; `null` for none, and for infinity and NaN, which JSON does not have.
pub fn number(number: impl Into<Option<f64>>) -> String {
    match number.into() {
        // Rust's shortest decimal form is valid JSON and reads back as the same bits.
        Some(number) if number.is_finite() => number.to_string(),
        _ => NULL.to_owned(),
    }
}

/// A text in quotes, with what JSON forbids inside them escaped (RFC 8259, section 7).
pub fn string(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control < ' ' => {
                write!(quoted, "\\u{:04x}", u32::from(control)).expect("a String takes all text");
            }
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        let cases = [
            ("plain µ", r#""plain µ""#),
            (r#"a "b" \c"#, r#""a \"b\" \\c""#),
            ("line\nnext\ttab\r", r#""line\nnext\ttab\r""#),
            ("\u{1}\u{1f}", r#""\u0001\u001f""#),
        ];
        for (text, json) in cases {
            assert_eq!(string(text), json);
        }
    }

    #[test]
    fn numbers_json_does_not_have_are_null() {
        assert_eq!([0.1, f64::NAN, f64::INFINITY].map(number), ["0.1", "null", "null"]);
        assert_eq!(number(None), "null");
    }

    #[test]
    fn values_nest() {
        let loops = array([string("a"), number(1.5)]);
        assert_eq!(
            object([("loops", loops), ("x\"", NULL.into())]),
            r#"{"loops":["a",1.5],"x\"":null}"#
        );
        assert_eq!((object([]), array([])), ("{}".into(), "[]".into()));
    }
}
