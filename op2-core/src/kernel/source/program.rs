//! One program: the functions of a kernel, each instance once, and the types and helpers they need.

use std::fmt::Write;
use std::rc::Rc;

use super::body::Body;
use super::infer::{Known, infer};
use super::prelude::{self, Helper};
use super::read::Trees;
use super::scope::Given;
use super::types::{Ty, Types};
use super::{Dialect, Entry, Program, Refusal};
use crate::kernel::code::{Function, Scalar};
use crate::kernel::{KernelInfo, ParamInfo};
use crate::mesh::access::Access;

/// What is being written.
pub(super) struct Writer {
    pub(super) dialect: Dialect,
    pub(super) types: Types,
    /// Why no program comes of it.
    pub(super) refused: Option<Refusal>,
    trees: Trees,
    helpers: Vec<String>,
    helper_text: String,
    functions: String,
    written: Vec<Written>,
}

/// A function that stands in the program.
struct Written {
    function: &'static Function,
    given: Vec<Given>,
    params: Vec<Ty>,
    name: String,
}

/// Writes a whole program.
pub(super) fn write(kernels: &[&KernelInfo], dialect: Dialect) -> Result<Program, Refusal> {
    let mut writer = Writer {
        dialect,
        types: Types::new(dialect),
        refused: None,
        trees: Trees::default(),
        helpers: Vec::new(),
        helper_text: String::new(),
        functions: String::new(),
        written: Vec::new(),
    };
    let mut entries: Vec<Entry> = Vec::new();
    for kernel in kernels {
        let name = format!("op2_kernel_{}", super::types::word(kernel.name));
        let taken = entries.iter().filter(|entry| entry.name.starts_with(&name)).count();
        let name = if taken == 0 { name } else { format!("{name}_n{}", taken + 1) };
        entries.push(writer.entry(kernel, name));
        if let Some(refusal) = writer.refused {
            return Err(refusal);
        }
    }
    let (text, doubles) = writer.into_text();
    Ok(Program { text, entries, doubles })
}

/// The type of a kernel's parameter.
fn parameter(param: &ParamInfo) -> Ty {
    Ty::Ref(param.access != Access::Read, Rc::new(Ty::of_kind(&param.kind)))
}

/// Whether the function, or one that it calls, reads constants that travel in a buffer.
pub(super) fn takes_constants(function: &Function) -> bool {
    function.places.last().is_some_and(|end| *end > 0)
}

impl Writer {
    fn entry(&mut self, kernel: &KernelInfo, name: String) -> Entry {
        let Some(instance) = &kernel.code else {
            self.refused = Some(Refusal {
                function: kernel.name.to_owned(),
                file: kernel.file.to_owned(),
                line: kernel.line,
                reason: "it is a host kernel, which may hold any Rust".to_owned(),
            });
            return Entry { name, params: Vec::new(), leaves: Vec::new(), constants: false };
        };
        let given: Vec<Given> = instance.arguments.iter().map(Given::chosen).collect();
        let params: Vec<Ty> = kernel.params.iter().map(parameter).collect();
        let known = Known { given: &given, shapes: instance.shapes, params: &params };
        let params = self.function(instance.function, &known, &name);
        let leaves = params.iter().map(|param| self.types.name(param.value().leaf())).collect();
        let params = params.iter().map(|param| self.types.name(param.value())).collect();
        Entry { name, params, leaves, constants: takes_constants(instance.function) }
    }

    /// The text, and whether it computes with `f64`.
    fn into_text(self) -> (String, bool) {
        // What a caller adds is not in any file of Rust.
        let end = "#line 1 \"op2\"\n";
        let types = self.types.into_text();
        let body = [&*self.helper_text, &types, "\n", &self.functions, end].concat();
        let doubles = has_doubles(&body);
        (prelude::head(self.dialect, doubles) + "\n" + &body, doubles)
    }

    /// The helper for an operation on numbers of one type.
    pub(super) fn operation(&mut self, operation: &str, scalar: Scalar) -> Option<String> {
        let helper = prelude::helper(operation, scalar, self.dialect)?;
        Some(self.helper(helper))
    }

    /// The helper that casts a floating-point number to an integer.
    pub(super) fn saturating(&mut self, from: Scalar, to: Scalar) -> String {
        self.helper(prelude::saturating(from, to, self.dialect))
    }

    fn helper(&mut self, helper: Helper) -> String {
        let Helper { name, text, needs } = helper;
        for need in needs {
            self.helper(need);
        }
        if !self.helpers.contains(&name) {
            self.helpers.push(name.clone());
            self.helper_text.push_str(&text);
        }
        name
    }

