//! Boxes of one family of classes that are one object become one box, as by non-maximum suppression
//! but without losing any.

use rams_domain::PxBox;
use std::{
    collections::{BTreeMap, HashMap},
    ops::RangeInclusive,
};

/// Least intersection over union at which two boxes are one object.
const SAME_IOU: f64 = 0.3;
/// Least intersection over the smaller box at which two boxes are one object: a box cut by the
/// edge of its tile lies almost wholly inside the whole one, at an IoU as small as you like.
const SAME_IOS: f64 = 0.6;

/// A detector's box, mosaic pixels, its score, and the index of its class, its kind; no kind where
/// that class is a family, which does not say which of its kinds it is.
pub(crate) type ScoredBox = (PxBox, f32, Option<usize>);

/// Groups of boxes of one family that are one object, as indices into `boxes`, the kept box first;
/// groups and members in the order of their scores.
///
/// Boxes that are not known to be of one kind are one object only by their IoU: a small kind may
/// lie beside a slanted long one, wholly inside its box.
///
/// Greedy by score: the best box that is left is kept and takes every box that is the same object
/// as it. A member never takes further boxes for the group, so a row of touching boxes does not
/// chain into one. The kept box is that of the highest score, not the largest: a model answers only
/// for objects centred in the core of a tile or little beyond, with a halo as wide as the largest
/// object around it, so the copy that is cut is also the one with the lower score; and a low, loose
/// box around two mines must not swallow the tight box of either.
///
/// `boxes` in a fixed order (by detection id) give a fixed result: ties of the score go to the
/// larger box, then to the earlier one.
pub(crate) fn merge(boxes: &[ScoredBox]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..boxes.len()).collect();
    order.sort_by(|&a, &b| {
        let ((box_a, score_a, _), (box_b, score_b, _)) = (&boxes[a], &boxes[b]);
        score_b.total_cmp(score_a).then(box_b.area().total_cmp(&box_a.area())).then(a.cmp(&b))
    });
    let mut kept = Kept::default();
    let mut groups: Vec<Vec<usize>> = vec![];
    for index in order {
        match kept.best_of_the_same(boxes, &groups, index) {
            Some(group) => groups[group].push(index),
            None => {
                kept.add(&boxes[index].0, groups.len());
                groups.push(vec![index]);
            }
        }
    }
    groups
}

/// Kept boxes by where they lie and how large they are: a box of a level is no longer than the
/// cells of that level, so it lies in four of them at most. A tree of all boxes would do for
/// objects apart, but each search in a clump would meet all of the clump again.
#[derive(Default)]
struct Kept {
    levels: BTreeMap<i32, Level>,
}

/// The numbers of groups, in the order of their scores: all, and those in each cell.
#[derive(Default)]
struct Level {
    all: Vec<usize>,
    cells: HashMap<[i64; 2], Vec<usize>>,
}

impl Kept {
    fn add(&mut self, bounds: &PxBox, group: usize) {
        let longest_px = (bounds.x1 - bounds.x0).max(bounds.y1 - bounds.y0).max(1.0);
        let number = longest_px.log2().ceil() as i32;
        let level = self.levels.entry(number).or_default();
        level.all.push(group);
        let [cols, rows] = cells(bounds, number);
        for col in cols {
            rows.clone().for_each(|row| level.cells.entry([col, row]).or_default().push(group));
        }
    }

    /// The group of the highest score whose kept box is the same object as a box.
    fn best_of_the_same(
        &self,
        boxes: &[ScoredBox],
        groups: &[Vec<usize>],
        index: usize,
    ) -> Option<usize> {
        let mut best = None;
        // Each list is in order: the first that is the same is the list's best.
        let mut search = |of: &[usize]| {
            let better = of.iter().take_while(|&&group| best.is_none_or(|best| group < best));
            best = better
                .copied()
                .find(|&group| is_same(&boxes[groups[group][0]], &boxes[index]))
                .or(best);
        };
        for (number, level) in &self.levels {
            let [cols, rows] = cells(&boxes[index].0, *number);
            let count =
                (cols.end() - cols.start() + 1).saturating_mul(rows.end() - rows.start() + 1);
            if count > level.all.len() as i64 {
                search(&level.all);
                continue;
            }
            for col in cols {
                rows.clone()
                    .filter_map(|row| level.cells.get(&[col, row]))
                    .for_each(|cell| search(cell));
            }
        }
        best
    }
}

