//! What a surface looks like before light falls on it.

use crate::object::frame::Space;
use crate::random::{Dice, octaves, rise, value};

/// Red, green, blue in level sunlight, 0 to 255.
pub(crate) type Colour = [f32; 3];

/// Colour and gloss of a part.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Skin {
    pub(crate) colour: Colour,
    /// A second colour and its share at each place of the part.
    pub(crate) other: Colour,
    pub(crate) mix: fn(Space) -> f32,
    /// Strength of its highlight, 0 to 1.
    pub(crate) gloss: f32,
    /// Whether it rusts.
    pub(crate) steel: bool,
    /// Share of the ground's own colour: what grows there has it.
    pub(crate) ground: f32,
}

impl Skin {
    /// Dull, of one colour.
    pub(crate) fn dull(colour: Colour) -> Self {
        Self { colour, other: colour, mix: |_| 0.0, gloss: 0.04, steel: false, ground: 0.0 }
    }

    /// Plastic, lacquer or leaf: a soft shine.
    pub(crate) fn plastic(colour: Colour) -> Self {
        Self { gloss: 0.14, ..Self::dull(colour) }
    }

    /// Painted or bare steel.
    pub(crate) fn steel(colour: Colour) -> Self {
        Self { gloss: 0.30, steel: true, ..Self::dull(colour) }
    }

    /// A blade of the grass around, brighter or darker.
    pub(crate) fn blade(by: f32) -> Self {
        Self { ground: 0.72, ..Self::dull([176.0, 172.0, 128.0].map(|band: f32| band * by)) }
    }

    /// With a second colour where `mix` says so.
    pub(crate) fn with(self, other: Colour, mix: fn(Space) -> f32) -> Self {
        Self { other, mix, ..self }
    }

    /// The same, brighter or darker.
    pub(crate) fn times(self, by: f32) -> Self {
        let scaled = |colour: Colour| colour.map(|band| band * by);
        Self { colour: scaled(self.colour), other: scaled(self.other), ..self }
    }
}

/// One of several colours, a little brighter or darker.
pub(crate) fn draw(colours: &[Colour], dice: &mut Dice) -> Colour {
    let bright = dice.between(0.88, 1.10) as f32;
    colours[dice.below(colours.len())].map(|band| band * bright)
}

/// What weather has done to an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wear {
    seed: u64,
    fade: f32,
    rust: f32,
    dust: f32,
    soil: Colour,
    stain: f32,
}

impl Wear {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let mut share = |often: f64, most: f64| {
            if dice.happens(often) { dice.between(0.0, most) as f32 } else { 0.0 }
        };
        let [fade, rust, dust] = [share(0.5, 0.5), share(0.45, 1.0), share(0.8, 0.55)];
        const SOILS: [Colour; 4] = [
            [170.0, 152.0, 128.0],
            [140.0, 120.0, 98.0],
            [196.0, 184.0, 162.0],
            [108.0, 92.0, 76.0],
        ];
        let soil = SOILS[dice.below(SOILS.len())];
        Self {
            seed: dice.bits(),
            fade,
            rust,
            dust: dust * dust * 1.8,
            soil,
            stain: dice.between(0.08, 0.30) as f32,
        }
    }

    /// Colour at a place of the body and the share of the ground's colour in it. Dust stays where
    /// the surface is `level` and where it is `low`, each from 0 to 1.
    pub(crate) fn on(
        &self,
        skin: &Skin,
        local: Space,
        at: [f64; 2],
        [level, low]: [f32; 2],
    ) -> (Colour, f32) {
        const RUST: Colour = [122.0, 82.0, 54.0];
        let [x, y] = at;
        let blotch = octaves(self.seed, x / 22.0, y / 22.0, 3);
        let grain = value(self.seed ^ 1, x / 4.0, y / 4.0);
        let mix = (skin.mix)(local).clamp(0.0, 1.0);
        let grey = (skin.colour[0] + skin.colour[1] + skin.colour[2]) / 3.0;
        let rust = if skin.steel {
            rise(0.95 - 0.62 * self.rust, 1.05 - 0.5 * self.rust, blotch + 0.25 * grain)
        } else {
            0.0
        };
        // Scratches: long thin cells of noise, across each other.
        let scratch =
            rise(0.86, 0.93, value(self.seed ^ 2, x / 40.0 + y / 6.0, y / 1.5 - x / 19.0))
                * self.fade
                * 0.5;
        let tone = 1.0 + self.stain * (1.4 * (blotch - 0.5) + 0.8 * (grain - 0.5));
        let mut colour = [0.0; 3];
        for band in 0..3 {
            let plain = skin.colour[band] + (skin.other[band] - skin.colour[band]) * mix;
            let faded = plain + (0.55 * grey + 88.0 - plain) * (self.fade * 0.45 + scratch);
            colour[band] = (faded * tone + (RUST[band] * (0.7 + 0.6 * grain) - faded) * rust)
                .clamp(6.0, 300.0);
        }
        let dust =
            (self.dust * (0.35 + 1.3 * blotch) * (0.3 + 0.7 * level) * (1.0 + low)).min(0.85);
        // Most of it is soil from somewhere near; some has the colour of the very place.
        for (band, soil) in colour.iter_mut().zip(self.soil) {
            *band += (soil * (0.85 + 0.3 * grain) - *band) * dust * 0.75;
        }
        (colour, dust * 0.25)
    }
}
