//! The figures of all classes at one depth of the class tree: over all, by flight, by tile.

use crate::{
    Classes, EvaluatedGround, Figures, Flight, Prediction, Truth, boxes::figures::Scope,
    boxes::judge::Depth,
};
use rams_domain::PxBox;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Figures at one depth of the class tree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Level {
    /// Over all flights.
    pub all: Table,
    /// By flight.
    pub flights: BTreeMap<String, Table>,
    /// Average precision with each tile as an image.
    pub tiles: TileFigures,
}

/// Figures by class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// Ground, hectares; `None` where it is not known.
    pub hectares: Option<f64>,
    /// All classes together.
    pub pooled: Figures,
    /// Each class that has objects or predictions.
    pub classes: BTreeMap<String, Figures>,
}

/// Average precision with each tile as an image. A box belongs to the tile of its centre, so an
/// object and its prediction may part at a border; an ignored object belongs to each tile it
/// overlaps.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TileFigures {
    /// Side of a tile, mosaic pixels.
    pub tile_px: u32,
    /// Tiles with an object or a prediction.
    pub tiles: usize,
    /// Mean over classes, IoU 0.5.
    pub ap50: Option<f64>,
    /// Mean over classes, IoU 0.5 to 0.95.
    pub ap50_95: Option<f64>,
    /// By class: IoU 0.5, and 0.5 to 0.95.
    pub classes: BTreeMap<String, [f64; 2]>,
}

impl Level {
    pub(crate) fn of(
        flights: &[Flight],
        classes: &Classes,
        depth: Depth,
        (max_detections, tile_px): (usize, u32),
    ) -> Self {
        let table = |flights: &[&Flight]| {
            Table::of(Scope { flights, classes, depth, class: None, max_detections })
        };
        let all: Vec<&Flight> = flights.iter().collect();
        let tiles: Vec<Flight> = flights.iter().flat_map(|flight| cut(flight, tile_px)).collect();
        let flights_of_tiles: Vec<&Flight> = tiles.iter().collect();
        let tiles =
            Scope { flights: &flights_of_tiles, classes, depth, class: None, max_detections };
        Self {
            all: table(&all),
            flights: flights
                .iter()
                .map(|flight| (flight.name.clone(), table(&[flight]).without_curves()))
                .collect(),
            tiles: TileFigures::of(tiles, tile_px),
        }
    }
}

impl Table {
    fn of(scope: Scope<'_>) -> Self {
        let each = present(&scope).into_iter().map(|class| {
            let figures = Figures::of(&Scope { class: Some(class), ..scope });
            (scope.classes.names()[class].clone(), figures)
        });
        let classes: BTreeMap<String, Figures> = each.collect();
        let pooled = Figures {
            ap50: mean(classes.values().filter_map(|figures| figures.ap50)),
            ap50_95: mean(classes.values().filter_map(|figures| figures.ap50_95)),
            ..Figures::of(&scope)
        };
        Self { hectares: scope.hectares(), pooled, classes }
    }

    /// Without what would be most of the file and is drawn over all flights alone.
    fn without_curves(mut self) -> Self {
        for figures in self.classes.values_mut().chain([&mut self.pooled]) {
            (figures.curve, figures.precision_at_recall) = (vec![], vec![]);
        }
        self
    }
}

impl TileFigures {
    fn of(scope: Scope<'_>, tile_px: u32) -> Self {
        let each = present(&scope).into_iter().filter_map(|class| {
            let precision = Scope { class: Some(class), ..scope }.average_precision()?;
            Some((scope.classes.names()[class].clone(), [precision.ap50(), precision.ap50_95()]))
        });
        let classes: BTreeMap<String, [f64; 2]> = each.collect();
        Self {
            tile_px,
            tiles: scope.flights.len(),
            ap50: mean(classes.values().map(|[ap50, _]| *ap50)),
            ap50_95: mean(classes.values().map(|[_, ap50_95]| *ap50_95)),
            classes,
        }
    }
}

/// Classes at this depth that have an object or a prediction.
fn present(scope: &Scope<'_>) -> BTreeSet<usize> {
    let truths = scope.flights.iter().flat_map(|flight| &flight.truths);
    let named = truths.filter(|truth| !truth.ignored).map(|truth| truth.class);
    let predicted =
        scope.flights.iter().flat_map(|flight| &flight.predictions).map(|found| found.class);
    named.chain(predicted).map(|class| scope.depth.name(scope.classes, class)).collect()
}

/// The tiles of a flight that hold something, row by row.
fn cut(flight: &Flight, tile_px: u32) -> Vec<Flight> {
    let mut tiles: BTreeMap<(i64, i64), (Vec<Truth>, Vec<Prediction>)> = BTreeMap::new();
    let tile = |px: &PxBox| {
        let centre = px.centre();
        (
            (centre.y / f64::from(tile_px)).floor() as i64,
            (centre.x / f64::from(tile_px)).floor() as i64,
        )
    };
    for truth in flight.truths.iter().filter(|truth| !truth.ignored) {
        tiles.entry(tile(&truth.px)).or_default().0.push(*truth);
    }
    for found in &flight.predictions {
        tiles.entry(tile(&found.px)).or_default().1.push(*found);
    }
    for ignored in flight.truths.iter().filter(|truth| truth.ignored) {
        for ((row, column), (truths, _)) in &mut tiles {
            let side = f64::from(tile_px);
            let (x0, y0) = (*column as f64 * side, *row as f64 * side);
            if ignored.px.overlap(&PxBox { x0, y0, x1: x0 + side, y1: y0 + side }) > 0.0 {
                truths.push(*ignored);
            }
        }
    }
    let ground = EvaluatedGround::of(None, None, None, &[]);
    let flight = |(truths, predictions)| Flight {
        name: flight.name.clone(),
        truths,
        predictions,
        ground: ground.clone(),
    };
    tiles.into_values().map(flight).collect()
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