/// Columns and rows of the cells of a level that a box touches.
fn cells(bounds: &PxBox, level: i32) -> [RangeInclusive<i64>; 2] {
    let number = |at: f64| (at / f64::from(level).exp2()).floor() as i64;
    [number(bounds.x0)..=number(bounds.x1), number(bounds.y0)..=number(bounds.y1)]
}

fn is_same((a, _, kind_a): &ScoredBox, (b, _, kind_b): &ScoredBox) -> bool {
    let shared = a.overlap(b);
    let (area_a, area_b) = (a.area(), b.area());
    let is_inside = kind_a.is_some() && kind_a == kind_b && shared >= SAME_IOS * area_a.min(area_b);
    // Without `shared > 0` a box without area would be the same as every neighbour.
    shared > 0.0 && (shared >= SAME_IOU * (area_a + area_b - shared) || is_inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn px(x0: f64, y0: f64, x1: f64, y1: f64) -> PxBox {
        PxBox { x0, y0, x1, y1 }
    }

    #[test]
    fn a_copy_seen_by_the_next_tile_joins_and_the_best_score_is_kept() {
        let boxes =
            [(px(0.0, 0.0, 10.0, 10.0), 0.6, Some(0)), (px(1.0, 0.0, 11.0, 10.0), 0.9, Some(0))];
        assert_eq!(merge(&boxes), vec![vec![1, 0]]);
    }

    #[test]
    fn a_box_cut_at_the_edge_joins_its_whole_though_their_iou_is_low() {
        let (whole, cut) = (px(0.0, 0.0, 40.0, 10.0), px(30.0, 0.0, 41.0, 10.0));
        assert!(whole.overlap(&cut) / (whole.area() + cut.area() - whole.overlap(&cut)) < SAME_IOU);
        assert_eq!(merge(&[(whole, 0.9, Some(0)), (cut, 0.5, Some(0))]), vec![vec![0, 1]]);
    }

    #[test]
    fn a_small_kind_inside_the_box_of_a_long_one_stays() {
        let (long, small) = (px(0.0, 0.0, 50.0, 50.0), px(30.0, 2.0, 45.0, 17.0));
        assert_eq!(merge(&[(long, 0.9, Some(0)), (small, 0.5, Some(1))]), vec![vec![0], vec![1]]);
        assert_eq!(
            merge(&[(long, 0.9, None), (small, 0.5, None)]),
            vec![vec![0], vec![1]],
            "two kinds, unnamed"
        );
        assert_eq!(
            merge(&[(long, 0.9, Some(0)), (px(1.0, 0.0, 50.0, 48.0), 0.5, Some(1))]),
            vec![vec![0, 1]]
        );
    }

    #[test]
    fn a_row_of_overlapping_boxes_does_not_chain() {
        // Neighbours share an IoU of 1/3, the outer two nothing: B is one object with A, and C
        // stays although it is the same as B.
        let boxes = [
            (px(0.0, 0.0, 10.0, 10.0), 0.9, Some(0)),
            (px(5.0, 0.0, 15.0, 10.0), 0.8, Some(0)),
            (px(10.0, 0.0, 20.0, 10.0), 0.7, Some(0)),
        ];
        assert_eq!(merge(&boxes), vec![vec![0, 1], vec![2]]);
    }

    #[test]
    fn mines_a_metre_apart_stay_apart() {
        // PFM-1 of 12 x 6 cm at 5 mm per pixel: 24 x 12 px, 200 px apart.
        let boxes: Vec<_> = (0..50)
            .map(|i| {
                (px(200.0 * f64::from(i), 0.0, 200.0 * f64::from(i) + 24.0, 12.0), 0.5, Some(0))
            })
            .collect();
        assert_eq!(merge(&boxes).len(), 50);
    }

    #[test]
    fn boxes_that_touch_or_have_no_area_stay_apart() {
        let boxes = [
            (px(0.0, 0.0, 10.0, 10.0), 0.9, Some(0)),
            (px(10.0, 0.0, 20.0, 10.0), 0.8, Some(0)),
            (px(3.0, 3.0, 3.0, 5.0), 0.7, Some(0)),
        ];
        assert_eq!(merge(&boxes).len(), 3);
    }

    /// Boxes of all sizes around some objects 400 px apart, of one to three kinds or none.
    fn crowd(objects: u32, each: u32, kinds: u32, longest_px: f64) -> Vec<ScoredBox> {
        let mut state = 1_u32;
        let mut random = move |below: f64| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            below * f64::from(state >> 8) / f64::from(1 << 24)
        };
        let mut boxes = vec![];
        for number in 0..objects * each {
            let (x, y) = (400.0 * f64::from(number / each) + random(40.0), random(40.0) - 20.0);
            let (width, height) = (8.0 + random(longest_px), 8.0 + random(56.0));
            let kind = (number % (kinds + 1)) as usize;
            // Scores of two digits: many are the same.
            let score = random(100.0).round() as f32 / 100.0;
            boxes.push((px(x, y, x + width, y + height), score, kind.checked_sub(1)));
        }
        boxes
    }

    #[test]
    fn each_box_joins_the_best_box_before_it_that_is_the_same() {
        for (kinds, longest_px) in [(0, 56.0), (1, 3000.0), (3, 56.0)] {
            let boxes = crowd(20, 40, kinds, longest_px);
            let mut order: Vec<usize> = (0..boxes.len()).collect();
            order.sort_by(|&a, &b| {
                let area = |i: usize| boxes[i].0.area();
                boxes[b].1.total_cmp(&boxes[a].1).then(area(b).total_cmp(&area(a))).then(a.cmp(&b))
            });
            let mut groups: Vec<Vec<usize>> = vec![];
            for index in order {
                match groups.iter_mut().find(|group| is_same(&boxes[group[0]], &boxes[index])) {
                    Some(group) => group.push(index),
                    None => groups.push(vec![index]),
                }
            }
            assert!((21..800).contains(&groups.len()), "{} of 800", groups.len());
            assert_eq!(merge(&boxes), groups);
        }
    }

    #[test]
    #[ignore = "a measurement: cargo test --release -p rams-trace speed -- --ignored --nocapture"]
    fn speed_of_a_million_boxes() {
        // 500,000 objects on a lattice of 40 px, each seen twice, two pixels apart.
        let object = |i: u32| {
            let (x, y) = (40.0 * f64::from(i % 1000), 40.0 * f64::from(i / 1000));
            [
                (px(x, y, x + 24.0, y + 12.0), 0.7, Some(0)),
                (px(x + 2.0, y, x + 26.0, y + 12.0), 0.6, Some(0)),
            ]
        };
        let boxes: Vec<_> = (0..500_000).flat_map(object).collect();
        let start = std::time::Instant::now();
        assert_eq!(merge(&boxes).len(), 500_000);
        println!("merge of 1,000,000 boxes: {:.2} s", start.elapsed().as_secs_f64());
    }
    #[test]
    #[ignore = "a measurement: cargo test --release -p rams-trace speed -- --ignored --nocapture"]
    fn speed_of_a_million_boxes_on_a_thousand_objects() {
        // A model beside itself: around each of 1000 objects 1000 boxes of all sizes, and around
        // one 1,000,000.
        for (objects, each) in [(1000_u32, 1000_u32), (1, 1_000_000)] {
            let boxes = crowd(objects, each, 0, 56.0);
            let start = std::time::Instant::now();
            let kept = merge(&boxes).len();
            println!(
                "merge of 1,000,000 boxes in {objects} clump(s) to {kept}: {:.2} s",
                start.elapsed().as_secs_f64()
            );
        }
    }
}
