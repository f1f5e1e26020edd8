//! The program's numbers beside those of scikit-fem 12.0.2 on the same meshes.
//!
//! Matrix norms, energies and entry counts depend on the mesh alone and agree to all digits given. The
//! errors depend on how they, and the load, are integrated. For triangles both programs have rules of
//! degree 8 that agree to all 11 digits given. More points would change the errors themselves, by
//! parts of 2e-9 on the coarsest square and less than 1e-11 on the finer ones; on the L-shape, whose
//! solution has an infinite gradient in the corner, by 2e-5 in L2 and 6e-3 in H1. For tetrahedra the
//! rules differ, and the numbers with them: by 2e-5 in L2, 2e-7 in H1, 2e-8 in the largest value. Ours
//! change by 4e-12 when every tetrahedron is cut into eight to integrate on.

use std::path::PathBuf;

use op2::Context;
use op2::io::Mesh;

use crate::common::phases::Phases;
use crate::common::unit_square::unit_square;
use crate::poisson::{self, Conditioning, Task};
use crate::problem::Problem;
use crate::solution::Solution;

/// A mesh file: a small one of the repository, or one of the folder that `SHARED_MESHES` names.
fn find(name: &str) -> Option<PathBuf> {
    let name = format!("{name}.msh.xz");
    let own = ["op2-core/tests/data", "tests/data"];
    let own = own.map(|folder| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder));
    let shared = std::env::var_os("SHARED_MESHES").map(PathBuf::from);
    let path = own.into_iter().chain(shared).map(|folder| folder.join(&name));
    let found = path.into_iter().find(|path| path.exists());
    if found.is_none() {
        eprintln!("skipped: set SHARED_MESHES to the folder that holds {name}");
    }
    found
}

/// The solution on a mesh file, if there is one.
fn solve(name: &str, problem: Problem) -> Option<Solution> {
    Some(solve_with(Conditioning::Jacobi, &Mesh::read(find(name)?).unwrap(), problem))
}

fn solve_with(conditioning: Conditioning, mesh: &Mesh, problem: Problem) -> Solution {
    let cx = Context::builder().build().unwrap();
    let task = Task { problem, conditioning };
    poisson::solve(&cx, mesh, task, &mut Phases::default()).unwrap()
}

/// `tolerance` is in parts of the number.
fn assert_near(value: f64, known: f64, tolerance: f64) {
    let off = (value / known - 1.0).abs();
    assert!(off < tolerance, "{value:e} is {off:e} off {known:e} (allowed: {tolerance:e})");
}

/// Half a unit of the eleventh digit, at worst.
const ELEVEN_DIGITS: f64 = 5e-11;
const THIRTEEN_DIGITS: f64 = 5e-13;

#[test]
fn squares_have_the_known_errors() {
    let known = [
        ("0.2", 262, 20.920_498_456_31, [2.451_023_998_1e-2, 4.642_664_926_4e-1]),
        ("0.1", 908, 40.437_820_736_73, [6.714_523_522_1e-3, 2.448_687_962_7e-1]),
        ("0.05", 3425, 80.824_857_232_31, [1.718_680_180_4e-3, 1.239_668_740_5e-1]),
        ("0.025", 13261, 160.564_568_167_8, [4.230_970_846_4e-4, 6.168_177_569_1e-2]),
    ];
    for (h, nnz, frobenius, [l2, h1]) in known {
        let Some(found) = solve(&format!("gmsh_sq_{h}_v22"), Problem::SINES) else { continue };
        assert_eq!(found.nnz, nnz);
        assert_near(found.frobenius, frobenius, THIRTEEN_DIGITS);
        assert_near(found.measure, 1.0, 1e-14);
        assert_near(found.errors.unwrap()[0], l2, ELEVEN_DIGITS);
        assert_near(found.errors.unwrap()[1], h1, ELEVEN_DIGITS);
    }
}

#[test]
fn the_l_shape_has_the_known_errors_and_energy() {
    for version in ["v22", "v41"] {
        let name = format!("gmsh_lshape_{version}");
        let Some(found) = solve(&name, Problem::LSHAPE) else { continue };
        assert_eq!((found.nodes, found.cells, found.nnz), (2787, 5370, 19099));
        assert_near(found.errors.unwrap()[0], 2.567_959_180_3e-4, ELEVEN_DIGITS);
        assert_near(found.errors.unwrap()[1], 2.506_927_699_2e-2, ELEVEN_DIGITS);
        assert_near(found.energy, 1.837_003_234_654, THIRTEEN_DIGITS);
        assert_near(found.measure, 3.0, 1e-14);
    }
}

