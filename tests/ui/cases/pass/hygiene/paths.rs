//! Kernels in modules, by path, renamed, re-exported, inside functions.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Cells; }

mod kernels {
    use op2::prelude::*;

    #[op2::kernel]
    pub(crate) fn add(from: &f64, to: Inc<f64>) {
        *to += *from;
    }

    pub(crate) mod more {
        pub(crate) use super::add as plus;
    }
}

use kernels::add as accumulate;

fn local(cells: &Set<Cells>, a: &Dat<Cells, f64>) -> op2::Result<()> {
    #[op2::kernel]
    fn double(a: &mut f64) {
        *a *= 2.0;
    }
    par_loop!(double, cells, a(Rw))
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let cells = cx.set::<Cells>(1)?;
    let (a, sum) = (cx.dat("a", &cells, vec![1.0])?, cx.reduction::<f64>("sum"));
    par_loop!(kernels::add, cells, a(Read), sum(Inc))?;
    par_loop!(accumulate, cells, a(Read), sum(Inc))?;
    par_loop!(crate::kernels::more::plus, cells, a(Read), sum(Inc))?;
    local(&cells, &a)?;
    assert_eq!((sum.value()?, a.read()?[0]), (3.0, 2.0));
    Ok(())
}
