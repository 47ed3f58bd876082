//! A GlobalID is of one object or one ground, however often a survey is completed or its areas are
//! drawn again.

use crate::area_edits::edit;
use crate::support::{Ortho, model, rams, survey};
use gdal::{Dataset, vector::LayerAccess};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// A strip with four squares, from west to east.
fn strip(folder: &Path) -> PathBuf {
    let (ortho, squares) = (folder.join("strip.tif"), [100, 3600, 7100, 10600]);
    let painted = squares.iter().fold(Ortho::new(12_000, 120), |ortho, x| ortho.square(*x, 50));
    painted.write(&ortho);
    ortho
}

fn ok(args: &[&str], code: i32) {
    let ran = rams(args);
    assert_eq!(ran.code, code, "{args:?}: {}{}", ran.stdout, ran.stderr);
}

/// What a file geodatabase says of each row of a class: its id, and by GlobalID where it lies.
struct Class {
    ids: Vec<String>,
    places: BTreeMap<String, String>,
}

fn class(dir: &Path, name: &str) -> Class {
    let folder = tempfile::tempdir().unwrap();
    let [dir, out] = [dir.to_owned(), folder.path().join("out.gdb")];
    ok(&["export", dir.to_str().unwrap(), "--format", "gdb", "-o", out.to_str().unwrap()], 0);
    let dataset = Dataset::open(folder.path().join("out.gdb.zip")).unwrap();
    let mut layer = dataset.layer_by_name(name).unwrap();
    let (mut ids, mut places) = (vec![], BTreeMap::new());
    for row in layer.features() {
        ids.push(rams_store::text(&row, "id"));
        let place = row.geometry().unwrap().wkt().unwrap();
        let earlier = places.insert(rams_store::text(&row, "GlobalID"), place);
        assert_eq!(earlier, None, "one row each");
    }
    Class { ids, places }
}

/// How many GlobalIDs both have; whatever lies elsewhere has another.
fn kept(before: &Class, after: &Class) -> usize {
    let shared = before.places.iter().filter(|(id, _)| after.places.contains_key(*id));
    shared.inspect(|(id, place)| assert_eq!(after.places.get(*id), Some(*place), "{id}")).count()
}

#[test]
fn finds_keep_theirs_when_missing_shards_come_and_areas_get_others() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, dir) = (strip(folder.path()), folder.path().join("plan"));
    let [ortho, dir_name, boxes] =
        [&ortho, &dir, &model("red-boxes")].map(|path| path.to_str().unwrap().to_owned());
    let plan = ["plan", &ortho, "-o", &dir_name, "--model", &boxes, "--shard-mp", "0.4"];
    ok(&plan, 0);
    let lines = fs::read_to_string(dir.join("shards.jsonl")).unwrap();
    let shards = lines.lines().count();
    assert!(shards >= 3, "{shards}");
    // Without the first, which has the first square.
    (1..shards).for_each(|number| ok(&["shard", &dir_name, &number.to_string()], 0));
    ok(&["gather", &dir_name, "--partial"], 3);
    let [finds, areas] = ["features_points", "hazard_areas"].map(|name| class(&dir, name));
    ok(&["shard", &dir_name, "0"], 0);
    ok(&["gather", &dir_name], 0);
    let [all_finds, all_areas] = ["features_points", "hazard_areas"].map(|name| class(&dir, name));

    assert_eq!(finds.ids, ["F000001", "F000002", "F000003"]);
    assert_eq!(all_finds.ids, ["F000001", "F000002", "F000003", "F000004"]);
    assert_eq!(kept(&finds, &all_finds), 3, "with other numbers");
    assert_eq!((areas.ids.len(), all_areas.ids.len()), (3, 4));
    assert_eq!(kept(&areas, &all_areas), 0, "A0001 is other ground");
}

#[test]
fn finds_keep_theirs_when_one_is_deleted_and_areas_are_drawn_again() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, dir) = (strip(folder.path()), folder.path().join("survey"));
    let (ran, map) = survey(&ortho, &dir, &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let delineate = || ok(&["delineate", dir.to_str().unwrap()], 0);
    let [finds, areas] = ["features_points", "hazard_areas"].map(|name| class(&dir, name));
    assert_eq!((finds.ids.len(), areas.ids.len()), (4, 4));

    // What is drawn again as it was is the same.
    delineate();
    assert_eq!(kept(&finds, &class(&dir, "features_points")), 4);
    assert_eq!(kept(&areas, &class(&dir, "hazard_areas")), 4);

    edit(&map, "DELETE FROM features WHERE id = 'F000001'");
    assert_eq!(kept(&areas, &class(&dir, "hazard_areas")), 4, "people's edits change none");
    delineate();
    let fewer = ["features_points", "hazard_areas"].map(|name| class(&dir, name));
    assert_eq!(kept(&finds, &fewer[0]), 3);
    assert_eq!(kept(&areas, &fewer[1]), 0);
    let numbers: BTreeSet<_> = fewer[1].ids.iter().map(String::as_str).collect();
    assert_eq!(numbers, ["A0001", "A0002", "A0003"].into(), "areas are numbered anew");
}
