//! The sun.

use crate::Arrangement;
use crate::angle::sin_cos;
use crate::random::Dice;
use geo::Coord;

/// One sun for the whole scene: a survey flight lasts minutes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sun {
    /// Unit vector on the ground towards the sun, scene axes (right, down).
    pub(crate) towards: Coord,
    /// Length of the shadow of a height of 1.
    pub(crate) shadow_per_height: f64,
    /// Share of the sunlight that comes straight from the sun: 1 under a blue sky, little under
    /// cloud.
    pub(crate) direct: f32,
}

impl Sun {
    /// What remains of the light in full shadow: red, green, blue. The sky is blue.
    pub(crate) const SHADE: [f32; 3] = [0.36, 0.39, 0.46];

    pub(crate) fn new(seed: u64, arrangement: Arrangement) -> Self {
        let mut dice = Dice::new(seed, "sun", 0);
        if arrangement == Arrangement::Earthworks {
            // Flights over a front are taken as they come: any hour, any cloud.
            let towards = dice.direction();
            let (sin, cos) = sin_cos(dice.between(12.0, 60.0));
            let direct =
                if dice.happens(0.72) { dice.between(0.75, 1.0) } else { dice.between(0.0, 0.4) };
            return Self { towards, shadow_per_height: cos / sin, direct: direct as f32 };
        }
        // Surveys are flown around noon: 40 to 55 degrees high.
        let (towards, shadow_per_height) = (dice.direction(), dice.between(0.7, 1.2));
        let direct =
            if dice.happens(0.65) { dice.between(0.85, 1.0) } else { dice.between(0.12, 0.7) };
        Self { towards, shadow_per_height, direct: direct as f32 }
    }

    /// Where the shadow of a point at `height_m` falls, from the point's foot, metres.
    pub(crate) fn shadow_of(&self, height_m: f64) -> Coord {
        self.towards * -(self.shadow_per_height * height_m)
    }

    /// Its height above the horizon and its direction from the top of the raster clockwise,
    /// degrees.
    pub(crate) fn place_deg(&self) -> [f64; 2] {
        let azimuth = self.towards.x.atan2(-self.towards.y).to_degrees().rem_euclid(360.0);
        [(1.0 / self.shadow_per_height).atan().to_degrees(), azimuth]
    }

    /// Light on a slope against level ground: `rise` is the gradient of the height along the
    /// scene's axes. 1 on level ground, about 0 where the slope faces away.
    pub(crate) fn on_slope(&self, rise: [f32; 2]) -> f32 {
        1.0 + (self.lambert(rise) - 1.0) * self.direct
    }

    /// Direct light on a slope against level ground: one that rises away from the sun turns its
    /// face to it.
    pub(crate) fn lambert(&self, rise: [f32; 2]) -> f32 {
        let along = rise[0] * self.towards.x as f32 + rise[1] * self.towards.y as f32;
        let square = rise[0] * rise[0] + rise[1] * rise[1];
        ((1.0 - along * self.shadow_per_height as f32) / (1.0 + square).sqrt()).max(0.0)
    }
}
