//! Gmsh's MSH format, versions 2.2 and 4.1, as text and binary (least significant byte first).
//!
//! Read are `$PhysicalNames`, `$Entities` (for the physical groups of 4.1), `$Nodes`, `$Elements`
//! and `$NodeData`; other sections, such as `$Periodic`, are read over. Nodes get dense numbers in
//! the order of the file, whatever theirs are; elements of higher order are refused.

mod elements;
mod names;
mod nodes;

use super::ReadError;
use super::builder::MeshBuilder;
use super::lines::Lines;
use super::mesh::Mesh;
use super::row::Row;
use super::values::Encoding;
use elements::EntityGroups;
use nodes::Numbering;

/// How an MSH file begins.
pub(super) const MAGIC: &str = "$MeshFormat";

/// The two layouts that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    V2,
    V4,
}

/// A file being read, and what was found so far.
struct Msh {
    lines: Lines,
    version: Version,
    encoding: Encoding,
    builder: MeshBuilder,
    numbering: Option<Numbering>,
    entity_groups: EntityGroups,
    has_elements: bool,
}

/// Reads a mesh from the beginning of its file.
pub(super) fn read(mut lines: Lines) -> Result<Mesh, ReadError> {
    let (version, encoding) = header(&mut lines)?;
    let mut msh = Msh {
        lines,
        version,
        encoding,
        builder: MeshBuilder::default(),
        numbering: None,
        entity_groups: EntityGroups::default(),
        has_elements: false,
    };
    while msh.lines.next_line()? {
        msh.section()?;
    }
    msh.finish()
}

impl Msh {
    fn section(&mut self) -> Result<(), ReadError> {
        let name = self.lines.text().to_vec();
        let Some(name) = name.strip_prefix(b"$") else {
            return Err(self.lines.here("is not the beginning of a section (`$...`)"));
        };
        let name = String::from_utf8_lossy(name).into_owned();
        let end = format!("$End{name}");
        match (&*name, self.version) {
            ("PhysicalNames", _) => self.physical_names()?,
            ("Entities", Version::V4) => self.entities()?,
            ("Nodes", _) => self.nodes()?,
            ("Elements", _) => self.elements()?,
            ("NodeData", _) => self.node_data()?,
            _ => return self.lines.skip_until(&end),
        }
        expect(&mut self.lines, &end)
    }

    fn numbering(&self) -> Result<&Numbering, ReadError> {
        self.numbering.as_ref().ok_or_else(|| self.lines.here("stands before `$Nodes`"))
    }

    fn finish(self) -> Result<Mesh, ReadError> {
        if !self.has_elements {
            return Err(self.lines.here("the file ends without `$Elements`"));
        }
        let dim = self.builder.dim_of_points();
        Ok(self.builder.finish(dim))
    }
}

fn header(lines: &mut Lines) -> Result<(Version, Encoding), ReadError> {
    expect(lines, MAGIC)?;
    let mut row = lines.expect_line("the format's version")?;
    let fields = |row: &mut Row| Ok((row.word()?.to_owned(), row.id()?, row.id()?));
    let read = fields(&mut row).and_then(|fields| row.end().map(|()| fields));
    let (version, binary, size) = read.map_err(|error| lines.in_table("version", error))?;
    let version = match &*version {
        "2.2" => Version::V2,
        "4.1" => Version::V4,
        other => {
            return Err(lines.here(format!(
                "MSH version {other} is not read; save the mesh with `gmsh -format msh41`"
            )));
        }
    };
    if binary > 1 || size != 8 {
        return Err(lines.here("a file type of 0 or 1 and a data size of 8 should follow"));
    }
    if binary == 0 {
        expect(lines, "$EndMeshFormat")?;
        return Ok((version, Encoding::Text));
    }
    match i32::from_le_bytes(lines.array("byte order")?) {
        1 => {}
        0x0100_0000 => return Err(lines.here("binary numbers of the other byte order")),
        _ => return Err(lines.here("the byte order is neither of the two")),
    }
    expect(lines, "$EndMeshFormat")?;
    Ok((version, Encoding::Little))
}

/// Moves to the next line, which must be `text`.
fn expect(lines: &mut Lines, text: &str) -> Result<(), ReadError> {
    lines.expect_line(format_args!("`{text}`"))?;
    if lines.text() == text.as_bytes() {
        return Ok(());
    }
    let found = lines.text()[..lines.text().len().min(24)].escape_ascii().to_string();
    Err(lines.here(format!("`{text}` should stand here, not `{found}`")))
}

#[cfg(test)]
mod tests;
