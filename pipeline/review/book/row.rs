//! An event as a row of the log, and its hash.

use rams_domain::{
    Decision, EventDetail, ItemState, Reason, ReviewEvent, ReviewItem, ReviewStage, Standing,
};
use rusqlite::{Connection, Row, params};
use serde::de::{DeserializeOwned, IntoDeserializer, value::Error as WordError};
use sha2::{Digest, Sha256};

/// A SHA-256.
pub(crate) type Hash = [u8; 32];

/// What each hash begins with: it changes with the fields.
const TAG: &[u8] = b"rams-review-event-1";

/// An event as it lies in the log.
#[derive(Debug, Clone)]
pub(crate) struct EventRow {
    pub(crate) seq: u64,
    pub(crate) uuid: String,
    pub(crate) at_utc: String,
    pub(crate) who: String,
    pub(crate) organisation: String,
    pub(crate) role: String,
    pub(crate) stage: String,
    pub(crate) item: String,
    pub(crate) item_version: u64,
    pub(crate) kind: String,
    pub(crate) reason: Option<String>,
    pub(crate) comment: String,
    pub(crate) geom_before: Option<Vec<u8>>,
    pub(crate) geom_after: Option<Vec<u8>>,
    pub(crate) evidence: String,
    pub(crate) from_state: String,
    pub(crate) to_state: String,
    pub(crate) seconds_open: Option<f64>,
    pub(crate) client: String,
    pub(crate) prev: Vec<u8>,
    pub(crate) hash: Vec<u8>,
}

impl EventRow {
    /// The row of an event that follows one of the hash `prev`.
    pub(super) fn new(event: &ReviewEvent, seq: u64, prev: &Hash) -> Self {
        let bytes = |geometry: &Option<std::sync::Arc<[u8]>>| {
            geometry.as_ref().map(|geometry| geometry.to_vec())
        };
        let mut row = Self {
            seq,
            uuid: event.decision_id.clone(),
            at_utc: event.at_utc.clone(),
            who: event.who.clone(),
            organisation: event.organisation.clone(),
            role: event.role.clone(),
            stage: event.stage.to_string(),
            item: event.item.clone(),
            item_version: event.item_version,
            kind: event.kind.to_string(),
            reason: event.reason.as_ref().map(Reason::to_string),
            comment: event.comment.clone(),
            geom_before: bytes(&event.geom_before),
            geom_after: bytes(&event.geom_after),
            evidence: json(&event.detail),
            from_state: event.from.to_string(),
            to_state: event.to.to_string(),
            seconds_open: event.seconds_open,
            client: event.client.clone(),
            prev: prev.to_vec(),
            hash: vec![],
        };
        row.hash = row.hashed().to_vec();
        row
    }

    /// What its hash has to be: of the tag, the hash before it, and each field with its length
    /// before it, 8 bytes, little endian, all ones for a field that is not there.
    pub(crate) fn hashed(&self) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(TAG);
        hasher.update(&self.prev);
        let mut field = |bytes: Option<&[u8]>| match bytes {
            Some(bytes) => {
                hasher.update((bytes.len() as u64).to_le_bytes());
                hasher.update(bytes);
            }
            None => hasher.update(u64::MAX.to_le_bytes()),
        };
        field(Some(&self.seq.to_le_bytes()));
        for text in [
            &self.uuid,
            &self.at_utc,
            &self.who,
            &self.organisation,
            &self.role,
            &self.stage,
            &self.item,
        ] {
            field(Some(text.as_bytes()));
        }
        field(Some(&self.item_version.to_le_bytes()));
        field(Some(self.kind.as_bytes()));
        field(self.reason.as_deref().map(str::as_bytes));
        field(Some(self.comment.as_bytes()));
        field(self.geom_before.as_deref());
        field(self.geom_after.as_deref());
        for text in [&self.evidence, &self.from_state, &self.to_state] {
            field(Some(text.as_bytes()));
        }
        field(self.seconds_open.map(f64::to_le_bytes).as_ref().map(|bytes| &bytes[..]));
        field(Some(self.client.as_bytes()));
        hasher.finalize().into()
    }

    /// The event; the error says which field is none of its kind.
    pub(crate) fn event(&self) -> Result<ReviewEvent, String> {
        let bad = |field: &str, value: &str| format!("its {field} is {value:?}");
        let stage = word(&self.stage).ok_or_else(|| bad("stage", &self.stage))?;
        let kind: Decision = word(&self.kind).ok_or_else(|| bad("kind", &self.kind))?;
        let reason = |text: &String| word(text).ok_or_else(|| bad("reason", text));
        let detail: EventDetail = serde_json::from_str(&self.evidence)
            .map_err(|error| format!("its evidence is no JSON of an event: {error}"))?;
        Ok(ReviewEvent {
            decision_id: self.uuid.clone(),
            at_utc: self.at_utc.clone(),
            who: self.who.clone(),
            organisation: self.organisation.clone(),
            role: self.role.clone(),
            stage,
            item: self.item.clone(),
            item_version: self.item_version,
            kind,
            reason: self.reason.as_ref().map(reason).transpose()?,
            comment: self.comment.clone(),
            geom_before: self.geom_before.as_deref().map(Into::into),
            geom_after: self.geom_after.as_deref().map(Into::into),
            detail,
            from: standing(&self.from_state).ok_or_else(|| bad("from_state", &self.from_state))?,
            to: standing(&self.to_state).ok_or_else(|| bad("to_state", &self.to_state))?,
            seconds_open: self.seconds_open,
            client: self.client.clone(),
        })
    }

    pub(super) fn insert(&self, connection: &Connection) -> rusqlite::Result<()> {
        let marks = "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, \
                     ?18, ?19, ?20, ?21";
        let mut insert = connection
            .prepare_cached(&format!("INSERT INTO event ({COLUMNS}) VALUES ({marks})"))?;
        insert.execute(params![
            self.seq as i64,
            self.uuid,
            self.at_utc,
            self.who,
            self.organisation,
            self.role,
            self.stage,
            self.item,
            self.item_version as i64,
            self.kind,
            self.reason,
            self.comment,
            self.geom_before,
            self.geom_after,
            self.evidence,
            self.from_state,
            self.to_state,
            self.seconds_open,
            self.client,
            self.prev,
            self.hash,
        ])?;
        Ok(())
    }

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get::<_, i64>(0)? as u64,
            uuid: row.get(1)?,
            at_utc: row.get(2)?,
            who: row.get(3)?,
            organisation: row.get(4)?,
            role: row.get(5)?,
            stage: row.get(6)?,
            item: row.get(7)?,
            item_version: row.get::<_, i64>(8)? as u64,
            kind: row.get(9)?,
            reason: row.get(10)?,
            comment: row.get(11)?,
            geom_before: row.get(12)?,
            geom_after: row.get(13)?,
            evidence: row.get(14)?,
            from_state: row.get(15)?,
            to_state: row.get(16)?,
            seconds_open: row.get(17)?,
            client: row.get(18)?,
            prev: row.get(19)?,
            hash: row.get(20)?,
        })
    }
}

