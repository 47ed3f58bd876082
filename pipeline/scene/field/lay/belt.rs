//! Mines in rows.

use crate::field::chance::{count, span};
use crate::field::frame::Frame;
use crate::field::spec::{Belt, Laying};
use crate::random::Dice;
use geo::{Coord, Intersects, LineString, Polygon, Rect};

/// Mines of a belt and the ground they occupy, metres.
pub(in crate::field) struct LaidBelt {
    pub(in crate::field) mines: Vec<Coord>,
    pub(in crate::field) ground: Vec<Polygon>,
}

impl LaidBelt {
    /// Whether the ground of two belts meets.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.ground.iter().any(|one| other.ground.iter().any(|other| one.intersects(other)))
    }
}

/// The line that the rows of a belt follow: a parabola in a frame.
struct Spine {
    frame: Frame,
    middle_m: [f64; 2],
    tilt: f64,
    /// Second derivative, 1/m.
    bend: f64,
}

impl Spine {
    /// The place so far from the middle along it and so far off it, forward.
    fn place(&self, along_m: f64, off_m: f64) -> Coord {
        let slope = self.tilt + self.bend * along_m;
        let stretch = (1.0 + slope * slope).sqrt();
        let rise_m = self.tilt * along_m + self.bend * along_m * along_m / 2.0;
        self.frame.place(
            self.middle_m[0] + along_m - slope / stretch * off_m,
            self.middle_m[1] + rise_m + off_m / stretch,
        )
    }

    /// The ground along it between two distances, and between two offsets.
    fn strip(&self, along_m: [f64; 2], off_m: [f64; 2]) -> Polygon {
        let steps = ((along_m[1] - along_m[0]) / 5.0).ceil().max(1.0) as u32;
        let side = |off_m: f64| -> Vec<Coord> {
            let at = |step: u32| {
                along_m[0] + (along_m[1] - along_m[0]) * f64::from(step) / f64::from(steps)
            };
            (0..=steps).map(|step| self.place(at(step), off_m)).collect()
        };
        let ring = side(off_m[0]).into_iter().chain(side(off_m[1]).into_iter().rev());
        Polygon::new(ring.collect::<LineString>(), vec![])
    }
}

impl Belt {
    /// Lays one; mines beyond the field are none of it.
    pub(in crate::field) fn lay(
        &self,
        laying: &Laying,
        frame: Frame,
        extent: Rect,
        dice: &mut Dice,
    ) -> LaidBelt {
        let length_m = span(self.length_m, dice);
        let spine = Spine {
            frame,
            middle_m: [span(self.aside_m, dice), span(self.ahead_m, dice)],
            tilt: dice.between(-laying.tilt, laying.tilt),
            bend: dice.between(-laying.bend, laying.bend) * 2.0 / length_m,
        };
        let (rows, between_m) = (count(self.rows, dice), span(self.between_rows_m, dice));
        let in_row_m = span(self.in_row_m, dice);
        let mut laid = LaidBelt { mines: vec![], ground: vec![] };
        for row in 0..rows {
            let off_m = (f64::from(row) - f64::from(rows - 1) / 2.0) * between_m;
            let from_m = -length_m / 2.0 + dice.between(0.0, laying.ragged) * length_m;
            let to_m = length_m / 2.0 - dice.between(0.0, laying.ragged) * length_m;
            let gaps: Vec<[f64; 2]> = (0..count(laying.gaps, dice))
                .map(|_| {
                    let start_m = dice.between(from_m, to_m);
                    [start_m, start_m + span(laying.gap_m, dice)]
                })
                .collect();
            let mut ends: Option<[f64; 2]> = None;
            let mut next_m = from_m;
            while next_m <= to_m {
                let along_m = next_m + dice.about_zero() * laying.jitter * in_row_m;
                let at = spine.place(along_m, off_m + dice.about_zero() * laying.across_m);
                next_m += in_row_m;
                let in_gap = gaps.iter().any(|gap| (gap[0]..gap[1]).contains(&along_m));
                if !dice.happens(laying.missing) && !in_gap && extent.intersects(&at) {
                    laid.mines.push(at);
                    ends =
                        Some(ends.map_or([along_m; 2], |ends| {
                            [ends[0].min(along_m), ends[1].max(along_m)]
                        }));
                }
            }
            if let Some([first_m, last_m]) = ends {
                let reach_m =
                    |is_outer: bool| if is_outer { self.margin_m } else { between_m / 2.0 };
                let offs_m = [off_m - reach_m(row == 0), off_m + reach_m(row + 1 == rows)];
                laid.ground
                    .push(spine.strip([first_m - in_row_m / 2.0, last_m + in_row_m / 2.0], offs_m));
            }
        }
        laid
    }
}
