//! Mesh files as sets, maps and dats: what was declared is what is in the file.
//!
//! Areas and volumes are computed from the declared maps and coordinates, cell by cell and, with
//! Gauss's theorem, from the declared boundary alone. Files are found as in `mesh_files`.
#![cfg(feature = "io")]

use op2_core::base::config::Settings;
use op2_core::base::error::Result;
use op2_core::context::Context;
use op2_core::io::{Mesh, MeshSets, Shape, Topology};
use op2_core::mesh::dat::Dat;
use op2_core::mesh::reorder::Reorder;
use op2_core::mesh::set::{Set, SetMarker};

#[path = "mesh_files/all.rs"]
mod all;
#[path = "mesh_files/folder.rs"]
mod folder;

use all::files;
use folder::find;

macro_rules! sets {
    ($($name:ident)*) => {$(
        #[derive(Debug)]
        enum $name {}
        impl SetMarker for $name {
            const NAME: &'static str = stringify!($name);
        }
    )*};
}

sets! { Nodes Cells Inner Rim Edges Triangles Quads }

fn context() -> Context {
    Context::new(Settings::default(), None).unwrap()
}

fn load(name: &str) -> Option<Mesh> {
    let mut mesh = Mesh::read(find(name)?).unwrap();
    mesh.orient();
    Some(mesh)
}

/// Compares a sum with its value, to rounding: terms may be large and cancel.
#[track_caller]
fn assert_sum(terms: impl Iterator<Item = f64>, expected: f64) {
    let (sum, size) = terms.fold((0.0, 0.0), |(sum, size), term| (sum + term, size + term.abs()));
    assert!((sum - expected).abs() <= 1e-13 * size, "{sum:.14e} {expected:.14e}");
}

/// The area or volume between the origin and a facet: of these, Gauss makes that of the mesh.
fn cone<const D: usize>(corners: &[[f64; D]]) -> f64 {
    let at = |k: usize, axis: usize| corners[k][axis];
    let volume = |a: usize, b: usize, c: usize| {
        (at(a, 0) * (at(b, 1) * at(c, 2) - at(b, 2) * at(c, 1))
            + at(a, 1) * (at(b, 2) * at(c, 0) - at(b, 0) * at(c, 2))
            + at(a, 2) * (at(b, 0) * at(c, 1) - at(b, 1) * at(c, 0)))
            / 6.0
    };
    match (D, corners.len()) {
        (2, 2) => 0.5 * (at(0, 0) * at(1, 1) - at(0, 1) * at(1, 0)),
        (3, 3) => volume(0, 1, 2),
        (3, 4) => {
            let one = volume(0, 1, 2) + volume(0, 2, 3);
            0.5 * (one + volume(0, 1, 3) + volume(1, 2, 3))
        }
        _ => panic!("facets of {} corners in {D} dimensions", corners.len()),
    }
}

/// Declares a mesh of one shape with its boundary, and compares counts, tables and measure.
fn check<const A: usize, const D: usize, const K: usize>(mesh: &Mesh) -> Result<()> {
    let cx = context();
    let m: MeshSets<Nodes, Cells, A, D> = mesh.declare(&cx)?;
    assert_eq!(m.nodes.size(), mesh.points.len());
    assert_eq!(m.cells.size(), mesh.num_cells(mesh.cell_dim()));
    let shape = mesh.only_shape()?;
    let cell_nodes = m.cell_nodes.to_vec()?;
    assert_eq!(cell_nodes, mesh.table::<A>(shape)?);
    let x = m.x.to_vec()?;
    let corner = |node: u32| x[node as usize];
    let Ok(topology) = Topology::of(mesh) else { return Ok(()) };
    let rim = topology.declare_boundary::<Rim, _, _, K>(&cx, &m.nodes, &m.cells)?;
    let inner = topology.declare_interior::<Inner, _, _, K>(&cx, &m.nodes, &m.cells)?;
    let facets_of_cells = shape.facets().len() * m.cells.size();
    assert_eq!(2 * inner.set.size() + rim.set.size(), facets_of_cells);
    if mesh.cell_dim() < mesh.dim {
        return Ok(());
    }
    // Each cell is what its facets enclose.
    let faces = cell_nodes.iter().flat_map(|cell| {
        let facets = shape.facets().iter();
        facets.map(|facet| facet.iter().map(|&k| corner(cell[k as usize])).collect::<Vec<_>>())
    });
    assert_sum(faces.map(|face| cone(&face)), mesh.measure());
    // So is the whole mesh, and inner facets cancel.
    let faces = rim.nodes.to_vec()?.into_iter().map(|facet| cone(&facet.map(corner)));
    assert_sum(faces, mesh.measure());
    let sides = rim
        .cells
        .to_vec()?
        .into_iter()
        .chain(inner.cells.to_vec()?.into_iter().flat_map(|[a, b]| [[a], [b]]));
    let mut facets_per_cell = vec![0; m.cells.size()];
    sides.for_each(|[cell]| facets_per_cell[cell as usize] += 1);
    assert!(facets_per_cell.iter().all(|&count| count == shape.facets().len()));
    Ok(())
}

