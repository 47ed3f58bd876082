//! Evidence of one category -> its areas.

use crate::boundary::boundary;
use crate::context::weigh;
use crate::evidence::{Evidence, Origin};
use crate::link::{Boxes, Cluster, boxes, clusters};
use crate::overlay::without;
use crate::row::rows;
use crate::{AreaRule, Category, Doctrine, Reach};
use geo::indexed::IntervalTreeMultiPolygon;
use geo::{BoundingRect, Contains, Intersects, MultiPolygon, unary_union};
use rayon::prelude::*;
use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};

/// An area as it is drawn, local metres.
pub(crate) struct Drawn<'a> {
    pub(crate) boundary: MultiPolygon,
    /// What it stands on, in the order of the evidence, rows last.
    pub(crate) members: Vec<Evidence<'a>>,
}

/// The areas of some evidence of one category. They do not overlap.
///
/// Strong evidence (a probability that counts towards the threat, a mine of a row, what others
/// reported) ties areas together across the doctrine's link. Weak evidence ties nothing: it joins
/// the strong whose buffer it touches, and else makes weak areas of its own, so that a thousand
/// faint signs do not make one area of two fields and the ground between them.
pub(crate) fn areas_of<'a>(mut evidence: Vec<Evidence<'a>>, rule: &Category, doctrine: &Doctrine) -> Vec<Drawn<'a>> {
    let area = &doctrine.area;
    if let Some(context) = &rule.context {
        weigh(&mut evidence, context, &doctrine.context);
    }
    let least = f64::from(rule.min_confidence);
    let rows = rule.row.as_ref().map_or_else(Vec::new, |row| rows(&evidence, row, least));
    let mut in_row = vec![false; evidence.len()];
    rows.iter().flat_map(|row| &row.members).for_each(|&i| in_row[i] = true);
    let reach = Reach { buffer_m: rule.buffer_m, link_m: rule.link_m, rear_m: None };
    let lines: Vec<Evidence> = rows.into_iter().filter_map(|row| Evidence::of_row(row, reach)).collect();

    let (mut strong, mut weak, mut faint) = (vec![], vec![], vec![]);
    for (e, in_row) in evidence.into_iter().zip(in_row) {
        let reported = matches!(e.origin, Origin::Known(_));
        if in_row || reported || e.confidence >= least {
            strong.push(e);
        } else if e.confidence >= f64::from(rule.draw_confidence) {
            weak.push(e);
        } else {
            faint.push(e);
        }
    }
    strong.extend(lines);
    let mut clusters = clusters(&strong, |a, b| a.limit_m(b));
    let apart = join(&mut strong, weak, &mut clusters);
    let mut drawn = draw_all(&strong, &clusters, rule, area);
    merge_overlapping(&mut drawn);

    let (held, rest) = hold(&drawn, apart);
    for (i, e) in held {
        drawn[i].members.push(e);
    }
    let weak_clusters = crate::link::clusters(&rest, |a, b| a.touch_m(b));
    let mut weak_areas = draw_all(&rest, &weak_clusters, rule, area);
    merge_overlapping(&mut weak_areas);
    let boundaries: Vec<MultiPolygon> = weak_areas.iter().map(|area| area.boundary.clone()).collect();
    let graver = MultiPolygon(drawn.iter().flat_map(|area| area.boundary.0.iter().cloned()).collect());
    for (area, boundary) in weak_areas.iter_mut().zip(without(&boundaries, &graver)) {
        area.boundary = boundary;
    }
    drawn.extend(weak_areas.into_iter().filter(|area| !area.boundary.0.is_empty()));

    // What is too faint for an area still belongs to the one it lies in.
    for (i, e) in hold(&drawn, faint).0 {
        drawn[i].members.push(e);
    }
    for area in &mut drawn {
        area.members.sort_by_key(|e| e.order());
    }
    drawn
}

