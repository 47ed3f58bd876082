//! The house rules: each stage knows the nouns and no other stage; heavy libraries stay at the edges.

use cargo_metadata::{DependencyKind, MetadataCommand, Package};
use std::collections::BTreeSet;

/// What each crate of the project may use of the others.
const STAGES: [(&str, &[&str]); 10] = [
    ("rams-domain", &[]),
    ("rams-tile", &["rams-domain"]),
    ("rams-detect", &["rams-domain"]),
    ("rams-trace", &["rams-domain"]),
    ("rams-delineate", &["rams-domain"]),
    ("rams-store", &["rams-domain"]),
    ("rams-scene", &["rams-domain"]),
    ("rams-evaluate", &["rams-domain"]),
    ("rams-report", &["rams-domain"]),
    (
        "rams",
        &[
            "rams-domain",
            "rams-tile",
            "rams-detect",
            "rams-trace",
            "rams-delineate",
            "rams-store",
            "rams-scene",
            "rams-evaluate",
            "rams-report",
        ],
    ),
];

/// Which crates may use a heavy library.
const EDGES: [(&[&str], &[&str]); 4] = [
    (&["gdal", "gdal-sys"], &["rams-tile", "rams-store", "rams-scene"]),
    (&["ort", "ort-sys"], &["rams-detect"]),
    (&["plotters", "image"], &["rams-evaluate", "rams"]),
    (&["axum", "hyper", "tiny_http"], &[]),
];

fn uses(package: &Package) -> BTreeSet<&str> {
    let normal = package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
    normal.map(|dependency| dependency.name.as_str()).collect()
}

#[test]
fn every_stage_depends_on_the_domain_alone() {
    let metadata = MetadataCommand::new().no_deps().other_options(vec!["--offline".into()]).exec().unwrap();
    let found: BTreeSet<_> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    let known: BTreeSet<_> = STAGES.iter().map(|(name, _)| *name).collect();
    assert_eq!(found, known, "every crate has its place in the table");
    for package in &metadata.packages {
        let (_, allowed) = STAGES.iter().find(|(name, _)| package.name == *name).unwrap();
        for used in uses(package) {
            assert!(!known.contains(used) || allowed.contains(&used), "{} must not depend on {used}", package.name);
            for (libraries, homes) in EDGES {
                let at_home = homes.contains(&package.name.as_str());
                assert!(!libraries.contains(&used) || at_home, "{} must not link {used}", package.name);
            }
        }
    }
}
