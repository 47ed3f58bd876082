//! Many fields as one survey.

use super::{Field, FieldSpec, FieldTruth, ground};
use geo::{MultiPolygon, Rect, Translate, coord};
use rams_domain::{EoCategory, FeatureId};
use std::collections::BTreeMap;

impl Field {
    /// The fields of some seeds side by side, `columns` in a row, as one: what a large survey
    /// holds. No front is common to all, so none is named.
    pub fn country(seeds: impl IntoIterator<Item = u64>, columns: usize, spec: &FieldSpec) -> Self {
        let fields: Vec<Self> = seeds.into_iter().map(|seed| Self::new(seed, spec)).collect();
        let (columns, side_m) = (columns.max(1), spec.side_m);
        let rows = fields.len().div_ceil(columns).max(1);
        let extent = Rect::new(
            coord! { x: -side_m / 2.0, y: -side_m / 2.0 },
            coord! { x: (columns as f64 - 0.5) * side_m, y: (rows as f64 - 0.5) * side_m },
        );
        let truth =
            FieldTruth { items: vec![], mined: vec![], front_deg: None, earthworks: vec![] };
        let seed = fields.first().map_or(0, |field| field.seed);
        let mut country = Self {
            seed,
            ground: ground(extent),
            features: vec![],
            assessed: vec![],
            external_evidence: vec![],
            truth,
        };
        let mut mined: BTreeMap<EoCategory, MultiPolygon> = BTreeMap::new();
        for (number, field) in fields.into_iter().enumerate() {
            let (x, y) = ((number % columns) as f64 * side_m, (number / columns) as f64 * side_m);
            country.features.extend(field.features.into_iter().map(|mut feature| {
                feature.geometry.translate_mut(x, y);
                feature.parts.iter_mut().for_each(|part| part.line.translate_mut(x, y));
                feature
            }));
            country.assessed.extend(field.assessed.into_iter().map(|mut area| {
                area.boundary.translate_mut(x, y);
                area
            }));
            country.truth.items.extend(field.truth.items.into_iter().map(|mut item| {
                item.at.translate_mut(x, y);
                item
            }));
            country.truth.earthworks.extend(
                field.truth.earthworks.into_iter().map(|(what, line)| (what, line.translate(x, y))),
            );
            for (category, polygons) in field.truth.mined {
                mined
                    .entry(category)
                    .or_insert_with(|| MultiPolygon(vec![]))
                    .0
                    .extend(polygons.translate(x, y));
            }
        }
        country.truth.mined = mined.into_iter().collect();
        for (feature, number) in country.features.iter_mut().zip(1..) {
            feature.id = FeatureId(number);
        }
        country
    }
}
