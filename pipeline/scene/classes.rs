//! What the truth of a scene may hold.

/// All point-like classes and the coarser class of each, in the order of their COCO numbers: a new
/// one goes to the end.
#[rustfmt::skip]
pub(crate) const CLASSES: [(&str, &str); 18] = [
    ("pfm-1", "pfm-1"), ("pmn-1", "ap-round"), ("pmn-2", "ap-round"), ("pmn-4", "ap-round"),
    ("ozm-72", "ap-fragmentation"), ("pom-2", "ap-fragmentation"), ("pom-3", "ap-fragmentation"),
    ("mon-50", "ap-directional"), ("mon-90", "ap-directional"), ("tm-62m", "av-round"),
    ("tm-57", "av-round"), ("9n235", "submunition"), ("m095", "submunition"),
    ("ptab-1m", "submunition"), ("shoab-0.5", "submunition"), ("ao-2.5", "submunition"),
    ("ksf-casing", "carrier"), ("rbk-part", "carrier"),
];

/// All classes of earthworks, numbered after [`CLASSES`].
#[rustfmt::skip]
pub(crate) const EARTHWORKS: [(&str, &str); 7] = [
    ("trench_fire", "trench"), ("trench_comm", "trench"), ("at_ditch", "at_ditch"),
    ("berm", "berm"), ("vehicle_revetment", "vehicle_revetment"), ("foxhole", "foxhole"),
    ("crater", "crater"),
];
