//! What was seen and where, in sentences.

use super::words::{a, listed, metres, number, plural, some};
use super::{Explanation, sentence};
use crate::earthworks::NearestEarthwork;
use crate::evidence::{Evidence, features};
use crate::grade::surprise;
use geo::{ConvexHull, CoordsIter, Distance, Euclidean, Geometry, MultiPoint, Point};
use rams_domain::{Feature, LandClass};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

/// So many classes are named.
const NAMED: usize = 4;

/// An earthwork is beside what is nearer, metres.
const BESIDE_M: f64 = 3.0;

/// The rows, then what else was seen; nothing where only others report.
pub(super) fn sentences(of: &Explanation<'_>) -> Vec<String> {
    let members = of.members;
    let seen: Vec<&Feature> = features(members).collect();
    if seen.is_empty() {
        return vec![];
    }
    let rows: Vec<&Evidence> = members.iter().filter(|e| e.row().is_some()).collect();
    let in_rows: HashSet<[u64; 2]> = rows
        .iter()
        .filter_map(|e| e.row())
        .flat_map(|row| row.line.coords().map(|at| [at.x.to_bits(), at.y.to_bits()]))
        .collect();
    let is_in_row = |e: &&Evidence| {
        e.point().is_some_and(|at| in_rows.contains(&[at.x().to_bits(), at.y().to_bits()]))
    };
    let finds = members.iter().filter(|e| e.feature().is_some());
    let (of_rows, others): (Vec<&Evidence>, Vec<&Evidence>) = finds.partition(is_in_row);
    let mut sentences = vec![];
    if !rows.is_empty() {
        sentences.push(rows_sentence(of, &rows, &of_rows));
    }
    if !others.is_empty() {
        sentences.push(others_sentence(of, &others, rows.len()));
    }
    sentences
}

/// "Two rows of round AP mines (14 seen, about 3 m apart) run 60 m in front of a fire trench."
fn rows_sentence(of: &Explanation<'_>, rows: &[&Evidence], mines: &[&Evidence]) -> String {
    let mut spacings: Vec<f64> = rows.iter().filter_map(|e| Some(e.row()?.spacing_m)).collect();
    spacings.sort_by(f64::total_cmp);
    let classes: Vec<String> =
        by_class(of, mines).into_iter().map(|(label, _)| plural(&label)).collect();
    let what = if classes.len() <= 2 { listed(&classes) } else { "mines of several kinds".into() };
    let (count, verb) = match rows.len() {
        1 => ("a row".to_owned(), "runs"),
        several => (format!("{} rows", number(several)), "run"),
    };
    let around = match &of.earthwork {
        Some(nearest) => format!(" {verb} {}", beside(of, nearest)),
        None => format!(" {} seen", if rows.len() == 1 { "was" } else { "were" }),
    };
    let apart = metres(spacings[spacings.len() / 2]);
    sentence(&format!("{count} of {what} ({} seen, about {apart} apart){around}", mines.len()))
}

/// "Five PFM-1 and one KSF-1 casing were seen within 42 m, 60 m from a fire trench."
fn others_sentence(of: &Explanation<'_>, finds: &[&Evidence], rows: usize) -> String {
    let is_doubtful = of.grade.land_class == LandClass::Indication;
    let is_earthwork =
        |e: &&&Evidence| e.feature().is_some_and(|f| !matches!(f.geometry, Geometry::Point(_)));
    let doubt =
        if is_doubtful && !finds.iter().any(|e| is_earthwork(&e)) { "possible " } else { "" };
    let mut classes: Vec<String> = by_class(of, finds)
        .into_iter()
        .map(|(label, of_class)| {
            let what = some(of_class.len(), &format!("{doubt}{label}"));
            match length_m(&of_class) {
                Some(metres) => format!("{what} of {metres:.0} m"),
                None => what,
            }
        })
        .collect();
    if let [one] = &classes[..]
        && finds.len() == 1
        && let Some(rest) = one.strip_prefix("one ").filter(|_| doubt.is_empty())
        && is_earthwork(&finds.first().expect("one find"))
    {
        classes = vec![a(rest)];
    }
    let more = classes.len().saturating_sub(NAMED);
    if more > 0 {
        classes.truncate(NAMED);
        classes.push(some(more, "more kind"));
    }
    let verb = if finds.len() == 1 { "was" } else { "were" };
    let mut words = format!("{} {verb} seen", listed(&classes));
    if rows > 0 {
        words.push_str(if rows == 1 { " beside it" } else { " beside them" });
    } else {
        if finds.len() > 1 {
            words.push_str(&format!(" within {}", metres(span_m(finds))));
        }
        if let Some(nearest) = &of.earthwork {
            words.push_str(&format!(", {}", beside(of, nearest)));
        }
    }
    sentence(&words)
}