#[test]
fn every_file_can_be_declared() {
    let mut declared = 0;
    for path in files() {
        let mut mesh = Mesh::read(&path).unwrap();
        mesh.orient();
        let done = match (mesh.only_shape(), mesh.dim) {
            (Ok(Shape::Triangle), 2) => check::<3, 2, 2>(&mesh),
            (Ok(Shape::Quad), 2) => check::<4, 2, 2>(&mesh),
            (Ok(Shape::Triangle), _) => check::<3, 3, 2>(&mesh),
            (Ok(Shape::Quad), _) => check::<4, 3, 2>(&mesh),
            (Ok(Shape::Tetrahedron), _) => check::<4, 3, 3>(&mesh),
            (Ok(Shape::Hexahedron), _) => check::<8, 3, 4>(&mesh),
            (Err(_), _) => check_mixed(&mesh),
            (Ok(other), _) => panic!("{}: only {other}s", path.display()),
        };
        done.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        declared += 1;
    }
    assert!(declared >= 10, "only {declared} files were found");
}

/// Declares each shape apart.
fn check_mixed(mesh: &Mesh) -> Result<()> {
    fn block<const A: usize>(
        mesh: &Mesh,
        cx: &Context,
        nodes: &Set<Nodes>,
        all: &Set<Cells>,
        shape: Shape,
    ) -> Result<usize> {
        let (cells, cell_nodes) = mesh.declare_shape::<Quads, _, A>(cx, nodes, shape)?;
        assert_eq!(cell_nodes.to_vec()?, mesh.table::<A>(shape)?);
        let numbers = mesh.declare_numbers(cx, &cells, all, shape)?.to_vec()?;
        assert!(numbers.windows(2).all(|pair| pair[0][0] + 1 == pair[1][0]));
        Ok(cells.size())
    }
    let cx = context();
    let (nodes, _): (Set<Nodes>, Dat<Nodes, [f64; 3]>) = mesh.declare_nodes(&cx)?;
    let all = cx.set::<Cells>(mesh.num_cells(mesh.cell_dim()))?;
    let mut sum = 0;
    for cells in mesh.blocks_of_dim(mesh.cell_dim()) {
        sum += match cells.shape.num_nodes() {
            3 => block::<3>(mesh, &cx, &nodes, &all, cells.shape)?,
            4 => block::<4>(mesh, &cx, &nodes, &all, cells.shape)?,
            5 => block::<5>(mesh, &cx, &nodes, &all, cells.shape)?,
            6 => block::<6>(mesh, &cx, &nodes, &all, cells.shape)?,
            _ => block::<8>(mesh, &cx, &nodes, &all, cells.shape)?,
        };
    }
    assert_eq!(sum, all.size());
    Ok(())
}