#[test]
fn four_files_of_the_cube_have_one_answer() {
    let files = ["v22_bin", "v41_bin", "v22", "v41"].map(|version| format!("gmsh_cube_{version}"));
    let found = files.iter().filter_map(|file| solve(file, Problem::SINES));
    let found: Vec<_> = found.collect();
    for one in &found {
        assert_eq!((one.nodes, one.cells, one.nnz), (2303, 10287, 29925));
        let [l2, h1] = one.errors.unwrap();
        // The other program has another rule: see above.
        assert_near(l2, 9.465_387_144_1e-3, 2e-5);
        assert_near(h1, 3.022_964_858_0e-1, 2e-7);
        assert_near(one.max_u, 0.996_250_299_0, 2e-8);
        // Ours, with eight times as many points.
        assert_near(l2, 9.465_269_782_227e-3, 1e-11);
        assert_near(h1, 3.022_965_166_247e-1, 1e-12);
        // Text has fewer digits of the coordinates than binary files.
        let [first_l2, first_h1] = found[0].errors.unwrap();
        assert_near(l2, first_l2, 1e-13);
        assert_near(h1, first_h1, 1e-13);
        assert_near(one.frobenius, found[0].frobenius, 1e-14);
        assert_near(one.energy, found[0].energy, 1e-14);
    }
}

#[test]
fn other_meshes_have_the_known_matrix() {
    let known = [
        ("gmsh_cyl", 1.568_896_397_566e2, 0.894_158_628_774),
        ("gmsh_naca0012", 2.105_278_994_185e2, 1_253.499_773_337_691),
    ];
    for (name, frobenius, area) in known {
        for version in ["v22", "v41"] {
            let problem = Problem::constant(1.0);
            let Some(found) = solve(&format!("{name}_{version}"), problem) else { continue };
            assert_near(found.frobenius, frobenius, THIRTEEN_DIGITS);
            assert_near(found.measure, area, 1e-12);
            assert!(found.errors.is_none());
            // With u as test function: the integral of |grad u|^2 is that of f u.
            assert_near(found.energy, found.integral_u, 1e-11);
        }
    }
}

#[test]
fn preconditioners_change_the_way_and_not_the_answer() {
    let mesh = unit_square(32, 32).unwrap();
    let all = [Conditioning::Jacobi, Conditioning::Ssor, Conditioning::Ic0];
    let [jacobi, ssor, ic0] = all.map(|which| solve_with(which, &mesh, Problem::SINES));
    assert!(ic0.iterations < ssor.iterations && ssor.iterations < jacobi.iterations);
    assert_near(jacobi.energy, ic0.energy, 1e-13);
    assert_near(ssor.energy, ic0.energy, 1e-13);
    assert!([jacobi, ssor, ic0].iter().all(|solution| solution.residual < 1e-11));
}

#[test]
fn a_surface_is_a_domain_too() {
    // The plane mesh, tilted in space: the same triangles, the same answer.
    let plane = unit_square(16, 16).unwrap();
    let mut tilted = plane.clone();
    tilted.dim = 3;
    for [x, y, z] in &mut tilted.points {
        (*x, *z) = (0.6 * *x - 1.0, 0.8 * *x + *z);
        *y += 5.0;
    }
    let problem = Problem::constant(1.0);
    let [flat, found] = [&plane, &tilted].map(|mesh| solve_with(Conditioning::Ic0, mesh, problem));
    assert_near(found.measure, 1.0, 1e-14);
    assert_near(found.max_u, flat.max_u, 1e-12);
    assert_near(found.integral_u, flat.integral_u, 1e-12);
    // The mean of the solution on the unit square, by its series.
    assert_near(found.integral_u, 0.035_144_25, 2e-2);
}

#[test]
fn threads_do_not_change_a_bit() {
    let mesh = unit_square(128, 128).unwrap();
    let task = Task { problem: Problem::SINES, conditioning: Conditioning::Jacobi };
    let [one, three] = [1, 3].map(|threads| {
        let cx = Context::builder().threads(threads).build().unwrap();
        poisson::solve(&cx, &mesh, task, &mut Phases::default()).unwrap()
    });
    assert_eq!(one.u, three.u);
    assert_eq!((one.frobenius, one.errors), (three.frobenius, three.errors));
}

#[test]
fn meshes_that_do_not_fit_are_refused() {
    let refusal = |mesh: &Mesh, problem| {
        let cx = Context::builder().build().unwrap();
        let task = Task { problem, conditioning: Conditioning::Jacobi };
        poisson::solve(&cx, mesh, task, &mut Phases::default()).unwrap_err().to_string()
    };
    let corners = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    let surface = [[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]];
    let closed = Mesh::new(&corners, op2::io::Shape::Triangle, &surface).unwrap();
    assert!(refusal(&closed, Problem::constant(1.0)).contains("no boundary"));
    assert!(refusal(&closed, Problem::SINES).contains("`sines` does not solve"));
    let solid = Mesh::new(&corners, op2::io::Shape::Tetrahedron, &[[0, 1, 2, 3]]).unwrap();
    assert!(refusal(&solid, Problem::LSHAPE).contains("`lshape` is made for plane meshes"));
    let flat = corners.map(|[x, y, z]| [x + z, y + z]);
    let quad = Mesh::new(&flat, op2::io::Shape::Quad, &[[0, 1, 3, 2]]).unwrap();
    assert!(refusal(&quad, Problem::SINES).contains("the cells are quads"));
    let orphan = Mesh::new(&flat, op2::io::Shape::Triangle, &[[0, 1, 2]]).unwrap();
    assert!(refusal(&orphan, Problem::SINES).contains("node 3 belongs to no cell"));
}
