//! Whether texts are whole: a field has a length, and a library may cut what is longer.

use super::fields::Field;
use crate::Halt;
use crate::parts::PARTS;
use crate::record::as_text;
use gdal::Dataset;
use gdal::vector::LayerAccess;
use gdal::vector::OGRFieldType::OFTString;
use rams_store::{Source, geometry, text};
use std::collections::BTreeSet;

/// Compares how long all texts of a column are in the survey and in the classes made of its layer.
pub(crate) fn check_whole(source: &Source, dataset: &Dataset) -> Result<(), Halt> {
    for name in PARTS.iter().map(|part| part.layer).collect::<BTreeSet<_>>() {
        let mut layer = source.layer(name)?;
        let mut fields = Field::all_of(&layer);
        fields.retain(|field| field.kind == OFTString);
        let mut lengths = vec![[0, 0]; fields.len()];
        for row in layer.features().filter(|row| geometry(row).is_some()) {
            for (field, [given, _]) in fields.iter().zip(&mut lengths) {
                let value = field.column_index().map(|at| row.field(at)).transpose()?.flatten();
                *given += value.map_or(0, |value| as_text(&value).chars().count());
            }
        }
        for part in PARTS.iter().filter(|part| part.layer == name) {
            for row in dataset.layer_by_name(part.name)?.features() {
                for (field, [_, found]) in fields.iter().zip(&mut lengths) {
                    *found += text(&row, &field.name).chars().count();
                }
            }
        }
        for (field, [given, found]) in fields.iter().zip(lengths) {
            if given != found {
                return Err(Halt::Torn(format!(
                    "{name}: field {} reads back {found} characters of {given}",
                    field.name
                )));
            }
        }
    }
    Ok(())
}
