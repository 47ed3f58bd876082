//! How mines lie, and the ground they occupy.

mod belt;

use super::chance::{anywhere, count, span};
use super::earthworks;
use super::frame::Frame;
use super::kind::FieldKind;
use super::spec::{FieldSpec, Span};
use super::truth::{FieldTruth, Laid, TrueItem};
use crate::angle::length;
use crate::random::Dice;
pub(super) use belt::LaidBelt;
use geo::{
    Buffer, ConvexHull, Coord, Intersects, LineString, MultiPoint, MultiPolygon, Point, Polygon,
    Rect, coord, unary_union,
};
use rams_domain::{EoCategory, Indicator};
use std::collections::BTreeMap;

/// What lies in a field, metres.
pub(super) struct Lay {
    pub(super) items: Vec<TrueItem>,
    mined: BTreeMap<EoCategory, Vec<Polygon>>,
    pub(super) earthworks: Vec<(Indicator, LineString)>,
    front_deg: Option<f64>,
    extent: Rect,
}

impl Lay {
    pub(super) fn new(seed: u64, spec: &FieldSpec, kind: FieldKind, extent: Rect) -> Self {
        let mut lay = Self {
            items: vec![],
            mined: BTreeMap::new(),
            earthworks: vec![],
            front_deg: None,
            extent,
        };
        let mut dice = Dice::new(seed, "field front", 0);
        let front = &spec.front;
        let forward = dice.direction();
        let along = coord! { x: forward.y, y: -forward.x };
        let origin =
            forward * span(front.ahead_m, &mut dice) + along * span(front.aside_m, &mut dice);
        let frame = Frame { origin, along, forward };
        let hidden = span(spec.laying.hidden, &mut dice);
        let defended = kind == FieldKind::Front;
        if defended || dice.happens(spec.kinds.old_earthworks) {
            lay.front_deg =
                defended.then(|| forward.x.atan2(forward.y).to_degrees().rem_euclid(360.0));
            lay.earthworks = earthworks::dig(seed, spec, frame, extent);
        }
        if defended {
            lay.belts(seed, spec, frame, hidden);
        }
        if kind == FieldKind::Nuisance || defended && dice.happens(front.nuisance) {
            lay.nuisance(seed, spec, frame, hidden);
        }
        if defended && dice.happens(front.scatter) {
            lay.scatter(seed, spec);
        }
        if kind == FieldKind::Submunitions || defended && dice.happens(front.strike) {
            lay.strikes(seed, spec);
        }
        lay
    }

    pub(super) fn truth(self) -> FieldTruth {
        let window = MultiPolygon::from(self.extent.to_polygon());
        let united = |polygons: &Vec<Polygon>| {
            geo::BooleanOps::intersection(&unary_union(polygons), &window)
        };
        let mined =
            self.mined.iter().map(|(category, polygons)| (*category, united(polygons))).collect();
        FieldTruth {
            items: self.items,
            mined,
            front_deg: self.front_deg,
            earthworks: self.earthworks,
        }
    }

    fn belts(&mut self, seed: u64, spec: &FieldSpec, frame: Frame, hidden: f64) {
        for (eo_category, belt) in &spec.belt {
            let mut dice = Dice::new(seed, "field belts", *eo_category as u64);
            if !dice.happens(belt.share) {
                continue;
            }
            let mut belts: Vec<LaidBelt> = vec![];
            for _ in 0..count(belt.count, &mut dice) {
                // Nobody lays one belt across another of its kind: some tries, else none.
                let mut tries =
                    (0..6).map(|_| belt.lay(&spec.laying, frame, self.extent, &mut dice));
                let apart = |laid: &LaidBelt| !belts.iter().any(|other| other.meets(laid));
                belts.extend(tries.find(apart));
            }
            for LaidBelt { mines, ground } in belts {
                for at in mines {
                    self.add(at, *eo_category, Laid::Row, dice.happens(hidden));
                }
                self.mined.entry(*eo_category).or_default().extend(ground);
            }
        }
    }

