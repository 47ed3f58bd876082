//! Field fortifications, as they were dug and as they are years later.

use super::kind::{
    AT_DITCH, BERM, COMMUNICATION_TRENCH, CRATER, EarthworkKind, FIRE_TRENCH, FOXHOLE, REVETMENT,
};
use super::look::Look;
use super::path::{Form, Path};
use super::profile::{Bank, Cut, Heap, Profile};
use super::soil::{SPOILS, Soil};
use super::work::{Shape, Work};
use crate::angle::right_of;
use crate::random::Dice;
use geo::{Coord, unary_union};

impl Soil {
    /// Cut along a line, with earth thrown out as `heaps` say.
    fn trough(&self, cut: Cut, heaps: [Heap; 2], slump: f64) -> Profile {
        let half_m = cut.half_m * (1.0 + 0.5 * slump);
        let heap = |heap: Heap| Heap {
            ledge_m: heap.ledge_m * (1.0 - slump),
            width_m: heap.width_m * (1.0 + 0.25 * slump),
            height_m: heap.height_m * (1.0 - 0.6 * slump),
        };
        Profile {
            cut: Cut {
                half_m,
                depth_m: cut.depth_m * (1.0 - 0.7 * slump),
                wall_m: (cut.wall_m + 1.3 * slump * cut.depth_m.min(1.5)).min(1.9 * half_m),
            },
            heaps: heaps.map(heap),
            rough: (1.0 - 0.5 * slump) as f32,
            ..Profile::default()
        }
    }

    /// A fire trench: 0.8 to 1.2 m wide, a parapet on one side or both.
    pub(crate) fn fire_trench(&self, line: &[Coord], fade_m: [f64; 2], dice: &mut Dice) -> Work {
        let slump = self.slump(dice);
        let cut =
            Cut { half_m: dice.between(0.4, 0.6), depth_m: dice.between(1.5, 2.0), wall_m: 0.12 };
        let mut heaps = [(); 2].map(|()| Heap {
            ledge_m: dice.between(0.0, 0.25),
            width_m: dice.between(0.8, 1.4),
            height_m: dice.between(0.28, 0.6),
        });
        if dice.happens(0.4) {
            heaps[dice.below(2)] = Heap::default();
        }
        self.line(FIRE_TRENCH, self.trough(cut, heaps, slump), line, fade_m, slump, dice)
    }

    /// A communication trench: narrower, little parapet, wider every 20 to 30 m.
    pub(crate) fn communication_trench(
        &self,
        line: &[Coord],
        fade_m: [f64; 2],
        dice: &mut Dice,
    ) -> Work {
        let slump = self.slump(dice);
        let cut =
            Cut { half_m: dice.between(0.35, 0.5), depth_m: dice.between(1.3, 2.0), wall_m: 0.12 };
        let mut heap = || Heap {
            ledge_m: dice.between(0.0, 0.2),
            width_m: dice.between(0.5, 1.0),
            height_m: dice.between(0.08, 0.28),
        };
        let profile = self.trough(cut, [heap(), heap()], slump);
        let mut work = self.line(COMMUNICATION_TRENCH, profile, line, fade_m, slump, dice);
        if let Shape::Line(path) = &mut work.shape {
            let mut at_m = dice.between(8.0, 28.0);
            while at_m < path.length_m() - 3.0 {
                path.widen(at_m, 1.4, dice.between(1.4, 1.8));
                at_m += dice.between(20.0, 30.0);
            }
        }
        work.of_class(COMMUNICATION_TRENCH, Self::visibility(slump))
    }

    /// An anti-tank ditch: 4 to 6 m wide, its spoil a bank on one side.
    pub(crate) fn at_ditch(
        &self,
        line: &[Coord],
        fade_m: [f64; 2],
        spoil_side: usize,
        dice: &mut Dice,
    ) -> Work {
        let slump = self.slump(dice);
        let half_m = dice.between(1.8, 2.6);
        let cut = Cut {
            half_m,
            depth_m: dice.between(2.0, 3.0),
            wall_m: dice.between(0.6, 0.95) * half_m,
        };
        let mut heaps = [Heap {
            ledge_m: 0.2,
            width_m: dice.between(0.6, 1.4),
            height_m: dice.between(0.05, 0.25),
        }; 2];
        heaps[spoil_side] = Heap {
            ledge_m: dice.between(0.1, 0.8),
            width_m: dice.between(3.0, 5.0),
            height_m: dice.between(0.8, 1.5),
        };
        let profile = Profile { rough: 1.2, ..self.trough(cut, heaps, 0.7 * slump) };
        self.line(AT_DITCH, profile, line, fade_m, slump, dice)
    }

