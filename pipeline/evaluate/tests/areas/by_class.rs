//! Areas by land class and category, metres.

use super::{area, assert_near, drawn, item, rect, square, whole};
use crate::{AgreementFigures, AreaField, AreasByClass, DrawnField};
use rams_domain::EoCategory::{ApMine, AvMine, Cmr, Unknown};
use rams_domain::{HazardAreaId, IndicationBelt, LandClass, Tier};

#[test]
fn areas_are_compared_by_land_class_and_category() {
    // An SHA over one of two mines, 20 m to the east of 400 m² of true ground; an indication of
    // earthworks with the third mine in its belt alone; an SHA of the wrong category on nothing.
    let items = [item(ApMine, (5.0, 5.0)), item(ApMine, (15.0, 5.0)), item(AvMine, (205.0, 5.0))];
    let mined =
        [(ApMine, square((0.0, 0.0), (20.0, 10.0))), (AvMine, square((200.0, 0.0), (210.0, 10.0)))];
    let mut belted = area(2, Unknown, 0.3, square((180.0, 0.0), (190.0, 10.0)));
    belted.tier = Some(Tier::WeakSign);
    let hazard_areas = vec![
        area(1, ApMine, 0.9, square((-30.0, 0.0), (10.0, 10.0))),
        belted,
        area(3, AvMine, 0.8, square((215.0, 0.0), (225.0, 10.0))),
    ];
    let indication_belts = vec![IndicationBelt {
        area: HazardAreaId(2),
        from_m: 0.0,
        to_m: 20.0,
        weight: 1.0,
        front_unknown: true,
        boundary: square((190.0, 0.0), (210.0, 10.0)),
    }];
    let field = AreaField {
        name: "1",
        extent: rect((-300.0, -300.0), (300.0, 300.0)),
        assessed: &whole(),
        items: &items,
        mined: &mined,
        trench_m: 0.0,
        front_deg: None,
        features: &[],
    };
    let judged = field.judge(&DrawnField { hazard_areas, indication_belts });
    let by_class = AreasByClass::of([&judged].into_iter());
    let of = |category: &str, land: &str| {
        let is = |of: &&AgreementFigures| of.eo_category == category && of.land_class == land;
        by_class.agreement.iter().find(is).unwrap()
    };

    let ap = of("AP_MINE", "SHA");
    assert_eq!((ap.areas, ap.without_object, ap.objects, ap.inside), (1, 0, 2, 1));
    // Of one in two: both ends by the quantiles of Beta(1, 2) and Beta(2, 1), which are roots.
    let [share, low, high] = ap.share.unwrap();
    assert_eq!(share, 0.5);
    assert_near(Some(low), 1.0 - 0.975f64.sqrt(), 1e-9);
    assert_near(Some(high), 0.975f64.sqrt(), 1e-9);
    assert_near(Some(ap.area_m2), 400.0, 1e-6);
    assert_near(ap.ratio, 2.0, 1e-9);
    assert_near(ap.true_inside, 0.5, 1e-9);
    assert_eq!(ap.missed_m, Some([5.0, 5.0]));
    // The strip from -30 to 0 lies 5 m to 35 m from the mine at (5, 5): its middle 20 m, nine
    // tenths and a half of it 33.5 m, a little more at the corners.
    assert_near(ap.beyond_m2, 300.0, 1e-6);
    let [median, most] = ap.beyond_m.unwrap();
    assert_near(Some(median), 21.0, 1.0);
    assert_near(Some(most), 34.0, 1.0);

    let av = of("AV_MINE", "SHA");
    assert_eq!((av.areas, av.without_object, av.objects, av.inside), (1, 1, 1, 0));
    assert_eq!((av.true_inside, av.missed_m), (Some(0.0), Some([10.0, 10.0])));
    // Earthworks stand for mines of both categories; in the belt alone the mine is inside.
    let [alone, belts] = ["INDICATION", "both and belts"].map(|land| of("AV_MINE", land));
    assert_eq!((alone.areas, alone.without_object, alone.inside), (1, 0, 0));
    assert_eq!(alone.missed_m, Some([15.0, 15.0]));
    assert_eq!((belts.areas, belts.without_object, belts.inside), (2, 1, 1));
    assert_near(Some(belts.area_m2), 400.0, 1e-6);

    let all = of("all", "both");
    assert_eq!((all.areas, all.without_object, all.objects, all.inside), (3, 1, 3, 1));
    assert_near(all.ratio, 600.0 / 300.0, 1e-9);
    // The nearest area of the own category: 5 m, and 10 m.
    assert_eq!(all.missed_m, Some([5.0, 10.0]));

    let [sha, indication] = &by_class.calibration[..] else { panic!("two land classes") };
    assert_eq!(sha.land_class, LandClass::Sha);
    let tiers: Vec<_> = sha.tiers.iter().map(|of| (of.tier, of.areas)).collect();
    assert_eq!(tiers, [(Tier::Likely, 2)]);
    assert_near(sha.tiers[0].confidence, 0.85, 1e-6);
    assert_eq!(sha.tiers[0].share.map(|[share, ..]| share), Some(0.5));
    let tier = &indication.tiers[0];
    assert_eq!((tier.tier, tier.share.map(|it| it[0])), (Tier::WeakSign, Some(1.0)));
    let text = by_class.to_string();
    let row = "| AP_MINE | SHA | 1 | 0 | 2 | 1 | 0.50 [0.01, 0.99] | 0.040 | 2.00 | 50.0 % | 5.0 / \
               5.0 | 0.030 | ";
    assert!(text.contains(row), "{text}");
}

#[test]
fn objects_without_true_ground_and_on_unassessed_ground_are_said() {
    let items = [item(Cmr, (5.0, 5.0)), item(Cmr, (-100.0, 5.0))];
    let assessed = square((0.0, 0.0), (100.0, 100.0));
    let field = AreaField {
        name: "1",
        extent: rect((-300.0, -300.0), (300.0, 300.0)),
        assessed: &assessed,
        items: &items,
        mined: &[],
        trench_m: 0.0,
        front_deg: None,
        features: &[],
    };
    let judged = field.judge(&drawn(vec![area(1, Cmr, 0.9, square((-10.0, 0.0), (10.0, 10.0)))]));
    let by_class = AreasByClass::of([&judged].into_iter());
    let of = by_class.agreement.iter().find(|of| of.eo_category == "CMR").unwrap();
    // Half of the envelope, and one of the two, are on assessed ground.
    assert_eq!((of.objects, of.inside), (1, 1));
    assert_near(Some(of.area_m2), 100.0, 1e-6);
    assert_eq!((of.ratio, of.beyond_m2, of.true_inside), (None, None, None));
}
