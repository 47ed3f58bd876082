//! A VRT stays in its folder, and the network is touched only where the user names an address.

use crate::support::{Ortho, copy_as, model, rams, rows, survey};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// A VRT over three bands of a source, by a name as it is to stand in the file.
fn vrt(source: &str, relative: bool, more: &str) -> String {
    let relative = u8::from(relative);
    let band = |number: usize| {
        format!(
            "<VRTRasterBand dataType=\"Byte\" band=\"{number}\"><SimpleSource><SourceFilename \
             relativeToVRT=\"{relative}\">{source}</SourceFilename>{more}<SourceBand>{number}</SourceBand></SimpleSource></VRTRasterBand>"
        )
    };
    let bands: String = (1..=3).map(band).collect();
    format!(
        "<VRTDataset rasterXSize=\"200\" rasterYSize=\"200\"><SRS>EPSG:32633</SRS>\
         <GeoTransform>500000, 0.01, 0, 1000, 0, -0.01</GeoTransform>{bands}</VRTDataset>"
    )
}

/// What a survey of a VRT comes to: its exit code and its words.
fn surveyed(path: &Path, flags: &[&str]) -> (i32, String) {
    let (ran, _) = survey(
        path,
        &path.with_extension("out"),
        &["red-boxes"],
        &[flags, &["--overwrite"]].concat(),
    );
    (ran.code, ran.stderr)
}

#[test]
fn a_vrt_reaches_outside_its_folder_only_where_that_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    fs::create_dir_all(home.join("below")).unwrap();
    Ortho::new(200, 200).square(50, 50).write(&home.join("below/inside.tif"));
    Ortho::new(200, 200).square(50, 50).write(&folder.path().join("secret.tif"));
    let path = home.join("ortho.vrt");
    let outside = folder.path().join("secret.tif");
    fs::write(home.join("inner.vrt"), vrt("../secret.tif", true, "")).unwrap();
    fs::write(home.join("good.vrt"), vrt("below/../below/inside.tif", true, "")).unwrap();
    std::os::unix::fs::symlink(&outside, home.join("link.tif")).unwrap();
    std::os::unix::fs::symlink(folder.path(), home.join("way")).unwrap();
    for (source, relative) in [
        ("below/inside.tif", true),
        ("good.vrt", true),
        (home.join("good.vrt").to_str().unwrap(), false),
    ] {
        fs::write(&path, vrt(source, relative, "")).unwrap();
        assert_eq!(surveyed(&path, &[]).0, 0, "{source}: {}", surveyed(&path, &[]).1);
    }
    for (source, relative) in [
        ("../secret.tif", true),
        ("below/../../secret.tif", true),
        (outside.to_str().unwrap(), false),
        (outside.to_str().unwrap(), true),
        ("link.tif", true),
        ("way/secret.tif", true),
        ("inner.vrt", true),
        (".&#46;/secret.tif", true),
    ] {
        fs::write(&path, vrt(source, relative, "")).unwrap();
        let (code, text) = surveyed(&path, &[]);
        assert_eq!(code, 1, "{source}: {text}");
        assert!(
            text.contains("ortho.vrt") && text.contains("outside its own folder"),
            "{source}: {text}"
        );
        assert!(text.contains("--allow-outside"), "{source}: {text}");
        assert_eq!(
            surveyed(&path, &["--allow-outside"]).0,
            0,
            "{source}: {}",
            surveyed(&path, &["--allow-outside"]).1
        );
        // Every command comes through the same door.
        let (ortho, toy) = (path.to_str().unwrap(), model("red-boxes"));
        let ran = rams(&["inspect", ortho, "--model", toy.to_str().unwrap()]);
        assert!(
            ran.code == 1 && ran.stderr.contains("outside its own folder"),
            "{source}: {}",
            ran.stderr
        );
    }
    // Warped and pansharpened ones, and those that open sources in a way of their own.
    for (text, expected) in [
        (
            "<VRTDataset subClass=\"VRTWarpedDataset\"><GDALWarpOptions><SourceDataset \
             relativetovrt=\"1\">../secret.tif</SourceDataset></GDALWarpOptions></VRTDataset>",
            "secret.tif, which lies outside",
        ),
        (
            "<VRTDataset \
             subClass=\"VRTPansharpenedDataset\"><PansharpeningOptions><PanchroBand><sourcefilename \
             relativeToVRT=\"1\">../secret.tif</sourcefilename></PanchroBand></PansharpeningOptions></VRTDataset>",
            "secret.tif, which lies outside",
        ),
        (
            &vrt(
                "below/inside.tif",
                true,
                "<OpenOptions><OOI key=\"OVERVIEW_LEVEL\">0</OOI></OpenOptions>",
            ),
            "<OpenOptions>",
        ),
        (
            &vrt("below/inside.tif", true, "").replace("</VRTDataset>", "</VRTDatase"),
            "no valid VRT",
        ),
    ] {
        fs::write(&path, text).unwrap();
        let (code, said) = surveyed(&path, &[]);
        assert!(code == 1 && said.contains(expected), "{text}: {said}");
    }
    // A surface model comes through it too.
    fs::write(&path, vrt("../secret.tif", true, "")).unwrap();
    let (code, text) = surveyed(&home.join("below/inside.tif"), &["--dsm", path.to_str().unwrap()]);
    assert!(code == 1 && text.contains("outside its own folder"), "{text}");
}

