use super::body::{Body, Part, Pose};
use super::circle::{angle, on_circle};
use super::frame::Frame;
use super::skin::{Skin, Wear};
use super::{Object, ObjectKind};
use crate::light::Sun;
use crate::random::Dice;
use crate::sprite::Sprite;
use geo::{Area, BoundingRect, Contains, Coord, Point, Polygon, coord};

fn drawn(kind: ObjectKind, number: u64) -> Object {
    let mut dice = Dice::new(5, "test", number);
    Object::new(kind, coord! { x: 3.0, y: 2.0 }, dice.direction(), &mut dice)
}

fn outline(object: &Object) -> Polygon {
    Polygon::new(object.outline.clone().into(), vec![])
}

#[test]
fn an_outline_bounds_what_shows_and_nothing_else() {
    for kind in ObjectKind::ORDNANCE {
        for number in 0..3 {
            let object = drawn(*kind, number);
            let (body, outline) = (object.body(), outline(&object));
            let [low, high] = body.plan(false);
            let (mut within, mut beyond, mut all) = (0, 0, 0);
            for place in 0..40 * 40 {
                let x = low[0] + (high[0] - low[0]) * (f64::from(place % 40) + 0.5) / 40.0;
                let y = low[1] + (high[1] - low[1]) * (f64::from(place / 40) + 0.5) / 40.0;
                let shows = body.bare(x, y).is_some();
                let inside = outline.contains(&Point::new(x / 1000.0, y / 1000.0));
                all += i32::from(inside);
                within += i32::from(inside && !shows);
                beyond += i32::from(shows && !inside);
            }
            assert!(all > 0, "{kind:?} {number} has no inside");
            assert!(
                f64::from(within) < 0.04 * f64::from(all),
                "{kind:?} {number}: {within} of {all} hold nothing"
            );
            // Pieces that lie apart, as a foot beyond a sunk leg, are not in the outline.
            assert!(
                f64::from(beyond) < 0.25 * f64::from(all),
                "{kind:?} {number}: {beyond} beside {all}"
            );
        }
    }
}

#[test]
fn objects_have_the_sizes_of_their_kinds() {
    // Longest side of the box about its own axes that a level, unsunk one may have, metres.
    #[rustfmt::skip]
    let sizes = [
        (ObjectKind::Pfm1, 0.085, 0.126), (ObjectKind::Pmn1, 0.10, 0.135),
        (ObjectKind::Pmn2, 0.10, 0.135), (ObjectKind::Pmn4, 0.08, 0.11),
        (ObjectKind::Ozm72, 0.10, 0.22), (ObjectKind::Pom2, 0.06, 0.31),
        (ObjectKind::Pom3, 0.05, 0.27), (ObjectKind::Mon50, 0.16, 0.25),
        (ObjectKind::Mon90, 0.24, 0.36), (ObjectKind::Tm62m, 0.26, 0.345),
        (ObjectKind::Tm57, 0.26, 0.35), (ObjectKind::Sub9n235, 0.06, 0.27),
        (ObjectKind::M095, 0.04, 0.24), (ObjectKind::Ptab1m, 0.05, 0.27),
        (ObjectKind::Shoab05, 0.045, 0.065), (ObjectKind::Ao25, 0.07, 0.16),
        (ObjectKind::CasingTube, 0.15, 0.24), (ObjectKind::CasingSlotted, 0.15, 0.24),
        (ObjectKind::CasingEnd, 0.05, 0.09), (ObjectKind::RbkPanel, 0.08, 0.36),
        (ObjectKind::RbkCap, 0.15, 0.36), (ObjectKind::RbkFin, 0.08, 0.36),
    ];
    assert_eq!(sizes.map(|(kind, ..)| kind), *ObjectKind::ORDNANCE);
    for (kind, least, most) in sizes {
        for number in 0..12 {
            let object = drawn(kind, number);
            let [length, width] = object.size_m();
            let longest = length.max(width);
            assert!((least..=most).contains(&longest), "{kind:?} {number} is {longest} m long");
            assert!(
                (0.2..=1.0).contains(&object.visibility),
                "{kind:?} {number} shows {}",
                object.visibility
            );
            let bounds = outline(&object).bounding_rect().expect("an outline has bounds");
            assert!(
                bounds.max().x.max(-bounds.min().x) <= object.radius_m + 1e-9,
                "{kind:?} {number} exceeds its reach"
            );
        }
    }
}

