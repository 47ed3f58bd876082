//! The house rules: each stage knows the nouns and no other stage; heavy libraries stay at the
//! edges.

use cargo_metadata::{DependencyKind, MetadataCommand, Package};
use std::collections::BTreeSet;

/// What each crate of the project may use of the others. `domain` is the nouns, `model` says what a
/// model is, `overlay` is geometry: stages stand on these and on no other stage, but for those that
/// read a stored survey.
const CRATES: [(&str, &[&str]); 16] = [
    ("rams-domain", &[]),
    ("rams-overlay", &[]),
    ("rams-model", &["rams-domain"]),
    ("rams-tile", &["rams-domain"]),
    ("rams-detect", &["rams-domain", "rams-model"]),
    ("rams-trace", &["rams-domain"]),
    ("rams-delineate", &["rams-domain"]),
    ("rams-store", &["rams-domain", "rams-overlay"]),
    ("rams-evidence", &["rams-domain", "rams-overlay", "rams-store"]),
    ("rams-export", &["rams-domain", "rams-overlay", "rams-store"]),
    ("rams-scene", &["rams-domain"]),
    ("rams-evaluate", &["rams-domain"]),
    ("rams-report", &["rams-domain"]),
    ("rams-review", &["rams-domain", "rams-overlay", "rams-store"]),
    (
        "rams-survey",
        &[
            "rams-domain",
            "rams-overlay",
            "rams-model",
            "rams-tile",
            "rams-detect",
            "rams-trace",
            "rams-delineate",
            "rams-store",
            "rams-evidence",
        ],
    ),
    (
        "rams",
        &[
            "rams-domain",
            "rams-model",
            "rams-tile",
            "rams-detect",
            "rams-delineate",
            "rams-store",
            "rams-evidence",
            "rams-export",
            "rams-scene",
            "rams-evaluate",
            "rams-report",
            "rams-review",
            "rams-survey",
        ],
    ),
];

/// Which crates may use a heavy library. GEOS comes with GDAL: `overlay` is where it is called.
const EDGES: [(&[&str], &[&str]); 7] = [
    (
        &["gdal", "gdal-sys"],
        &["rams-overlay", "rams-tile", "rams-store", "rams-evidence", "rams-export", "rams-scene"],
    ),
    (&["ort", "ort-sys"], &["rams-detect"]),
    (&["plotters", "image"], &["rams-evaluate", "rams-tile", "rams"]),
    (&["clap", "clap_complete", "clap_mangen", "indicatif", "anyhow", "rpassword"], &["rams"]),
    (&["tokio"], &["rams", "rams-review"]),
    (&["crossbeam-channel", "postcard"], &["rams-survey"]),
    (
        &["argon2", "axum", "hyper", "rcgen", "rusqlite", "rustls", "tiny_http", "tokio-rustls"],
        &["rams-review"],
    ),
];

fn uses(package: &Package) -> BTreeSet<&str> {
    let normal =
        package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
    normal.map(|dependency| dependency.name.as_str()).collect()
}

#[test]
fn every_crate_uses_what_it_may() {
    let metadata =
        MetadataCommand::new().no_deps().other_options(vec!["--offline".into()]).exec().unwrap();
    let found: BTreeSet<_> =
        metadata.packages.iter().map(|package| package.name.as_str()).collect();
    let known: BTreeSet<_> = CRATES.iter().map(|(name, _)| *name).collect();
    assert_eq!(found, known, "every crate has its place in the table");
    for package in &metadata.packages {
        let (_, allowed) = CRATES.iter().find(|(name, _)| package.name == *name).unwrap();
        for used in uses(package) {
            assert!(
                !known.contains(used) || allowed.contains(&used),
                "{} must not depend on {used}",
                package.name
            );
            for (libraries, homes) in EDGES {
                let at_home = homes.contains(&package.name.as_str());
                assert!(
                    !libraries.contains(&used) || at_home,
                    "{} must not link {used}",
                    package.name
                );
            }
        }
    }
}