#[test]
fn a_vrt_of_itself_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ortho.vrt");
    fs::write(&path, vrt("ortho.vrt", true, "")).unwrap();
    let (code, text) = surveyed(&path, &[]);
    assert!([1, 3].contains(&code), "{text}");
}

#[test]
fn a_source_that_is_missing_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ortho.vrt");
    fs::write(&path, vrt("gone.tif", true, "")).unwrap();
    let (ran, map) = survey(&path, &folder.path().join("out"), &["red-boxes"], &[]);
    if ran.code == 1 {
        assert!(
            ran.stderr.contains("ortho.vrt") && ran.stderr.contains("gone.tif"),
            "{}",
            ran.stderr
        );
    } else {
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        let unreadable =
            rows(&map, "gaps").into_iter().filter(|row| row.text("reason") == "unreadable");
        assert!((unreadable.map(|row| row.area()).sum::<f64>() - 4.0).abs() < 1e-6);
    }
}

#[test]
fn a_pixel_function_in_python_is_not_run() {
    let folder = tempfile::tempdir().unwrap();
    Ortho::new(200, 200).write(&folder.path().join("inside.tif"));
    let (path, trace) = (folder.path().join("ortho.vrt"), folder.path().join("trace"));
    let code = format!(
        "def f(i, o, *a, **k):\n  open('{}', 'w')\n  o[:] = i[0]\nf(None, None)",
        trace.display()
    );
    let python = format!(
        "subClass=\"VRTDerivedRasterBand\"><PixelFunctionType>f</PixelFunctionType><PixelFunctionLanguage>Python</PixelFunctionLanguage><PixelFunctionCode><![CDATA[{code}]]></PixelFunctionCode>"
    );
    let text = vrt("inside.tif", true, "").replace("band=\"1\">", &format!("band=\"1\" {python}"));
    assert!(text.contains("PixelFunctionCode"));
    fs::write(&path, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_rams"))
        .args(["survey", path.to_str().unwrap(), "-o", folder.path().join("out").to_str().unwrap()])
        .args(["--model", model("red-boxes").to_str().unwrap()])
        .env("GDAL_VRT_ENABLE_PYTHON", "YES")
        .output()
        .unwrap();
    assert!(
        [Some(1), Some(3)].contains(&output.status.code()),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!trace.exists());
}

/// A server of one file, with ranges, that fails where one begins behind `broken_from`; returns its
/// address and the number of requests so far.
fn serve(bytes: Vec<u8>, broken_from: usize) -> (String, Arc<AtomicUsize>) {
    serve_busy(bytes, broken_from, 0)
}

/// The same, too busy for so many requests at first.
fn serve_busy(bytes: Vec<u8>, broken_from: usize, busy: usize) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, asked) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let count = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, bytes, count) = (stream.unwrap(), bytes.clone(), count.clone());
            std::thread::spawn(move || {
                let before = count.fetch_add(1, Ordering::SeqCst);
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let head: Vec<String> =
                    lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
                let (first, total) = (head.first().cloned().unwrap_or_default(), bytes.len());
                let range = head.iter().find_map(|line| {
                    line.to_lowercase().strip_prefix("range: bytes=").map(str::to_owned)
                });
                if before < busy {
                    let _ = stream.write_all(
                        b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                    );
                    return;
                }
                if !first.contains("/ortho.tif ") {
                    let _ = stream.write_all(
                        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                    );
                    return;
                }
                let (status, part) = match range {
                    Some(range) => {
                        let (from, to) = range.split_once('-').unwrap();
                        let (from, to): (usize, usize) =
                            (from.parse().unwrap(), to.parse().unwrap_or(total - 1));
                        let to = to.min(total - 1);
                        if from >= broken_from {
                            let _ = stream.write_all(
                                b"HTTP/1.1 403 Broken\r\nContent-Length: \
                                             0\r\nConnection: close\r\n\r\n",
                            );
                            return;
                        }
                        (
                            format!(
                                "206 Partial Content\r\nContent-Range: bytes {from}-{to}/{total}"
                            ),
                            from..to + 1,
                        )
                    }
                    None => ("200 OK".into(), 0..total),
                };
                let (length, is_head) = (part.len(), first.starts_with("HEAD"));
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nAccept-Ranges: \
                     bytes\r\nConnection: close\r\n\r\n"
                );
                let _ = stream.write_all(head.as_bytes());
                if !is_head {
                    let _ = stream.write_all(&bytes[part]);
                }
            });
        }
    });
    (format!("http://{address}/ortho.tif"), asked)
}

