//! How much of an area was seen, for an area that people have drawn since.

use super::Layers;
use super::layer::Layer;
use gdal::vector::Geometry;
use rams_domain::GapReason;
use std::collections::{BTreeMap, BTreeSet};

/// Ground that was assessed, or that an image at least shows.
pub(super) struct Coverage<'a> {
    rows: Vec<CoverageRow<'a>>,
}

/// One row of the layers `assessed` and `gaps`.
struct CoverageRow<'a> {
    model: &'a str,
    classes: Vec<String>,
    is_assessed: bool,
    ground: &'a Geometry,
}

impl<'a> Coverage<'a> {
    pub(super) fn of(layers: &'a Layers) -> Self {
        let mut rows = vec![];
        for (layer, is_assessed) in [(layers.get("assessed"), true), (layers.get("gaps"), false)] {
            for row in (0..layer.rows.len()).filter(|row| is_assessed || has_image(layer, *row)) {
                let ground = layer.rows[row].geometry.iter();
                let (model, classes) = (layer.text(row, "model"), layer.list(row, "classes"));
                rows.extend(ground.map(|ground| CoverageRow {
                    model,
                    classes: classes.clone(),
                    is_assessed,
                    ground,
                }));
            }
        }
        Self { rows }
    }

    /// Shares of an area from 0 to 1: assessed for the models and classes of its features, for that
    /// of which least was; and beyond the imagery. A class that was not looked for by name is a
    /// family: that of its model counts of which most was assessed. An area without features was
    /// looked at for nothing.
    pub(super) fn of_area(&self, area: &Geometry, looked: &[(&str, &str)]) -> [f64; 2] {
        let (mut assessed, mut in_imagery) = (BTreeMap::new(), BTreeMap::new());
        for row in self.rows.iter().filter(|row| row.ground.intersects(area)) {
            let share = row.ground.intersection(area).map_or(0.0, |part| part.area() / area.area());
            for class in &row.classes {
                let by = (row.model, class.as_str());
                *in_imagery.entry(by).or_insert(0.0) += share;
                *assessed.entry(by).or_insert(0.0) += if row.is_assessed { share } else { 0.0 };
            }
        }
        let most_of = |model: &str| {
            let of_model = assessed.iter().filter(|((by, _), _)| *by == model);
            of_model.map(|(_, share)| *share).fold(0.0, f64::max)
        };
        let is_looked_for = |(model, class): (&str, &str)| {
            self.rows
                .iter()
                .any(|row| row.model == model && row.classes.iter().any(|of_row| of_row == class))
        };
        let share = |by: (&str, &str)| match assessed.get(&by) {
            Some(share) => *share,
            None if is_looked_for(by) => 0.0,
            None => most_of(by.0),
        };
        let looked: BTreeSet<(&str, &str)> = looked.iter().copied().collect();
        let assessed_share: f64 = looked.into_iter().map(share).reduce(f64::min).unwrap_or(0.0);
        let beyond: f64 = 1.0 - in_imagery.into_values().fold(0.0, f64::max);
        // What is left of an area that is shown whole is what rounding leaves.
        [assessed_share.min(1.0), if beyond > 1e-6 { beyond } else { 0.0 }]
    }
}

/// An image that hides the ground, or on which a model failed, is an image.
fn has_image(gaps: &Layer, row: usize) -> bool {
    let reason =
        GapReason::ALL.into_iter().find(|reason| reason.to_string() == gaps.text(row, "reason"));
    reason.is_some_and(|reason| reason.is_hidden() || reason == GapReason::ModelFailed)
}
