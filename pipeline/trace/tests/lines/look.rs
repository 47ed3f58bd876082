//! What is looked at or measured by hand: `cargo test -p rams-trace look -- --ignored`.

use super::{
    CELL_M, COMMUNICATION, FIRE, GSD_M, area_m2, in_metres, masks, noise, only, painted, strip,
    traced,
};
use geo::{Coord, LineString};
use rams_domain::{Detection, Feature, FeaturePart, Shape};

/// A drawing of masks and what was made of them, to be looked at.
fn drawing(detections: &[Detection], features: &[Feature]) -> String {
    use std::fmt::Write;
    let [mut x0, mut y0, mut x1, mut y1] = [f64::INFINITY, f64::INFINITY, 0.0f64, 0.0f64];
    let mut cells = String::new();
    for detection in detections {
        let Shape::Mask(boxes) = &detection.shape else { continue };
        let colour = ["#ccd6e0", "#f0c9b8", "#d5e0b8", "#ddd"][detection.class];
        for b in boxes {
            let [l, t, r, u] = [b.x0, b.y0, b.x1, b.y1].map(|v| v * GSD_M);
            (x0, y0, x1, y1) = (x0.min(l), y0.min(t), x1.max(r), y1.max(u));
            let _ = write!(cells, r#"<path d="M{l} {t}H{r}V{u}H{l}z" fill="{colour}"/>"#);
        }
    }
    let path = |line: &LineString| {
        line.coords()
            .enumerate()
            .map(|(i, c)| format!("{}{:.2} {:.2}", if i == 0 { 'M' } else { 'L' }, c.x, c.y))
            .collect::<String>()
    };
    for part in features.iter().flat_map(|feature| &feature.parts) {
        let FeaturePart { line, width_m, confidence, .. } = part;
        let line = in_metres(line);
        let (a, b): (Coord, Coord) = (line.0[0], line.0[line.0.len() - 1]);
        let d = path(&line);
        let _ = write!(
            cells,
            r##"<path d="{d}" fill="none" stroke="#2255aa" stroke-opacity="0.25" stroke-width="{width_m:.2}"/>"##
        );
        let _ = write!(
            cells,
            r##"<path d="{d}" fill="none" stroke="#b00020" stroke-opacity="{confidence:.2}" stroke-width="0.3"/>"##
        );
        for end in [a, b].into_iter().chain(line.coords().copied()) {
            let _ = write!(cells, r#"<circle cx="{:.2}" cy="{:.2}" r="0.3"/>"#, end.x, end.y);
        }
    }
    let (w, h) = (x1 - x0 + 4.0, y1 - y0 + 4.0);
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="{} {} {w} {h}" width="{}" height="{}"><rect x="-999" y="-999" width="9999" height="9999" fill="white"/>{cells}</svg>"#,
        x0 - 2.0,
        y0 - 2.0,
        w * 12.0,
        h * 12.0
    )
}

/// A wavering trench with ragged edges, a branch, a crossing, a loop, a gap and a bump.
fn ragged(core: u32) -> Vec<Detection> {
    let strips = [
        strip(
            &[[20.0, 30.0], [28.0, 34.0], [35.0, 30.0], [43.0, 35.0], [50.0, 30.0], [58.0, 34.0]],
            3.0,
        ),
        strip(&[[64.0, 35.0], [72.0, 30.0], [80.0, 35.0], [90.0, 30.0]], 3.0),
        strip(&[[35.0, 30.0], [30.0, 60.0], [45.0, 75.0]], 2.2),
        strip(&[[15.0, 55.0], [60.0, 50.0]], 2.6),
        strip(&[[60.0, 50.0], [70.0, 44.0], [80.0, 50.0], [70.0, 58.0], [60.0, 50.0]], 2.8),
        strip(&[[72.0, 30.0], [74.0, 24.0]], 3.0),
    ];
    masks([20, 20, 260, 210], core, |at| {
        let waver = [at[0] + 0.8 * (noise(at) - 0.5), at[1] + 0.8 * (noise([at[1], at[0]]) - 0.5)];
        let found = strips.iter().position(|strip| strip.holds(waver))?;
        Some((if found == 2 || found == 3 { COMMUNICATION } else { FIRE }, 0.8))
    })
}

#[test]
#[ignore = "a drawing: cargo test -p rams-trace look -- --ignored, with \
            RAMS_TRACE_DRAWING=FILE.svg"]
fn drawing_of_a_ragged_network() {
    let Some(path) = std::env::var_os("RAMS_TRACE_DRAWING") else { return };
    let seen = ragged(60);
    std::fs::write(path, drawing(&seen, &traced(&seen))).expect("written");
}

#[test]
#[ignore = "a measurement: cargo test --release -p rams-trace speed -- --ignored --nocapture"]
fn speed_of_100_000_cells() {
    // A zigzag of 12 rows, joined, 3 m wide: one component.
    let mut line = vec![];
    for row in 0..24u32 {
        for i in 0..=30u32 {
            let along = if row % 2 == 0 { i } else { 30 - i };
            line.push([
                20.0 + 8.0 * f64::from(along),
                20.0 + 12.0 * f64::from(row) + 4.0 * f64::from(i % 2),
            ]);
        }
    }
    let strip = strip(&line, 3.0);
    let seen = painted(std::slice::from_ref(&strip), 128);
    let cells = area_m2(&seen) / (CELL_M * CELL_M);
    let start = std::time::Instant::now();
    let feature = only(traced(&seen));
    println!(
        "{cells} cells: {:.3} s, {:.0} m in {} parts",
        start.elapsed().as_secs_f64(),
        feature.size_m[0],
        feature.parts.len()
    );
}