    /// A bank 1 to 2 m high.
    pub(crate) fn berm(&self, line: &[Coord], fade_m: [f64; 2], dice: &mut Dice) -> Work {
        let slump = self.slump(dice);
        let profile = self.bank(dice.between(1.5, 2.8), dice.between(1.0, 2.0), slump, dice);
        self.line(BERM, profile, line, fade_m, slump, dice)
    }

    fn bank(&self, foot_m: f64, height_m: f64, slump: f64, dice: &mut Dice) -> Profile {
        let bank = Bank {
            foot_m: foot_m * (1.0 + 0.3 * slump),
            crest_m: dice.between(0.05, 0.3) * foot_m,
            height_m: height_m.min(0.75 * foot_m) * (1.0 - 0.45 * slump),
        };
        Profile { bank, rough: (1.1 - 0.6 * slump) as f32, ..Profile::default() }
    }

    fn line(
        &self,
        kind: EarthworkKind,
        profile: Profile,
        line: &[Coord],
        fade_m: [f64; 2],
        slump: f64,
        dice: &mut Dice,
    ) -> Work {
        let seed = dice.bits();
        let path = Path::new(
            line,
            Form { spread: dice.between(0.08, 0.22), fade_m, fallen: 0.85 * slump, seed },
        );
        let look = self.look(slump, profile.cut.depth_m, dice);
        Work::new(Shape::Line(path), profile, look, seed).of_class(kind, Self::visibility(slump))
    }

    /// A U of banks, open on the side that `out` points to, and its dug floor.
    pub(crate) fn revetment(&self, centre: Coord, out: Coord, dice: &mut Dice) -> [Work; 2] {
        let slump = self.slump(dice);
        let [half_long, half_wide] = [dice.between(4.0, 5.0), dice.between(2.0, 2.6)];
        let profile = self.bank(dice.between(1.5, 2.2), dice.between(1.1, 2.0), slump, dice);
        let foot_m = profile.bank.foot_m;
        let right = right_of(out);
        let place = |x: f64, y: f64| centre + out * x + right * y;
        let (x, y) = (half_long + 0.55 * foot_m, half_wide + 0.55 * foot_m);
        let line = [place(half_long, -y), place(-x, -y), place(-x, y), place(half_long, y)];
        let mut banks = self.line(REVETMENT, profile, &line, [1.5; 2], slump, dice);
        let cut = Cut { half_m: half_wide, depth_m: dice.between(0.35, 1.1), wall_m: 0.7 };
        let floor_profile =
            Profile { strip_m: 0.0, ..self.trough(cut, [Heap::default(); 2], 0.6 * slump) };
        let seed = dice.bits();
        let look = self.look(slump, floor_profile.cut.depth_m, dice);
        let ramp_m = dice.between(0.5, 2.5);
        let shape = Shape::Box {
            centre: centre + out * (ramp_m / 2.0),
            along: out,
            half_m: [half_long + ramp_m / 2.0, half_wide],
            round_m: 0.8,
        };
        let floor = Work { lies: false, ..Work::new(shape, floor_profile, look, seed) };
        let mut cover = banks.cover();
        cover.extend(floor.cover());
        if let Some(truth) = &mut banks.truth {
            truth.outline = unary_union(&cover);
            truth.centreline = None;
            truth.width_m = 0.0;
        }
        [floor, banks]
    }

