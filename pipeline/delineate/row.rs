//! Mine rows: mines that lie on a line at the spacing of a pattern.

use crate::RowRule;
use crate::evidence::Evidence;
use geo::{Coord, LineString, coord};
use rayon::prelude::*;
use rstar::{RTree, primitives::GeomWithData};
use std::cmp::Ordering;

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// Indices of its mines, from end to end.
    pub(crate) members: Vec<usize>,
    /// From beyond its first mine to beyond its last, local metres.
    pub(crate) line: LineString,
    /// Distance of neighbours, the median, metres.
    pub(crate) spacing_m: f64,
    /// Sum of the probabilities of its mines.
    pub(crate) mines: f64,
}

/// How many neighbours of a mine a row may begin towards: more only repeat the same lines.
const DIRECTIONS: usize = 6;

/// How far beside a row other finds are counted against it, in the distances that its own mines keep.
const BESIDE: f64 = 4.0;

/// A mine with its index.
type Mine = GeomWithData<[f64; 2], usize>;

/// The rows among some evidence, each mine in one at the most. Only mines from `seed` on begin a row,
/// and its mines together must weigh as much as the doctrine says: so chance alignments of weak
/// signs, of which there are always some, make none. Nor does a line through a crowd: the ground beside
/// a row holds fewer.
pub(crate) fn rows(evidence: &[Evidence], rule: &RowRule, seed: f64) -> Vec<Row> {
    let points =
        evidence.iter().enumerate().filter_map(|(i, e)| e.point().map(|at| GeomWithData::new([at.x(), at.y()], i)));
    let search = Search { evidence, rule, mines: RTree::bulk_load(points.collect::<Vec<Mine>>()) };
    let stands = |row: &Row| row.mines >= rule.mines && 2.0 * search.beside(row) <= row.mines;
    let best_from = |i: usize| search.best_from(i).filter(stands);
    let seeds = (0..evidence.len()).filter(|&i| evidence[i].confidence >= seed && evidence[i].point().is_some());
    let seeds: Vec<usize> = seeds.collect();
    let mut found: Vec<Row> = seeds.into_par_iter().filter_map(best_from).collect();
    found.sort_by(|a, b| b.mines.total_cmp(&a.mines).then_with(|| a.members.cmp(&b.members)));
    let mut taken = vec![false; evidence.len()];
    let mut rows = vec![];
    for row in found {
        // What heavier rows left of it may still be one.
        let left: Vec<usize> = row.members.iter().copied().filter(|&i| !taken[i]).collect();
        let row = if left.len() == row.members.len() { Some(row) } else { search.row(left) };
        if let Some(row) = row.filter(stands) {
            row.members.iter().for_each(|&i| taken[i] = true);
            rows.push(row);
        }
    }
    rows
}

struct Search<'a> {
    evidence: &'a [Evidence<'a>],
    rule: &'a RowRule,
    mines: RTree<Mine>,
}

