//! Rows that say the same of the same place: one report, however often it was copied.

use geo::{BoundingRect, CoordsIter, Geometry};
use rams_domain::{ExternalEvidence, Ground};
use std::collections::HashMap;

/// Places that are no further apart are one, metres: as well as formats and CRSs keep them.
const SAME_M: f64 = 0.01;

/// The rows read so far, by the square metre of their south-west corner.
pub(crate) struct FirstRows<'a> {
    ground: &'a Ground,
    by_metre: HashMap<[i64; 2], Vec<Row>>,
}

/// A row that counts.
struct Row {
    evidence: ExternalEvidence,
    /// Where, local metres.
    geometry: Geometry,
    /// Which row it is, for a person.
    name: String,
}

impl<'a> FirstRows<'a> {
    pub(crate) fn on(ground: &'a Ground) -> Self {
        Self { ground, by_metre: HashMap::new() }
    }

    /// Which row said the same before; `None`, and this one is kept in mind, if none did.
    pub(crate) fn said_before(
        &mut self,
        evidence: &ExternalEvidence,
        name: String,
    ) -> Option<String> {
        let geometry = self.ground.to_metres(&evidence.geometry);
        let corner = geometry.bounding_rect()?.min();
        let metre = |by: [f64; 2]| [corner.x + by[0], corner.y + by[1]].map(|v| v.floor() as i64);
        let around = [[-SAME_M, -SAME_M], [-SAME_M, SAME_M], [SAME_M, -SAME_M], [SAME_M, SAME_M]];
        let mut near = around.iter().filter_map(|by| self.by_metre.get(&metre(*by))).flatten();
        let first = near.find(|row| {
            says_the_same(&row.evidence, evidence) && is_same_place(&row.geometry, &geometry)
        });
        if let Some(first) = first {
            return Some(first.name.clone());
        }
        let row = Row { evidence: evidence.clone(), geometry, name };
        self.by_metre.entry(metre([0.0, 0.0])).or_default().push(row);
        None
    }
}

fn says_the_same(one: &ExternalEvidence, other: &ExternalEvidence) -> bool {
    let words = |e: &ExternalEvidence| (e.kind, e.eo_category, e.reliability, e.bearing_deg);
    words(one) == words(other) && one.name == other.name && one.date == other.date
}

/// Formats turn rings about and begin them elsewhere: each vertex has one of the other near.
fn is_same_place(one: &Geometry, other: &Geometry) -> bool {
    let lies_on = |one: &Geometry, other: &Geometry| {
        one.coords_iter()
            .all(|a| other.coords_iter().any(|b| (a.x - b.x).hypot(a.y - b.y) <= SAME_M))
    };
    std::mem::discriminant(one) == std::mem::discriminant(other)
        && one.coords_count() == other.coords_count()
        && lies_on(one, other)
        && lies_on(other, one)
}
