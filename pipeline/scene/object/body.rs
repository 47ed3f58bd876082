//! A body: parts in a pose, seen from above.

use crate::object::frame::{Frame, Space};
use crate::object::plate::{Knobs, Plate};
use crate::object::skin::{Colour, Skin, Wear};
use crate::object::solid::{Hit, Solid};
use crate::random::{Dice, value};

/// A solid at its place with its surface.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) solid: Solid,
    pub(crate) frame: Frame,
    pub(crate) skin: Skin,
}

impl Part {
    pub(crate) fn drum(frame: Frame, foot: f64, head: f64, length: f64, skin: Skin) -> Self {
        Self { solid: Solid::Drum { foot, head, length, hole: 0.0 }, frame, skin }
    }

    pub(crate) fn ring(frame: Frame, hole: f64, radius: f64, length: f64, skin: Skin) -> Self {
        Self { solid: Solid::Drum { foot: radius, head: radius, length, hole }, frame, skin }
    }

    pub(crate) fn ball(frame: Frame, half: Space, skin: Skin) -> Self {
        Self { solid: Solid::Ball(half), frame, skin }
    }

    pub(crate) fn slab(frame: Frame, half: Space, skin: Skin) -> Self {
        Self { solid: Solid::Slab(half), frame, skin }
    }

    /// A round bar between two points.
    pub(crate) fn rod(from: Space, to: Space, radius: f64, skin: Skin) -> Self {
        let way = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
        let length = crate::object::frame::dot(way, way).sqrt();
        Self::drum(Frame::along(from, way), radius, radius, length, skin)
    }

    pub(crate) fn plate(
        frame: Frame,
        outline: Vec<[f64; 2]>,
        top: fn(&Knobs, f64, f64, f64) -> f64,
        knobs: Knobs,
        skin: Skin,
    ) -> Self {
        Self { solid: Solid::Plate(Plate::new(outline, top, knobs)), frame, skin }
    }

    /// A turned piece: radius at each distance along the frame's third axis.
    pub(crate) fn turned(frame: Frame, profile: &[[f64; 2]], skin: Skin) -> Vec<Self> {
        let piece = |ends: &[[f64; 2]]| {
            let [[from, foot], [to, head]] = [ends[0], ends[1]];
            let frame = Frame { at: frame.place([0.0, 0.0, from]), ..frame };
            Self::drum(frame, foot, head, to - from, skin)
        };
        profile.windows(2).map(piece).collect()
    }
}

/// How a body lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pose {
    /// The body's own frame seen from the ground.
    pub(crate) frame: Frame,
    /// Share of its height below the ground.
    pub(crate) sunk: f64,
}

impl Pose {
    /// Leaning by up to `lean` (a sine) and up to `sunk` of its height in the ground; mostly less.
    pub(crate) fn new(lean: f64, sunk: f64, dice: &mut Dice) -> Self {
        let mut turn = || {
            let sine = lean * 0.7 * dice.between(-1.0, 1.0) * dice.between(0.0, 1.0);
            [(1.0 - sine * sine).sqrt(), sine]
        };
        let frame = Frame::at(0.0, 0.0, 0.0).pitched(turn()).rolled(turn());
        let sunk = if dice.happens(0.55) { sunk * dice.between(0.0, 1.0) } else { 0.0 };
        Self { frame, sunk }
    }
}

/// A body on the ground, millimetres about its middle.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    parts: Vec<(Part, [f64; 4])>,
    /// Parts from here on lie over the object and are none of it.
    covers_from: usize,
    wear: Wear,
    seed: u64,
    ragged: f64,
}

/// What a plumb line from above meets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Topmost<'a> {
    pub(crate) hit: Hit,
    pub(crate) skin: &'a Skin,
    /// Something that lies over the object.
    pub(crate) cover: bool,
    /// Height of its underside: 0 or less where it stands on the ground.
    pub(crate) below: f64,
}

impl Body {
    /// Puts parts into a pose, on the ground.
    pub(crate) fn new(parts: Vec<Part>, pose: Pose, wear: Wear, dice: &mut Dice) -> Self {
        let mut parts: Vec<Part> = parts
            .into_iter()
            .map(|part| Part { frame: part.frame.within(&pose.frame), ..part })
            .collect();
        let [low, high] = span(&parts);
        // A level body stands on the ground, a tilted one half in it.
        let lean = (1.0 - pose.frame.up()[2]).min(0.5) * 1.5;
        let lift = -low - (pose.sunk + lean * 0.4).min(0.75) * (high - low);
        parts.iter_mut().for_each(|part| part.frame.at[2] += lift);
        let ragged = if pose.sunk > 0.02 { 5.0 } else { 1.0f64 }.min((high - low) * 0.2);
        let covers_from = parts.len();
        let mut body = Self { parts: vec![], covers_from, wear, seed: dice.bits(), ragged };
        parts.into_iter().for_each(|part| body.push(part));
        body
    }

