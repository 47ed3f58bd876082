//! All classes side by side, for training and evaluation.

use super::Layout;
use crate::SceneSpec;
use crate::classes::CLASSES;
use crate::object::{Object, ObjectKind};
use crate::random::Dice;
use geo::Coord;

/// Objects a square metre: as many as lie apart and still show mostly ground.
const PER_M2: f64 = 2.2;
/// Share of the groups that are PFM-1 whatever the even draw says: the class that lies about in the
/// largest numbers, and the hardest to tell from a leaf.
const PFM1_SHARE: f64 = 0.15;
const OBJECTS_MAX: usize = 40_000;

/// Look-alikes a square metre, beside those that are scattered everywhere.
const LOOKALIKES_PER_M2: f64 = 0.4;

/// Open ground, a tree nearby, under trees in autumn: fallen leaves are what real models mistake
/// most.
const LEAF_FALLS: [f64; 3] = [1.0, 4.0, 10.0];

/// How a group of one class lies.
enum Group {
    Single,
    Row { along: Coord, step_m: f64 },
    Cluster { reach_m: f64 },
}

impl Layout {
    /// Groups of classes drawn evenly but for PFM-1, wherever there is room.
    pub(super) fn lay_densely(&mut self, spec: &SceneSpec) {
        let extent = spec.extent_m();
        self.leaf_fall = LEAF_FALLS[Dice::new(spec.seed, "leaf-fall", 0).below(LEAF_FALLS.len())];
        let wanted = ((extent[0] * extent[1] * PER_M2).round() as usize).min(OBJECTS_MAX);
        for number in 0..4 * wanted {
            if self.objects.len() >= wanted {
                break;
            }
            let mut dice = Dice::new(spec.seed, "group", number as u64);
            let class = if dice.happens(PFM1_SHARE) {
                "pfm-1"
            } else {
                CLASSES[dice.below(CLASSES.len())].0
            };
            let middle = dice.place_in(extent, 0.0, 1.0);
            let group = match dice.below(4) {
                0 => Group::Row { along: dice.direction(), step_m: dice.between(0.4, 1.6) },
                1 => Group::Cluster { reach_m: dice.between(0.3, 1.0) },
                _ => Group::Single,
            };
            let count = match group {
                Group::Single => 1,
                _ => 2 + dice.below(3),
            };
            for place in 0..count.min(wanted - self.objects.len()) {
                match group {
                    Group::Single => self.lay(class, middle, 0.0, &mut dice),
                    Group::Row { along, step_m } => {
                        self.lay(class, middle + along * (place as f64 * step_m), 0.08, &mut dice);
                    }
                    Group::Cluster { reach_m } => self.scatter(class, middle, reach_m, &mut dice),
                }
            }
        }
        let lookalikes = (extent[0] * extent[1] * LOOKALIKES_PER_M2).round() as usize;
        for number in 0..lookalikes.min(OBJECTS_MAX) {
            let mut dice = Dice::new(spec.seed, "look-alike", number as u64);
            let kind = ObjectKind::LOOKALIKES[dice.below(ObjectKind::LOOKALIKES.len())];
            let at = dice.place_in(extent, 0.0, 1.0);
            let axis = dice.direction();
            self.fit(Object::new(kind, at, axis, &mut dice));
        }
    }
}