    /// A hole for one or two, 1.7 x 0.6 m, with a lip.
    pub(crate) fn foxhole(&self, centre: Coord, along: Coord, dice: &mut Dice) -> Work {
        let slump = self.slump(dice);
        let half_m = [dice.between(0.7, 1.05), dice.between(0.28, 0.4)];
        let cut = Cut { half_m: half_m[1], depth_m: dice.between(0.7, 1.4), wall_m: 0.12 };
        let mut heaps = [(); 2].map(|()| Heap {
            ledge_m: 0.05,
            width_m: dice.between(0.45, 0.9),
            height_m: dice.between(0.15, 0.38),
        });
        if dice.happens(0.4) {
            heaps[0] = Heap::default();
        }
        let profile = self.trough(cut, heaps, slump);
        self.pit(Shape::Box { centre, along, half_m, round_m: 0.2 }, profile, slump, dice)
    }

    /// A square pit of 3 to 5 m, or the mound of one that is roofed.
    pub(crate) fn dugout(&self, centre: Coord, along: Coord, dice: &mut Dice) -> Work {
        let slump = self.slump(dice);
        let half_m = [dice.between(1.5, 2.5), dice.between(1.4, 2.2)];
        if dice.happens(0.4) {
            let inner = half_m[0].min(half_m[1]) + 0.6;
            let profile = self.bank(inner, dice.between(0.6, 1.3), slump, dice);
            let round_m = inner;
            let half_m = half_m.map(|half_m| half_m + 0.6);
            return self.pit(Shape::Box { centre, along, half_m, round_m }, profile, slump, dice);
        }
        let cut =
            Cut { half_m: half_m[0].min(half_m[1]), depth_m: dice.between(0.9, 2.0), wall_m: 0.3 };
        let heaps = [(); 2].map(|()| Heap {
            ledge_m: 0.1,
            width_m: dice.between(1.0, 1.9),
            height_m: dice.between(0.25, 0.6),
        });
        let profile = self.trough(cut, heaps, slump);
        self.pit(Shape::Box { centre, along, half_m, round_m: 0.4 }, profile, slump, dice)
    }

    fn pit(&self, shape: Shape, profile: Profile, slump: f64, dice: &mut Dice) -> Work {
        let look = self.look(slump, profile.cut.depth_m, dice);
        Work::new(shape, profile, look, dice.bits()).of_class(FOXHOLE, Self::visibility(slump))
    }

    /// A crater of this radius.
    pub(crate) fn crater(&self, centre: Coord, radius_m: f64, dice: &mut Dice) -> Work {
        let slump = self.slump(dice);
        let depth_m = (radius_m * dice.between(0.35, 0.6)).min(2.8) * (1.0 - 0.6 * slump);
        let rim_m = (radius_m * dice.between(0.08, 0.18)).min(0.6) * (1.0 - 0.6 * slump);
        let look = self.look(slump, depth_m, dice);
        let shape = Shape::Crater { centre, radius_m, depth_m, rim_m };
        let profile = Profile { rough: 1.0, ..Profile::default() };
        Work::new(shape, profile, look, dice.bits()).of_class(CRATER, Self::visibility(slump))
    }

    /// The demo's trench, 3.5 m of disturbed ground: no age, the same spoil in every scene.
    pub(crate) fn demo_trench(line: &[Coord], seed: u64) -> Work {
        let heap = Heap { ledge_m: -0.04, width_m: 1.35, height_m: 0.42 };
        let cut = Cut { half_m: 0.44, depth_m: 1.6, wall_m: 0.12 };
        let profile = Profile { cut, heaps: [heap; 2], rough: 1.0, ..Profile::default() };
        Self::demo(FIRE_TRENCH, profile, line, seed)
    }

    /// The demo's berm, 4 m wide.
    pub(crate) fn demo_berm(line: &[Coord], seed: u64) -> Work {
        let profile = Profile {
            bank: Bank { foot_m: 2.0, crest_m: 0.1, height_m: 1.0 },
            rough: 1.0,
            ..Profile::default()
        };
        Self::demo(BERM, profile, line, seed)
    }

    fn demo(kind: EarthworkKind, profile: Profile, line: &[Coord], seed: u64) -> Work {
        let path = Path::new(line, Form::EVEN);
        let look = Look { spoil: SPOILS[1], turned: 1.0, ..Look::default() };
        Work::new(Shape::Line(path), profile, look, seed).of_class(kind, 1.0)
    }
}
