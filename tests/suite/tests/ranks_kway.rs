//! The suite on ranks that have parts of the graph of the largest map.

mod two {
    use op2_suite::target::Target;

    op2_suite::instantiate!(Target::seq().on_ranks(2).by_graphs());
}

mod three {
    use op2_suite::target::Target;

    op2_suite::instantiate!(Target::rayon(2).on_ranks(3).by_graphs());
}

mod four {
    use op2_suite::target::Target;

    op2_suite::instantiate!(Target::seq().on_ranks(4).by_graphs());
}

mod seven {
    use op2_suite::target::Target;

    op2_suite::instantiate!(Target::seq().on_ranks(7).by_graphs());
}
