use proc_macro2::Ident;
pub(crate) struct Kernel {
    pub flavor: super::Flavor,
    pub name: Ident,
    pub vis: syn::Visibility,
    pub attrs: Vec<syn::Attribute>,
    pub generics: syn::Generics,
    pub params: Vec<Param>,
    pub output: syn::ReturnType,
    pub rust_body: syn::Block,
    pub constants: Vec<ConstantUse>,
    pub functions: Vec<syn::Path>,
    pub options: Options,
    pub cost: Cost,
}
pub(crate) struct Param {
    pub name: Ident,
    pub mode: Mode,
    pub mutable_binding: bool,
    pub value_ty: syn::Type,
    pub fully_written: bool,
}
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    Write,
    Rw,
    Inc,
    Min,
    Max,
    Value,
}
impl Mode {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Read => "Read",
            Self::Write => "Write",
            Self::Rw => "Rw",
            Self::Inc => "Inc",
            Self::Min => "Min",
            Self::Max => "Max",
            Self::Value => "Value",
        }
    }
}
pub(crate) struct Options {
    pub lanes: Option<usize>,
    pub host: bool,
}
pub(crate) struct ConstantUse {
    pub ident: Ident,
    pub renamed: Ident,
}
pub(crate) struct Cost {
    pub flops: u64,
    pub divisions: u64,
    pub square_roots: u64,
    pub transcendentals: u64,
}
