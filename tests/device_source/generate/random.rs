//! Random kernels, the same in every build.
//!
//! Each reads an `In` and changes an `Out`, by all that the language has and that gives one answer, bit for
//! bit, on every machine: no function of the mathematical library but those that are
//! exact. Where Rust would panic, in a division or an index, the operand is kept in range.

use std::fmt::Write;

/// Source text: kernels `k0`, `k1`.., functions for them, and `KERNELS`, a list of all.
pub(crate) fn kernels(count: usize) -> String {
    let mut out = String::new();
    let mut table = String::new();
    for k in 0..count {
        let mut writer = Writer::new(k as u64);
        let body = writer.body();
        let _ = writeln!(out, "#[op2::kernel]\nfn k{k}(x: &In, out: &mut Out) {{\n{body}}}\n");
        let _ = writeln!(table, "    (k{k}, <k{k} as op2::__private::Kernel>::INFO),");
    }
    format!(
        "{out}/// Every random kernel, as Rust and as data.\n\
         pub static KERNELS: [Case; {count}] = [\n{table}];\n"
    )
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Ty {
    F64,
    F32,
    I32,
    I64,
    U32,
    U64,
    U8,
    Bool,
}

use Ty::{Bool, F32, F64, I32, I64, U8, U32, U64};

const NUMBERS: [Ty; 7] = [F64, F32, I32, I64, U32, U64, U8];

impl Ty {
    fn name(self) -> &'static str {
        match self {
            F64 => "f64",
            F32 => "f32",
            I32 => "i32",
            I64 => "i64",
            U32 => "u32",
            U64 => "u64",
            U8 => "u8",
            Bool => "bool",
        }
    }

    fn is_float(self) -> bool {
        matches!(self, F64 | F32)
    }

    fn is_signed(self) -> bool {
        matches!(self, I32 | I64)
    }
}

/// A sequence of random numbers (Steele, Lea and Flood 2014, `SplitMix`).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

struct Variable {
    name: String,
    ty: Ty,
    mutable: bool,
}

struct Writer {
    random: Random,
    /// Those that are visible, innermost last.
    variables: Vec<Variable>,
    names: usize,
    loops: usize,
}

impl Writer {
    fn new(seed: u64) -> Self {
        Self { random: Random(seed * 7919 + 1), variables: Vec::new(), names: 0, loops: 0 }
    }

    fn body(&mut self) -> String {
        let mut out = String::new();
        for _ in 0..4 + self.random.below(4) {
            out.push_str(&self.stmt(2));
        }
        for ty in NUMBERS {
            let (k, value) = (self.random.below(4), self.expr(ty, 2));
            let _ = writeln!(out, "out.{}s[{k}] = {value};", ty.name());
        }
        let _ = writeln!(out, "out.u8s[0] = {} as u8;", self.expr(Bool, 2));
        out
    }

    fn any_number(&mut self) -> Ty {
        NUMBERS[self.random.below(7)]
    }

    fn block(&mut self, depth: usize) -> String {
        let visible = self.variables.len();
        let mut out = String::new();
        for _ in 0..=self.random.below(2) {
            out.push_str(&self.stmt(depth));
        }
        self.variables.truncate(visible);
        out
    }

    fn stmt(&mut self, depth: usize) -> String {
        let choice = if depth == 0 { self.random.below(5) } else { self.random.below(14) };
        let ty = self.any_number();
        match choice {
            0 | 1 => self.let_(ty),
            2 => self.assign(ty),
            3 => {
                let place = format!("out.{}s[{}]", ty.name(), self.random.below(4));
                format!("{place} = {};\n", self.expr(ty, 2))
            }
            4 => {
                let (k, value) = (self.random.below(4), self.expr(ty, 2));
                let op = ["+", "-", "*"][self.random.below(3)];
                format!("out.{}s[{k}] {op}= {value};\n", ty.name())
            }
            5 => {
                let cond = self.expr(Bool, 2);
                format!("if {cond} {{\n{}}}\n", self.block(depth - 1))
            }
            6 => {
                let cond = self.expr(Bool, 2);
                let (then, otherwise) = (self.block(depth - 1), self.block(depth - 1));
                format!("if {cond} {{\n{then}}} else {{\n{otherwise}}}\n")
            }
            7 | 8 => self.for_(depth),
            9 => self.while_(depth),
            10 => self.match_stmt(depth),
            11 => self.array(ty),
            12 => self.call_by_reference(ty),
            _ => self.tuple(ty),
        }
    }

