//! Whole mesh files: what is in them must come out, whatever the format.
//!
//! A part of the files lies in `tests/data`; the others are looked for in the folder that the
//! environment variable `SHARED_MESHES` names. Without it their tests say so and pass. Numbers
//! come from the publishers of the meshes, or were computed with other programs.
#![cfg(feature = "io")]

use op2_core::io::{Finding, Mesh, MeshFormat, Orientation, Shape, Topology, TopologyError};

#[path = "mesh_files/folder.rs"]
mod folder;

use folder::find;

/// Turns over all cells of a mesh that lists them clockwise, and nothing else.
fn oriented(mut mesh: Mesh) -> Mesh {
    if mesh.check() == [Finding::AllInverted] {
        assert_eq!(mesh.orient(), mesh.num_cells(mesh.cell_dim()));
    }
    mesh
}

/// The mesh in a file, unless the file is out of reach.
fn load(name: &str) -> Option<Mesh> {
    find(name).map(|path| Mesh::read(path).unwrap_or_else(|error| panic!("{error}")))
}

/// Points, edges, cells and boundary facets, counted.
fn counts(mesh: &Mesh) -> [usize; 4] {
    let topology = Topology::of(mesh).unwrap();
    let boundary = topology.boundary().len();
    [mesh.points.len(), mesh.num_edges(), topology.num_cells(), boundary]
}

#[track_caller]
fn assert_close(found: f64, expected: f64, relative: f64) {
    assert!((found - expected).abs() <= relative * expected.abs(), "{found:.14e} {expected:.14e}");
}

#[track_caller]
fn assert_sound(mesh: &Mesh) {
    let findings = mesh.check();
    assert!(findings.is_empty(), "{} findings: {}", findings.len(), findings[0]);
}

/// The lengths of the groups of one dimension.
fn groups(mesh: &Mesh, dim: usize) -> Vec<(&str, usize)> {
    let of_dim = mesh.groups.iter().filter(|group| group.dim == dim);
    of_dim.map(|group| (&*group.name, group.len())).collect()
}

/// The sum of the cells' areas, each times the mean of a field at its corners.
fn integral(mesh: &Mesh, field: &str) -> f64 {
    let values = &mesh.field(field).unwrap().values;
    let triangles = mesh.table::<3>(Shape::Triangle).unwrap();
    let means = triangles.iter().map(|t| t.iter().map(|&n| values[n as usize]).sum::<f64>() / 3.0);
    mesh.measures().iter().zip(means).map(|(area, mean)| area * mean).sum()
}

#[test]
fn gmsh_squares() {
    // nnz is what a matrix of linear elements has: nodes and edges, these twice.
    for (size, nodes, cells, nnz) in [
        ("0.2", 44, 66, 262),
        ("0.1", 142, 242, 908),
        ("0.05", 513, 944, 3425),
        ("0.025", 1941, 3720, 13261),
    ] {
        let Some(mesh) = load(&format!("gmsh_sq_{size}_v22.msh.xz")) else { continue };
        assert_eq!(mesh.dim, 2);
        assert_eq!((mesh.points.len(), mesh.num_cells(2)), (nodes, cells));
        assert_eq!(nodes + 2 * mesh.num_edges(), nnz);
        assert_close(mesh.measure(), 1.0, 1e-14);
        assert_eq!(mesh.euler_characteristic(), 1);
        assert_sound(&mesh);
    }
}

#[test]
fn gmsh_lshape_in_both_versions() {
    let Some(mesh) = load("gmsh_lshape_v22.msh.xz") else { return };
    assert_eq!(Some(&mesh), load("gmsh_lshape_v41.msh.xz").as_ref());
    assert_eq!((mesh.points.len(), mesh.num_cells(2)), (2787, 5370));
    assert_eq!(mesh.points.len() + 2 * mesh.num_edges(), 19099);
    assert_close(mesh.measure(), 3.0, 1e-14);
    assert_sound(&mesh);
}

