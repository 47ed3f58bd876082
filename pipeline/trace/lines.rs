//! Masks of one family of linear earthworks -> networks of centrelines.

use crate::best_mean::best_mean;
use crate::bridge::bridges;
use crate::candidate::{Candidate, CandidateShape, Stretch};
use crate::centreline::{Centreline, End, Sample};
use crate::masks::{Masks, Owners};
use crate::mesh::distance;
use crate::network::network;
use crate::outline::Component;
use crate::vote::Vote;
use geo::{Coord, Euclidean, Length, LineString, Point, Polygon};
use rams_domain::{Detection, DetectionId, DisjointSets, Model, Orthomosaic, PxBox};
use rayon::prelude::*;

/// Longest stretch of a network that has its own class, width and confidence, metres.
const STRETCH_MOST_M: f64 = 50.0;
/// What is left of the confidence of the weaker side where a gap was bridged.
const BRIDGE_CONFIDENCE: f32 = 0.5;

/// One connected piece of mask and its centrelines.
struct NetworkPiece {
    outline: Polygon,
    px: PxBox,
    vote: Vote,
    /// Highest mean score of a stretch; `None` where no line is so long.
    best_score: Option<f32>,
    detections: Vec<DetectionId>,
    /// Each centreline with its stretches.
    lines: Vec<(LineString, Vec<Stretch>)>,
    ends: Vec<End>,
}

/// The masks of a family as networks: pieces of mask that face each other across a small gap are
/// one candidate. `family` is the index of its class, `grid_px` one pixel of the model's grid.
pub(crate) fn lines(
    family: usize,
    detections: &[&Detection],
    model: &Model,
    orthomosaic: &Orthomosaic,
    grid_px: f64,
) -> Vec<Candidate> {
    let family = Family {
        masks: Masks::new(detections),
        model,
        orthomosaic,
        gsd_m: orthomosaic.coarsest_gsd_m(),
        index: family,
    };
    let owners = family.masks.tree();
    let piece = |component: Component| family.piece(component, &owners, grid_px);
    let pieces: Vec<NetworkPiece> =
        family.masks.components().into_par_iter().filter_map(piece).collect();

    let numbered = pieces
        .iter()
        .enumerate()
        .flat_map(|(i, piece)| piece.ends.iter().map(move |end| (i, *end)));
    let (homes, ends): (Vec<usize>, Vec<End>) = numbered.unzip();
    let joined = bridges(&ends);
    let mut sets = DisjointSets::new(pieces.len());
    joined.iter().for_each(|&(a, b)| _ = sets.join(homes[a], homes[b]));
    let firsts = sets.firsts();
    let mut groups: Vec<Vec<Stretch>> = vec![vec![]; pieces.len()];
    for &(a, b) in &joined {
        let side = |end: usize| {
            let stretches = &pieces[homes[end]].lines[ends[end].line].1;
            if ends[end].tail == 0 { &stretches[0] } else { &stretches[stretches.len() - 1] }
        };
        groups[firsts[homes[a]]].push(family.bridge(&ends[a], side(a), &ends[b], side(b)));
    }
    let mut members: Vec<Vec<NetworkPiece>> = pieces.iter().map(|_| vec![]).collect();
    for (i, piece) in pieces.into_iter().enumerate() {
        members[firsts[i]].push(piece);
    }
    members
        .into_iter()
        .zip(groups)
        .filter_map(|(pieces, bridges)| family.candidate(pieces, bridges))
        .collect()
}

/// What every piece of one family is read with.
struct Family<'a> {
    masks: Masks<'a>,
    model: &'a Model,
    orthomosaic: &'a Orthomosaic,
    gsd_m: f64,
    index: usize,
}