#[test]
fn finite_volumes_on_triangles_and_quads() {
    let mesh = load("gmsh_mixed_v22.msh.xz").expect("it is in tests/data");
    let cx = context();
    let (nodes, x) = mesh.declare_nodes::<Nodes, 2>(&cx).unwrap();
    let cells = cx.set::<Cells>(mesh.num_cells(2)).unwrap();
    let (triangles, _) =
        mesh.declare_shape::<Triangles, _, 3>(&cx, &nodes, Shape::Triangle).unwrap();
    let (quads, _) = mesh.declare_shape::<Quads, _, 4>(&cx, &nodes, Shape::Quad).unwrap();
    assert_eq!((triangles.size(), quads.size(), cells.size()), (318, 256, 574));
    let quad_cells = mesh.declare_numbers(&cx, &quads, &cells, Shape::Quad).unwrap();
    assert_eq!(quad_cells.to_vec().unwrap()[0], [318]);
    let topology = Topology::of(&mesh).unwrap();
    let inner = topology.declare_interior::<Inner, _, _, 2>(&cx, &nodes, &cells).unwrap();
    let rim = topology.declare_boundary::<Rim, _, _, 2>(&cx, &nodes, &cells).unwrap();
    assert_eq!(2 * inner.set.size() + rim.set.size(), 3 * 318 + 4 * 256);
    let x = x.to_vec().unwrap();
    let rim = rim.nodes.to_vec().unwrap();
    assert_sum(rim.iter().map(|edge| cone(&edge.map(|n| x[n as usize]))), 2.0);
}

#[test]
fn groups_and_fields_of_a_file() {
    let mesh = load("gmsh_cyl_v22.msh.xz").expect("it is in tests/data");
    let cx = context();
    let m: MeshSets<Nodes, Cells, 3, 2> = mesh.declare(&cx).unwrap();
    let topology = Topology::of(&mesh).unwrap();
    let rim = topology.declare_boundary::<Rim, _, _, 2>(&cx, &m.nodes, &m.cells).unwrap();
    let names = ["inlet", "outlet", "walls", "cylinder"];
    let parts = names.map(|name| rim.group(&cx, &topology.group(&mesh, name).unwrap()).unwrap());
    assert_eq!(parts.iter().map(|part| part.indices().len()).sum::<usize>(), rim.set.size());
    let x = m.x.to_vec().unwrap();
    let (edges, round) = (rim.nodes.to_vec().unwrap(), &parts[3]);
    for node in round.indices().into_iter().flat_map(|edge| edges[edge as usize]) {
        let [x, y] = x[node as usize];
        assert!(((x - 0.2).hypot(y - 0.2) - 0.05).abs() < 1e-12);
    }
    let inlet = mesh.declare_group_nodes(&cx, &m.nodes, 1, "inlet").unwrap();
    assert!(inlet.indices().iter().all(|&node| x[node as usize][0] == 0.0));
    assert_eq!(inlet.name(), "inlet");
    let fluid = &mesh.groups.iter().find(|group| group.dim == 2).unwrap().name;
    let fluid = mesh.declare_group_cells(&cx, &m.cells, Shape::Triangle, fluid).unwrap();
    assert_eq!(fluid.indices().len(), m.cells.size());
    let (edges, _) = mesh.declare_edges::<Edges, _>(&cx, &m.nodes).unwrap();
    assert_eq!(edges.size(), 5349);

    let inner = topology.declare_interior::<Inner, _, _, 2>(&cx, &m.nodes, &m.cells).unwrap();
    let error = inner.group(&cx, &topology.group(&mesh, "inlet").unwrap()).unwrap_err();
    assert!(error.to_string().contains("facets of the group are not in set `Inner`"), "{error}");

    let square = load("square_v41.msh").unwrap();
    let (nodes, _) = square.declare_nodes::<Nodes, 2>(&cx).unwrap();
    let depth: Dat<Nodes, f64> = square.declare_field(&cx, &nodes, "depth").unwrap();
    assert_eq!(
        (depth.name(), depth.to_vec().unwrap()),
        ("Nodes#2.depth", vec![1.0, 2.0, 3.0, 4.0])
    );
    let error = square.declare_field::<_, [f64; 2]>(&cx, &nodes, "depth").unwrap_err();
    assert!(error.to_string().ends_with("point data `depth` has 1 values per point, not 2"));
    assert!(square.declare_field::<_, f64>(&cx, &m.nodes, "depth").is_err());
}

