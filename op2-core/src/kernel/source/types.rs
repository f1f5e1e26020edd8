//! Types as C has them: names, definitions, and the sizes that host and device must agree on.
//!
//! C can neither assign nor return arrays, so that each array type is a struct with one member `v`.

use std::fmt::Write;
use std::rc::Rc;

use super::Dialect;
use crate::base::element::ElementKind;
use crate::kernel::code::{self, Scalar};

/// A type of which all is known.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ty {
    Scalar(Scalar),
    Array(Rc<Ty>, u64),
    Tuple(Rc<[Ty]>),
    Ref(bool, Rc<Ty>),
    Struct(Rc<Struct>),
}

/// A struct, its fields in memory order.
#[derive(Debug, PartialEq)]
pub(super) struct Struct {
    pub(super) name: &'static str,
    /// What its const parameters are.
    pub(super) parameters: &'static [i128],
    pub(super) fields: Vec<(&'static str, Ty)>,
    /// Where each starts, in bytes.
    pub(super) offsets: Vec<u64>,
}

impl Struct {
    /// One whose fields follow each other without padding, as in all that are elements.
    pub(super) fn packed(
        name: &'static str,
        parameters: &'static [i128],
        fields: Vec<(&'static str, Ty)>,
    ) -> Self {
        let mut end = 0;
        let offsets = fields.iter().map(|(_, ty)| {
            let start = end;
            end += ty.size().unwrap_or(0);
            start
        });
        let offsets = offsets.collect();
        Self { name, parameters, fields, offsets }
    }

    pub(super) fn field(&self, name: &str) -> Option<&Ty> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, ty)| ty)
    }
}

impl Ty {
    /// The type of statements.
    pub(super) fn unit() -> Self {
        Self::Tuple(Rc::new([]))
    }

    /// A type that the compiler has worked out; `None` if devices have none like it.
    pub(super) fn of(ty: &code::Type) -> Option<Self> {
        Some(match ty {
            code::Type::Scalar(scalar) => Self::Scalar(*scalar),
            code::Type::Array(item, len) => Self::Array(Rc::new(Self::of(item)?), *len as u64),
            code::Type::Tuple(parts) => {
                Self::Tuple(parts.iter().map(Self::of).collect::<Option<_>>()?)
            }
            code::Type::Kind(kind) => Self::of_kind(kind),
            code::Type::Foreign => return None,
        })
    }

    /// The shape of an element.
    pub(super) fn of_kind(kind: &ElementKind) -> Self {
        match kind {
            ElementKind::Scalar(scalar) => Self::Scalar((*scalar).into()),
            ElementKind::Array { of, len } => Self::Array(Rc::new(Self::of_kind(of)), *len as u64),
            ElementKind::Struct { name, parameters, fields } => {
                // Where Rust has put them.
                let offsets = fields.iter().map(|field| field.offset as u64).collect();
                let fields = fields.iter().map(|field| (field.name, Self::of_kind(&field.kind)));
                let fields = fields.collect();
                Self::Struct(Rc::new(Struct { name, parameters, fields, offsets }))
            }
        }
    }

    /// Whether this is the type of statements.
    pub(super) fn is_unit(&self) -> bool {
        matches!(self, Self::Tuple(parts) if parts.is_empty())
    }

    /// The type behind any number of references.
    pub(super) fn value(&self) -> &Self {
        match self {
            Self::Ref(_, target) => target.value(),
            other => other,
        }
    }

    /// What arrays are made of: a number or a whole struct.
    pub(super) fn leaf(&self) -> &Self {
        match self {
            Self::Array(item, _) => item.leaf(),
            other => other,
        }
    }

    /// Bytes of a value, where host and device must agree: not for tuples, which stay local.
    fn size(&self) -> Option<u64> {
        match self {
            Self::Scalar(scalar) => Some(u64::from(scalar.bits() / 8)),
            Self::Array(item, len) => Some(item.size()? * len),
            Self::Struct(inner) => inner.fields.iter().map(|(_, ty)| ty.size()).sum(),
            Self::Tuple(_) | Self::Ref(..) => None,
        }
    }

