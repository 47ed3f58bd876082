//! Evidence of one category -> its areas.

use crate::boundary::{around_point, boundary};
use crate::context::weigh;
use crate::evidence::{Evidence, Origin, Reach, features};
use crate::evidence_tree::EvidenceTree;
use crate::find_rows::rows;
use crate::link::{Cluster, clusters};
use crate::outline::{Outline, bounds, boxes};
use crate::overlay::without;
use crate::{AreaRule, CategoryRule, Doctrine};
use geo::{Contains, MultiPolygon, Polygon, Translate, unary_union};
use rams_domain::{DisjointSets, Indicator};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// An area as it is drawn, local metres.
pub(crate) struct DrawnArea<'a> {
    pub(crate) boundary: MultiPolygon,
    /// What it stands on, in the order of the evidence, rows last.
    pub(crate) members: Vec<Evidence<'a>>,
}

impl DrawnArea<'_> {
    /// How far north some of it lies, local metres.
    pub(crate) fn north_m(&self) -> f64 {
        self.members.first().map_or(0.0, |e| e.corners()[0][1])
    }
}

/// The areas of some evidence of one category. They do not overlap.
///
/// Strong evidence (of a probability that counts, a mine of a row, what others reported) ties areas
/// together across the doctrine's link. Weak evidence ties nothing: it joins the strong whose
/// buffer it touches, and else makes weak areas of its own, so that a thousand faint signs do not
/// make one area of two fields and the ground between them.
pub(crate) fn areas_of<'a>(
    mut evidence: Vec<Evidence<'a>>,
    rule: &CategoryRule,
    doctrine: &Doctrine,
) -> Vec<DrawnArea<'a>> {
    let area = &doctrine.area;
    let indicators: BTreeSet<Indicator> = features(&evidence).map(|of| of.indicator).collect();
    for indicator in indicators {
        if let Some(context) = rule.indicator_rule(indicator).context {
            weigh(&mut evidence, indicator, &context, &doctrine.context);
        }
    }
    let least = f64::from(rule.min_confidence);
    let rows = rule.row.as_ref().map_or_else(Vec::new, |row| rows(&evidence, row, least));
    let mut in_row = vec![false; evidence.len()];
    rows.iter().flat_map(|row| &row.members).for_each(|&i| in_row[i] = true);
    let reach = Reach { buffer_m: rule.buffer_m, link_m: rule.link_m };
    let lines: Vec<Evidence> =
        rows.into_iter().filter_map(|row| Evidence::of_row(row, reach)).collect();

    let mut in_row = in_row.into_iter();
    let is_strong = |e: &Evidence, in_row: Option<bool>| {
        in_row == Some(true) || matches!(e.origin, Origin::External(_)) || e.confidence >= least
    };
    // Nearly all of a great survey may be strong: they stay where they are.
    let others = evidence.extract_if(.., |e| !is_strong(e, in_row.next()));
    let (weak, faint): (Vec<Evidence>, Vec<Evidence>) =
        others.partition(|e| e.confidence >= f64::from(rule.draw_confidence));
    let mut strong = evidence;
    strong.extend(lines);
    let mut clusters = clusters(&strong, |a, b| a.limit_m(b));
    let apart = join(&mut strong, weak, &mut clusters);
    let mut drawn = merge_overlapping(draw_all(strong, clusters, rule, area));

    let rest = hold(&mut drawn, apart);
    let weak_clusters = crate::link::clusters(&rest, |a, b| a.touch_m(b));
    let mut weak_areas = merge_overlapping(draw_all(rest, weak_clusters, rule, area));
    give_way(&mut weak_areas, &drawn);
    drawn.extend(weak_areas.into_iter().filter(|area| !area.boundary.0.is_empty()));

    // What is too faint for an area still belongs to the one it lies in.
    hold(&mut drawn, faint);
    for area in &mut drawn {
        area.members.sort_unstable_by_key(Evidence::order);
    }
    drawn
}

/// Puts weak evidence to the nearest strong one whose buffer it touches, and returns the rest.
fn join<'a>(
    strong: &mut Vec<Evidence<'a>>,
    weak: Vec<Evidence<'a>>,
    clusters: &mut [Cluster],
) -> Vec<Evidence<'a>> {
    let tree = EvidenceTree::new(strong);
    let widest_m = strong.iter().map(|e| e.reach.buffer_m).fold(0.0, f64::max);
    let nearest = |e: &Evidence| {
        let touching_m = |i: usize| {
            Some(e.distance_m(&strong[i])).filter(|metres| *metres <= e.touch_m(&strong[i]))
        };
        tree.nearest(e.around(0.0), e.reach.buffer_m + widest_m, None, touching_m).map(|(_, i)| i)
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

/// The areas of clusters, which together hold all of the evidence.
fn draw_all<'a>(
    evidence: Vec<Evidence<'a>>,
    clusters: Vec<Cluster>,
    rule: &CategoryRule,
    area: &AreaRule,
) -> Vec<DrawnArea<'a>> {
    // Most finds of a survey lie alone: their circle is drawn once.
    let alone = |cluster: &Cluster| match (&cluster.members[..], &evidence[cluster.members[0]]) {
        ([_], e) => e.point().map(|at| (at, e.reach.buffer_m)),
        _ => None,
    };
    let mut circles: HashMap<u64, MultiPolygon> = HashMap::new();
    for (_, buffer_m) in clusters.iter().filter_map(alone) {
        circles.entry(buffer_m.to_bits()).or_insert_with(|| around_point(buffer_m, rule, area));
    }
    let draw = |cluster: &Cluster| {
        if let Some((at, buffer_m)) = alone(cluster) {
            return circles[&buffer_m.to_bits()].translate(at.x(), at.y());
        }
        let members: Vec<&Evidence> = cluster.members.iter().map(|&i| &evidence[i]).collect();
        let links: Vec<_> =
            cluster.links.iter().map(|&(i, j)| (&evidence[i], &evidence[j])).collect();
        boundary(&members, &links, rule, area)
    };
    let boundaries: Vec<MultiPolygon> = clusters.par_iter().map(draw).collect();
    let mut left: Vec<Option<Evidence>> = evidence.into_iter().map(Some).collect();
    let members = |cluster: Cluster| {
        let mut members = Vec::with_capacity(cluster.members.len());
        members.extend(cluster.members.into_iter().filter_map(|i| left[i].take()));
        members
    };
    let members = clusters.into_iter().map(members);
    members.zip(boundaries).map(|(members, boundary)| DrawnArea { boundary, members }).collect()
}