#[test]
fn gmsh_cubes_are_the_same_in_all_four_files() {
    let files = ["v22", "v41", "v22_bin", "v41_bin"];
    let cubes = files.map(|version| load(&format!("gmsh_cube_{version}.msh.xz")));
    let mut cubes = cubes.into_iter().flatten();
    let mesh = cubes.next().expect("two of them are in tests/data");
    assert_eq!((mesh.points.len(), mesh.num_cells(3), mesh.num_cells(2)), (2303, 10287, 2444));
    assert_eq!(mesh.points.len() + 2 * mesh.num_edges(), 29925);
    assert_close(mesh.measure(), 1.0, 1e-13);
    assert_eq!((mesh.dim, mesh.euler_characteristic()), (3, 1));
    assert_sound(&mesh);
    let topology = Topology::of(&mesh).unwrap();
    assert_eq!(topology.boundary().len(), 2444);
    let sides: usize = topology.groups(&mesh).unwrap().iter().map(|group| group.facets.len()).sum();
    assert_eq!(sides, 2444);
    let names: Vec<_> = mesh.groups.iter().map(|group| (group.dim, &*group.name)).collect();
    assert_eq!(names, [(2, "bottom"), (2, "top"), (2, "sides"), (3, "body")]);
    for other in cubes {
        assert!(other.cells == mesh.cells && other.groups == mesh.groups, "the cubes differ");
        // Text has 16 digits, which is one too few for every double.
        let coordinates = other.points.as_flattened().iter().zip(mesh.points.as_flattened());
        assert!(coordinates.into_iter().all(|(a, b)| (a - b).abs() < 1e-16));
    }
}

#[test]
fn gmsh_airfoil_in_both_versions() {
    let Some(mesh) = load("gmsh_naca0012_v22.msh.xz") else { return };
    assert_eq!(Some(&mesh), load("gmsh_naca0012_v41.msh.xz").as_ref());
    assert_eq!(counts(&mesh), [3236, 9146, 5910, 562]);
    assert_close(mesh.measure(), 1_253.499_773_337_691, 1e-14);
    assert_eq!(mesh.euler_characteristic(), 0);
    assert_sound(&mesh);
}

#[test]
fn gmsh_cylinder_in_both_versions() {
    let mesh = load("gmsh_cyl_v22.msh.xz").expect("it is in tests/data");
    assert_eq!(Some(&mesh), load("gmsh_cyl_v41.msh.xz").as_ref());
    assert_eq!(counts(&mesh), [1863, 5349, 3486, 240]);
    assert_close(mesh.measure(), 0.894_158_628_774, 1e-12);
    assert_eq!(mesh.euler_characteristic(), 0);
    assert_sound(&mesh);
    let names: Vec<_> = groups(&mesh, 1).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["inlet", "outlet", "walls", "cylinder"]);
    let topology = Topology::of(&mesh).unwrap();
    let facets: Vec<_> =
        topology.groups(&mesh).unwrap().into_iter().flat_map(|g| g.facets).collect();
    assert_eq!(facets.len(), 240);
}

#[test]
fn gmsh_triangles_and_quads() {
    let mesh = load("gmsh_mixed_v22.msh.xz").expect("it is in tests/data");
    let cells = |shape| mesh.block(shape).map_or(0, op2_core::io::Cells::len);
    assert_eq!((mesh.points.len(), cells(Shape::Quad), cells(Shape::Triangle)), (455, 256, 318));
    assert_close(mesh.measure(), 2.0, 1e-14);
    assert!(mesh.only_shape().is_err());
    assert_sound(&mesh);
}

#[test]
fn thetis_bathymetries() {
    let seas = [
        ("north", [6396, 10583, 2279], &[("100", 118), ("200", 2161)][..]),
        ("japan", [8117, 15441, 793], &[("100", 196), ("200", 488), ("300", 109)]),
    ];
    let known = [
        (1.766_573_621_1e12, 9.535_597_586_494e14, [10.0, 3472.2]),
        (4.472_458_399_9e12, 2.158_829_171_145e16, [30.0, 9629.4]),
    ];
    for ((sea, numbers, coasts), (area, volume, [shallow, deep])) in seas.into_iter().zip(known) {
        let Some(mesh) = load(&format!("thetis_{sea}_sea_bathymetry.msh.xz")) else { continue };
        let [nodes, _, cells, boundary] = counts(&mesh);
        assert_eq!([nodes, cells, boundary], numbers);
        assert_eq!(groups(&mesh, 1), coasts);
        assert_close(mesh.measure(), area, 1e-10);
        assert_close(integral(&mesh, "bathymetry_depth_m"), volume, 1e-11);
        let depth = &mesh.field("bathymetry_depth_m").unwrap().values;
        assert_close(depth.iter().copied().fold(f64::MAX, f64::min), shallow, 1e-5);
        assert_close(depth.iter().copied().fold(0.0, f64::max), deep, 1e-5);
        assert_sound(&mesh);
    }
}