#[test]
fn what_was_declared_can_be_renumbered_and_declared_again() {
    let mesh = load("gmsh_cyl_v22.msh.xz").expect("it is in tests/data");
    let cx = context();
    let m: MeshSets<Nodes, Cells, 3, 2> = mesh.declare(&cx).unwrap();
    let topology = Topology::of(&mesh).unwrap();
    let inner = topology.declare_interior::<Inner, _, _, 2>(&cx, &m.nodes, &m.cells).unwrap();
    let before =
        (m.cell_nodes.to_vec().unwrap(), m.x.to_vec().unwrap(), inner.cells.to_vec().unwrap());
    cx.reorder(&Reorder::cuthill_mckee(&m.cell_nodes)).unwrap();
    assert!(m.nodes.permutation().is_some());
    let after =
        (m.cell_nodes.to_vec().unwrap(), m.x.to_vec().unwrap(), inner.cells.to_vec().unwrap());
    assert!(before == after, "the program's numbering has changed");
    // Parts declared later speak the same numbers.
    let rim = topology.declare_boundary::<Rim, _, _, 2>(&cx, &m.nodes, &m.cells).unwrap();
    let wall = rim.group(&cx, &topology.group(&mesh, "cylinder").unwrap()).unwrap();
    let edges = rim.nodes.to_vec().unwrap();
    for node in wall.indices().into_iter().flat_map(|edge| edges[edge as usize]) {
        let [x, y] = before.1[node as usize];
        assert!(((x - 0.2).hypot(y - 0.2) - 0.05).abs() < 1e-12);
    }
    // And the same file can be declared beside itself.
    let again: MeshSets<Nodes, Cells, 3, 2> = mesh.declare(&cx).unwrap();
    assert_eq!((again.nodes.name(), again.x.name()), ("Nodes#2", "Nodes#2.x"));
    assert_eq!(again.cell_nodes.name(), "Cells#2.Nodes#2");
}

#[test]
fn what_does_not_fit_is_said_with_the_file() {
    let cx = context();
    let cube = load("gmsh_cube_v41_bin.msh.xz").or_else(|| load("gmsh_cube_v22_bin.msh.xz"));
    let cube = cube.expect("one of them is in tests/data");
    let file = cube.name.display().to_string();
    let error = cube.declare::<Nodes, Cells, 3, 3>(&cx).unwrap_err().to_string();
    let expected = "the cells are tetrahedrons with 4 corners, not cells with 3; the mesh has \
                    2444 triangles, 10287 tetrahedrons";
    assert_eq!(error, format!("{file}: {expected}"));
    let error = cube.declare::<Nodes, Cells, 4, 2>(&cx).unwrap_err().to_string();
    assert!(error.starts_with(&file) && error.contains("3-dimensional"), "{error}");
    let mixed = load("gmsh_mixed_v22.msh.xz").expect("it is in tests/data");
    let error = mixed.declare::<Nodes, Cells, 3, 2>(&cx).unwrap_err().to_string();
    assert!(error.ends_with("318 triangles, 256 quads"), "{error}");
    let (nodes, _) = mixed.declare_nodes::<Nodes, 2>(&cx).unwrap();
    let error = cube.declare_cells::<Cells, _, 4>(&cx, &nodes).unwrap_err().to_string();
    assert!(error.ends_with("the mesh has 2303 points, set `Nodes` has 455"), "{error}");
    let error = mixed.declare_shape::<Cells, _, 4>(&cx, &nodes, Shape::Tetrahedron).unwrap_err();
    assert!(error.to_string().contains("the mesh has no tetrahedrons"), "{error}");
    let (nodes, _) = cube.declare_nodes::<Nodes, 3>(&cx).unwrap();
    let (cells, _) = cube.declare_cells::<Cells, _, 4>(&cx, &nodes).unwrap();
    let topology = Topology::of(&cube).unwrap();
    let error = topology.declare_boundary::<Rim, _, _, 4>(&cx, &nodes, &cells).unwrap_err();
    assert!(error.to_string().contains("has 3 corners; asked for were 4 for all"), "{error}");
}
