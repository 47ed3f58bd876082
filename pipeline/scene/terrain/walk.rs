//! How lines of each kind run: steps and turns.

use crate::angle::turned;
use crate::random::Dice;
use geo::Coord;

/// How a line goes on: distances and turns as their least, quartiles and greatest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Walk {
    pub(crate) step_m: [f64; 5],
    pub(crate) turn_deg: [f64; 5],
    /// Whether each turn undoes the one before, as in a zigzag, or falls as it may.
    pub(crate) zigzag: bool,
}

impl Walk {
    /// Fire trenches, as measured on 22,410 of them.
    pub(crate) const FIRE_TRENCH: Self = Self {
        step_m: [3.5, 6.4, 9.8, 15.7, 28.0],
        turn_deg: [10.0, 25.0, 38.0, 56.0, 85.0],
        zigzag: true,
    };
    pub(crate) const COMMUNICATION_TRENCH: Self = Self {
        step_m: [4.0, 6.0, 9.0, 13.0, 20.0],
        turn_deg: [3.0, 12.0, 20.0, 30.0, 45.0],
        zigzag: true,
    };
    /// Anti-tank ditches, as measured on 2,048 of them.
    pub(crate) const AT_DITCH: Self = Self {
        step_m: [18.0, 37.0, 71.0, 135.0, 260.0],
        turn_deg: [0.0, 5.0, 10.0, 19.0, 40.0],
        zigzag: false,
    };
    pub(crate) const BERM: Self = Self {
        step_m: [6.0, 9.0, 12.0, 16.0, 24.0],
        turn_deg: [0.0, 1.0, 3.0, 7.0, 14.0],
        zigzag: false,
    };
    /// Roads, tracks, ditches along them.
    pub(crate) const ROAD: Self = Self {
        step_m: [20.0, 30.0, 45.0, 60.0, 90.0],
        turn_deg: [0.0, 1.0, 3.0, 6.0, 12.0],
        zigzag: false,
    };
    pub(crate) const PATH: Self = Self {
        step_m: [1.5, 2.5, 4.0, 6.0, 9.0],
        turn_deg: [2.0, 6.0, 12.0, 20.0, 32.0],
        zigzag: true,
    };
    pub(crate) const STREAM: Self = Self {
        step_m: [3.0, 5.0, 7.0, 9.0, 13.0],
        turn_deg: [4.0, 12.0, 24.0, 36.0, 55.0],
        zigzag: false,
    };

    /// A line of about this length from a point.
    pub(crate) fn line(
        &self,
        from: Coord,
        along: Coord,
        length_m: f64,
        dice: &mut Dice,
    ) -> Vec<Coord> {
        let mut line = vec![from];
        let (mut gone_m, mut at) = (0.0, from);
        // The side of the next turn, and the heading against the general direction, degrees.
        let mut side = if dice.happens(0.5) { 1.0 } else { -1.0 };
        let (mut heading, mut general) = (0.0, 0.0f64);
        while gone_m < length_m {
            let step_m =
                dice.quantile(self.step_m).min((length_m - gone_m).max(0.4 * self.step_m[0]));
            let turn = dice.quantile(self.turn_deg);
            if self.zigzag {
                // From half a turn on one side of the general direction to half a turn on the
                // other.
                general = (general + dice.between(-5.0, 5.0)).clamp(-25.0, 25.0);
                heading = general + side * turn / 2.0;
                side = if dice.happens(0.92) { -side } else { side };
            } else {
                heading += side * turn;
                // A bend is followed by one the other way, before it becomes a circle.
                side = if heading * side > 25.0 || dice.happens(0.35) { -side } else { side };
            }
            at = at + turned(along, heading) * step_m;
            gone_m += step_m;
            line.push(at);
        }
        line
    }

    /// A line of about this length with its middle at a point.
    pub(crate) fn through(
        &self,
        middle: Coord,
        along: Coord,
        length_m: f64,
        dice: &mut Dice,
    ) -> Vec<Coord> {
        let mut line = self.line(middle, along * -1.0, length_m / 2.0, dice);
        line.reverse();
        line.extend(self.line(middle, along, length_m / 2.0, dice).split_off(1));
        line
    }
}

/// Takes the corners off a line: each is cut off twice.
pub(crate) fn rounded(line: &[Coord]) -> Vec<Coord> {
    let once = |line: &[Coord]| {
        let mut round = vec![line[0]];
        for ends in line.windows(2) {
            round.push(ends[0] + (ends[1] - ends[0]) * 0.25);
            round.push(ends[0] + (ends[1] - ends[0]) * 0.75);
        }
        round.push(line[line.len() - 1]);
        round
    };
    once(&once(line))
}
