//! The suite on the processes that `mpirun` starts, with elements anywhere on them.

mod seq {
    use op2_suite::target::Target;

    op2_suite::instantiate!(Target::seq().on_processes().scattered());
}

mod rayon {
    use op2_suite::target::Target;

    op2_suite::instantiate!(Target::rayon(2).on_processes().scattered());
}

mod memcheck {
    use op2_suite::target::Target;

    op2_suite::instantiate!(Target::memcheck().on_processes().scattered());
}
