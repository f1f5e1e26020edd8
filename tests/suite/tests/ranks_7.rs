//! The suite on seven ranks: with blocks of every set, and with elements anywhere.

mod blocks {
    use op2_suite::target::Target;

    op2_suite::instantiate!(Target::seq().on_ranks(7));
}

mod scattered {
    use op2_suite::target::Target;

    op2_suite::instantiate!(Target::seq().on_ranks(7).scattered());
}
