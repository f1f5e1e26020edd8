//! The suite on four ranks of two threads: with blocks of every set, and with elements anywhere.

mod blocks {
    use op2_suite::target::Target;

    op2_suite::instantiate!(Target::rayon(2).on_ranks(4));
}

mod scattered {
    use op2_suite::target::Target;

    op2_suite::instantiate!(Target::rayon(2).on_ranks(4).scattered());
}
