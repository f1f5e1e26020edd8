//! The suite on three ranks: with blocks of every set, and with elements anywhere.

mod blocks {
    use op2_suite::target::Target;

    op2_suite::instantiate!(Target::seq().on_ranks(3));
}

mod scattered {
    use op2_suite::target::Target;

    op2_suite::instantiate!(Target::seq().on_ranks(3).scattered());
}