#[test]
fn every_kind_is_either_of_a_class_or_a_look_alike() {
    assert!(ObjectKind::ORDNANCE.iter().all(|kind| kind.truth().is_some()));
    assert!(ObjectKind::LOOKALIKES.iter().all(|kind| kind.truth().is_none()));
    let mut classes: Vec<&str> =
        ObjectKind::ORDNANCE.iter().filter_map(|kind| Some(kind.truth()?.0)).collect();
    classes.dedup();
    #[rustfmt::skip]
    assert_eq!(classes, [
        "pfm-1", "pmn-1", "pmn-2", "pmn-4", "ozm-72", "pom-2", "pom-3", "mon-50", "mon-90",
        "tm-62m", "tm-57", "9n235", "m095", "ptab-1m", "shoab-0.5", "ao-2.5", "ksf-casing",
        "rbk-part",
    ]);
}

/// A ball of 60 mm, a share of it in the ground.
fn ball(sunk: f64) -> Body {
    let mut dice = Dice::new(1, "ball", 0);
    let part = Part::ball(Frame::at(0.0, 0.0, 0.0), [30.0; 3], Skin::dull([100.0; 3]));
    let pose = Pose { frame: Frame::at(0.0, 0.0, 0.0), sunk };
    let wear = Wear::new(&mut dice);
    Body::new(vec![part], pose, wear, &mut dice)
}

#[test]
fn what_sinks_shows_less() {
    let shows = |sunk: f64| {
        let (ring, visibility) = super::outline::outline(&ball(sunk)).expect("some of it shows");
        (
            Polygon::new(ring.into_iter().map(Coord::from).collect::<Vec<_>>().into(), vec![])
                .unsigned_area(),
            visibility,
        )
    };
    let disc = std::f64::consts::PI * 30.0 * 30.0;
    let (whole, all) = shows(0.0);
    assert!((whole / disc - 1.0).abs() < 0.02 && all > 0.97, "{whole} of {disc}, {all}");
    // Sunk by 3/4 of its height, the circle at the ground is 0.866 of the ball's.
    let (part, share) = shows(0.75);
    assert!(part / disc < 0.76 && (share - part / disc).abs() < 0.03, "{part} of {disc}, {share}");
}

#[test]
fn light_comes_from_the_sun_and_shadow_falls_away_from_it() {
    let unsunk = |object: &Object| object.height_m > 0.1 && object.visibility > 0.97;
    let mut object = (0..50)
        .map(|number| drawn(ObjectKind::Tm57, number))
        .find(unsunk)
        .expect("one lies on the ground");
    object.axis = coord! { x: 1.0, y: 0.0 };
    let sun = Sun { towards: coord! { x: 1.0, y: 0.0 }, shadow_per_height: 1.0, direct: 1.0 };
    let sprite = Sprite::new(&object, 0.002, &sun);
    let top_mm = object.height_m * 1000.0;
    assert!(sprite.lit(-160.0 - top_mm * 0.3, 0.0, 0.0) < 0.1, "no shadow behind it");
    assert!(sprite.lit(160.0 + top_mm * 0.3, 0.0, 0.0) > 0.9, "a shadow before it");
    assert!(sprite.lit(-160.0 - top_mm * 2.0, 0.0, 0.0) > 0.9, "its shadow is too long");
    let flank = |x: f64| sprite.at(x, 10.0).sun;
    assert!(
        flank(132.0) > flank(-132.0) + 0.2,
        "{} towards the sun, {} away",
        flank(132.0),
        flank(-132.0)
    );
}

#[test]
fn angles_agree_with_the_platform() {
    for step in -50..150 {
        let turns = f64::from(step) / 97.0;
        let [cos, sin] = on_circle(turns);
        let (want_sin, want_cos) = (turns * std::f64::consts::TAU).sin_cos();
        assert!(
            (cos - want_cos).abs() < 1e-6 && (sin - want_sin).abs() < 1e-6,
            "{turns}: {cos}, {sin}"
        );
        let whole = turns - turns.floor();
        let off = (angle(want_cos, want_sin) - whole).abs();
        assert!(off.min(1.0 - off) < 2e-3, "{turns}: off by {off}");
    }
}
