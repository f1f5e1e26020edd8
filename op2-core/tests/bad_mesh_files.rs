//! Damaged and hostile mesh files: refused with file, place and reason, soon and in little memory.
//!
//! This is a program of its own, because it measures the memory that it took.
#![cfg(feature = "io")]

use std::time::{Duration, Instant};

use op2_core::io::{Finding, MapTable, Mesh, MeshFormat, TopologyError};

#[path = "mesh_files/folder.rs"]
mod folder;

use folder::find;

/// What should happen to a file.
enum Fate {
    /// The error begins with this after the file's name.
    Refused(&'static str),
    /// It is a sound mesh.
    Sound,
    /// It is read, and the check finds this.
    Found(fn(&Finding) -> bool),
}

use Fate::{Found, Refused, Sound};

const FILES: [(&str, Fate); 32] = [
    ("00_good.su2", Sound),
    ("01_index_equal_count.su2", Refused(", line 8: names node 20, but the last of the 20")),
    ("02_index_negative.su2", Refused(", line 6: elements, row 3 of 24: `-1` (column 3) is out")),
    ("03_repeated_node_in_cell.su2", Refused(", line 10: elements, row 7 of 24: corners 2 and 3")),
    ("04_inverted_cell.su2", Found(|f| matches!(f, Finding::Inverted { cell: 4, .. }))),
    ("05_zero_area_cell.su2", Found(|f| matches!(f, Finding::Flat { .. }))),
    ("06_nan_coordinate.su2", Refused(", line 34: points, row 6 of 20: `nan` (column 1)")),
    ("07_truncated.su2", Refused(", line 40: the file ends before points, row 13 of 20")),
    ("08_count_too_large.su2", Refused(", line 27: elements, row 24 of 31: `NPOIN=`")),
    ("09_count_absurd.su2", Refused(", line 2: NELEM=: `4000000000000000000` (column 1) is more")),
    ("10_orphan_node.su2", Found(|f| matches!(f, Finding::Orphan { node: 20 }))),
    (
        "11_nonmanifold_edge.su2",
        Found(|f| matches!(f, Finding::Topology(TopologyError::NonManifold { .. }))),
    ),
    (
        "12_marker_edge_not_in_mesh.su2",
        Refused(", line 54: marker `bottom`: the line with nodes [0, 19] is no facet"),
    ),
    ("13_crlf_line_ends_VALID.su2", Sound),
    ("14_comments_tabs_blank_VALID.su2", Sound),
    ("15_pointer_file_instead_of_mesh.su2", Refused(", line 1: is a git-lfs pointer")),
    ("16_empty.su2", Refused(": is empty")),
    ("20_msh22_good.msh", Sound),
    ("21_msh22_sparse_node_ids_VALID.msh", Sound),
    (
        "22_msh22_missing_node_id.msh",
        Refused(", line 45: elements, row 16: the triangle names node 999, which is not there"),
    ),
    ("assimp/Cube.off", Sound),
    ("assimp/OutOfMemory.off", Refused(", line 2: numbers of vertices, faces and edges: `3535")),
    ("assimp/invalid.off", Refused(", line 2: numbers of vertices, faces and edges: the line")),
    // Its faces do not all look outward.
    ("assimp/box_longline.obj", Found(|f| matches!(f, Finding::MixedOrientation { .. }))),
    ("assimp/malformed.obj", Refused(", line 27: corners 2 and 3 of the quad are")),
    ("assimp/malformed2.obj", Refused(", line 23: 0 corners do not make a face")),
    // Its one triangle has its corners on a line.
    ("assimp/number_formats.obj", Found(|f| matches!(f, Finding::Flat { cell: 0 }))),
    ("assimp/cube.ply", Sound),
    ("assimp/cube_binary.ply", Sound),
    ("assimp/cube_binary_header_with_RN_newline.ply", Sound),
    // Points only: its header gives the list of corners to the vertices.
    ("assimp/issue623.ply", Found(|f| matches!(f, Finding::Orphan { node: 23 }))),
    (
        "assimp/crash-30d6d0f7c529b3b66b4131700b7a4580cd7082df.ply",
        Refused(", line 7: header: `\\0\\0\\0` is no type"),
    ),
];

const LONGEST: Duration = Duration::from_secs(1);

#[test]
fn every_file_meets_its_fate_soon_and_in_little_memory() {
    for (name, fate) in &FILES {
        let Some(path) = find(&format!("bad/{name}")) else { continue };
        let begin = Instant::now();
        let read = Mesh::read(&path);
        let findings = read.as_ref().map(Mesh::check);
        assert!(begin.elapsed() < LONGEST, "{name} took {:?}", begin.elapsed());
        match (fate, findings) {
            (Refused(reason), Err(error)) => {
                let beginning = format!("{}{reason}", path.display());
                assert!(error.to_string().starts_with(&beginning), "{error}\nnot {reason}");
            }
            (Refused(_), Ok(_)) => panic!("{name} was read"),
            (Sound, Ok(findings)) => assert_eq!(findings, [], "{name}"),
            (Found(wanted), Ok(findings)) => {
                assert!(findings.iter().any(wanted), "{name}: {findings:?}");
            }
            (_, Err(error)) => panic!("{error}"),
        }
    }
    if let Some(peak) = peak_memory_kib() {
        assert!(peak < 100 * 1024, "{peak} KiB");
    }
}

#[test]
fn sparse_numbers_and_odd_spelling_change_nothing() {
    let read = |name: &str| Mesh::read(find(&format!("bad/{name}")).unwrap()).unwrap();
    let good = read("00_good.su2");
    assert_eq!(good, read("13_crlf_line_ends_VALID.su2"));
    assert_eq!(good, read("14_comments_tabs_blank_VALID.su2"));
    let msh = read("20_msh22_good.msh");
    assert_eq!(msh, read("21_msh22_sparse_node_ids_VALID.msh"));
    assert_eq!((&msh.points, msh.measures()), (&good.points, good.measures()));
    assert!((good.measure() - 1.0).abs() < 1e-15);
}

#[test]
fn awkward_maps_are_read() {
    for (name, size, first) in [
        ("30_star_5000_edges_one_hub_VALID.map", [5000, 5001, 2], Some([0, 1])),
        ("31_empty_set_VALID.map", [0, 10, 2], None),
        ("32_self_edges_both_ends_same_VALID.map", [100, 7, 2], Some([0, 0])),
    ] {
        let Some(path) = find(&format!("bad/{name}")) else { continue };
        let map = MapTable::read(path).unwrap();
        assert_eq!([map.num_from, map.num_to, map.arity], size, "{name}");
        assert_eq!(map.rows::<2>().unwrap().first().copied(), first, "{name}");
    }
}

/// Damages small good files in ways that a seed fixes: whatever comes out, it is a mesh or an error.
///
/// The fuzz targets search far more; this keeps their simplest finds from coming back.
#[test]
fn damaged_files_give_a_mesh_or_an_error() {
    let formats = [
        (MeshFormat::Gmsh, "square_v41.msh"),
        (MeshFormat::Gmsh, "square_v22_bin.msh"),
        (MeshFormat::Gmsh, "square_v41_bin.msh"),
        (MeshFormat::Su2, "bad/00_good.su2"),
        (MeshFormat::Op2, "airfoil.dat"),
        (MeshFormat::Obj, "cube.obj"),
        (MeshFormat::Off, "cube.off"),
        (MeshFormat::Ply, "cube.ply"),
        (MeshFormat::Ply, "cube_big.ply"),
        (MeshFormat::Mfem, "square.mesh"),
        (MeshFormat::Mfem, "square_curved.mesh"),
        (MeshFormat::Vtk, "square_v5.vtk"),
        (MeshFormat::Vtk, "square_bin.vtk"),
    ];
    let mut random = Random(1);
    let begin = Instant::now();
    for (format, name) in formats.into_iter().cycle().take(formats.len() * 400) {
        if begin.elapsed() > 5 * LONGEST {
            break;
        }
        let mut bytes = std::fs::read(find(name).unwrap()).unwrap();
        damage(&mut bytes, &mut random);
        if let Ok(mesh) = Mesh::from_bytes(name, bytes, format) {
            mesh.check();
        }
    }
}

/// Cuts, flips a bit, or puts another number in place of one.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    const NUMBERS: [&[u8]; 8] =
        [b"0", b"-1", b"4294967295", b"99999999999999999999", b"1e308", b"nan", b"", b"7"];
    let at = random.below(bytes.len());
    match random.below(4) {
        0 => bytes.truncate(at),
        1 => bytes[at] ^= 1 << random.below(8),
        2 => bytes[at] = random.below(256) as u8,
        _ => {
            let is_digit = |byte: &u8| byte.is_ascii_digit();
            let Some(begin) = bytes[at..].iter().position(is_digit).map(|skip| at + skip) else {
                return;
            };
            let digits = bytes[begin..].iter().take_while(|byte| is_digit(byte)).count();
            let number = NUMBERS[random.below(NUMBERS.len())];
            bytes.splice(begin..begin + digits, number.iter().copied());
        }
    }
}

/// Xorshift: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// The most memory this process has taken, where the system tells.
fn peak_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