    /// As Rust writes it, for messages.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Scalar(scalar) => scalar.name().to_owned(),
            Self::Array(item, len) => format!("[{}; {len}]", item.describe()),
            Self::Tuple(parts) => {
                let parts: Vec<String> = parts.iter().map(Self::describe).collect();
                format!("({})", parts.join(", "))
            }
            Self::Ref(true, target) => format!("&mut {}", target.describe()),
            Self::Ref(false, target) => format!("&{}", target.describe()),
            Self::Struct(inner) => inner.name.to_owned(),
        }
    }
}

/// The types that a program has defined, and their definitions.
pub(super) struct Types {
    dialect: Dialect,
    defined: Vec<(Ty, String)>,
    text: String,
}

impl Types {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self { dialect, defined: Vec::new(), text: String::new() }
    }

    /// The definitions, each after those that it needs.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// What C calls the type, which is defined if it has not been yet.
    pub(super) fn name(&mut self, ty: &Ty) -> String {
        match ty {
            Ty::Scalar(Scalar::Bool) => "boolean".to_owned(),
            Ty::Scalar(scalar) => scalar.name().to_owned(),
            Ty::Ref(mutable, target) => {
                let target = self.name(target);
                if *mutable { format!("{target} *") } else { format!("const {target} *") }
            }
            _ if ty.is_unit() => "void".to_owned(),
            _ => self.defined_name(ty),
        }
    }

    fn defined_name(&mut self, ty: &Ty) -> String {
        if let Some((_, name)) = self.defined.iter().find(|(known, _)| known == ty) {
            return name.clone();
        }
        let members = self.members(ty);
        let name = self.unused(self.proposed(ty));
        let _ = writeln!(self.text, "typedef struct {{ {members}}} {name};");
        if let Some(size) = ty.size().filter(|size| *size > 0) {
            self.hold(&format!("op2_size_of_{name}"), &format!("sizeof({name})"), size);
        }
        if let Ty::Struct(inner) = ty {
            self.hold_offsets(&name, inner);
        }
        self.defined.push((ty.clone(), name.clone()));
        name
    }

    /// Lets the device's compiler hold a number against the host's.
    fn hold(&mut self, what: &str, found: &str, wanted: u64) {
        let _ = writeln!(self.text, "typedef char {what}[({found} == {wanted}) ? 1 : -1];");
    }

    /// Where fields start.
    fn hold_offsets(&mut self, name: &str, inner: &Struct) {
        // Neither language has `offsetof`; this is what their compilers make it of.
        for (k, ((field, _), offset)) in inner.fields.iter().zip(&inner.offsets).enumerate() {
            let field = member(field);
            let found = match self.dialect {
                Dialect::OpenClC => format!("__builtin_offsetof({name}, {field})"),
                Dialect::CudaC => format!("__INTADDR__(&(({name} *)0)->{field})"),
            };
            self.hold(&format!("op2_offset_{k}_of_{name}"), &found, *offset);
        }
    }

    fn members(&mut self, ty: &Ty) -> String {
        match ty {
            // C knows no empty arrays.
            Ty::Array(item, len) => format!("{} v[{}]; ", self.name(item), len.max(&1)),
            Ty::Tuple(parts) => {
                let member = |(k, part): (usize, &Ty)| {
                    let part = if part.is_unit() { "u8".to_owned() } else { self.name(part) };
                    format!("{part} {}; ", member(&k.to_string()))
                };
                parts.iter().enumerate().map(member).collect()
            }
            Ty::Struct(inner) => {
                let field = |(name, ty): &(&'static str, Ty)| {
                    format!("{} {}; ", self.name(ty), member(name))
                };
                inner.fields.iter().map(field).collect()
            }
            Ty::Scalar(_) | Ty::Ref(..) => String::new(),
        }
    }

    /// `f64_4`, `f64_2_4` for four rows of two, `Particle_s`, `tuple_f64_f64`.
    fn proposed(&self, ty: &Ty) -> String {
        match ty {
            Ty::Array(item, len) => format!("{}_{len}", self.short(item)),
            Ty::Tuple(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.short(part)).collect();
                format!("tuple_{}", parts.join("_"))
            }
            Ty::Struct(inner) => format!("{}_s", word(inner.name)),
            Ty::Scalar(scalar) => scalar.name().to_owned(),
            Ty::Ref(_, target) => format!("ref_{}", self.short(target)),
        }
    }

    fn short(&self, ty: &Ty) -> String {
        let known = self.defined.iter().find(|(known, _)| known == ty);
        known.map_or_else(|| self.proposed(ty), |(_, name)| name.clone())
    }

    fn unused(&self, proposed: String) -> String {
        let taken = |name: &String| self.defined.iter().any(|(_, known)| known == name);
        if !taken(&proposed) {
            return proposed;
        }
        let numbered = (2..).map(|k| format!("{proposed}_n{k}"));
        numbered.into_iter().find(|name| !taken(name)).unwrap_or(proposed)
    }
}