    fn fresh(&mut self) -> String {
        // Few names, so that they shadow each other, and some that C would not have.
        let names = ["a", "half", "int", "double", "x1", "max", "global"];
        self.names += 1;
        names[self.random.below(names.len())].to_owned()
    }

    fn bind(&mut self, name: &str, ty: Ty, mutable: bool) {
        self.variables.push(Variable { name: name.to_owned(), ty, mutable });
    }

    fn let_(&mut self, ty: Ty) -> String {
        let (name, value) = (self.fresh(), self.expr(ty, 2));
        self.bind(&name, ty, true);
        format!("let mut {name} = {value};\n")
    }

    fn visible(&mut self, ty: Ty, mutable: bool) -> Option<String> {
        // A variable is visible if no later one has its name.
        let mut found = Vec::new();
        for (k, variable) in self.variables.iter().enumerate() {
            let shadowed = self.variables[k + 1..].iter().any(|later| later.name == variable.name);
            if variable.ty == ty && !shadowed && (variable.mutable || !mutable) {
                found.push(variable.name.clone());
            }
        }
        (!found.is_empty()).then(|| found.swap_remove(self.random.below(found.len())))
    }

    fn assign(&mut self, ty: Ty) -> String {
        let Some(name) = self.visible(ty, true) else { return self.let_(ty) };
        let value = self.expr(ty, 2);
        let ops = if ty.is_float() {
            &["", "+", "-", "*", "/"][..]
        } else {
            &["", "+", "-", "*", "^", "|", "&"]
        };
        let op = ops[self.random.below(ops.len())];
        format!("{name} {op}= {value};\n")
    }

    fn for_(&mut self, depth: usize) -> String {
        let ty = [I32, I64, U32, U64, U8][self.random.below(5)];
        let (start, end) = (self.random.below(3), 2 + self.random.below(4));
        let range = match self.random.below(6) {
            0 => format!("{start}..={end}"),
            1 => format!("({start}..{end}).rev()"),
            2 => format!("({start}..={end}).rev()"),
            3 if ty == U8 => "253..=255".to_owned(),
            4 => format!("{start}..x.{0}s[0] % 4", ty.name()),
            _ => format!("{start}..{end}"),
        };
        self.names += 1;
        let name = format!("i{}", self.names);
        let typed = format!("{name}_end");
        let visible = self.variables.len();
        self.bind(&name, ty, false);
        self.loops += 1;
        let label = format!("'l{}", self.loops);
        let mut body = self.block(depth - 1);
        if self.random.below(3) == 0 {
            let (cond, word) = (self.expr(Bool, 1), ["break", "continue"][self.random.below(2)]);
            // First, where no name of the body hides one that is meant here.
            let inner = self.block(0);
            body.insert_str(
                0,
                &format!("for _ in 0..2 {{ if {cond} {{ {word} {label}; }} {inner} }}\n"),
            );
        }
        self.variables.truncate(visible);
        let zero = format!("let {typed}: {} = 0;\n", ty.name());
        format!("{zero}{label}: for {name} in {range} {{\nlet _ = {name} + {typed};\n{body}}}\n")
    }

    fn while_(&mut self, depth: usize) -> String {
        self.names += 1;
        let name = format!("n{}", self.names);
        let visible = self.variables.len();
        self.bind(&name, I32, false);
        let (cond, body) = (self.expr(Bool, 2), self.block(depth - 1));
        self.variables.truncate(visible);
        if self.random.below(2) == 0 {
            return format!(
                "let mut {name} = 0_i32;\nwhile {name} < 4 && {cond} {{\n{name} += 1;\n{body}}}\n"
            );
        }
        format!(
            "let mut {name} = 0_i32;\nloop {{\n{name} += 1;\nif {name} > 3 || {cond} {{ break; }}\n{body}}}\n"
        )
    }

    fn match_stmt(&mut self, depth: usize) -> String {
        let value = self.expr(U8, 2);
        let (a, b, c) = (self.block(depth - 1), self.block(depth - 1), self.block(depth - 1));
        format!(
            "match {value} % 8 {{\n0 | 3 => {{\n{a}}}\n4..=6 => {{\n{b}}}\n_ => {{\n{c}}}\n}}\n"
        )
    }

