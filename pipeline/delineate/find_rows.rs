//! Evidence of one category -> the mine rows in it: mines that lie on a line at the spacing of a
//! pattern.

use crate::RowRule;
use crate::evidence::Evidence;
use crate::mine_row::MineRow;
use crate::point_grid::PointGrid;
use geo::{Coord, coord};
use rayon::prelude::*;
use std::cmp::Ordering;
use std::collections::HashSet;

/// How many neighbours of a mine a row may begin towards: more only repeat the same lines.
const DIRECTIONS: usize = 6;

/// How far beside a row other finds are counted against it, in the distances that its own mines
/// keep.
const BESIDE: f64 = 4.0;

/// So many times the mines that a row can have near one of them, and no row stands out from them:
/// each mine may have been found by several models or as several kinds, but not by so many.
const CROWD: f64 = 8.0;

/// Mines of a stretch. In a crowd every line leads on for ever, for there is always a next find
/// ahead: a stretch is no part of a row if it has as much beside it as chance would make of that
/// ground.
const STRETCH: usize = 8;

/// A line of more mines than this is not sought again from each of them.
const LONG: usize = 200;

/// Mines from which rows are sought at a time.
const BATCH: usize = 64;

/// The rows among some evidence, each mine in one at the most. Only mines from `seed` on begin a
/// row, and its mines together must weigh as much as the doctrine says: so chance alignments of
/// weak signs, of which there are always some, make none. Nor does a line through a crowd: the
/// ground beside a row holds fewer. Nor mines at any distance of each other: a pattern has a
/// spacing.
pub(crate) fn rows(evidence: &[Evidence], rule: &RowRule, seed: f64) -> Vec<MineRow> {
    let at: Vec<Option<Coord>> =
        evidence.iter().map(|e| Some(e.point().filter(|_| e.may_be_in_row)?.0)).collect();
    let places = at.iter().enumerate().filter_map(|(i, at)| Some(((*at)?, i)));
    let mines = PointGrid::new(places, rule.spacing_m[1] / 2.0);
    let search =
        Search { rule, mines, at: &at, p: evidence.iter().map(|e| e.confidence).collect() };
    let mut taken = vec![false; at.len()];
    let mut rows = vec![];
    for row in search.all(seed) {
        // What heavier rows left of it may still be one.
        let left: Vec<usize> = row.members.iter().copied().filter(|&i| !taken[i]).collect();
        let row = if left.len() == row.members.len() { Some(row) } else { search.row(left) };
        if let Some(row) = row.filter(|row| search.stands(row)) {
            row.members.iter().for_each(|&i| taken[i] = true);
            rows.push(row);
        }
    }
    rows
}

struct Search<'a> {
    rule: &'a RowRule,
    mines: PointGrid,
    /// Where each piece of evidence is, if it is a point.
    at: &'a [Option<Coord>],
    /// Probability of each.
    p: Vec<f64>,
}

