//! What people found on the ground comes back into a review, as evidence and never as a decision.

use crate::review::{Served, surveyed};
use crate::support::{Browser, Client, Ran, rams, rows};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

const COLUMNS: &str = "found,id,x,y,accuracy_m,who,organisation,date,note,photo";

/// The middle of the square that begins at a column: of 11 pixels of 1 cm, 50 rows down.
fn middle(column: u32) -> [f64; 2] {
    [500_000.0 + f64::from(column) * 0.01 + 0.055, 1_000.0 - 0.555]
}

/// A survey of four finds, each in an area of its own, and what a team wrote of them.
struct Field {
    folder: tempfile::TempDir,
    dir: PathBuf,
    /// The find and the area of each square, from west to east.
    finds: [String; 4],
    areas: [String; 4],
}

impl Field {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = surveyed(folder.path());
        let at = |layer: &str, column: u32| {
            let [x, y] = middle(column);
            let rows = rows(&dir.join("survey.gpkg"), layer);
            rows.iter().find(|row| row.covers(x, y)).unwrap().text("id").to_owned()
        };
        let of = |layer: &str| [100, 3600, 7100, 10600].map(|column| at(layer, column));
        let (finds, areas) = (of("features"), of("hazard_areas"));
        fs::write(folder.path().join("map.toml"), "[layer.\"*\"]\ncrs = \"EPSG:32633\"\n").unwrap();
        Self { folder, dir, finds, areas }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn import(&self, rows: &[String]) -> Ran {
        fs::write(self.path("team.csv"), format!("{COLUMNS}\n{}\n", rows.join("\n"))).unwrap();
        let [dir, table, map] = [&self.dir, &self.path("team.csv"), &self.path("map.toml")]
            .map(|path| path.to_str().unwrap().to_owned());
        rams(&["review", &dir, "--as", "Ilaha", "import", &table, "--mapping", &map])
    }

    /// Right, by id and by place; something else; the first again; and what is left out.
    fn table(&self) -> Vec<String> {
        let [first, _, third, fourth] = &self.finds;
        let at = |column: u32, east: f64| {
            let [x, y] = middle(column);
            format!("{:.3},{y:.3}", x + east)
        };
        let team = "Rauf,IEPF,2026-11-20";
        let seen = format!("seen,{first},,,,{team},rusted,IMG_1.jpg");
        vec![
            seen.clone(),
            format!("not_seen,,{},1,{team},,DCIM/2.png", at(3600, 0.3)),
            format!("other,{third},,,,{team},a tin,"),
            seen,
            format!("seen,,{},20,{team},between two,", at(100, 17.5)),
            format!("seen,,{},2,{team},off,", at(7100, 10.0)),
            format!("seen,F000099,,,,{team},,"),
            format!("seen,{fourth},{},1,{team},,", at(100, 0.0)),
            format!("seen,,590000,1000,1,{team},,"),
            format!("seen,,{},,{team},no fix,", at(100, 0.0)),
        ]
    }

    fn verified(&self) -> String {
        let ran = rams(&["review", self.dir.to_str().unwrap(), "verify"]);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        ran.stdout
    }
}

/// A photo that says where it was taken, beside its 4 x 2 pixels.
fn photo(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut png = vec![];
    image::RgbImage::from_pixel(4, 2, image::Rgb([200, 30, 30]))
        .write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png)
        .unwrap();
    // A text chunk after the header's 33 bytes.
    let text = b"tEXtComment\0GPS 40.1 47.2";
    let mut chunk = ((text.len() - 4) as u32).to_be_bytes().to_vec();
    chunk.extend(text);
    chunk.extend(crc(text).to_be_bytes());
    png.splice(33..33, chunk);
    fs::write(path, png).unwrap();
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    };
    !bytes.iter().fold(!0, step)
}