    fn nuisance(&mut self, seed: u64, spec: &FieldSpec, frame: Frame, hidden: f64) {
        let nuisance = &spec.nuisance;
        let mut dice = Dice::new(seed, "field nuisance", 0);
        for _ in 0..count(nuisance.groups, &mut dice) {
            let eo_category = if dice.happens(nuisance.anti_vehicle) {
                EoCategory::AvMine
            } else {
                EoCategory::ApMine
            };
            let many = if dice.happens(nuisance.threes) { 3 } else { 1 };
            let middle = if dice.happens(nuisance.near_trench) {
                frame.place(dice.between(-200.0, 200.0), dice.between(-60.0, 60.0))
            } else {
                anywhere(self.extent, &mut dice)
            };
            for _ in 0..many {
                let off_m = if many > 1 { dice.between(0.5, 4.0) } else { 0.0 };
                let at = middle + dice.direction() * off_m;
                if self.add(at, eo_category, Laid::Single, dice.happens(hidden)) {
                    let circle_m = nuisance.circle_m.get(&eo_category).copied().unwrap_or(2.5);
                    self.mined
                        .entry(eo_category)
                        .or_default()
                        .extend(Point::from(at).buffer(circle_m).0);
                }
            }
        }
    }

    fn scatter(&mut self, seed: u64, spec: &FieldSpec) {
        let mut dice = Dice::new(seed, "field scatter", 0);
        let scatter = &spec.scatter;
        let footprint = Footprint::new(self.extent, scatter.long_m, scatter.wide_m, &mut dice);
        let mut laid = vec![];
        for _ in 0..count(scatter.count, &mut dice) {
            let at = footprint.place(&mut dice);
            if self.add(at, EoCategory::ApMine, Laid::Scattered, dice.happens(scatter.hidden)) {
                laid.push(Point::from(at));
            }
        }
        let margin_m = spec.nuisance.circle_m.get(&EoCategory::ApMine).copied().unwrap_or(2.5);
        let hull = MultiPoint::from(laid).convex_hull();
        self.mined.entry(EoCategory::ApMine).or_default().extend(hull.buffer(margin_m).0);
    }

    fn strikes(&mut self, seed: u64, spec: &FieldSpec) {
        let mut dice = Dice::new(seed, "field strikes", 0);
        let strike = &spec.strike;
        for _ in 0..count(strike.count_of, &mut dice) {
            let footprint = Footprint::new(self.extent, strike.long_m, strike.wide_m, &mut dice);
            for _ in 0..count(strike.count, &mut dice) {
                let at = footprint.place(&mut dice);
                self.add(at, EoCategory::Cmr, Laid::Scattered, dice.happens(strike.hidden));
            }
        }
    }

    /// Whether it lies within the field; otherwise there is no such item.
    fn add(&mut self, at: Coord, eo_category: EoCategory, laid: Laid, hidden: bool) -> bool {
        let at = Point::from(at);
        let inside = self.extent.intersects(&at);
        if inside {
            self.items.push(TrueItem { at, eo_category, laid, hidden });
        }
        inside
    }
}

/// An ellipse in which things fell, denser towards its middle.
struct Footprint {
    middle: Coord,
    along: Coord,
    half_m: [f64; 2],
}

impl Footprint {
    fn new(extent: Rect, long_m: Span, wide_m: Span, dice: &mut Dice) -> Self {
        let half_m = [span(long_m, dice) / 2.0, span(wide_m, dice) / 2.0];
        Self { middle: anywhere(extent, dice), along: dice.direction(), half_m }
    }

    fn place(&self, dice: &mut Dice) -> Coord {
        let towards = dice.direction() * dice.between(0.0, 1.0).powf(0.6);
        let across = coord! { x: -self.along.y, y: self.along.x };
        debug_assert!(length(towards) <= 1.0 + 1e-9);
        self.middle
            + self.along * (towards.x * self.half_m[0])
            + across * (towards.y * self.half_m[1])
    }
}