impl Family<'_> {
    /// A connected piece of mask with its centrelines; `None` for one without a box.
    fn piece(
        &self,
        component: Component,
        owners: &Owners<'_>,
        grid_px: f64,
    ) -> Option<NetworkPiece> {
        let vote = self.masks.vote(&component);
        let (centrelines, ends) = network(&component.outline, self.orthomosaic, grid_px);
        let best_score = centrelines
            .iter()
            .filter_map(|found| self.best_score(found, owners))
            .max_by(f32::total_cmp);
        let with_stretches =
            |found: Centreline| (found.line.clone(), self.stretches(&found, &vote, owners));
        Some(NetworkPiece {
            px: self.masks.bounds(&component)?,
            best_score,
            detections: self.masks.detections(&component),
            lines: centrelines.into_iter().map(with_stretches).collect(),
            outline: component.outline,
            vote,
            ends,
        })
    }

    /// The mask under a sample of a centreline.
    fn owner<'o>(&self, sample: &Sample, owners: &Owners<'o>) -> Option<&'o Detection> {
        let px = self.to_px(sample.at);
        owners.locate_at_point(&[px.x, px.y]).map(|found| found.data)
    }

    /// Highest mean score of a stretch of one centreline that is as long as the least of the
    /// family.
    fn best_score(&self, found: &Centreline, owners: &Owners<'_>) -> Option<f32> {
        let scored = |sample: &Sample| Some((sample.length_m, self.owner(sample, owners)?.score));
        let scores: Vec<_> = found.samples.iter().filter_map(scored).collect();
        best_mean(&scores, self.model.classes[self.index].size_m[0])
    }

    /// Equal stretches of one centreline. What the masks say of each is read off where the line
    /// runs; where it runs along none, it is what they say of the whole.
    fn stretches(&self, found: &Centreline, whole: &Vote, owners: &Owners<'_>) -> Vec<Stretch> {
        let count = (Euclidean.length(&found.line) / STRETCH_MOST_M - 1e-9).ceil().max(1.0);
        let mut sums = vec![(Vote::default(), 0.0, 0.0); count as usize];
        for sample in &found.samples {
            let (vote, area_m2, length_m) =
                &mut sums[((sample.along * count) as usize).min(count as usize - 1)];
            *area_m2 += sample.area_m2;
            *length_m += sample.length_m;
            if let Some(owner) = self.owner(sample, owners) {
                vote.add(owner.class, sample.area_m2, owner.score, sample.length_m);
            }
        }
        let stretch = |(line, (vote, area_m2, length_m)): (LineString, (Vote, f64, f64))| {
            let vote = if vote.score().is_some() { &vote } else { whole };
            let class = vote.class(self.model, self.gsd_m, self.index);
            let confidence = self.model.classes[class].confidence(vote.score().unwrap_or(0.0));
            Stretch {
                line,
                class,
                width_m: if length_m > 0.0 { area_m2 / length_m } else { found.width_m },
                confidence,
            }
        };
        cut(&found.line, count as usize).into_iter().zip(sums).map(stretch).collect()
    }

    /// The stretch across a gap between two ends.
    fn bridge(&self, a: &End, side_a: &Stretch, b: &End, side_b: &Stretch) -> Stretch {
        Stretch {
            line: LineString::new(vec![a.tip, b.tip]),
            class: if side_a.class == side_b.class { side_a.class } else { self.index },
            width_m: (side_a.width_m + side_b.width_m) / 2.0,
            confidence: BRIDGE_CONFIDENCE * side_a.confidence.min(side_b.confidence),
        }
    }

    /// The candidate of some pieces and of what bridges the gaps between them.
    fn candidate(&self, pieces: Vec<NetworkPiece>, bridges: Vec<Stretch>) -> Option<Candidate> {
        let px = pieces.iter().map(|piece| piece.px).reduce(|a, b| a.around(&b))?;
        // A long faint tail takes nothing from what is sure.
        let best_score = pieces.iter().filter_map(|piece| piece.best_score).max_by(f32::total_cmp);
        let mut vote = Vote::default();
        let (mut detections, mut outlines, mut lines, mut stretches) =
            (vec![], vec![], vec![], vec![]);
        for piece in pieces {
            vote.join(&piece.vote);
            detections.extend(piece.detections);
            outlines.push(piece.outline);
            for (line, parts) in piece.lines {
                lines.push(line);
                stretches.extend(parts);
            }
        }
        lines.extend(bridges.iter().map(|bridge| bridge.line.clone()));
        stretches.extend(bridges);
        // One detection may lie on both sides of a gap.
        detections.sort_unstable();
        detections.dedup();
        let class = vote.class(self.model, self.gsd_m, self.index);
        let shape = CandidateShape::Network { outlines, lines, stretches };
        let mean = vote.score()?;
        let score = best_score.map_or(mean, |best| best.max(mean));
        Some(Candidate { class, score, px, shape, detections })
    }

    /// Local metres to mosaic pixels.
    fn to_px(&self, metres: Coord) -> Coord {
        let georef = &self.orthomosaic.georef;
        georef.to_pixel(georef.ground().from_metres(&Point::from(metres)).0)
    }
}

/// A line in so many pieces of equal length.
fn cut(line: &LineString, count: usize) -> Vec<LineString> {
    let step_m = Euclidean.length(line) / count as f64;
    let mut pieces = Vec::with_capacity(count);
    let mut piece = vec![line.0[0]];
    let mut left_m = step_m;
    for leg in line.lines() {
        let (mut from, mut rest_m) = (leg.start, distance(leg.start, leg.end));
        while rest_m > left_m && pieces.len() + 1 < count {
            from = from + (leg.end - from) * (left_m / rest_m);
            rest_m -= left_m;
            left_m = step_m;
            piece.push(from);
            pieces.push(LineString::new(std::mem::replace(&mut piece, vec![from])));
        }
        piece.push(leg.end);
        left_m -= rest_m;
    }
    pieces.push(LineString::new(piece));
    pieces
}