#[test]
fn what_people_found_on_the_ground_is_evidence_once_and_nothing_is_guessed() {
    let field = Field::new();
    let [first, second, _, _] = &field.finds;
    photo(&field.path("DCIM/2.png"));
    let ran = field.import(&field.table());
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let said = &ran.stdout;
    assert!(
        said.contains("10 rows: 1 seen, 1 not seen, 1 other; 1 in the log before, 6 left out"),
        "{said}"
    );
    for line in [
        format!("left out, row 5: it may be any of {first}, {second} with an accuracy of 20 m"),
        format!("left out, row 6: no find is there; the nearest, {}, is ", field.finds[2]),
        "left out, row 7: there is no find and no area F000099 in this survey".into(),
        "left out, row 8: its place is 10".into(),
        "left out, row 9: its place is 90 km from the survey's middle".into(),
        "left out, row 10: its accuracy_m is empty: give it, or the id of the find".into(),
        "without photo, row 1: IMG_1.jpg: it is missing".into(),
        "1 photo copied".into(),
        "log of 3 events, head ".into(),
    ] {
        assert!(said.contains(&line), "{line}\n{said}");
    }
    assert!(field.verified().starts_with("3 events of the log fit"));

    let copies = fs::read_dir(field.dir.join("review/attachments")).unwrap();
    let copies: Vec<PathBuf> = copies.map(|entry| entry.unwrap().path()).collect();
    let [copy] = &copies[..] else { panic!("{copies:?}") };
    let digest = rams_tile::digest(copy, || false).unwrap().unwrap();
    assert_eq!(copy.file_name().unwrap().to_str().unwrap(), format!("{digest}.jpg"));
    let bytes = fs::read(copy).unwrap();
    assert_eq!(image::load_from_memory(&bytes).unwrap().to_rgb8().dimensions(), (4, 2));
    assert!(!bytes.windows(3).any(|three| three == b"GPS"), "nothing but the picture");

    // The same file again, and one that has grown by a row.
    let again = field.import(&field.table()).stdout;
    assert!(again.contains("0 seen, 0 not seen, 0 other; 4 in the log before, 6 left"), "{again}");
    let area = &field.areas[3];
    let grown = format!("not_seen,{area},,,,Rauf,IEPF,2026-11-21,,");
    let grown = field.import(&[field.table(), vec![grown]].concat()).stdout;
    assert!(grown.contains("11 rows: 0 seen, 1 not seen, 0 other; 4 in the log"), "{grown}");
    assert!(field.verified().starts_with("4 events of the log fit"));

    // A photo that comes later is logged once more with its row; that it goes changes nothing.
    photo(&field.path("IMG_1.jpg"));
    let late = field.import(&field.table()).stdout;
    assert!(late.contains("1 seen, 0 not seen, 0 other; 3 in the log before"), "{late}");
    fs::remove_file(field.path("IMG_1.jpg")).unwrap();
    let gone = field.import(&field.table()).stdout;
    assert!(gone.contains("0 seen, 0 not seen, 0 other; 4 in the log before"), "{gone}");
    assert!(field.verified().starts_with("5 events of the log fit"));
}

