//! Which format a mesh file has, and the one call that reads them all.

use std::path::Path;

use super::lines::Lines;
use super::mesh::Mesh;
use super::{ReadError, gmsh, mfem, obj, off, op2_mesh, ply, su2, vtk};

/// The formats of mesh files that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MeshFormat {
    /// Gmsh's MSH, versions 2.2 and 4.1, text and binary (`.msh`).
    Gmsh,
    /// SU2's native format (`.su2`).
    Su2,
    /// The text meshes of OP2's airfoil and aero programs (`.dat`).
    Op2,
    /// Wavefront OBJ surfaces (`.obj`).
    Obj,
    /// Geomview OFF surfaces (`.off`).
    Off,
    /// Stanford PLY surfaces, text and binary (`.ply`).
    Ply,
    /// MFEM's mesh format, version 1.0 (`.mesh`).
    Mfem,
    /// VTK's legacy format for unstructured grids, text and binary (`.vtk`).
    Vtk,
}

impl MeshFormat {
    /// The format of a file by its first bytes, or else by the ending of its name.
    fn of(start: &[u8], path: &Path) -> Option<Self> {
        Self::of_magic(start).or_else(|| Self::of_ending(path)).or_else(|| Self::of_line(start))
    }

    /// The formats whose files begin with a name.
    fn of_magic(start: &[u8]) -> Option<Self> {
        let begins_with = |magic: &str| start.trim_ascii_start().starts_with(magic.as_bytes());
        let magics = [
            (gmsh::MAGIC, Self::Gmsh),
            (vtk::MAGIC, Self::Vtk),
            (mfem::MAGIC, Self::Mfem),
            (off::MAGIC, Self::Off),
            ("ply\n", Self::Ply),
            ("ply\r\n", Self::Ply),
        ];
        magics.into_iter().find(|(magic, _)| begins_with(magic)).map(|(_, format)| format)
    }

    /// What the name of the file promises, without the endings of compressed files.
    fn of_ending(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let name = name.strip_suffix(".xz").or(name.strip_suffix(".zst")).unwrap_or(&name);
        let (_, ending) = name.rsplit_once('.')?;
        Some(match ending {
            "msh" => Self::Gmsh,
            "su2" => Self::Su2,
            "dat" => Self::Op2,
            "obj" => Self::Obj,
            "off" => Self::Off,
            "ply" => Self::Ply,
            "mesh" => Self::Mfem,
            "vtk" => Self::Vtk,
            _ => return None,
        })
    }

    /// What the first line looks like that is no comment.
    fn of_line(start: &[u8]) -> Option<Self> {
        let mut lines = start.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
        let line = lines.find(|line| !line.is_empty() && ![b'%', b'#'].contains(&line[0]))?;
        let line = std::str::from_utf8(line).ok()?;
        let mut words = line.split_whitespace();
        match words.next()? {
            "v" | "o" | "g" | "mtllib" => Some(Self::Obj),
            "OFF" => Some(Self::Off),
            _ if line.starts_with('N') && line.contains('=') => Some(Self::Su2),
            _ => {
                let counts = || line.split_whitespace();
                let is_header = (3..=4).contains(&counts().count())
                    && counts().all(|count| count.parse::<u32>().is_ok());
                is_header.then_some(Self::Op2)
            }
        }
    }
}

