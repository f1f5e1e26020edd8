//! The named parts of an MSH file: physical groups, the entities they consist of, node data.

use super::super::ReadError;
use super::super::mesh::PointData;
use super::super::row::{Row, RowError};
use super::super::values::Values;
use super::Msh;

impl Msh {
    /// `dimension number "name"`, as text in all files.
    pub(super) fn physical_names(&mut self) -> Result<(), ReadError> {
        let num_names = self.count("the number of physical names")?;
        let names = self.lines.table(num_names, 3, "physical names", |row| {
            Ok((row.index(4)? as usize, row.number::<i32>()?, quoted(row)?.to_owned()))
        })?;
        for (dim, tag, name) in names {
            if !self.builder.name_group(dim, tag, &name) {
                let reason = format!("physical group {tag} of dimension {dim} has two names");
                return Err(self.lines.here(reason));
            }
        }
        Ok(())
    }

    /// Points, curves, surfaces and volumes of the geometry: of interest are their groups.
    pub(super) fn entities(&mut self) -> Result<(), ReadError> {
        let mut values = Values::new(&mut self.lines, self.encoding, "entities");
        values.row()?;
        let mut counts = [0; 4];
        for count in &mut counts {
            *count = values.size()?;
        }
        values.end()?;
        for (dim, count) in counts.into_iter().enumerate() {
            for _ in 0..count {
                let (entity, groups) = entity(&mut values, dim)?;
                if !groups.is_empty() {
                    self.entity_groups.insert((dim as i32, entity), groups);
                }
            }
        }
        Ok(())
    }

    /// Tags that describe the data, as text in all files, then a number and values for each node.
    pub(super) fn node_data(&mut self) -> Result<(), ReadError> {
        let names = self.strings()?;
        let num_reals = self.count("the number of real tags")?;
        self.lines.each_row(num_reals, "real tags", |row, _| row.number::<f64>().map(drop))?;
        let num_integers = self.count("the number of integer tags")?;
        let mut integers = Vec::new();
        self.lines.each_row(num_integers, "integer tags", |row, _| {
            integers.push(row.id()?);
            Ok(())
        })?;
        let [_step, components @ (1 | 3 | 9), num_rows, ..] = integers[..] else {
            return Err(self.lines.here(
                "node data: a time step, a number of components (1, 3 or 9) and a number of nodes \
                 should stand here",
            ));
        };
        let name = names.into_iter().next().unwrap_or_default();
        self.node_values(name, components as usize, num_rows)
    }

    fn strings(&mut self) -> Result<Vec<String>, ReadError> {
        let num_strings = self.count("the number of string tags")?;
        self.lines.table(num_strings, 1, "string tags", |row| quoted(row).map(str::to_owned))
    }

    fn node_values(
        &mut self,
        name: String,
        components: usize,
        num_rows: u64,
    ) -> Result<(), ReadError> {
        let num_points = self.numbering()?.len();
        if num_rows != num_points as u64 {
            let reason = format!(
                "node data `{name}`: {num_rows} nodes have values, but the mesh has {num_points}"
            );
            return Err(self.lines.here(reason));
        }
        let numbering = self.numbering.take().expect("asked for above");
        let mut values = Values::new(&mut self.lines, self.encoding, "node data");
        let mut table = vec![f64::NAN; num_points * components];
        for _ in 0..num_rows {
            values.row()?;
            let id = values.id32()?;
            let Some(point) = numbering.point(id) else {
                return Err(values.here(format!("there is no node {id}")));
            };
            let row = &mut table[point as usize * components..][..components];
            if !row[0].is_nan() {
                return Err(values.here(format!("node {id} has values twice")));
            }
            for value in row {
                *value = values.f64()?;
            }
            values.end()?;
        }
        self.numbering = Some(numbering);
        self.builder.point_data.push(PointData { name, components, values: table });
        Ok(())
    }
}

/// The number of an entity and the physical groups it belongs to.
fn entity(values: &mut Values, dim: usize) -> Result<(i32, Vec<i32>), ReadError> {
    values.row()?;
    let entity = values.i32()?;
    // A point has its coordinates, the others a box around them.
    for _ in 0..if dim == 0 { 3 } else { 6 } {
        values.f64()?;
    }
    let groups = integers(values)?;
    if dim > 0 {
        integers(values)?; // The entities of one dimension less that bound it.
    }
    values.end()?;
    Ok((entity, groups))
}

/// A count and as many integers.
fn integers(values: &mut Values) -> Result<Vec<i32>, ReadError> {
    let count = values.count()?;
    let mut integers = Vec::with_capacity(values.room(count, 2, 4)?);
    for _ in 0..count {
        integers.push(values.i32()?);
    }
    Ok(integers)
}

fn quoted<'a>(row: &mut Row<'a>) -> Result<&'a str, RowError> {
    let text = row.rest()?;
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.ok_or_else(|| RowError::new(format!("`{text}` is not a name in quotes")))
}
