//! Ground on which a model is beside itself: it finds more than can lie there.

use crate::Basis;
use crate::shared::shared_m2;
use crate::site_constraints::has_image;
use geo::{BoundingRect, MultiPolygon, Rect, coord};
use rams_domain::{Crowd, EoCategory, Feature, Ground};
use std::collections::{BTreeMap, BTreeSet};

/// Side of the squares in which finds are counted, metres; always four that touch at a corner
/// together.
const SQUARE_M: f64 = 10.0;

/// So many finds of one model and category on four squares: 5,000 per hectare. Mines of the densest
/// pattern of the baseline doctrine, 0.8 m apart in rows that keep 2.4 m of ground between them,
/// are as many; whole minefields hold a hundredth of that. Fewer finds on less ground may be a heap
/// of ordnance.
const CROWD: usize = 200;

/// Where models are beside themselves. It changes no area and no find: nobody can tell from the
/// finds alone which of them are wrong.
pub fn crowds(basis: &Basis<'_>) -> Vec<Crowd> {
    let mut finds: BTreeMap<(&str, &str, EoCategory), Vec<&Feature>> = BTreeMap::new();
    for feature in basis.features {
        finds
            .entry((&feature.orthomosaic, &feature.model, feature.eo_category))
            .or_default()
            .push(feature);
    }
    let crowd =
        |((orthomosaic, model, eo_category), finds): ((&str, &str, EoCategory), Vec<&Feature>)| {
            let (squares, finds) = crowded(&finds, basis.ground);
            if finds.is_empty() {
                return None;
            }
            // Rows of different classes may be the same ground: of each class there is no more than
            // that.
            let classes: BTreeSet<&str> =
                finds.iter().map(|feature| feature.class.as_str()).collect();
            let ground_m2 = |class: &&str| imaged_m2(basis, &squares, orthomosaic, model, class);
            let imaged_m2 = classes.iter().map(ground_m2).fold(0.0, f64::max);
            // A family is not among the classes that were looked for.
            let ground_m2 = if imaged_m2 > 0.0 {
                imaged_m2
            } else {
                squares.len() as f64 * SQUARE_M * SQUARE_M
            };
            Some(Crowd {
                orthomosaic: orthomosaic.into(),
                model: model.into(),
                eo_category,
                classes: classes.into_iter().map(str::to_owned).collect(),
                finds: finds.len(),
                ground_m2,
                per_hectare: finds.len() as f64 / ground_m2 * 1e4,
                most_per_hectare: CROWD as f64 / (4.0 * SQUARE_M * SQUARE_M) * 1e4,
            })
        };
    finds.into_iter().filter_map(crowd).collect()
}

/// How much of some squares an orthomosaic shows, assessed for a class or not.
fn imaged_m2(
    basis: &Basis<'_>,
    squares: &[MultiPolygon],
    orthomosaic: &str,
    model: &str,
    class: &str,
) -> f64 {
    let seen = basis
        .assessed
        .iter()
        .map(|row| (&row.orthomosaic, &row.model, &row.classes, &row.boundary));
    let hidden = basis.gaps.iter().filter(|gap| has_image(gap));
    let hidden = hidden.map(|gap| (&gap.orthomosaic, &gap.model, &gap.classes, &gap.boundary));
    let of_class = seen.chain(hidden).filter(|(of, by, classes, _)| {
        [of.as_str(), by.as_str()] == [orthomosaic, model]
            && classes.iter().any(|name| name == class)
    });
    let rows: Vec<MultiPolygon> =
        of_class.map(|(.., boundary)| basis.ground.to_metres(boundary)).collect();
    shared_m2(squares, &rows).iter().sum()
}

/// Squares of ground that hold a crowd, local metres, and the finds on them.
fn crowded<'a>(finds: &[&'a Feature], ground: &Ground) -> (Vec<MultiPolygon>, Vec<&'a Feature>) {
    if finds.len() < CROWD {
        return (vec![], vec![]);
    }
    let mut squares: BTreeMap<[i64; 2], Vec<&Feature>> = BTreeMap::new();
    for feature in finds {
        let Some(bounds) = ground.to_metres(&feature.geometry).bounding_rect() else { continue };
        let at = bounds.center();
        squares
            .entry([at.x, at.y].map(|metres| (metres / SQUARE_M).floor() as i64))
            .or_default()
            .push(feature);
    }
    let four = |[x, y]: [i64; 2]| [[x, y], [x + 1, y], [x, y + 1], [x + 1, y + 1]];
    let count = |square: &[i64; 2]| squares.get(square).map_or(0, Vec::len);
    let is_crowd = |square: &[i64; 2]| four(*square).iter().map(count).sum::<usize>() >= CROWD;
    // The south-western one of four may itself be empty.
    let around = squares.keys().flat_map(|[x, y]| four([x - 1, y - 1])).collect::<BTreeSet<_>>();
    let crowded: BTreeSet<[i64; 2]> =
        around.iter().filter(|square| is_crowd(square)).flat_map(|it| four(*it)).collect();
    let outline = |[x, y]: &[i64; 2]| {
        let at = |x: i64, y: i64| coord! { x: x as f64 * SQUARE_M, y: y as f64 * SQUARE_M };
        MultiPolygon::from(Rect::new(at(*x, *y), at(x + 1, y + 1)).to_polygon())
    };
    let held = crowded.iter().filter_map(|square| Some((square, squares.get(square)?)));
    let (outlines, finds): (Vec<_>, Vec<_>) =
        held.map(|(square, finds)| (outline(square), finds.clone())).unzip();
    (outlines, finds.concat())
}
