//! Ground on which a model is beside itself: it finds more than can lie there.

use crate::basis::{Basis, has_image};
use crate::shared_area::shared_m2;
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

/// The places where a model is beside itself: its finds of one category on one orthomosaic lie
/// closer than those of any minefield, [`Crowd::most_per_hectare`]. It changes no area and no find:
/// nobody can tell from the finds alone which of them are wrong.
///
/// In the order of orthomosaics, models and categories. The ground of a crowd is what the
/// orthomosaic shows of the squares of 10 m that it was counted in.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/example.rs")); }
/// # use example::*;
/// use rams_delineate::{Basis, crowds};
/// use rams_domain::RunRecord;
///
/// // A find every metre on 20 m x 20 m.
/// let finds: Vec<Feature> =
///     (0..400).map(|i| mine(i + 1, f64::from(i % 20) + 0.5, f64::from(i / 20) + 0.5)).collect();
/// let ground = ground();
/// let crowds_of = |features| {
///     let (external_evidence, assessed, gaps) = (&[], &[], &[]);
///     let (ground, record) = (&ground, &RunRecord::default());
///     crowds(&Basis { features, external_evidence, assessed, gaps, ground, record })
/// };
///
/// let crowds = crowds_of(&finds);
/// assert_eq!((crowds.len(), crowds[0].finds, crowds[0].ground_m2), (1, 400, 400.0));
/// assert_eq!((crowds[0].per_hectare, crowds[0].most_per_hectare), (10_000.0, 5_000.0));
///
/// assert!(crowds_of(&finds[..100]).is_empty(), "100 of them may be a heap of ordnance");
/// ```
pub fn crowds(basis: &Basis<'_>) -> Vec<Crowd> {
    let mut finds: BTreeMap<(&str, &str, EoCategory), Vec<&Feature>> = BTreeMap::new();
    for feature in basis.features {
        finds
            .entry((&feature.orthomosaic, &feature.model, feature.eo_category))
            .or_default()
            .push(feature);
    }
    finds.into_values().filter_map(|finds| crowd(&finds, basis)).collect()
}

/// The crowd among finds of one orthomosaic, model and category, if they hold one.
fn crowd(finds: &[&Feature], basis: &Basis<'_>) -> Option<Crowd> {
    let (squares, crowded) = crowded(finds, basis.ground);
    let Feature { orthomosaic, model, eo_category, .. } = crowded.first()?;
    // Coverage of different classes may be the same ground: of each class there is no more than
    // that.
    let classes: BTreeSet<&str> = crowded.iter().map(|feature| feature.class.as_str()).collect();
    let imaged_m2 = classes
        .iter()
        .map(|class| imaged_m2(basis, &squares, orthomosaic, model, class))
        .fold(0.0, f64::max);
    // A family is not among the classes that were looked for.
    let ground_m2 =
        if imaged_m2 > 0.0 { imaged_m2 } else { squares.len() as f64 * SQUARE_M * SQUARE_M };
    Some(Crowd {
        orthomosaic: orthomosaic.clone(),
        model: model.clone(),
        eo_category: *eo_category,
        classes: classes.into_iter().map(str::to_owned).collect(),
        finds: crowded.len(),
        ground_m2,
        per_hectare: crowded.len() as f64 / ground_m2 * 1e4,
        most_per_hectare: CROWD as f64 / (4.0 * SQUARE_M * SQUARE_M) * 1e4,
    })
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