/// "60 m in front of a fire trench".
fn beside(of: &Explanation<'_>, nearest: &NearestEarthwork<'_>) -> String {
    let NearestEarthwork { feature, distance_m, in_front, .. } = nearest;
    let earthwork = a(&of.record.class_label(&feature.model, &feature.class));
    if *distance_m < BESIDE_M {
        return format!("beside {earthwork}");
    }
    let side = match in_front {
        Some(true) => "in front of",
        Some(false) => "behind",
        None => "from",
    };
    format!("{} {side} {earthwork}", metres(*distance_m))
}

/// Finds by what people call their class, those that weigh most first. What two models call alike
/// may be one thing that both saw, or may not be alike: then the model is named.
fn by_class<'e>(
    of: &Explanation<'_>,
    finds: &[&'e Evidence<'e>],
) -> Vec<(String, Vec<&'e Feature>)> {
    type Weighed<'e> = (f64, Vec<&'e Feature>);
    let mut by_class: BTreeMap<&str, BTreeMap<&str, Weighed<'e>>> = BTreeMap::new();
    for (find, feature) in finds.iter().filter_map(|e| Some((e, e.feature()?))) {
        let models = by_class.entry(&feature.class).or_default();
        let (weight, of_class) = models.entry(&feature.model).or_default();
        *weight += surprise(find);
        of_class.push(feature);
    }
    let named = |class: &str, model: &str, models: usize| {
        let label = of.record.class_label(model, class);
        if models == 1 { label } else { format!("{label} ({model})") }
    };
    let mut classes: Vec<(String, Weighed<'e>)> = by_class
        .into_iter()
        .flat_map(|(class, models)| {
            let count = models.len();
            models.into_iter().map(move |(model, of)| (named(class, model, count), of))
        })
        .collect();
    // Stable, so that equal weights stay in the order of the alphabet; in whole millionths, so that
    // the order in which they were summed does not tell.
    classes.sort_by_key(|(_, (weight, _))| Reverse((weight * 1e6).round() as u64));
    classes.into_iter().map(|(label, (_, finds))| (label, finds)).collect()
}

/// Length of the lines among some finds together, metres; `None` without any.
fn length_m(finds: &[&Feature]) -> Option<f64> {
    let lines = finds.iter().filter(|feature| {
        matches!(feature.geometry, Geometry::LineString(_) | Geometry::MultiLineString(_))
    });
    lines.map(|feature| feature.size_m[0]).reduce(|sum, metres| sum + metres)
}

/// Largest distance between any two positions of some finds, metres.
fn span_m(finds: &[&Evidence]) -> f64 {
    let positions: Vec<Point> =
        finds.iter().flat_map(|e| e.geometry.coords_iter()).map(Point::from).collect();
    let hull: Vec<Point> = MultiPoint::from(positions).convex_hull().exterior().points().collect();
    let pairs = hull.iter().enumerate().flat_map(|(i, a)| hull[i..].iter().map(move |b| (a, b)));
    pairs.map(|(a, b)| Euclidean.distance(*a, *b)).fold(0.0, f64::max)
}