    /// The function that compares two arrays or tuples; `None` for what may have a `==` of its own.
    pub(super) fn equality(&mut self, ty: &Ty) -> Option<String> {
        let compared = |writer: &mut Self, part: &Ty, a: &str, b: &str| {
            Some(match part {
                Ty::Scalar(_) => format!("{a} == {b}"),
                _ => format!("{}({a}, {b})", writer.equality(part)?),
            })
        };
        let body = match ty {
            Ty::Array(item, len) => {
                let same = compared(self, item, "a.v[k]", "b.v[k]")?;
                format!("for (u32 k = 0; k < {len}u; ++k) if (!({same})) return 0; return 1;")
            }
            Ty::Tuple(parts) => {
                let same = parts.iter().enumerate().map(|(k, part)| {
                    let member = super::types::member(&k.to_string());
                    compared(self, part, &format!("a.{member}"), &format!("b.{member}"))
                });
                let same: Vec<String> = same.collect::<Option<_>>()?;
                format!("return {};", if same.is_empty() { "1".into() } else { same.join(" && ") })
            }
            Ty::Scalar(_) | Ty::Ref(..) | Ty::Struct(_) => return None,
        };
        let c = self.types.name(ty);
        let name = format!("op2_equal_{c}");
        if !self.helpers.contains(&name) {
            self.helpers.push(name.clone());
            let _ =
                writeln!(self.functions, "OP2_FUNCTION boolean {name}({c} a, {c} b) {{ {body} }}");
        }
        Some(name)
    }

    /// The function of a call, which is written if it has not been yet.
    pub(super) fn callee(
        &mut self,
        function: &'static Function,
        given: &[Given],
        params: &[Ty],
    ) -> String {
        let same = |written: &&Written| {
            is_same(written.function, function)
                && written.given == given
                && written.params == params
        };
        if let Some(written) = self.written.iter().find(same) {
            return written.name.clone();
        }
        let word = super::types::word(function.name);
        let count = self.written.iter().filter(|w| super::types::word(w.function.name) == word);
        let name = match count.count() {
            0 => format!("op2_fn_{word}"),
            count => format!("op2_fn_{word}_n{}", count + 1),
        };
        // Its name is taken before its body is written: functions do not call themselves.
        self.written.push(Written {
            function,
            given: given.to_vec(),
            params: params.to_vec(),
            name: name.clone(),
        });
        self.function(function, &Known { given, shapes: &[], params }, &name);
        name
    }

    /// Writes a function; the types of its parameters.
    fn function(&mut self, function: &'static Function, known: &Known<'_>, name: &str) -> Vec<Ty> {
        let Some(tree) = self.trees.of(function) else {
            self.refused.get_or_insert_with(|| Refusal {
                function: function.name.to_owned(),
                file: function.file.to_owned(),
                line: function.line,
                reason: "another version of op2 has compiled it".to_owned(),
            });
            return Vec::new();
        };
        let typed = infer(function, &tree, known, &mut self.trees);
        let mut body = Body::new(self, function, tree, known.given.to_vec(), typed);
        let (head, params) = body.head(name);
        let text = body.text();
        let line = line(function, 0);
        for part in [&line, &head, "\n", &text, "\n"] {
            self.functions.push_str(part);
        }
        params
    }
}

/// Whether the type `f64` is used: parts of other names do not count, nor do files.
fn has_doubles(text: &str) -> bool {
    let code = text.lines().filter(|line| !line.starts_with("#line"));
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut words = code.flat_map(|line| line.split(|c| !letter(c)));
    words.any(|word| word == "f64")
}

/// The directive that names the file and a line, counted from the head of the function.
pub(super) fn line(function: &Function, line: u32) -> String {
    let file = function.file.replace('\\', "\\\\").replace('"', "\\\"");
    format!("#line {} \"{file}\"\n", function.line + line)
}

/// Functions are the same if they are written at the same place.
fn is_same(a: &Function, b: &Function) -> bool {
    let key = |f: &Function| (f.name, f.module, f.file, f.line);
    key(a) == key(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_found_as_a_type_only() {
        for text in ["f64 x_0 = 1.0;", "y_1 = (f32)(f64)x_0;", "typedef struct { f64 v[2]; } rows;"]
        {
            assert!(has_doubles(text), "{text}");
        }
        let names = "#line 3 \"src/f64.rs\"\nf32 f64_0 = op2_fn_half_f64(x->m_f64);\n";
        assert!(!has_doubles(names));
    }
}