/// The columns of the log, in the order of the hash.
pub(super) const COLUMNS: &str = "seq, uuid, at_utc, who, organisation, role, stage, item, \
     item_version, kind, reason, comment, geom_before, geom_after, evidence, from_state, \
     to_state, seconds_open, client, prev, hash";

/// A value by the word that stands for it.
pub(crate) fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    let word: serde::de::value::StrDeserializer<'_, WordError> = text.into_deserializer();
    T::deserialize(word).ok()
}

/// The way back from a standing's words.
fn standing(text: &str) -> Option<Standing> {
    let mut words = text.split(' ');
    let stage: ReviewStage = word(words.next()?)?;
    let state: ItemState = word(words.next()?)?;
    let disposition = words.next().map(|text| word(text).ok_or(())).transpose().ok()?;
    words.next().is_none().then_some(Standing { stage, state, disposition })
}

/// An item as its row: what two folds of one log have in common, byte for byte.
pub(super) type ItemRow =
    (String, i64, String, String, Option<String>, String, Vec<u8>, String, String, String, i64);

pub(super) fn item_row(item: &ReviewItem) -> ItemRow {
    let standing = item.standing();
    (
        item.id.clone(),
        item.version as i64,
        standing.stage.to_string(),
        standing.state.to_string(),
        standing.disposition.map(|disposition| disposition.to_string()),
        item.eo_category().to_string(),
        item.boundary().to_vec(),
        json(&item.parents),
        json(item.verdicts()),
        json(item.acted()),
        i64::from(item.returns()),
    )
}

/// Any plain data as JSON.
fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("it is plain data")
}

pub(super) fn write_item(connection: &Connection, item: &ReviewItem) -> rusqlite::Result<()> {
    let mut replace = connection.prepare_cached(
        "INSERT OR REPLACE INTO item (id, version, stage, state, disposition, eo_category, \
         boundary, parents, verdicts, acted, returns) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    let row = item_row(item);
    replace.execute(params![
        row.0, row.1, row.2, row.3, row.4, row.5, row.6, row.7, row.8, row.9, row.10
    ])?;
    Ok(())
}

pub(super) fn read_items(connection: &Connection) -> rusqlite::Result<Vec<ItemRow>> {
    let mut select = connection.prepare(
        "SELECT id, version, stage, state, disposition, eo_category, boundary, parents, verdicts, \
         acted, returns FROM item ORDER BY id",
    )?;
    let rows = select.query_map([], |row| {
        Ok((
            row.get(0)?,
            row.get(1)?,
            row.get(2)?,
            row.get(3)?,
            row.get(4)?,
            row.get(5)?,
            row.get(6)?,
            row.get(7)?,
            row.get(8)?,
            row.get(9)?,
            row.get(10)?,
        ))
    })?;
    rows.collect()
}