/// A field in C: no keyword, no macro.
pub(super) fn member(name: &str) -> String {
    format!("m_{}", word(name))
}

/// A Rust name with the letters that C allows.
pub(super) fn word(name: &str) -> String {
    let name = name.strip_prefix("r#").unwrap_or(name);
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            out.push(letter);
        } else {
            let _ = write!(out, "u{:x}", u32::from(letter));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_is_a_struct_whose_size_is_checked() {
        let mut types = Types::new(Dialect::OpenClC);
        let row = Ty::Array(Rc::new(Ty::Scalar(Scalar::F64)), 2);
        assert_eq!(types.name(&Ty::Array(Rc::new(row), 3)), "f64_2_3");
        let text = types.into_text();
        assert!(text.contains("typedef struct { f64_2 v[3]; } f64_2_3;"), "{text}");
        assert!(text.contains("(sizeof(f64_2_3) == 48) ? 1 : -1"), "{text}");
    }

    #[test]
    fn the_fields_of_a_struct_are_held_to_their_places_in_rust() {
        use crate::base::element::{Field, ScalarKind::F32, ScalarKind::F64};
        let field = |name, offset, scalar| {
            let kind = ElementKind::Scalar(scalar);
            Field { name, offset, kind }
        };
        // Not those of C: its compiler is to notice.
        let fields = [field("int", 0, F64), field("b", 12, F32)];
        let fields: &'static [Field] = Box::leak(Box::new(fields));
        let kind = ElementKind::Struct { name: "State", parameters: &[], fields };
        for (dialect, first, second) in [
            (
                Dialect::OpenClC,
                "op2_offset_0_of_State_s[(__builtin_offsetof(State_s, m_int) == 0) ? 1 : -1];",
                "op2_offset_1_of_State_s[(__builtin_offsetof(State_s, m_b) == 12) ? 1 : -1];",
            ),
            (
                Dialect::CudaC,
                "op2_offset_0_of_State_s[(__INTADDR__(&((State_s *)0)->m_int) == 0) ? 1 : -1];",
                "op2_offset_1_of_State_s[(__INTADDR__(&((State_s *)0)->m_b) == 12) ? 1 : -1];",
            ),
        ] {
            let mut types = Types::new(dialect);
            types.name(&Ty::of_kind(&kind));
            let text = types.into_text();
            assert!(text.contains(first) && text.contains(second), "{text}");
        }
    }

    #[test]
    fn structs_of_one_name_are_told_apart() {
        let mut types = Types::new(Dialect::OpenClC);
        let a = |scalar| {
            let fields = vec![("int", Ty::Scalar(scalar))];
            Ty::Struct(Rc::new(Struct::packed("State", &[], fields)))
        };
        assert_eq!(types.name(&a(Scalar::F64)), "State_s");
        assert_eq!(types.name(&a(Scalar::F32)), "State_s_n2");
        assert_eq!(types.name(&a(Scalar::F64)), "State_s");
        assert!(types.into_text().contains("{ f64 m_int; }"));
    }

    #[test]
    fn names_keep_to_the_letters_of_c() {
        assert_eq!(word("r#type"), "type");
        assert_eq!(word("größe"), "gruf6udfe");
    }
}
