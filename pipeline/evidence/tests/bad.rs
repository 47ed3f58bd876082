//! Evidence and mappings that cannot be used: named, with layer, row, value and remedy.

use super::{ROWS, error, ground, read, text_file, write};
use crate::{Mapping, read_evidence};
use std::path::Path;

#[test]
fn a_mapping_that_makes_no_sense() {
    let says = |text: &str| Mapping::parse(text).expect_err("the mapping is bad");
    assert_eq!(
        says("[layer.a.words]\nkind = { Hazard = 'mined' }"),
        "layer.\"a\".words.kind.\"Hazard\" is \"mined\", give one of accident, incident, \
         minefield_record, witness, released, cancelled, land_use, district, front, survey_limit, \
         or skip"
    );
    assert_eq!(
        says("[layer.a]\neo_category = 'AP'"),
        "layer.\"a\".eo_category is \"AP\", give one of AP_MINE, AV_MINE, MIXED_MINE, \
         IMPROVISED_MINE, CMR, UXO, AXO, BOOBY_TRAP, IED, UNKNOWN"
    );
    assert_eq!(
        says("[layer.a]\ninformation_reliability = 7"),
        "layer.\"a\".information_reliability is \"7\", give a number from 1 to 6, or \"\" where it \
         is not known"
    );
    assert_eq!(
        says("[layer.a]\nsource_reliability = 'G'"),
        "layer.\"a\".source_reliability is \"G\", give a letter from A to F, or \"\" where it is \
         not known"
    );
    assert_eq!(
        says("[layer.a]\nbearing_deg = 361"),
        "layer.\"a\".bearing_deg is \"361\", give degrees from 0 to 360"
    );
    assert!(says("[layer.a]\nname = 'x'").contains("unknown field `name`"));
    assert!(says("[layer.a.fields]\nkinds = 'x'").contains("unknown variant `kinds`"));
    assert!(says("[layers.a]").contains("unknown field `layers`"));
    let missing = Mapping::read(Path::new("nowhere.toml")).expect_err("no file").to_string();
    assert_eq!(missing, "cannot use mapping nowhere.toml: No such file or directory (os error 2)");
}