#[test]
fn su2_airfoil_of_triangles() {
    let Some(mesh) = load("su2_naca0012_inv_tri.su2.xz") else { return };
    assert_eq!(counts(&mesh), [5233, 15449, 10216, 250]);
    assert_eq!(groups(&mesh, 1), [("airfoil", 200), ("farfield", 50)]);
    assert_close(mesh.measure(), 1_253.250_499_987, 1e-12);
    assert_eq!(mesh.euler_characteristic(), 0);
    assert_sound(&mesh);
}

#[test]
fn su2_quads() {
    let files = [
        ("wedge_quad", 3750, 3626, &["inlet", "lower", "outlet", "upper"][..]),
        ("channel_bump_quad", 32768, 32385, &["inlet", "lower_wall", "outlet", "upper_wall"]),
        ("naca0015_ogrid_quad", 44100, 43800, &["airfoil", "farfield"]),
    ];
    for (name, nodes, cells, markers) in files {
        let Some(mesh) = load(&format!("su2_{name}.su2.xz")).map(oriented) else { continue };
        assert_eq!((mesh.points.len(), mesh.num_cells(2)), (nodes, cells), "{name}");
        let found: Vec<_> = groups(&mesh, 1).into_iter().map(|(name, _)| name).collect();
        assert_eq!(found, markers);
        assert_eq!(mesh.only_shape(), Ok(Shape::Quad));
        // All boundary edges are in markers, so every marker is a facet and none is missing.
        assert_eq!(counts(&mesh)[3], mesh.num_cells(1), "{name}");
        assert_sound(&mesh);
    }
}

#[test]
fn su2_triangles_and_quads() {
    let Some(mesh) = load("su2_naca64a010_hybrid.su2.xz").map(oriented) else { return };
    assert_eq!(mesh.points.len(), 6532);
    assert_eq!(mesh.table::<3>(Shape::Triangle).unwrap().len(), 5729);
    assert_eq!(mesh.table::<4>(Shape::Quad).unwrap().len(), 3584);
    assert_eq!(mesh.euler_characteristic(), 0);
    assert_sound(&mesh);
}

#[test]
fn su2_brick_of_tetrahedra() {
    let Some(mesh) = load("su2_brick_tets.su2.xz") else { return };
    assert_eq!((mesh.points.len(), mesh.num_cells(3), mesh.dim), (11703, 59156, 3));
    assert_eq!(groups(&mesh, 2).len(), 6);
    assert_eq!(counts(&mesh)[3], mesh.num_cells(2));
    assert_close(mesh.measure(), 2.0, 1e-12);
    let smallest = mesh.measures().into_iter().fold(f64::MAX, f64::min);
    assert_close(smallest, 4.358e-6, 1e-3);
    assert_eq!(mesh.euler_characteristic(), 1);
    assert_sound(&mesh);
}

#[test]
fn op2_airfoils() {
    // The cut behind the profile has two rows of nodes, so its edges count twice.
    for (name, numbers, cut) in [
        ("airfoil_small", [16471, 32190, 16200, 420], 60),
        ("airfoil_new_grid", [721_801, 1_438_600, 720_000, 2800], 400),
    ] {
        let Some(mesh) = load(&format!("{name}.dat.zst")) else { continue };
        let [nodes, edges, cells, boundary] = numbers;
        assert_eq!(counts(&mesh), [nodes, edges + boundary + cut, cells, boundary + 2 * cut]);
        assert_eq!(mesh.num_cells(1), boundary);
        assert_sound(&mesh);
    }
}

#[test]
fn op2_aero() {
    let Some(mesh) = load("aero_FE_grid.dat.zst").map(oriented) else { return };
    // The cut behind the profile is one row of nodes: the mesh is an annulus without a seam.
    assert_eq!(counts(&mesh), [721_400, 1_441_400, 720_000, 2800]);
    assert_eq!(mesh.euler_characteristic(), 0);
    assert_eq!(mesh.group_nodes(mesh.group(0, "boundary").unwrap()).len(), 2400);
    assert_sound(&mesh);
}

#[test]
fn spot_is_a_sphere() {
    let Some(mesh) = load("spot_surface.obj.xz") else { return };
    assert_eq!(counts(&mesh), [2930, 8784, 5856, 0]);
    assert_eq!((mesh.dim, mesh.euler_characteristic()), (3, 2));
    assert_close(mesh.measure(), 5.709_518_785_165, 1e-12);
    assert_close(mesh.enclosed_volume(), 0.718_258_788_100, 1e-11);
    assert_eq!(Topology::of(&mesh).unwrap().orientation(), Ok(Orientation::Consistent));
    assert_sound(&mesh);
}