/// Puts weak evidence to the nearest strong one whose buffer it touches, and returns the rest.
fn join<'a>(strong: &mut Vec<Evidence<'a>>, weak: Vec<Evidence<'a>>, clusters: &mut [Cluster]) -> Vec<Evidence<'a>> {
    let tree: Boxes = boxes(strong);
    let widest_m = strong.iter().map(|e| e.reach.buffer_m).fold(0.0, f64::max);
    let nearest = |e: &Evidence| {
        let others =
            tree.locate_in_envelope_intersecting(&e.around(e.reach.buffer_m + widest_m)).map(|other| other.data);
        let measured = others.map(|i| (e.distance_m(&strong[i]), i));
        let touching = measured.filter(|&(metres, i)| metres <= e.touch_m(&strong[i]));
        touching.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))).map(|(_, i)| i)
    };
    let nearest: Vec<Option<usize>> = weak.par_iter().map(nearest).collect();
    let mut cluster_of = vec![0; strong.len()];
    for (number, cluster) in clusters.iter().enumerate() {
        cluster.members.iter().for_each(|&i| cluster_of[i] = number);
    }
    let mut rest = vec![];
    for (e, nearest) in weak.into_iter().zip(nearest) {
        let Some(i) = nearest else {
            rest.push(e);
            continue;
        };
        let cluster = &mut clusters[cluster_of[i]];
        cluster.members.push(strong.len());
        cluster.links.push((i, strong.len()));
        strong.push(e);
    }
    rest
}

fn draw_all<'a>(evidence: &[Evidence<'a>], clusters: &[Cluster], rule: &Category, area: &AreaRule) -> Vec<Drawn<'a>> {
    let draw = |cluster: &Cluster| {
        let members: Vec<&Evidence> = cluster.members.iter().map(|&i| &evidence[i]).collect();
        let links: Vec<_> = cluster.links.iter().map(|&(i, j)| (&evidence[i], &evidence[j])).collect();
        Drawn { boundary: boundary(&members, &links, rule, area), members: members.into_iter().cloned().collect() }
    };
    clusters.par_iter().map(draw).collect()
}

/// Makes one area of those that overlap, as the footprints of two strikes or widened spots may.
fn merge_overlapping(areas: &mut Vec<Drawn<'_>>) {
    let tree = by_box(areas);
    let mut into: Vec<usize> = (0..areas.len()).collect();
    for i in 0..areas.len() {
        let Some(around) = bounds(&areas[i].boundary) else { continue };
        let others = tree.locate_in_envelope_intersecting(&around).map(|entry| entry.data).filter(|&j| j < i);
        for j in others.collect::<Vec<_>>() {
            if areas[i].boundary.intersects(&areas[j].boundary) {
                let (a, b) = (root(&into, i), root(&into, j));
                into[a.max(b)] = a.min(b);
            }
        }
    }
    for i in (1..areas.len()).rev() {
        if into[i] != i {
            let gone = areas.remove(i);
            let kept = &mut areas[into[i]];
            kept.boundary = unary_union([&kept.boundary, &gone.boundary]);
            kept.members.extend(gone.members);
        }
    }
}

fn root(into: &[usize], mut i: usize) -> usize {
    while into[i] != i {
        i = into[i];
    }
    i
}

/// Which of some evidence lies in which area; and the rest.
fn hold<'a>(areas: &[Drawn<'_>], evidence: Vec<Evidence<'a>>) -> (Vec<(usize, Evidence<'a>)>, Vec<Evidence<'a>>) {
    let tree = by_box(areas);
    let indexed: Vec<_> = areas.par_iter().map(|area| IntervalTreeMultiPolygon::new(&area.boundary)).collect();
    let holder = |e: &Evidence| {
        let within = tree.locate_in_envelope_intersecting(&e.around(0.0)).map(|entry| entry.data);
        let holds = |i: &usize| match e.point() {
            Some(at) => indexed[*i].contains(&at),
            None => areas[*i].boundary.contains(&e.metres),
        };
        within.filter(holds).min()
    };
    let holders: Vec<Option<usize>> = evidence.par_iter().map(holder).collect();
    let (mut held, mut rest) = (vec![], vec![]);
    for (e, holder) in evidence.into_iter().zip(holders) {
        match holder {
            Some(i) => held.push((i, e)),
            None => rest.push(e),
        }
    }
    (held, rest)
}

fn by_box(areas: &[Drawn<'_>]) -> RTree<GeomWithData<Rectangle<[f64; 2]>, usize>> {
    let entry = |(i, area): (usize, &Drawn)| {
        let rect = area.boundary.bounding_rect()?;
        Some(GeomWithData::new(Rectangle::from_corners(rect.min().x_y().into(), rect.max().x_y().into()), i))
    };
    RTree::bulk_load(areas.iter().enumerate().filter_map(entry).collect())
}

fn bounds(boundary: &MultiPolygon) -> Option<AABB<[f64; 2]>> {
    let rect = boundary.bounding_rect()?;
    Some(AABB::from_corners(rect.min().x_y().into(), rect.max().x_y().into()))
}