impl Search<'_> {
    /// The heaviest row through a mine and one of its neighbours.
    fn best_from(&self, i: usize) -> Option<Row> {
        let at = self.at(i);
        let [least_m, most_m] = self.rule.spacing_m;
        let others = self.mines.nearest_neighbor_iter(&[at.x, at.y]).skip_while(|other| other.data == i);
        let near = others.take_while(|other| length(self.at(other.data) - at) <= most_m);
        let near = near.filter(|other| other.data != i && length(self.at(other.data) - at) >= least_m);
        let rows = near.take(DIRECTIONS).filter_map(|other| self.through(i, other.data));
        rows.max_by(|a, b| a.mines.total_cmp(&b.mines).then_with(|| b.members.cmp(&a.members)))
    }

    /// The row through two mines, followed both ways.
    fn through(&self, a: usize, b: usize) -> Option<Row> {
        let mut members = vec![a, b];
        self.follow(&mut members);
        members.reverse();
        self.follow(&mut members);
        // One direction for a row, whichever of its mines it was found from.
        let (first, last) = (self.at(members[0]), self.at(members[members.len() - 1]));
        if first.x.total_cmp(&last.x).then(first.y.total_cmp(&last.y)) == Ordering::Greater {
            members.reverse();
        }
        self.row(members)
    }

    /// Mines in their order as a row; `None` for fewer than three, which are on a line by chance.
    fn row(&self, members: Vec<usize>) -> Option<Row> {
        if members.len() < 3 {
            return None;
        }
        let [least_m, _] = self.rule.spacing_m;
        let places: Vec<Coord> = members.iter().map(|&i| self.at(i)).collect();
        let mut gaps: Vec<f64> = places.windows(2).map(|pair| length(pair[1] - pair[0])).collect();
        gaps.sort_by(f64::total_cmp);
        let spacing_m = gaps[gaps.len() / 2].max(least_m);
        let beyond = |from: Coord, to: Coord| to + (to - from) / length(to - from) * (self.rule.beyond * spacing_m);
        let (first, last) = (places[0], places[places.len() - 1]);
        let mut line = vec![beyond(last, first)];
        line.extend(&places);
        line.push(beyond(first, last));
        line.dedup();
        let mines = members.iter().map(|&i| self.evidence[i].confidence).sum();
        Some(Row { members, line: line.into(), spacing_m, mines })
    }

    /// Adds mines ahead of the last one as long as there are any.
    fn follow(&self, members: &mut Vec<usize>) {
        let [least_m, most_m] = self.rule.spacing_m;
        let farthest_m = most_m * f64::from(self.rule.missing + 1);
        loop {
            let (ahead, through) = self.direction(members);
            let tip = self.at(members[members.len() - 1]);
            let reach_m = farthest_m + self.rule.off_m;
            let within = self.mines.locate_within_distance([tip.x, tip.y], reach_m * reach_m);
            let next = within.filter(|mine| !members.contains(&mine.data)).filter_map(|mine| {
                let at = self.at(mine.data);
                let (along, across) = (dot(at - tip, ahead), cross(at - through, ahead).abs());
                (along >= least_m && along <= farthest_m && across <= self.rule.off_m).then_some((along, mine.data))
            });
            let Some((_, next)) = next.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))) else { return };
            members.push(next);
        }
    }

    /// Unit vector from the first towards the last mines, and a place on their line: of the last
    /// eight, so that a row may bend.
    fn direction(&self, members: &[usize]) -> (Coord, Coord) {
        let last: Vec<Coord> = members[members.len().saturating_sub(8)..].iter().map(|&i| self.at(i)).collect();
        let middle = last.iter().fold(coord! { x: 0.0, y: 0.0 }, |sum, at| sum + *at) / last.len() as f64;
        let chord = last[last.len() - 1] - last[0];
        let (mut along, mut square) = (coord! { x: 0.0, y: 0.0 }, 0.0);
        for at in &last {
            let weight = dot(*at - middle, chord);
            along = along + (*at - middle) * weight;
            square += weight * weight;
        }
        let along = if square > 0.0 { along } else { chord };
        (along / length(along), middle)
    }

    /// Sum of the probabilities beside a row, within [`BESIDE`] times the distance that its own mines
    /// keep to the line: three times as much ground as the row's, which chance would fill with three
    /// times as many.
    fn beside(&self, row: &Row) -> f64 {
        let leg = |pair: &[usize]| {
            let (from, to) = (self.at(pair[0]), self.at(pair[1]));
            let (ahead, middle, half_m) = ((to - from) / length(to - from), (from + to) / 2.0, length(to - from) / 2.0);
            let reach_m = half_m.hypot(BESIDE * self.rule.off_m);
            let near = self.mines.locate_within_distance([middle.x, middle.y], reach_m * reach_m);
            let beside = near.filter(|mine| {
                let off = self.at(mine.data) - middle;
                let across_m = cross(off, ahead).abs();
                let is_along = dot(off, ahead).abs() <= half_m && !row.members.contains(&mine.data);
                is_along && across_m > self.rule.off_m && across_m <= BESIDE * self.rule.off_m
            });
            beside.map(|mine| self.evidence[mine.data].confidence).sum::<f64>()
        };
        row.members.windows(2).map(leg).sum()
    }

    fn at(&self, i: usize) -> Coord {
        self.evidence[i].point().expect("only points are searched").0
    }
}

fn length(v: Coord) -> f64 {
    v.x.hypot(v.y)
}

fn dot(a: Coord, b: Coord) -> f64 {
    a.x * b.x + a.y * b.y
}

fn cross(a: Coord, b: Coord) -> f64 {
    a.x * b.y - a.y * b.x
}
