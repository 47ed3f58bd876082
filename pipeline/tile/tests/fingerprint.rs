//! A file that was touched is another file; one that was not is the same.

use super::*;
use crate::{Fingerprint, fingerprint};
use std::fs;

fn of(path: &Path) -> Fingerprint {
    fingerprint(path).expect("it is there")
}

#[test]
fn a_fingerprint_tells_a_changed_file() {
    let (_folder, path) = folder();
    drop(georeferenced(&path, 3, &[], |band, x, y| (band * 50 + x + y) as u8));
    let before = of(&path);
    assert_eq!(before, of(&path));
    let text = serde_json::to_string(&before).expect("it is data");
    assert_eq!(before, serde_json::from_str(&text).expect("it reads back"));

    // The same length, the same time, one byte in the middle.
    let (mut bytes, time) =
        (fs::read(&path).expect("read"), fs::metadata(&path).expect("file").modified());
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    fs::write(&path, &bytes).expect("write");
    let file = fs::File::options().write(true).open(&path).expect("open");
    file.set_modified(time.expect("a time")).expect("set the time");
    assert_ne!(before, of(&path));

    // The same bytes, written again later.
    bytes[at] ^= 1;
    fs::write(&path, &bytes).expect("write");
    file.set_modified(std::time::SystemTime::now() + std::time::Duration::from_secs(1))
        .expect("set the time");
    assert_ne!(before, of(&path));
    assert_eq!(before.files[0].samples, of(&path).files[0].samples);
    assert!(fingerprint(&path.with_extension("none")).is_err());
}

#[test]
fn a_long_file_is_told_by_its_ends() {
    let (_folder, path) = folder();
    let file = fs::File::create(&path).expect("create");
    file.set_len(200 << 20).expect("a sparse file");
    let before = of(&path);
    assert_eq!(before.files[0].bytes, Some(200 << 20));
    use std::io::{Seek, SeekFrom, Write};
    let mut file = fs::File::options().write(true).open(&path).expect("open");
    file.seek(SeekFrom::End(-1)).expect("seek");
    file.write_all(&[7]).expect("write");
    assert_ne!(before.files[0].samples, of(&path).files[0].samples);
}

#[test]
fn the_fingerprint_of_a_vrt_covers_its_sources() {
    let (folder, path) = folder();
    drop(georeferenced(&path, 3, &[], |_, _, _| 9));
    let [inner, outer] = ["inner.vrt", "outer.vrt"].map(|name| folder.path().join(name));
    fs::write(&inner, vrt(NORTH_UP)).expect("write");
    fs::write(&outer, vrt(NORTH_UP).replace("ortho.tif", "<![CDATA[inner]]>&#46;vrt"))
        .expect("write");
    let before = of(&outer);
    let names: Vec<_> = before.files.iter().filter_map(|print| print.path.file_name()).collect();
    assert_eq!(names, ["outer.vrt", "inner.vrt", "ortho.tif"]);
    fs::remove_file(&path).expect("remove");
    let after = of(&outer);
    assert_eq!((&before.files[..2], after.files[2].bytes), (&after.files[..2], None));
}