#[test]
fn the_network_is_touched_only_where_an_address_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, cog) = (folder.path().join("plain.tif"), folder.path().join("cog.tif"));
    Ortho::new(200, 200).square(50, 50).write(&plain);
    copy_as(&plain, "COG", &cog, &["BLOCKSIZE=128"]);
    let (address, asked) = serve(fs::read(&cog).unwrap(), usize::MAX);
    let remote = format!("/vsicurl/{address}");
    let path = folder.path().join("ortho.vrt");
    for source in [
        &remote,
        &address,
        &format!("vrt://{remote}"),
        &format!("GTIFF_DIR:1:{remote}"),
        &vrt(&remote, false, "").replace('<', "&lt;"),
    ] {
        fs::write(&path, vrt(source, false, "")).unwrap();
        for flags in [&[][..], &["--allow-outside"]] {
            let (code, text) = surveyed(&path, flags);
            assert_eq!(code, 1, "{source}: {text}");
            assert!(text.contains("which is no file"), "{source}: {text}");
        }
    }
    let (ran, _) = survey(Path::new(&address), &folder.path().join("out"), &["red-boxes"], &[]);
    assert!(ran.code == 1 && ran.stderr.contains(&format!("/vsicurl/{address}")), "{}", ran.stderr);
    let store = Path::new("s3://flights/ortho.tif");
    let (ran, _) = survey(store, &folder.path().join("out"), &["red-boxes"], &[]);
    assert!(ran.code == 1 && ran.stderr.contains("/vsis3/flights/ortho.tif"), "{}", ran.stderr);
    assert_eq!(asked.load(Ordering::SeqCst), 0, "no one asked the server");

    let (ran, map) = survey(Path::new(&remote), &folder.path().join("remote"), &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(asked.load(Ordering::SeqCst) > 0);
    assert_eq!(rows(&map, "features").len(), 1);
    // One that fails in the middle leaves a gap.
    Ortho::new(512, 512).square(50, 50).write(&plain);
    copy_as(&plain, "COG", &cog, &["BLOCKSIZE=128", "COMPRESS=NONE", "OVERVIEWS=NONE"]);
    let (address, _) = serve(fs::read(&cog).unwrap(), 400_000);
    let remote = format!("/vsicurl/{address}");
    let (ran, map) = survey(Path::new(&remote), &folder.path().join("broken"), &["red-boxes"], &[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let area = |layer: &str| rows(&map, layer).iter().map(|row| row.area()).sum::<f64>();
    let unreadable =
        rows(&map, "gaps").into_iter().filter(|row| row.text("reason") == "unreadable");
    let unreadable: f64 = unreadable.map(|row| row.area()).sum();
    assert!(
        unreadable > 5.0 && (unreadable + area("assessed") - 5.12 * 5.12).abs() < 1e-6,
        "{unreadable}"
    );
    // A server that is gone is an error, and does not hang.
    let gone = "/vsicurl/http://127.0.0.1:9/ortho.tif";
    let (ran, _) = survey(Path::new(gone), &folder.path().join("gone"), &["red-boxes"], &[]);
    assert!(ran.code == 1 && ran.stderr.contains("127.0.0.1:9"), "{}", ran.stderr);
}

/// An object store that is busy at first: the survey waits, and says what it did not compute.
#[test]
fn an_object_store_is_read_where_it_is_named_and_asked_again_when_it_is_busy() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, cog) = (folder.path().join("plain.tif"), folder.path().join("cog.tif"));
    Ortho::new(200, 200).square(50, 50).write(&plain);
    copy_as(&plain, "COG", &cog, &["BLOCKSIZE=128"]);
    let bytes = fs::read(&cog).unwrap();
    let (address, asked) = serve_busy(bytes, usize::MAX, 2);
    let endpoint = address.strip_prefix("http://").unwrap().strip_suffix("/ortho.tif").unwrap();
    let (boxes, out) = (model("red-boxes"), folder.path().join("out"));
    let ran = Command::new(env!("CARGO_BIN_EXE_rams"))
        .args(["survey", "/vsis3/flights/ortho.tif", "-o", out.to_str().unwrap(), "--model"])
        .arg(boxes)
        .env("AWS_S3_ENDPOINT", endpoint)
        .envs([
            ("AWS_HTTPS", "NO"),
            ("AWS_VIRTUAL_HOSTING", "FALSE"),
            ("AWS_NO_SIGN_REQUEST", "YES"),
        ])
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(asked.load(Ordering::SeqCst) > 2);
    let map = out.join("survey.gpkg");
    assert_eq!(rows(&map, "features").len(), 1);
    let said = rows(&map, "run");
    let digest = said.iter().find(|row| row.text("name") == "ortho: sha256").unwrap();
    assert!(digest.text("value").contains("would be fetched a second time"));
}