    /// Lays something over it that is no part of it; heights are above the ground.
    pub(crate) fn push(&mut self, part: Part) {
        let (middle, radius) = part.solid.bounds();
        let [x, y, z] = part.frame.place(middle);
        self.parts.push((part, [x, y, radius * radius, z + radius]));
    }

    /// Colour of what shows at a place, and the share of the ground's colour in it.
    pub(crate) fn colour(&self, top: &Topmost<'_>, at: [f64; 2]) -> (Colour, f32) {
        // Soil clings to what is near the ground.
        let low = 1.0 - (top.hit.height as f32 / 12.0).min(1.0);
        let level = top.hit.normal[2].max(0.0) as f32;
        let (colour, dust) = self.wear.on(top.skin, top.hit.local, at, [level, low]);
        (colour, dust.max(top.skin.ground))
    }

    /// The top of the whole at a place, above and below ground.
    pub(crate) fn whole(&self, x: f64, y: f64) -> Option<Topmost<'_>> {
        self.top(x, y, self.covers_from)
    }

    /// What shows of the object itself at a place.
    pub(crate) fn bare(&self, x: f64, y: f64) -> Option<Topmost<'_>> {
        self.whole(x, y).filter(|top| self.stands_out([x, y], top))
    }

    /// Whether it is above the ground.
    pub(crate) fn stands_out(&self, [x, y]: [f64; 2], top: &Topmost<'_>) -> bool {
        top.hit.height > self.ground(x, y)
    }

    /// What shows at a place, covers included.
    pub(crate) fn seen(&self, x: f64, y: f64) -> Option<Topmost<'_>> {
        self.top(x, y, self.parts.len()).filter(|top| self.stands_out([x, y], top))
    }

    /// Whether anything lies over the object.
    pub(crate) fn is_strewn(&self) -> bool {
        self.parts.len() > self.covers_from
    }

    /// Corners of a box that holds the plan of the object, or of everything.
    pub(crate) fn plan(&self, with_covers: bool) -> [[f64; 2]; 2] {
        let count = if with_covers { self.parts.len() } else { self.covers_from };
        let wide = [[f64::INFINITY; 2], [f64::NEG_INFINITY; 2]];
        self.parts[..count].iter().fold(wide, |[low, high], (_, [x, y, square, _])| {
            let radius = square.sqrt();
            [
                [low[0].min(x - radius), low[1].min(y - radius)],
                [high[0].max(x + radius), high[1].max(y + radius)],
            ]
        })
    }

    /// Its highest point above the ground.
    pub(crate) fn height(&self) -> f64 {
        self.parts.iter().map(|(part, _)| part.solid.span(&part.frame)[1]).fold(0.0, f64::max)
    }

    fn top(&self, x: f64, y: f64, count: usize) -> Option<Topmost<'_>> {
        let mut best: Option<Topmost<'_>> = None;
        for (index, (part, [at_x, at_y, square, highest])) in self.parts[..count].iter().enumerate()
        {
            let off = (x - at_x) * (x - at_x) + (y - at_y) * (y - at_y);
            if off > *square || best.is_some_and(|best| best.hit.height >= *highest) {
                continue;
            }
            if let Some(hit) = part.solid.under(&part.frame, x, y)
                && best.is_none_or(|best| hit.height > best.hit.height)
            {
                let cover = index >= self.covers_from;
                let thick = part.solid.thickness(&part.frame).or(cover.then_some(3.0));
                let below = thick.map_or(0.0, |thick| hit.height - thick);
                best = Some(Topmost { hit, skin: &part.skin, cover, below });
            }
        }
        best
    }

    /// Height of the ground around it: soil is washed against what is sunk into it.
    fn ground(&self, x: f64, y: f64) -> f64 {
        f64::from(value(self.seed, x / 13.0, y / 13.0)) * self.ragged
    }
}

fn span(parts: &[Part]) -> [f64; 2] {
    parts
        .iter()
        .map(|part| part.solid.span(&part.frame))
        .fold([f64::INFINITY, f64::NEG_INFINITY], |all, one| {
            [all[0].min(one[0]), all[1].max(one[1])]
        })
}