impl Mesh {
    /// Reads a mesh file of any [`MeshFormat`], compressed (zstd, xz) or not.
    ///
    /// The format is told by the first bytes of the file, or else by the ending of its name.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use op2_core::io::{Mesh, Shape};
    ///
    /// let mesh = Mesh::read("cylinder.msh.xz")?;
    /// let coords = mesh.coords::<2>()?;
    /// let triangles = mesh.table::<3>(Shape::Triangle)?;
    /// let inlet = mesh.group_nodes(mesh.group(1, "inlet")?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the file cannot be read, has none of the formats, or breaks the rules of its format;
    /// the error names the place and the reason.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ReadError> {
        let path = path.as_ref();
        let mut lines = Lines::open(path)?;
        let start = lines.start()?;
        let format = MeshFormat::of(&start, path).ok_or_else(|| {
            ReadError::whole_file(
                path,
                "is none of the mesh formats that are read: Gmsh MSH, SU2, OP2 text, OBJ, OFF, \
                 PLY, MFEM, legacy VTK",
            )
        })?;
        Self::of_lines(lines, format)
    }

    /// Reads a mesh file of a known format, whatever its name.
    ///
    /// # Errors
    /// As [`Mesh::read`].
    pub fn read_as(path: impl AsRef<Path>, format: MeshFormat) -> Result<Self, ReadError> {
        let mut lines = Lines::open(path.as_ref())?;
        lines.start()?;
        Self::of_lines(lines, format)
    }

    /// Reads the bytes of an uncompressed mesh file; `name` stands for the file in errors.
    ///
    /// # Errors
    /// As [`Mesh::read`].
    pub fn from_bytes(
        name: impl AsRef<Path>,
        bytes: Vec<u8>,
        format: MeshFormat,
    ) -> Result<Self, ReadError> {
        let mut lines = Lines::of_bytes(name.as_ref(), bytes);
        lines.start()?;
        Self::of_lines(lines, format)
    }

    fn of_lines(lines: Lines, format: MeshFormat) -> Result<Self, ReadError> {
        let name = lines.file().to_owned();
        let mesh = match format {
            MeshFormat::Gmsh => gmsh::read(lines),
            MeshFormat::Su2 => su2::read(lines),
            MeshFormat::Op2 => op2_mesh::read(lines),
            MeshFormat::Obj => obj::read(lines),
            MeshFormat::Off => off::read(lines),
            MeshFormat::Ply => ply::read(lines),
            MeshFormat::Mfem => mfem::read(lines),
            MeshFormat::Vtk => vtk::read(lines),
        };
        Ok(Self { name, ..mesh? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::op2_text::tests::Scratch;

    fn format(start: &str, name: &str) -> Option<MeshFormat> {
        MeshFormat::of(start.as_bytes(), Path::new(name))
    }

    #[test]
    fn the_beginning_tells_more_than_the_name() {
        assert_eq!(format("$MeshFormat\n", "a.mesh"), Some(MeshFormat::Gmsh));
        assert_eq!(format("MFEM mesh v1.0\n", "a.msh"), Some(MeshFormat::Mfem));
        assert_eq!(format("ply\r\nformat", "a"), Some(MeshFormat::Ply));
        assert_eq!(format("# vtk DataFile Version 4.2\n", "a"), Some(MeshFormat::Vtk));
    }

    #[test]
    fn names_help_where_the_beginning_says_nothing() {
        assert_eq!(format("% mesh\n", "b/a.SU2.xz"), Some(MeshFormat::Su2));
        assert_eq!(format("# mesh\n", "a.obj.zst"), Some(MeshFormat::Obj));
        assert_eq!(format("4 1 2\n", "a.dat"), Some(MeshFormat::Op2));
    }

    #[test]
    fn files_without_an_ending_are_told_by_their_first_line() {
        assert_eq!(format("% mesh\nNDIME= 2\n", "a"), Some(MeshFormat::Su2));
        assert_eq!(format("# mesh\nv 0 0 0\n", "a"), Some(MeshFormat::Obj));
        assert_eq!(format("# mesh\nOFF\n", "a"), Some(MeshFormat::Off));
        assert_eq!(format("4 1 2 3\n", "a"), Some(MeshFormat::Op2));
        assert_eq!(format("4 1 2 3 5\n", "a"), None);
        assert_eq!(format("<html>\n", "a.html"), None);
        assert_eq!(format("\n\n", "a"), None);
    }

    #[test]
    fn what_is_no_mesh_is_refused() {
        let reason = |name: &str, text: &str| {
            let file = Scratch::new(name, text.as_bytes());
            Mesh::read(file.path()).unwrap_err().reason
        };
        assert_eq!(reason("a.su2", ""), "is empty");
        assert!(
            reason("a.msh", "version https://git-lfs.github.com/spec/v1\n").contains("pointer")
        );
        assert!(reason("a.txt", "hello\n").contains("none of the mesh formats"));
        assert!(Mesh::from_bytes("a", Vec::new(), MeshFormat::Off).is_err());
        assert!(Mesh::read("no/such/mesh.msh").unwrap_err().reason.contains("cannot be read"));
    }
}
