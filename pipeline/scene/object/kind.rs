//! The kinds of things that lie on the ground.

use crate::object::body::{Part, Pose};
use crate::object::{carrier, litter, natural, pfm, round, submunition, upright};
use crate::random::Dice;
use rams_domain::{EoCategory, Indicator};

macro_rules! kinds {
    ($(
        $(#[$doc:meta])*
        $kind:ident: $build:path $(, $class:literal, $indicator:ident, $category:ident)?;
    )*) => {
        /// A kind of object: ordnance, a part of it, or what looks like it from above.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum ObjectKind { $($(#[$doc])* $kind,)* }

        impl ObjectKind {
            /// Class, indicator and category of the truth; `None` for look-alikes.
            pub(crate) fn truth(self) -> Option<(&'static str, Indicator, EoCategory)> {
                match self {
                    $(Self::$kind => kinds!(@truth $($class, $indicator, $category)?),)*
                }
            }

            /// Its parts and how it lies, drawn by the dice.
            pub(super) fn parts(self, dice: &mut Dice) -> (Vec<Part>, Pose) {
                match self { $(Self::$kind => $build(dice),)* }
            }
        }
    };
    (@truth) => { None };
    (@truth $class:literal, $indicator:ident, $category:ident) => {
        Some(($class, Indicator::$indicator, EoCategory::$category))
    };
}

kinds! {
    /// Two wings and a plug, 120 x 61 mm.
    Pfm1: pfm::parts, "pfm-1", MineSurface, ApMine;
    /// Round, 112 mm, black rubber top in a metal band.
    Pmn1: round::pmn_1, "pmn-1", MineSurface, ApMine;
    /// Round, 121 mm, black cross on green.
    Pmn2: round::pmn_2, "pmn-2", MineSurface, ApMine;
    /// Round, 95 mm, ribbed star.
    Pmn4: round::pmn_4, "pmn-4", MineSurface, ApMine;
    /// Steel drum, 108 x 172 mm.
    Ozm72: upright::ozm_72, "ozm-72", MineSurface, ApMine;
    /// Tube on six spring legs, 63 x 180 mm.
    Pom2: upright::pom_2, "pom-2", MineSurface, ApMine;
    /// Round head on a stake with six thin legs, 60 mm.
    Pom3: upright::pom_3, "pom-3", MineSurface, ApMine;
    /// Bowed box, 226 mm long.
    Mon50: upright::mon_50, "mon-50", MineSurface, ApMine;
    /// Bowed box, 345 mm long.
    Mon90: upright::mon_90, "mon-90", MineSurface, ApMine;
    /// Round, 320 mm, ridges about a central fuze.
    Tm62m: round::tm_62m, "tm-62m", MineSurface, AvMine;
    /// Round, 316 mm, domed.
    Tm57: round::tm_57, "tm-57", MineSurface, AvMine;
    /// Finned cylinder, 263 x 65 mm; 9N210 looks the same.
    Sub9n235: submunition::nine_n_235, "9n235", Submunition, Cmr;
    /// Short cylinder with a ribbon, 80 x 42 mm.
    M095: submunition::m095, "m095", Submunition, Cmr;
    /// Slim, finned, 260 x 42 mm.
    Ptab1m: submunition::ptab_1m, "ptab-1m", Submunition, Cmr;
    /// Ridged ball, 60 mm.
    Shoab05: submunition::shoab, "shoab-0.5", Submunition, Cmr;
    /// Ridged egg or short vaned cylinder, 150 x 90 mm.
    Ao25: submunition::ao_25, "ao-2.5", Submunition, Cmr;
    /// Half tube of a KSF-type dispenser seen from its back, 0.23 x 0.06 m.
    CasingTube: carrier::ksf_tube, "ksf-casing", CmCarrier, ApMine;
    /// The same, seen from its slotted side.
    CasingSlotted: carrier::ksf_slotted, "ksf-casing", CmCarrier, ApMine;
    /// Its square end, 70 to 85 mm.
    CasingEnd: carrier::ksf_end, "ksf-casing", CmCarrier, ApMine;
    /// Bowed panel of a carrier bomb.
    RbkPanel: carrier::rbk_panel, "rbk-part", CmCarrier, Cmr;
    /// Its round nose or tail cap.
    RbkCap: carrier::rbk_cap, "rbk-part", CmCarrier, Cmr;
    /// Its fin, bent.
    RbkFin: carrier::rbk_fin, "rbk-part", CmCarrier, Cmr;
    /// A stone.
    Stone: natural::stone;
    /// A lobed, curled leaf.
    OakLeaf: natural::oak_leaf;
    /// A plain leaf.
    Leaf: natural::leaf;
    /// A stick.
    Stick: natural::stick;
    /// A cow pat or horse apples.
    Dung: natural::dung;
    /// A mushroom.
    Mushroom: natural::mushroom;
    /// A sunflower's head.
    Sunflower: natural::sunflower;
    /// A heap of loose soil.
    Molehill: natural::molehill;
    /// A bone.
    Bone: natural::bone;
    /// A bottle of glass or plastic.
    Bottle: litter::bottle;
    /// A tin, standing, lying or crushed.
    Can: litter::can;
    /// A shoe.
    Shoe: litter::shoe;
    /// A tyre.
    Tyre: litter::tyre;
    /// A manhole cover.
    Manhole: litter::manhole;
    /// A ground-control target.
    Target: litter::target;
    /// A scrap of paper or film.
    Scrap: litter::scrap;
    /// A golf or tennis ball.
    Ball: litter::ball;
    /// A brick.
    Brick: litter::brick;
    /// A plank.
    Plank: litter::plank;
    /// A lid, plate or cap.
    Lid: litter::lid;
    /// A clay pigeon.
    ClayPigeon: litter::clay_pigeon;
}

impl ObjectKind {
    /// Everything with truth, once.
    #[rustfmt::skip]
    pub(crate) const ORDNANCE: &[Self] = &[
        Self::Pfm1, Self::Pmn1, Self::Pmn2, Self::Pmn4, Self::Ozm72, Self::Pom2, Self::Pom3,
        Self::Mon50, Self::Mon90, Self::Tm62m, Self::Tm57, Self::Sub9n235, Self::M095, Self::Ptab1m,
        Self::Shoab05, Self::Ao25, Self::CasingTube, Self::CasingSlotted, Self::CasingEnd,
        Self::RbkPanel, Self::RbkCap, Self::RbkFin,
    ];

    /// Everything without.
    #[rustfmt::skip]
    pub(crate) const LOOKALIKES: &[Self] = &[
        Self::Stone, Self::OakLeaf, Self::Leaf, Self::Stick, Self::Dung, Self::Mushroom,
        Self::Sunflower, Self::Molehill, Self::Bone, Self::Bottle, Self::Can, Self::Shoe,
        Self::Tyre, Self::Manhole, Self::Target, Self::Scrap, Self::Ball, Self::Brick, Self::Plank,
        Self::Lid, Self::ClayPigeon,
    ];
}