#[test]
fn what_cannot_be_read_is_named_with_its_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let csv = |text: &str, mapping: &str| error(&text_file(&dir, "e.csv", text), mapping);
    let start = "cannot read evidence e.csv, layer e";
    std::fs::create_dir(dir.path().join("sub")).unwrap();
    let formats = "give a GeoPackage, GeoJSON, KML, shapefile, CSV or FlatGeobuf";
    assert_eq!(
        error(&dir.path().join("gone.gpkg"), ""),
        "cannot read evidence gone.gpkg: there is no such file; check its name and its folder"
    );
    assert_eq!(
        error(&dir.path().join("sub"), ""),
        format!("cannot read evidence sub: it is a folder; {formats}")
    );
    assert_eq!(
        error(&text_file(&dir, "notes.txt", "no map"), ""),
        format!("cannot read evidence notes.txt: it is in another format; {formats}")
    );
    let torn = write("GPKG", dir.path().join("torn.gpkg"), "EPSG:4326", &ROWS);
    std::fs::File::options().write(true).open(&torn).unwrap().set_len(60_000).unwrap();
    assert_eq!(
        error(&torn, ""),
        format!("cannot read evidence torn.gpkg: database disk image is malformed; {formats}")
    );
    assert_eq!(
        csv("type,lon,lat\nHazard,-15,0.01\n", ""),
        format!(
            "{start}: no field `kind` among type, lon, lat; say in the mapping, under \
             [layer.\"e\"], which kind all rows are: kind = \"...\", or which field says it: \
             fields.kind = \"...\", or leave the layer out: skip = true"
        )
    );
    assert_eq!(
        csv("kind,easting,northing\naccident,1,2\n", ""),
        format!(
            "{start}: no geometry, and no coordinates among kind, easting, northing; name in the \
             mapping, under [layer.\"e\".fields], those of x (longitude) and y (latitude), or wkt"
        )
    );
    assert_eq!(
        csv("kind,lon,lat\naccident,-15,0.01\n", "[layer.e.fields]\nname = 'Id'"),
        format!(
            "{start}: the mapping reads name from field \"Id\", which is not among kind, lon, lat; \
             name the field as the file does"
        )
    );
    assert_eq!(
        csv(
            "kind,lon,lat\nHazard,-15,0.01\naccident,-15,0.01\nDanger,-15,0.01\nHazard,-15,0.01\n",
            ""
        ),
        format!(
            "{start}, rows 1, 3, 4: kind is \"Danger\", \"Hazard\", which is not one of accident, incident, \
             minefield_record, witness, released, cancelled, land_use, district, front, \
             survey_limit, or skip; say in the mapping, under [layer.\"e\".words.kind], \"Danger\" \
             = \"...\""
        )
    );
    assert_eq!(
        csv("kind,eo_category,lon,lat\naccident,AP,-15,0.01\n", ""),
        format!(
            "{start}, row 1: eo_category is \"AP\", which is not one of AP_MINE, AV_MINE, MIXED_MINE, \
             IMPROVISED_MINE, CMR, UXO, AXO, BOOBY_TRAP, IED, UNKNOWN; say in the mapping, under \
             [layer.\"e\".words.eo_category], \"AP\" = \"...\""
        )
    );
    assert_eq!(
        csv("kind,bearing_deg,wkt\nfront,400,\"LINESTRING (-15 0.01,-15 0.02)\"\n", ""),
        format!(
            "{start}, row 1: bearing_deg is \"400\", which is not degrees from 0 to 360; correct the \
             field"
        )
    );
    assert_eq!(
        csv("kind,lon,lat\naccident,-15,0.01\naccident,,\n,-15,0.01\naccident,,\n", ""),
        format!(
            "{start}, rows 2, 4: it has no geometry (1 other problem in the layer); give it \
             one, or take the row out of the file"
        )
    );
    assert_eq!(
        csv("kind,lon,lat\n,-15,0.01\n", ""),
        format!(
            "{start}, row 1: it has no kind; fill its field, or set `kind` in the mapping for the \
             rows that do not say it"
        )
    );
    assert_eq!(
        csv("kind,lon,lat\naccident,-15,0.01\naccident,,\naccident,,\n", ""),
        format!(
            "{start}, rows 2, 3: it has no geometry; give it one, or take the row out of the file"
        )
    );
    assert_eq!(
        csv("kind,lon,lat\naccident,15 W,0.01\n", ""),
        format!(
            "{start}, row 1: its x is \"15 W\"; give a number: decimal degrees, or metres with \
             `crs` in the mapping"
        )
    );
    assert_eq!(
        csv("kind,x,y\naccident,500010,1020\n", ""),
        format!(
            "{start}, row 1: its coordinates (500010, 1020) are nowhere on earth in the CRS of the \
             file; name the right one as `crs` in the mapping, or mend the coordinates"
        )
    );
    assert_eq!(
        csv("kind,wkt\nreleased,POINT (-15 0.01)\n", ""),
        format!(
            "{start}, row 1: its kind is released, but it is no polygon; draw its outline, or \
             leave it out with a word of the mapping"
        )
    );
    assert_eq!(
        csv("kind,wkt\ndistrict,\"POLYGON ((-15 0,-14 0,-14 1,-15 0))\"\n", ""),
        format!(
            "{start}, row 1: its kind is district, but it has no name; fill its field, or name \
             another one in the mapping"
        )
    );
    assert_eq!(
        csv("kind,wkt\nfront,\"LINESTRING (-15 0,-14 0)\"\n", ""),
        format!(
            "{start}, row 1: its kind is front, but it has no bearing_deg; give the direction in \
             which the defences face, in degrees from true north"
        )
    );
    assert_eq!(
        csv("kind,geom\nwitness,POINT here\n", ""),
        format!(
            "{start}, row 1: its wkt is \"POINT here\"; write it as POINT (lon lat), LINESTRING or \
             POLYGON"
        )
    );
    assert_eq!(
        csv(
            "kind,geom\nwitness,\"GEOMETRYCOLLECTION (POINT (-15 0),LINESTRING (-15 0,-15 1))\"\n",
            ""
        ),
        format!(
            "{start}, row 1: it mixes points, lines and polygons; split it into rows of one of \
             them each"
        )
    );
    assert_eq!(
        csv("kind,geom\nwitness,\"CIRCULARSTRING (-15 0,-15.1 0.1,-15.2 0)\"\n", ""),
        format!(
            "{start}, row 1: its geometry is a circularstring; turn it into points, straight lines \
             or polygons"
        )
    );
    assert_eq!(
        csv("kind,geom\nwitness,\"POLYGON ((-15 0,-15 0.1,-15 0.05,-15 0))\"\n", ""),
        format!(
            "{start}, row 1: its outline encloses no ground; draw it anew, or take the row out of \
             the file"
        )
    );
    let nothing = r#"{"type": "Feature", "properties": {"kind": "witness"}, "geometry": null}"#;
    let nothing = format!(r#"{{"type": "FeatureCollection", "features": [{nothing}, {nothing}]}}"#);
    assert_eq!(
        error(&text_file(&dir, "n.geojson", &nothing), ""),
        "cannot read evidence n.geojson, layer n, rows 1, 2: it has no geometry; give it one, or \
         take the row out of the file"
    );
    let shape = write("ESRI Shapefile", dir.path().join("cut.shp"), "EPSG:4326", &[ROWS[0]; 9]);
    std::fs::File::options().write(true).open(&shape).unwrap().set_len(150).unwrap();
    assert!(
        error(&shape, "").contains("layer cut, rows 2, 3, 4, 5, 6, 7, 8, 9: it has no geometry")
    );
    let torn = write("FlatGeobuf", dir.path().join("torn.fgb"), "EPSG:4326", &[ROWS[2]; 9]);
    let half = std::fs::metadata(&torn).unwrap().len() / 2;
    std::fs::File::options().write(true).open(&torn).unwrap().set_len(half).unwrap();
    assert_eq!(
        error(&torn, ""),
        "cannot read evidence torn.fgb, layer torn: 3 of 9 rows can be read; save the file anew"
    );
    let latin = dir.path().join("latin.csv");
    std::fs::write(&latin, b"kind,name,lon,lat\naccident,A\xe7ores,-15,0.01\n").unwrap();
    assert_eq!(
        error(&latin, ""),
        "cannot read evidence latin.csv, layer latin, row 1: its name is \"A\u{fffd}ores\"; save \
         the file in UTF-8"
    );
    let bare = write("ESRI Shapefile", dir.path().join("bare.shp"), "EPSG:4326", &ROWS[..1]);
    std::fs::remove_file(bare.with_extension("prj")).unwrap();
    assert_eq!(
        error(&bare, ""),
        "cannot read evidence bare.shp, layer bare: it has no CRS; name it in the mapping, under \
         [layer.\"bare\"]: crs = \"EPSG:...\""
    );
    assert!(read(&bare, "[layer.bare]\ncrs = 'EPSG:4326'").is_ok());
    let twice = text_file(&dir, "twice.csv", "kind,lon,lat\naccident,-15,0.01\n");
    let given = read_evidence(
        &[twice.clone(), dir.path().join(".").join("twice.csv")],
        &Mapping::default(),
        &ground(),
    );
    assert!(
        given
            .expect_err("given twice")
            .to_string()
            .ends_with("twice.csv: it is given twice; give it once")
    );
}

#[test]
fn datums_that_nobody_can_relate_are_not_taken_for_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let path = text_file(&dir, "e.csv", "kind,lon,lat\naccident,-15,0.01\n");
    assert_eq!(
        error(&path, "[layer.e]\ncrs = '+proj=longlat +ellps=krass +no_defs'"),
        "cannot read evidence e.csv, layer e: how its CRS, unknown, lies to the survey's, WGS 84 / \
         UTM zone 28N, is not known; give the file in the survey's CRS or in WGS 84, or the right \
         `crs` in the mapping"
    );
    assert_eq!(
        error(&path, "[layer.e]\ncrs = 'Gauss'"),
        "cannot read evidence e.csv, layer e: the mapping says that its CRS is \"Gauss\", which \
         nobody knows; name it in the mapping, under [layer.\"e\"]: crs = \"EPSG:...\""
    );
}