/// Makes one area of those that overlap, as the footprints of two strikes or widened spots may.
fn merge_overlapping(areas: Vec<DrawnArea<'_>>) -> Vec<DrawnArea<'_>> {
    let tree = boxes(areas.iter().map(|area| &area.boundary));
    let outlines: Vec<Outline> = areas.iter().map(|area| Outline::new(&area.boundary)).collect();
    let met = |i: usize| {
        let around = bounds(&areas[i].boundary);
        let others =
            around.into_iter().flat_map(|around| tree.locate_in_envelope_intersecting(&around));
        let earlier = others.map(|entry| entry.data).filter(|&j| j < i);
        earlier.filter(|&j| outlines[i].meets(&outlines[j])).map(|j| (i, j)).collect::<Vec<_>>()
    };
    let met: Vec<(usize, usize)> = (0..areas.len()).into_par_iter().flat_map_iter(met).collect();
    drop(outlines);
    let mut sets = DisjointSets::new(areas.len());
    for (i, j) in met {
        sets.join(i, j);
    }
    let mut left: Vec<Option<DrawnArea>> = areas.into_iter().map(Some).collect();
    let groups: Vec<Vec<DrawnArea>> = sets
        .sets()
        .into_iter()
        .map(|set| set.into_iter().filter_map(|i| left[i].take()).collect())
        .collect();
    groups.into_par_iter().filter_map(unite).collect()
}

/// One area of several; `None` of none.
fn unite(areas: Vec<DrawnArea<'_>>) -> Option<DrawnArea<'_>> {
    if areas.len() < 2 {
        return areas.into_iter().next();
    }
    let boundary = unary_union(areas.iter().map(|area| &area.boundary));
    Some(DrawnArea { boundary, members: areas.into_iter().flat_map(|area| area.members).collect() })
}

/// Takes the ground of graver areas from weak ones. Those that lie together are cut at once, since
/// an overlay costs what the ground costs however small the area.
fn give_way(weak: &mut [DrawnArea<'_>], graver: &[DrawnArea<'_>]) {
    let graver: Vec<&Polygon> = graver.iter().flat_map(|area| &area.boundary).collect();
    let tree = boxes(graver.iter().copied());
    let over = |area: &DrawnArea| -> Vec<usize> {
        let around = bounds(&area.boundary);
        around
            .iter()
            .flat_map(|around| tree.locate_in_envelope_intersecting(around))
            .map(|entry| entry.data)
            .collect()
    };
    let over: Vec<Vec<usize>> = weak.par_iter().map(over).collect();
    let mut sets = DisjointSets::new(graver.len() + weak.len());
    for (i, polygon) in
        over.iter().enumerate().flat_map(|(i, over)| over.iter().map(move |polygon| (i, *polygon)))
    {
        sets.join(graver.len() + i, polygon);
    }
    let is_cut = |set: &Vec<usize>| set.len() > 1;
    let cut = |set: Vec<usize>| {
        // The graver ones come first.
        let (ground, areas): (Vec<usize>, Vec<usize>) =
            set.into_iter().partition(|&i| i < graver.len());
        let ground = MultiPolygon(ground.into_iter().map(|i| graver[i].clone()).collect());
        let areas: Vec<usize> = areas.into_iter().map(|i| i - graver.len()).collect();
        let whole: Vec<MultiPolygon> = areas.iter().map(|&i| weak[i].boundary.clone()).collect();
        areas.into_iter().zip(without(&whole, &ground)).collect::<Vec<_>>()
    };
    let cut: Vec<(usize, MultiPolygon)> =
        sets.sets().into_par_iter().filter(is_cut).flat_map_iter(cut).collect();
    cut.into_iter().for_each(|(i, boundary)| weak[i].boundary = boundary);
}

/// Gives to each area the evidence that lies in it, and returns the rest.
fn hold<'a>(areas: &mut [DrawnArea<'a>], evidence: Vec<Evidence<'a>>) -> Vec<Evidence<'a>> {
    let tree = boxes(areas.iter().map(|area| &area.boundary));
    let outlines: Vec<Outline> = areas.iter().map(|area| Outline::new(&area.boundary)).collect();
    let holder = |e: &Evidence| {
        let within = tree.locate_in_envelope_intersecting(&e.around(0.0)).map(|entry| entry.data);
        let holds = |i: &usize| match e.point() {
            Some(at) => outlines[*i].holds(at),
            None => areas[*i].boundary.contains(&e.geometry),
        };
        within.filter(holds).min()
    };
    let holders: Vec<Option<usize>> = evidence.par_iter().map(holder).collect();
    drop(outlines);
    let mut rest = vec![];
    for (e, holder) in evidence.into_iter().zip(holders) {
        match holder {
            Some(i) => areas[i].members.push(e),
            None => rest.push(e),
        }
    }
    rest
}