    fn array(&mut self, ty: Ty) -> String {
        let values = [self.expr(ty, 2), self.expr(ty, 2), self.expr(ty, 1)];
        let index = self.expr(U32, 1);
        let name = self.fresh();
        let text = format!(
            "let {name} = {{ let mut v = [[{}; 2]; 3]; v[({index} % 3) as usize] = [{}, {}]; let w = v; v[0][1] = w[1][0]; v[({index} % 3) as usize][1] }};\n",
            values[0], values[1], values[2]
        );
        self.bind(&name, ty, false);
        text
    }

    fn call_by_reference(&mut self, ty: Ty) -> String {
        let Some(name) = self.visible(ty, true) else { return self.let_(ty) };
        let (value, result) = (self.expr(ty, 1), self.fresh());
        let text = format!(
            "let by_value = {value};\nlet {result} = {name} + exchange(&mut {name}, by_value) - {name};\n"
        );
        self.bind(&result, ty, false);
        text
    }

    fn tuple(&mut self, ty: Ty) -> String {
        let other = self.any_number();
        let (a, b) = (self.expr(ty, 2), self.expr(other, 2));
        self.names += 1;
        let (one, two) = (format!("p{}", self.names), format!("q{}", self.names));
        let text = match self.random.below(3) {
            0 => format!("let ({one}, {two}) = ({a}, {b});\n"),
            1 => format!("let ({one}, {two}) = swapped({b}, {a});\n"),
            _ => format!(
                "let ({one}, {two}) = if {} {{ ({a}, {b}) }} else {{ ({a}, {b}) }};\n",
                self.expr(Bool, 1)
            ),
        };
        self.bind(&one, ty, false);
        self.bind(&two, other, false);
        text
    }

    fn expr(&mut self, ty: Ty, depth: usize) -> String {
        if depth == 0 || self.random.below(6) == 0 {
            return self.atom(ty);
        }
        let d = depth - 1;
        match self.random.below(12) {
            0 => {
                let (c, a, b) = (self.expr(Bool, d), self.expr(ty, d), self.expr(ty, d));
                format!("(if {c} {{ {a} }} else {{ {b} }})")
            }
            1 => {
                let (a, name) = (self.expr(ty, d), self.fresh());
                let visible = self.variables.len();
                self.bind(&name, ty, false);
                let b = self.expr(ty, d);
                self.variables.truncate(visible);
                format!("{{ let {name} = {a}; {b} }}")
            }
            2 => {
                let (v, a, b) = (self.expr(U32, d), self.expr(ty, d), self.expr(ty, d));
                format!("(match {v} % 4 {{ 0 => {a}, 1 | 2 => {b}, _ => {} }})", self.atom(ty))
            }
            3 => {
                let (a, b, c) = (self.expr(ty, d), self.expr(ty, d), self.expr(U64, d));
                format!("[{a}, {b}][({c} % 2) as usize]")
            }
            4 if ty != Bool => {
                let (a, b) = (self.expr(ty, d), self.expr(ty, d));
                format!("larger({a}, {b}).1")
            }
            5 if ty == F64 => {
                let (a, b) = (self.expr(F64, d), self.expr(I32, d));
                format!("Pair {{ whole: {b}, tag: 7, real: {a} }}.real")
            }
            _ if ty == Bool => self.truth(d),
            _ if ty.is_float() => self.float(ty, d),
            _ => self.whole(ty, d),
        }
    }

    fn atom(&mut self, ty: Ty) -> String {
        match self.random.below(3) {
            0 => self.literal(ty),
            1 => match self.visible(ty, false) {
                Some(name) => name,
                None => self.input(ty),
            },
            _ => self.input(ty),
        }
    }

    fn input(&mut self, ty: Ty) -> String {
        if ty == Bool {
            return format!("(x.u8s[{}] < 100)", self.random.below(4));
        }
        format!("x.{}s[{}]", ty.name(), self.random.below(4))
    }

