//! Whether this process is one of several that a launcher started, known without MPI.

/// How many ranks `mpirun`, `mpiexec` or `srun` has started this program on, if more than one.
///
/// A program that was built without MPI can refuse to run so many times side by side.
pub fn launched() -> Option<usize> {
    ranks(|name| std::env::var(name).ok())
}

/// How many of a launcher's ranks are on this machine, where it says so.
pub fn ranks_here() -> Option<usize> {
    let told = ["OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "MV2_COMM_WORLD_LOCAL_SIZE"];
    let number = |name| std::env::var(name).ok()?.trim().parse().ok();
    told.into_iter().find_map(number).filter(|ranks| *ranks > 0)
}

/// What launchers tell in the environment.
fn ranks(variable: impl Fn(&str) -> Option<String>) -> Option<usize> {
    let number = |name| variable(name)?.trim().parse::<usize>().ok();
    // Open MPI; MPICH and what descends from it; MVAPICH.
    let told = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE"];
    // Slurm sets its variables also where it starts a program once, as in a batch script. Only a
    // program that is to be one of several ranks is told of a process manager.
    let by_slurm = || {
        ["PMIX_RANK", "PMI_RANK", "PMI_FD"].into_iter().find_map(&variable)?;
        ["SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"].into_iter().find_map(number)
    };
    told.into_iter().find_map(number).or_else(by_slurm).filter(|ranks| *ranks > 1)
}

#[cfg(test)]
mod tests {
    use super::ranks;

    fn told(environment: &[(&str, &str)]) -> Option<usize> {
        ranks(|name| {
            let found = environment.iter().find(|(other, _)| *other == name)?;
            Some(found.1.to_owned())
        })
    }

    #[test]
    fn launchers_tell_how_many_ranks_there_are() {
        assert_eq!(told(&[("OMPI_COMM_WORLD_SIZE", "4")]), Some(4));
        assert_eq!(told(&[("PMI_RANK", "1"), ("PMI_SIZE", "3")]), Some(3));
        assert_eq!(told(&[("PMIX_RANK", "0"), ("SLURM_NTASKS", "8")]), Some(8));
        let step = [("PMIX_RANK", "0"), ("SLURM_NTASKS", "8"), ("SLURM_STEP_NUM_TASKS", "2")];
        assert_eq!(told(&step), Some(2));
    }

    #[test]
    fn a_program_started_once_is_not_launched() {
        assert_eq!(told(&[]), None);
        assert_eq!(told(&[("OMPI_COMM_WORLD_SIZE", "1")]), None);
        assert_eq!(told(&[("SLURM_NTASKS", "8"), ("SLURM_PROCID", "0")]), None, "a batch script");
        assert_eq!(told(&[("PMI_SIZE", "many")]), None);
    }
}
