//! Constants: those of Rust are written into the text, those of op2 are read from a buffer.

use super::body::Body;
use super::number;
use super::tree::Expr;
use super::types::{Ty, word};
use crate::kernel::code::Number;

impl Body<'_> {
    /// What C calls a constant that is an array or travels in the buffer.
    pub(super) fn constant_name(&self, k: usize) -> String {
        format!("{}_c{k}", word(self.function.constants[k].name))
    }

    fn constant_type(&mut self, k: usize) -> Ty {
        Ty::of(&self.constants[k].ty).unwrap_or_else(|| {
            let name = self.function.constants[k].name;
            self.refuse(format_args!("`{name}` is not of a type of the kernel language"));
            Ty::unit()
        })
    }

    /// The number that is written wherever the constant is named.
    fn constant_number(&mut self, k: usize) -> Option<String> {
        match (self.constant_type(k), self.constants[k].numbers.as_deref()) {
            (Ty::Scalar(scalar), Some([value])) => {
                Some(number::number(*value, scalar, self.program.dialect))
            }
            _ => None,
        }
    }

    pub(super) fn constant_value(&mut self, k: usize, expr: &Expr) -> String {
        self.constant_number(k).unwrap_or_else(|| self.place(expr))
    }

    /// Whether the constant is a variable in C.
    pub(super) fn has_place(&mut self, k: usize) -> bool {
        self.constant_number(k).is_none()
    }

    /// Declares a constant that is an array or travels in the buffer.
    pub(super) fn constant(&mut self, k: usize) {
        if !self.has_place(k) {
            return;
        }
        let (ty, name) = (self.constant_type(k), self.constant_name(k));
        let c = self.program.types.name(&ty);
        let init = if let Some(numbers) = self.constants[k].numbers.take() {
            self.initializer(&ty, &mut numbers.iter())
        } else {
            let place = self.function.places[k];
            format!("*(OP2_CONSTANT {c} *)(constants + {place})")
        };
        self.emit(format_args!("const {c} {name} = {init};"));
    }

    /// `{{1.0, 2.0}}`, one pair of braces for the struct and one for its array.
    fn initializer(&self, ty: &Ty, numbers: &mut std::slice::Iter<'_, Number>) -> String {
        match ty {
            Ty::Array(item, len) => {
                let items: Vec<String> =
                    (0..*len).map(|_| self.initializer(item, numbers)).collect();
                format!("{{{{{}}}}}", items.join(", "))
            }
            Ty::Scalar(scalar) => {
                let value = numbers.next().copied().unwrap_or(Number::Whole(0));
                number::number(value, *scalar, self.program.dialect)
            }
            // The numbers of a Rust constant make arrays only.
            _ => String::new(),
        }
    }
}