#[test]
fn one_sided_surfaces_are_reported() {
    for (name, numbers, boundary) in
        [("klein-bottle", [128, 256, 128], 0), ("mobius-strip", [24, 40, 16], 16)]
    {
        let Some(mesh) = load(&format!("mfem_{name}.mesh.xz")) else { continue };
        let [nodes, edges, cells] = numbers;
        assert_eq!(counts(&mesh), [nodes, edges, cells, boundary]);
        assert_eq!((mesh.dim, mesh.euler_characteristic()), (3, 0));
        let error = Topology::of(&mesh).unwrap().orientation().unwrap_err();
        assert!(matches!(error, TopologyError::NonOrientable { .. }), "{error}");
        assert_eq!(mesh.check().len(), 1);
    }
}

#[test]
fn mfem_mixed_shapes() {
    if let Some(mesh) = load("mfem_fichera-mixed.mesh.xz") {
        assert_eq!((mesh.points.len(), mesh.num_cells(3), mesh.num_cells(2)), (26, 14, 30));
        assert_eq!(mesh.blocks_of_dim(3).count(), 3);
        assert_close(mesh.measure(), 7.0, 1e-14);
        assert_eq!((counts(&mesh)[3], mesh.euler_characteristic()), (30, 1));
        assert_sound(&mesh);
    }
    if let Some(mesh) = load("mfem_star-mixed.mesh.xz") {
        assert_eq!(counts(&mesh), [31, 60, 30, 20]);
        assert_sound(&mesh);
    }
    if let Some(mesh) = load("mfem_beam-tet.mesh.xz") {
        assert_eq!((mesh.points.len(), mesh.num_cells(3), mesh.num_cells(2)), (36, 48, 68));
        assert_close(mesh.measure(), 8.0, 1e-14);
        assert_eq!(counts(&mesh)[3], 68);
        assert_sound(&mesh);
    }
    if let Some(mesh) = load("mfem_periodic-square.msh.xz") {
        assert_eq!(counts(&mesh), [25, 40, 16, 16]);
        assert_close(mesh.measure(), 1.0, 1e-11);
        assert_sound(&mesh);
    }
}

#[test]
fn the_troublesome_mesh() {
    let Some(mesh) = load("skfem_troublesome_mesh.vtk.xz") else { return };
    assert_eq!((mesh.points.len(), mesh.num_cells(2), mesh.dim), (404, 724, 2));
    Topology::of(&mesh).unwrap();
}

#[test]
fn small_files_of_all_formats() {
    let square = load("square_v41.msh").unwrap();
    assert_eq!(square, load("square_v22_bin.msh").unwrap());
    assert_eq!(square, load("square_v41_bin.msh").unwrap());
    assert_eq!(square.field("depth").unwrap().values, [1.0, 2.0, 3.0, 4.0]);
    let grid = load("square.vtk").unwrap();
    assert_eq!(grid, load("square_bin.vtk").unwrap());
    assert_eq!(grid, load("square_v5.vtk").unwrap());
    for name in ["square.mesh", "square_curved.mesh", "airfoil.dat", "aero.dat"] {
        let mesh = load(name).unwrap();
        assert_eq!(mesh.measure(), 1.0, "{name}");
        assert_sound(&mesh);
    }
    let cube = load("cube.off").unwrap();
    for name in ["cube.ply", "cube_little.ply", "cube_big.ply", "cube.obj"] {
        let other = load(name).unwrap();
        assert_eq!((&other.points, &other.cells[0].nodes), (&cube.points, &cube.cells[0].nodes));
        assert_eq!((other.enclosed_volume(), other.euler_characteristic()), (1.0, 2), "{name}");
        assert_sound(&other);
    }
}

#[test]
fn a_file_can_be_read_by_format_and_from_memory() {
    let path = find("cube.off").unwrap();
    let cube = Mesh::read(&path).unwrap();
    assert_eq!(Mesh::read_as(&path, MeshFormat::Off).as_ref(), Ok(&cube));
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(Mesh::from_bytes("cube", bytes, MeshFormat::Off).as_ref(), Ok(&cube));
    assert!(Mesh::read_as(&path, MeshFormat::Ply).is_err());
}
