//! Ids that are unique, and links that lead somewhere.

use super::{Faults, Layers};
use gdal::vector::FieldValue;
use rams_domain::{ExternalEvidenceId, FeatureId, HazardAreaId};
use std::collections::{HashMap, HashSet};

/// Layer, letter of its ids, an id as it is written.
type Id = (&'static str, char, fn(u32) -> String);

const IDS: [Id; 3] = [
    ("features", 'F', |number| FeatureId(number).to_string()),
    ("hazard_areas", 'A', |number| HazardAreaId(number).to_string()),
    ("external_evidence", 'K', |number| ExternalEvidenceId(number).to_string()),
];

/// Gives an id to rows that have none, and another to all but the first of those that share one: a
/// copy, or the half of an area that was split. A row that is the whole copy of another is a fault.
/// Then drops links to rows that were deleted, and the belts of such areas, and writes each link
/// between an area and a feature at both ends.
pub(super) fn give(layers: &mut Layers, faults: &mut Faults) {
    IDS.into_iter().for_each(|id| number(layers, id, faults));
    link(layers, faults);
    let areas = layers.get("hazard_areas");
    let ids: HashSet<String> =
        (0..areas.rows.len()).map(|row| areas.text(row, "id").to_owned()).collect();
    layers.get_mut("indication_belts").retain(|belts, row| ids.contains(belts.text(row, "area")));
}

fn number(layers: &mut Layers, (name, letter, show): Id, faults: &mut Faults) {
    let layer = layers.get_mut(name);
    let (mut first, mut without) = (HashMap::new(), vec![]);
    for row in 0..layer.rows.len() {
        let (fid, id) = (layer.rows[row].fid, layer.text(row, "id").trim().to_owned());
        let Some(number) = parse(&id, letter) else {
            if id.is_empty() {
                without.push((row, String::new()));
            } else {
                let right = format!("give {letter} and a number, such as {}, or nothing", show(1));
                faults.fault(format!("layer {name}, row {fid}, field id is `{id}`; {right}"));
            }
            continue;
        };
        let Some(other) = first.insert(number, row) else {
            layer.set_text(row, "id", show(number));
            continue;
        };
        first.insert(number, other);
        let shape =
            |row: usize| layer.rows[row].geometry.as_ref().and_then(|geometry| geometry.wkb().ok());
        if shape(row) == shape(other) {
            let other = layer.rows[other].fid;
            faults.fault(format!(
                "layer {name}, row {fid}, field id is {}, that of row {other}, and so is its \
                 outline: delete one of the two, or draw it anew",
                show(number)
            ));
        }
        without.push((row, format!("{}, which row {} has", show(number), layer.rows[other].fid)));
    }
    let mut next = first.keys().max().map_or(Some(1), |most: &u32| most.checked_add(1));
    for (row, had) in without {
        let fid = layer.rows[row].fid;
        let Some(number) = next else {
            faults.fault(format!(
                "layer {name}, row {fid}, field id: no number is left; give smaller ones"
            ));
            return;
        };
        let why = if had.is_empty() { "has no id".into() } else { format!("has the id {had}") };
        faults.notice(format!("layer {name}, row {fid} {why}: it is {} here", show(number)));
        layer.set_text(row, "id", show(number));
        next = number.checked_add(1);
    }
}

fn parse(id: &str, letter: char) -> Option<u32> {
    id.strip_prefix(letter)
        .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?
        .parse()
        .ok()
}

/// Rows of another layer, for each row of one.
type Links = Vec<Vec<usize>>;

fn link(layers: &mut Layers, faults: &mut Faults) {
    let [features, areas, external] = IDS;
    let external_of = links(layers, areas.0, "external_evidence", external, faults);
    let mut features_of = links(layers, areas.0, "features", features, faults);
    let mut areas_of = links(layers, features.0, "hazard_areas", areas, faults);
    let stated = areas_of.clone();
    complete(&mut areas_of, &features_of);
    complete(&mut features_of, &stated);
    for (row, rows) in features_of.iter().enumerate() {
        layers.get_mut(areas.0).set(
            row,
            "feature_count",
            FieldValue::Integer64Value(rows.len() as i64),
        );
    }
    for (from, column, to, links) in [
        (areas.0, "features", features.0, features_of),
        (areas.0, "external_evidence", external.0, external_of),
        (features.0, "hazard_areas", areas.0, areas_of),
    ] {
        for (row, rows) in links.iter().enumerate() {
            let ids: Vec<&str> = rows.iter().map(|row| layers.get(to).text(*row, "id")).collect();
            let ids = ids.join(",");
            layers.get_mut(from).set_text(row, column, ids);
        }
    }
}

/// The rows whose ids a column lists; those of rows that are no more are left out.
fn links(
    layers: &Layers,
    layer: &str,
    column: &str,
    (target, letter, show): Id,
    faults: &mut Faults,
) -> Links {
    let (from, to) = (layers.get(layer), layers.get(target));
    let there: HashMap<&str, usize> =
        (0..to.rows.len()).map(|row| (to.text(row, "id"), row)).collect();
    let mut of_row = |row: usize| {
        let (mut rows, mut seen) = (vec![], HashSet::new());
        for id in from.list(row, column) {
            match parse(&id, letter) {
                Some(number) => {
                    let found =
                        there.get(show(number).as_str()).filter(|found| seen.insert(**found));
                    rows.extend(found);
                }
                None => faults.fault(format!(
                    "layer {layer}, row {}, field {column} lists `{id}`; give ids such as {}, \
                     separated by commas",
                    from.rows[row].fid,
                    show(1)
                )),
            }
        }
        rows
    };
    (0..from.rows.len()).map(&mut of_row).collect()
}

/// Adds to links those that were given at the other end.
fn complete(links: &mut Links, back: &Links) {
    let mut seen: HashSet<(usize, usize)> = links
        .iter()
        .enumerate()
        .flat_map(|(row, rows)| rows.iter().map(move |other| (row, *other)))
        .collect();
    for (other, rows) in back.iter().enumerate() {
        for row in rows {
            if seen.insert((*row, other)) {
                links[*row].push(other);
            }
        }
    }
}
