use std::path::Path;

use super::*;
use crate::io::Shape;

/// Two triangles on the unit square with one named side.
const V2: &str = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n\
    $PhysicalNames\n2\n1 4 \"left wall\"\n2 9 \"inside\"\n$EndPhysicalNames\n\
    $Nodes\n4\n10 0 0 0\n20 1 0 0\n30 1 1 0\n40 0 1 0\n$EndNodes\n\
    $Elements\n4\n1 15 2 0 1 10\n2 1 2 4 1 40 10\n3 2 2 9 1 10 20 30\n4 2 2 9 1 10 30 40\n$EndElements\n\
    $NodeData\n1\n\"depth\"\n1\n0.0\n3\n0\n1\n4\n40 4\n10 1\n20 2\n30 3\n$EndNodeData\n";

/// The same in version 4.1.
const V4: &str = "$MeshFormat\n4.1 0 8\n$EndMeshFormat\n\
    $PhysicalNames\n2\n1 4 \"left wall\"\n2 9 \"inside\"\n$EndPhysicalNames\n\
    $Entities\n1 1 1 0\n1 0 0 0 0\n5 0 0 0 0 1 0 1 4 2 1 -2\n6 0 0 0 1 1 0 1 9 1 5\n$EndEntities\n\
    $Nodes\n2 4 10 40\n0 1 0 1\n10\n0 0 0\n1 5 1 3\n20\n30\n40\n1 0 0 0.5\n1 1 0 0.5\n0 1 0 0.5\n$EndNodes\n\
    $Elements\n3 4 1 4\n0 1 15 1\n1 10\n1 5 1 1\n2 40 10\n2 6 2 2\n3 10 20 30\n4 10 30 40\n$EndElements\n\
    $NodeData\n1\n\"depth\"\n1\n0.0\n3\n0\n1\n4\n40 4\n10 1\n20 2\n30 3\n$EndNodeData\n";

fn mesh(text: &str) -> Result<Mesh, String> {
    let lines = Lines::of_bytes(Path::new("a.msh"), text.as_bytes().to_vec());
    read(lines).map_err(|error| error.to_string())
}

#[test]
fn both_versions_give_the_same_mesh() {
    let square = mesh(V2).unwrap();
    assert_eq!(square, mesh(V4).unwrap());
    assert_eq!(square.dim, 2);
    assert_eq!(square.coords::<2>().unwrap()[2], [1.0, 1.0]);
    assert_eq!(square.table::<3>(Shape::Triangle).unwrap(), [[0, 1, 2], [0, 2, 3]]);
    let wall = square.group(1, "left wall").unwrap();
    assert_eq!((wall.tag, &wall.members[..]), (4, &[(Shape::Line, vec![0])][..]));
    assert_eq!(square.group(2, "inside").unwrap().len(), 2);
    assert_eq!(square.field("depth").unwrap().values, [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn unknown_sections_are_read_over() {
    let extra = V2.replace("$Nodes", "$Periodic\n1\n$anything\n$EndPeriodic\n$Nodes");
    assert_eq!(mesh(&extra), mesh(V2));
    let open = format!("{V2}$Periodic\n1\n");
    assert!(mesh(&open).unwrap_err().contains("before `$EndPeriodic`"));
}

#[test]
fn wrong_files_are_refused_with_place_and_reason() {
    let cases = [
        (V2, "2.2 0 8", "4.0 0 8", "line 2: MSH version 4.0 is not read"),
        (V2, "2.2 0 8", "2.2 0 4", "line 2: a file type"),
        (V2, "10 20 30", "10 20 31", "line 20: elements, row 2: the triangle names node 31"),
        (V2, "10 20 30", "10 20 10", "line 20: elements, row 2: corners 1 and 3"),
        (
            V2,
            "4 2 2 9 1 10 30 40",
            "4 9 2 9 1 1 2 3 4 5 6",
            "line 21: elements, row 3: element type 9",
        ),
        (
            V2,
            "4 2 2 9 1 10 30 40",
            "4 2 9999999 9 1 10 30 40",
            "line 21: elements, row 3: an element with",
        ),
        (V2, "40 0 1 0", "30 0 1 0", "number 30 occurs twice"),
        (V2, "Elements\n4", "Elements\n5", "line 22: elements, row 4: `$EndElements`"),
        (V2, "Elements\n4", "Elements\n3", "line 21: `$EndElements` should stand here"),
        (V2, "Nodes\n4", "Nodes\n4000000000", "line 10: nodes: 4000000000 rows are announced"),
        (V2, "1\n4\n40 4", "1\n3\n40 4", "3 nodes have values, but the mesh has 4"),
        (V2, "40 4", "41 4", "there is no node 41"),
        (V2, "40 4", "10 4", "node 10 has values twice"),
        (V2, "\"depth\"", "depth", "`depth` is not a name in quotes"),
        (V2, "1 4 \"", "2 9 \"", "has two names"),
        (V4, "2 4 10 40", "2 5 10 40", "5 nodes are announced, 4 are there"),
        (V4, "2 4 10 40", "2 3 10 40", "more than the 3 nodes announced"),
        (V4, "3 4 1 4", "3 5 1 4", "5 elements are announced, 4 are there"),
        (V4, "3 4 1 4", "3 3 1 4", "more than the 3 elements announced"),
        (V4, "1 1 0 0.5", "nan 1 0 0.5", "is not a finite number"),
        (V4, "1 4 2 1 -2", "4000000000 4 2 1 -2", "4000000000 rows are announced"),
    ];
    for (text, from, to, reason) in cases {
        assert!(text.contains(from), "{from}");
        let error = mesh(&text.replacen(from, to, 1)).unwrap_err();
        assert!(error.starts_with("a.msh") && error.contains(reason), "{reason}:\n{error}");
    }
}

#[test]
fn sections_stand_once_and_in_order() {
    let (head, nodes) = V2.split_at(V2.find("$Nodes").unwrap());
    let elements = nodes.find("$Elements").unwrap();
    let (nodes, elements) = nodes.split_at(elements);
    assert!(mesh(&format!("{head}{elements}{nodes}")).unwrap_err().contains("before `$Nodes`"));
    assert!(mesh(&format!("{head}{nodes}{nodes}")).unwrap_err().contains("`$Nodes` twice"));
    assert!(mesh(&format!("{head}{nodes}")).unwrap_err().contains("without `$Elements`"));
    assert!(mesh(&format!("{head}oops\n")).unwrap_err().contains("beginning of a section"));
}

#[test]
fn truncated_files_are_refused() {
    for text in [V2, V4] {
        let elements = text.find("$EndElements").unwrap();
        for length in 0..elements + "$EndElement".len() {
            assert!(mesh(&text[..length]).is_err(), "{length} bytes");
        }
    }
}