impl Search<'_> {
    /// The heaviest row from each mine, each row once, the heaviest first.
    fn all(&self, seed: f64) -> Vec<MineRow> {
        let begins = |&i: &usize| self.p[i] >= seed && self.at[i].is_some();
        let seeds: Vec<usize> = (0..self.p.len()).filter(begins).collect();
        let mut in_long = vec![false; self.p.len()];
        let (mut found, mut distinct): (Vec<MineRow>, usize) = (vec![], BATCH);
        let put_in_order = |found: &mut Vec<MineRow>| {
            found.sort_by(|a, b| {
                b.mines.total_cmp(&a.mines).then_with(|| a.members.cmp(&b.members))
            });
            found.dedup_by(|a, b| a.members == b.members);
        };
        // Batches are the same for any number of threads, and so is what they find.
        for batch in seeds.chunks(BATCH) {
            let rest = batch.par_iter().filter(|&&i| !in_long[i]);
            let rows: Vec<MineRow> = rest.filter_map(|&i| self.best_from(i)).collect();
            let long = rows.iter().filter(|row| row.members.len() > LONG);
            long.flat_map(|row| &row.members).for_each(|&i| in_long[i] = true);
            found.extend(rows.into_par_iter().filter(|row| self.stands(row)).collect::<Vec<_>>());
            // Most are found from each of their mines, and need not be kept so often.
            if found.len() > 2 * distinct {
                put_in_order(&mut found);
                distinct = found.len().max(BATCH);
            }
        }
        put_in_order(&mut found);
        found
    }

    /// Whether a row weighs enough, keeps a spacing, and is more than chance would make of what
    /// lies around it.
    fn stands(&self, row: &MineRow) -> bool {
        let is_regular = row.irregular <= self.rule.irregular;
        is_regular && row.mines >= self.rule.mines && 2.0 * self.beside(&row.members) <= row.mines
    }

    /// The heaviest row through a mine and one of its neighbours.
    fn best_from(&self, i: usize) -> Option<MineRow> {
        if self.is_in_a_crowd(i) {
            return None;
        }
        let at = self.at(i);
        let [least_m, most_m] = self.rule.spacing_m;
        let others =
            self.around(at, most_m).filter(|(metres, other)| *metres >= least_m && *other != i);
        let mut near: Vec<(f64, usize)> = others.collect();
        near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let rows =
            near.into_iter().take(DIRECTIONS).filter_map(|(_, other)| self.through(i, other));
        rows.max_by(|a, b| a.mines.total_cmp(&b.mines).then_with(|| b.members.cmp(&a.members)))
    }

    /// Whether the ground beside any row through a mine would hold far more than the row.
    fn is_in_a_crowd(&self, i: usize) -> bool {
        let at = self.at(i);
        let reach_m = BESIDE * self.rule.off_m;
        let most = CROWD * (1.0 + 2.0 * reach_m / self.rule.spacing_m[0]);
        let mut sum = 0.0;
        self.around(at, reach_m).map(|(_, other)| self.p[other]).any(|p| {
            sum += p;
            sum > most
        })
    }

    /// The mines within a distance of a place, each with its distance.
    fn around(&self, at: Coord, within_m: f64) -> impl Iterator<Item = (f64, usize)> {
        let reach = coord! { x: within_m, y: within_m };
        let near = self.mines.near(at - reach, at + reach);
        near.map(move |(place, mine)| (length(place - at), mine))
            .filter(move |(metres, _)| *metres <= within_m)
    }

    /// The row through two mines, followed both ways.
    fn through(&self, a: usize, b: usize) -> Option<MineRow> {
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
    fn row(&self, members: Vec<usize>) -> Option<MineRow> {
        if members.len() < 3 {
            return None;
        }
        let [least_m, _] = self.rule.spacing_m;
        let places: Vec<Coord> = members.iter().map(|&i| self.at(i)).collect();
        let mut gaps: Vec<f64> = places.windows(2).map(|pair| length(pair[1] - pair[0])).collect();
        gaps.sort_by(f64::total_cmp);
        let spacing_m = gaps[gaps.len() / 2].max(least_m);
        let beyond = |from: Coord, to: Coord| {
            to + (to - from) / length(to - from) * (self.rule.beyond * spacing_m)
        };
        let (first, last) = (places[0], places[places.len() - 1]);
        let mut line = vec![beyond(last, first)];
        line.extend(&places);
        line.push(beyond(first, last));
        line.dedup();
        let mines = members.iter().map(|&i| self.p[i]).sum();
        let irregular = irregularity(&gaps, spacing_m);
        Some(MineRow { members, line: line.into(), spacing_m, irregular, mines })
    }

    /// Adds mines ahead of the last one as long as there are any, but for a stretch through a
    /// crowd.
    fn follow(&self, members: &mut Vec<usize>) {
        let begun = members.len();
        let mut within: HashSet<usize> = members.iter().copied().collect();
        while let Some(next) = self.next(members, &within) {
            members.push(next);
            within.insert(next);
            if (members.len() - begun).is_multiple_of(STRETCH) {
                let stretch = &members[members.len() - STRETCH..];
                let mines: f64 = stretch.iter().map(|&i| self.p[i]).sum();
                if self.beside(stretch) >= (BESIDE - 1.0) * mines {
                    members.truncate(members.len() - STRETCH);
                    return;
                }
            }
        }
    }

    /// The nearest mine ahead of the last one. Sought farther and farther ahead, for in a crowd it
    /// is near.
    fn next(&self, members: &[usize], within: &HashSet<usize>) -> Option<usize> {
        let [least_m, most_m] = self.rule.spacing_m;
        let farthest_m = most_m * (f64::from(self.rule.missing) + 1.0);
        let reach_m = farthest_m + self.rule.off_m;
        let (ahead, through) = self.direction(members);
        let tip = self.at(members[members.len() - 1]);
        let foot = through + ahead * dot(tip - through, ahead);
        let (mut from_m, mut to_m) = (least_m, (3.0 * least_m).min(farthest_m));
        loop {
            let next = self.strip(foot, ahead, [from_m, to_m], self.rule.off_m).filter_map(
                |(at, mine)| {
                    let (along, across) = (dot(at - tip, ahead), cross(at - through, ahead).abs());
                    let is_ahead = along >= from_m && along <= to_m && across <= self.rule.off_m;
                    (is_ahead && length(at - tip) <= reach_m && !within.contains(&mine))
                        .then_some((along, mine))
                },
            );
            match next.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))) {
                Some((_, next)) => return Some(next),
                None if to_m >= farthest_m => return None,
                None => (from_m, to_m) = (to_m, (3.0 * to_m).min(farthest_m)),
            }
        }
    }

    /// Unit vector from the first towards the last mines, and a place on their line: of the last
    /// eight, so that a row may bend.
    fn direction(&self, members: &[usize]) -> (Coord, Coord) {
        let last = &members[members.len().saturating_sub(8)..];
        let middle = last.iter().fold(coord! { x: 0.0, y: 0.0 }, |sum, &i| sum + self.at(i))
            / last.len() as f64;
        let chord = self.at(last[last.len() - 1]) - self.at(last[0]);
        let (mut along, mut square) = (coord! { x: 0.0, y: 0.0 }, 0.0);
        for &i in last {
            let off = self.at(i) - middle;
            let weight = dot(off, chord);
            along = along + off * weight;
            square += weight * weight;
        }
        let along = if square > 0.0 { along } else { chord };
        (along / length(along), middle)
    }

    /// Sum of the probabilities beside a row, within [`BESIDE`] times the distance that its own
    /// mines keep to the line: three times as much ground as the row's, which chance would fill
    /// with three times as many.
    fn beside(&self, members: &[usize]) -> f64 {
        let mut own = members.to_vec();
        own.sort_unstable();
        let leg = |pair: &[usize]| {
            let (from, to) = (self.at(pair[0]), self.at(pair[1]));
            let (ahead, middle, half_m) =
                ((to - from) / length(to - from), (from + to) / 2.0, length(to - from) / 2.0);
            let near = self.strip(middle, ahead, [-half_m, half_m], BESIDE * self.rule.off_m);
            let beside = near.filter(|(at, mine)| {
                let off = *at - middle;
                let across_m = cross(off, ahead).abs();
                let is_beside = across_m > self.rule.off_m && across_m <= BESIDE * self.rule.off_m;
                is_beside && dot(off, ahead).abs() <= half_m && own.binary_search(mine).is_err()
            });
            beside.map(|(_, mine)| self.p[mine]).sum::<f64>()
        };
        members.windows(2).map(leg).sum()
    }

    /// The mines on and about a strip of ground: from `along_m[0]` to `along_m[1]` ahead of a
    /// place, and so wide to either side.
    fn strip(
        &self,
        from: Coord,
        ahead: Coord,
        along_m: [f64; 2],
        off_m: f64,
    ) -> impl Iterator<Item = (Coord, usize)> {
        /// More than rounding moves a place.
        const EASE_M: f64 = 1e-6;
        let (middle, half_m) =
            (from + ahead * ((along_m[0] + along_m[1]) / 2.0), (along_m[1] - along_m[0]) / 2.0);
        let (x, y) = (ahead.x.abs(), ahead.y.abs());
        let reach =
            coord! { x: half_m * x + off_m * y + EASE_M, y: half_m * y + off_m * x + EASE_M };
        self.mines.near(middle - reach, middle + reach)
    }

    fn at(&self, i: usize) -> Coord {
        self.at[i].expect("only points are searched")
    }
}

/// How far distances depart from a spacing or the nearest multiple of it, where mines between were
/// not found: their root mean square, in spacings. About 0.2 of rows laid by hand, about 0.5 of
/// distances by chance.
fn irregularity(gaps_m: &[f64], spacing_m: f64) -> f64 {
    let square = |gap_m: &f64| {
        let spacings = gap_m / spacing_m;
        (spacings - spacings.round().max(1.0)).powi(2)
    };
    (gaps_m.iter().map(square).sum::<f64>() / gaps_m.len() as f64).sqrt()
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
