//! Exact intervals against scipy: `beta.ppf` and `chi2.ppf`.

use crate::interval::{count, share};

fn near(ours: [f64; 2], theirs: [f64; 2]) {
    for (ours, theirs) in ours.into_iter().zip(theirs) {
        assert!((ours - theirs).abs() < 1e-8 * theirs.max(1.0), "{ours}, scipy {theirs}");
    }
}

#[test]
fn a_share_is_clopper_pearsons() {
    near(share(24, 25).unwrap(), [0.796483086077586, 0.9989878003006891]);
    near(share(0, 25).unwrap(), [0.0, 0.1371851715307125]);
    near(share(25, 25).unwrap(), [0.8628148294692875, 1.0]);
    near(share(1, 2).unwrap(), [0.01257911709342505, 0.9874208829065749]);
    near(share(3, 1000).unwrap(), [0.0006190999316495713, 0.008742023238478303]);
    near(share(950, 1000).unwrap(), [0.9346095120845064, 0.9626646023953382]);
    assert_eq!(share(0, 0), None);
}

#[test]
fn a_count_is_garwoods() {
    near(count(0), [0.0, 3.6888794541139354]);
    near(count(1), [0.025317807984289876, 5.571643390938898]);
    near(count(7), [2.8143630515198654, 14.422675361702376]);
    near(count(100), [81.36399125092314, 121.62679379242638]);
    near(count(2500), [2402.952365431124, 2599.9614843405425]);
}