    fn literal(&mut self, ty: Ty) -> String {
        let name = ty.name();
        match ty {
            Bool => ["true", "false"][self.random.below(2)].to_owned(),
            F64 | F32 => {
                let digits = ["0.0", "1.0", "0.1", "2.5", "1e10", "3.3e-7", "1.7e38"];
                format!("{}_{name}", digits[self.random.below(7)])
            }
            _ if self.random.below(4) == 0 => {
                format!("{name}::{}", ["MAX", "MIN"][self.random.below(2)])
            }
            _ => format!("{}_{name}", self.random.below(200)),
        }
    }

    fn truth(&mut self, d: usize) -> String {
        match self.random.below(5) {
            0 => format!("({} && {})", self.expr(Bool, d), self.expr(Bool, d)),
            1 => format!("({} || {})", self.expr(Bool, d), self.expr(Bool, d)),
            2 => format!("(!{})", self.expr(Bool, d)),
            3 => format!("({} ^ {})", self.expr(Bool, d), self.expr(Bool, d)),
            _ => {
                let ty = self.any_number();
                let op = ["<", "<=", ">", ">=", "==", "!="][self.random.below(6)];
                let (a, b) = (self.expr(ty, d), self.expr(ty, d));
                // `a as T < b` would begin generic arguments.
                format!("(({a}) {op} ({b}))")
            }
        }
    }

    fn float(&mut self, ty: Ty, d: usize) -> String {
        let t = ty.name();
        let (a, b) = (self.expr(ty, d), self.expr(ty, d));
        match self.random.below(14) {
            // Of an input: powers that the compiler can work out are rounded otherwise.
            12 => format!("{t}::powi({}, {} % 9)", self.input(ty), self.expr(I32, d)),
            0..=4 => {
                let op = ["+", "-", "*", "/", "%"][self.random.below(5)];
                format!("({a} {op} {b})")
            }
            5 => format!("(-{a})"),
            6 => {
                let names =
                    ["sqrt", "abs", "floor", "ceil", "trunc", "round", "fract", "signum", "recip"];
                format!("{t}::{}({a})", names[self.random.below(9)])
            }
            7 => format!("{t}::mul_add({a}, {b}, {})", self.atom(ty)),
            // Which zero is smaller is not said.
            8 => format!("({t}::min({a}, {b}) + 0.0)"),
            9 => format!("({t}::max({a}, {b}) + 0.0)"),
            10 => format!("{t}::clamp({a}, -2.5, 1e5)"),
            11 => format!("{t}::{}({a}, {b})", ["rem_euclid", "div_euclid"][self.random.below(2)]),
            _ => self.cast(ty, d),
        }
    }

    fn cast(&mut self, ty: Ty, d: usize) -> String {
        let from = self.any_number();
        format!("(({}) as {})", self.expr(from, d), ty.name())
    }

    fn whole(&mut self, ty: Ty, d: usize) -> String {
        let t = ty.name();
        let (a, b) = (self.expr(ty, d), self.expr(ty, d));
        match self.random.below(14) {
            0..=3 => {
                let op = ["+", "-", "*", "&", "|", "^"][self.random.below(6)];
                format!("({a} {op} {b})")
            }
            // Not zero, and not -1.
            4 if ty.is_signed() => format!("({a} / (({b} & 255) | 1))"),
            4 => format!("({a} / ({b} | 1))"),
            5 if ty.is_signed() => format!("({a} % (({b} & 255) | 2))"),
            5 => format!("({a} % ({b} | 2))"),
            6 => {
                format!("({a} {} ({} & 7))", ["<<", ">>"][self.random.below(2)], self.expr(U32, d))
            }
            7 if ty.is_signed() => format!("(-{a})"),
            7 => format!("(!{a})"),
            8 => format!(
                "{t}::{}({a}, {b})",
                ["min", "max", "wrapping_add", "wrapping_sub", "wrapping_mul"]
                    [self.random.below(5)]
            ),
            9 if ty.is_signed() => format!("{t}::{}({a})", ["abs", "signum"][self.random.below(2)]),
            9 => format!("{t}::abs_diff({a}, {b})"),
            10 => format!("{t}::clamp({a}, 3, 77)"),
            11 => format!("{t}::pow({a}, {} & 7)", self.expr(U32, d)),
            12 if ty.is_signed() => format!("{t}::rem_euclid({a}, ({b} & 63) | 1)"),
            12 => format!("({t}::count_ones({a}) as {t})"),
            _ => self.cast(ty, d),
        }
    }
}