#[test]
fn what_was_seen_on_the_ground_counts_and_decides_nothing() {
    let field = Field::new();
    let dir = field.dir.to_str().unwrap();
    assert_eq!(field.import(&field.table()).code, 0);
    let served = Served::start_as(&field.dir, "Aygun");
    let client = Client::open(&served.url);
    let busy = field.import(&field.table());
    assert_ne!(busy.code, 0);
    let address = served.url.split('#').next().unwrap();
    let remedy = format!("is open at {address}: close it there (Ctrl-C), and do this again");
    assert!(busy.stderr.contains(&remedy), "{}", busy.stderr);
    let item = client.get(&format!("/items/{}", field.areas[0]));
    assert_eq!((&item["state"], &item["version"]), (&json!("waiting"), &json!(1)));
    let event = &item["history"][0];
    assert_eq!((&event["kind"], &event["who"]), (&json!("observe"), &json!("Ilaha")));
    let observed = &event["evidence"]["observation"];
    let said = ["found", "feature", "observer", "date", "row"].map(|name| observed[name].clone());
    let expected = ["seen", &field.finds[0], "Rauf", "2026-11-20", "row 1"];
    assert_eq!(said.to_vec(), expected.map(Value::from).to_vec());
    for (verdict, at) in [("not_seen", 0), ("seen", 1)] {
        client.decide(&json!({
            "kind": "verdict", "stage": "analyst", "item": field.areas[at],
            "feature": field.finds[at], "verdict": verdict
        }));
    }
    client.decide(&json!({ "kind": "accept", "stage": "analyst", "item": field.areas[0] }));
    client.decide(&json!({ "kind": "undo", "stage": "analyst", "item": field.areas[1] }));
    client.decide(&json!({
        "kind": "reject", "stage": "analyst", "item": field.areas[3], "reason": "natural_object"
    }));
    drop(served);
    let late = format!("seen,{},,,,Rauf,IEPF,2026-11-22,,", field.areas[3]);
    let late = field.import(&[late]).stdout;
    let said = format!("{} is rejected, and something was seen there", field.areas[3]);
    assert!(late.contains(&said), "{late}");

    // Of the first the ground outweighs the imagery; of the second only the ground speaks.
    let log = field.dir.join("review");
    let ran = rams(&["evaluate", log.to_str().unwrap(), dir, "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let said: Value = serde_json::from_str(&ran.stdout).unwrap();
    let figures = &said["by_class"]["red-square"];
    assert_eq!((&figures["judged"], &figures["right"]), (&json!(2), &json!(1)), "{said}");

    let out = field.path("out.geojson");
    let out = out.to_str().unwrap();
    let args = ["export", dir, "--reviewed", "--stage", "nts", "--format", "geojson", "-o", out];
    let ran = rams(&args);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let map = rows(&field.dir.join("review/reviewed/survey.gpkg"), "hazard_areas");
    let [area] = &map[..] else { panic!("only one was accepted") };
    assert_eq!((area.text("id"), area.text("evidence")), (&*field.areas[0], "direct"));
    let sentence = format!("People saw {} on the ground: direct", field.finds[0]);
    assert!(area.text("rationale").contains(&sentence), "{}", area.text("rationale"));
    let found = rows(&field.dir.join("review/reviewed/survey.gpkg"), "features");
    assert_eq!(found[0].text("observation"), "visual observation on the ground");
}

#[test]
fn a_table_that_cannot_be_read_is_refused_whole() {
    let field = Field::new();
    let first = &field.finds[0];
    let good = format!("seen,{first},,,,Rauf,,2026-11-20,,");
    for (row, said) in [
        (format!("yes,{first},,,,Rauf,,2026-11-20,,"), "row 2: its found is \"yes\"; give seen"),
        (format!("seen,{first},,,,,,2026-11-20,,"), "row 2: its who is \"\"; give the name"),
        (format!("seen,{first},,,,Rauf,,20 Nov,,"), "row 2: its date is \"20 Nov\"; give the day"),
        (format!("other,{first},,,,Rauf,,2026-11-20,,"), "row 2: its note is \"\"; its found is"),
        ("seen,,,,,Rauf,,2026-11-20,,".into(), "row 2: it has neither an id nor a place; give"),
        ("seen,,500001,999,0,Rauf,,2026-11-20,,".into(), "row 2: its accuracy_m is \"0\"; give"),
    ] {
        let ran = field.import(&[good.clone(), row]);
        assert_ne!(ran.code, 0, "{said}");
        assert!(ran.stderr.contains("team.csv") && ran.stderr.contains(said), "{}", ran.stderr);
    }
    assert!(!field.dir.join("review/review.db").exists(), "nothing of it was taken");
    // Names that lead out of the folder are no photos of it.
    let ran = field.import(&[format!("seen,{first},,,,Rauf,,2026-11-20,,../../etc/passwd")]);
    let said = "without photo, row 1: ../../etc/passwd: it leads out of the folder";
    assert!(ran.stdout.contains(said), "{}{}", ran.stdout, ran.stderr);
    let table = field.path("team.csv");
    let [dir, table] = [&field.dir, &table].map(|path| path.to_str().unwrap());
    let ran = rams(&["review", dir, "import", table]);
    assert!(ran.stderr.contains("say who answers for the import: --as NAME"), "{}", ran.stderr);
}

#[test]
fn the_page_tells_what_was_found_on_the_ground() {
    let field = Field::new();
    assert_eq!(field.import(&field.table()).code, 0);
    let served = Served::start_as(&field.dir, "Aygun");
    let Some(browser) = Browser::start() else { return };
    browser.open(&served.url);
    browser.until("document.querySelector('#evidence h2')");
    for _ in 0..4 {
        if browser.text("#evidence h2").starts_with(&field.areas[0]) {
            break;
        }
        let open = browser.text("#evidence h2");
        browser.press("KeyJ", "j");
        browser.until(&format!("document.querySelector('#evidence h2').textContent !== {open:?}"));
    }
    let said = browser.text("#evidence ol li");
    let found = format!(": seen · {} · Rauf · IEPF · 2026-11-20 · IMG_1.jpg", field.finds[0]);
    assert!(said.starts_with("on the ground") && said.contains(&found), "{said}");
    if let Some(picture) = std::env::var_os("RAMS_TEST_PICTURE") {
        browser.picture(Path::new(&picture));
    }
}

#[test]
fn what_a_team_writes_in_qfield_comes_back_as_it_is() {
    let field = Field::new();
    let tablet = field.path("tablet");
    let [dir, out] = [&field.dir, &tablet].map(|path| path.to_str().unwrap());
    let ran = rams(&["review", dir, "qfield", out]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let table = tablet.join("observations.gpkg");
    let [first, second, ..] = &field.finds;
    let at = |column: u32| middle(column).map(|metres| format!("{metres:.3}")).join(" ");
    let values = [
        format!("'POINT ({})', 'seen', '{first}', 1.5, 'Rauf', '2026-11-20'", at(100)),
        format!("'POINT ({})', 'not_seen', NULL, 0.8, 'Rauf', '2026-11-20'", at(3600)),
    ];
    for row in values {
        let sql = format!(
            "INSERT INTO observations (geom, found, id, accuracy_m, who, date) \
             SELECT ST_GeomFromText(column1, 32633), column2, column3, column4, column5, column6 \
             FROM (VALUES ({row}))"
        );
        let done = std::process::Command::new("ogrinfo")
            .args(["-q", "-dialect", "SQLITE", "-sql", &sql])
            .arg(&table)
            .output();
        assert!(done.unwrap().status.success());
    }
    // A team that comes back is not written over.
    let again = rams(&["review", dir, "qfield", out]);
    assert!(again.stderr.contains("a team may have written into it"), "{}", again.stderr);

    let table = table.to_str().unwrap();
    let ran = rams(&["review", dir, "--as", "Ilaha", "import", table]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let served = Served::start_as(&field.dir, "Aygun");
    let client = Client::open(&served.url);
    let log = client.get("/log?after=0");
    let said: Vec<_> = log["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            let of = &event["evidence"]["observation"];
            (of["found"].clone(), of["feature"].clone(), of["accuracy_m"].clone())
        })
        .collect();
    assert_eq!(said.len(), 2, "{log}");
    assert_eq!(said[0], (json!("seen"), json!(first), json!(1.5)));
    assert_eq!(said[1], (json!("not_seen"), json!(second), json!(0.8)), "by its place");
}

#[test]
fn a_mistake_of_a_team_is_withdrawn_and_the_day_lists_what_stands() {
    let field = Field::new();
    let dir = field.dir.to_str().unwrap();
    assert_eq!(field.import(&field.table()).code, 0);
    let served = Served::start_as(&field.dir, "Aygun");
    let log = Client::open(&served.url).get("/log?after=0");
    drop(served);
    let day = log["events"][0]["at"].as_str().unwrap()[..10].to_owned();
    let [first, second, third, _] = &field.finds;
    let [a, b, c, _] = &field.areas;
    let report = || {
        let ran = rams(&["report", dir, "--day", &day]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        fs::read_to_string(field.dir.join(format!("progress-{day}.html"))).unwrap()
    };
    let row = |found: &str, times: u32, of: &str| {
        let times = format!("<data value=\"{times}\">{times}</data>");
        format!("<td>{found}</td><td class=\"number\">{times}</td><td>{of}</td>")
    };
    let html = report();
    for row in [
        row("seen", 1, &format!("{a} {first} (event 1, Rauf)")),
        row("not seen", 1, &format!("{b} {second} (event 2, Rauf)")),
        row("something else", 1, &format!("{c} {third} (event 3, Rauf)")),
    ] {
        assert!(html.contains(&row), "{row}\n{html}");
    }

    let withdraw = |event: &str, why: &str| {
        rams(&["review", dir, "--as", "Ilaha", "withdraw", event, "--why", why])
    };
    let silent = withdraw("1", " ");
    assert!(silent.stderr.contains("say why the observation is withdrawn"), "{}", silent.stderr);
    let ran = withdraw("1", "another site");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let said = format!("withdrawn: event 1, seen of {first}, {a}, by Rauf\nlog of 4 events");
    assert!(ran.stdout.starts_with(&said), "{}", ran.stdout);
    assert!(field.verified().starts_with("4 events of the log fit"));
    for (event, said) in [
        ("1", "the observation of event 1 was withdrawn"),
        ("4", "event 4 of the log is no observation: give a number that"),
        ("9", "event 9 of the log is no observation"),
    ] {
        let ran = withdraw(event, "again");
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
    let html = report();
    assert!(!html.contains("<td>seen</td>") && html.contains("<td>not seen</td>"), "{html}");
    // The same row again is the one that was withdrawn.
    let again = field.import(&field.table()).stdout;
    assert!(again.contains("0 seen, 0 not seen, 0 other; 4 in the log before"), "{again}");
    // Nobody saw it there any more.
    let ran = rams(&["evaluate", field.dir.join("review").to_str().unwrap(), dir, "--json"]);
    let said: Value = serde_json::from_str(&ran.stdout).unwrap();
    let figures = &said["by_class"]["red-square"];
    assert_eq!((&figures["judged"], &figures["right"]), (&json!(1), &json!(0)), "{said}");
}
