//! Walks the log.

use super::row::{COLUMNS, EventRow, item_row, read_items};
use super::{Head, Subject};
use rams_domain::{Review, ReviewEvent};
use rusqlite::Connection;
use std::{collections::BTreeMap, fmt};

/// What a walk through the log came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Events that fit.
    pub events: u64,
    /// The end of those.
    pub head: Head,
    /// The first event that does not fit, and in which way.
    pub broken: Option<(u64, String)>,
    /// Where the table `item` is not what the log comes to.
    pub projection: Option<String>,
}

impl Verification {
    /// Whether all of it fits.
    pub fn is_whole(&self) -> bool {
        self.broken.is_none() && self.projection.is_none()
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (noun, verb) = if self.events == 1 { ("event", "fits") } else { ("events", "fit") };
        writeln!(f, "{} {noun} of the log {verb}", self.events)?;
        if let Some((seq, cause)) = &self.broken {
            writeln!(f, "broken at event {seq}: {cause}")?;
        }
        if let Some(cause) = &self.projection {
            writeln!(f, "the table of items is not what the log comes to: {cause}")?;
        }
        write!(f, "head {} {}", self.head.seq, self.head.hex())
    }
}

/// A log, folded.
pub(super) struct Fold {
    pub(super) review: Review,
    pub(super) head: Head,
    pub(super) last_utc: String,
    pub(super) broken: Option<(u64, String)>,
}

/// Folds the log up to the first event that does not fit.
pub(super) fn fold(connection: &Connection, subject: &Subject) -> rusqlite::Result<Fold> {
    fold_each(connection, subject, None, |_| {})
}

/// The same up to a time, RFC 3339, with a look at each event.
pub(super) fn fold_each(
    connection: &Connection,
    subject: &Subject,
    until: Option<&str>,
    mut each: impl FnMut(&ReviewEvent),
) -> rusqlite::Result<Fold> {
    let mut fold = Fold {
        review: subject.review(),
        head: Head { seq: 0, hash: subject.root() },
        last_utc: String::new(),
        broken: None,
    };
    let mut select = connection.prepare(&format!("SELECT {COLUMNS} FROM event ORDER BY seq"))?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let next = fold.head.seq + 1;
        let row = EventRow::read(row).map_err(|error| error.to_string());
        if let (Ok(row), Some(until)) = (&row, until)
            && row.at_utc.as_str() >= until
        {
            break;
        }
        let taken = row.and_then(|row| fold.take(&row, &mut each));
        if let Err(cause) = taken {
            fold.broken = Some((next, cause));
            break;
        }
    }
    Ok(fold)
}

impl Fold {
    fn take(&mut self, row: &EventRow, mut each: impl FnMut(&ReviewEvent)) -> Result<(), String> {
        let next = self.head.seq + 1;
        if row.seq != next {
            return Err(format!("it is missing; the next one is {}", row.seq));
        }
        if row.prev != self.head.hash {
            return Err("it does not follow the event before it".into());
        }
        if row.hash != row.hashed() {
            return Err("what it says is not what was hashed".into());
        }
        let event = row.event()?;
        each(&event);
        self.review.apply(&event).map_err(|error| error.to_string())?;
        self.head = Head { seq: next, hash: row.hashed() };
        self.last_utc.clone_from(&row.at_utc);
        Ok(())
    }
}

pub(super) fn verify(connection: &Connection, subject: &Subject) -> rusqlite::Result<Verification> {
    // One view of the file, whoever writes meanwhile.
    let transaction = connection.unchecked_transaction()?;
    let fold = fold(&transaction, subject)?;
    let is_touched = |version: u64, acted: bool| version > 1 || acted;
    let expected: BTreeMap<String, _> = fold
        .review
        .items()
        .filter(|item| {
            is_touched(item.version, !item.acted().is_empty()) || !item.parents.is_empty()
        })
        .map(|item| (item.id.clone(), item_row(item)))
        .collect();
    let stored: BTreeMap<String, _> =
        read_items(&transaction)?.into_iter().map(|row| (row.0.clone(), row)).collect();
    let mut differences = expected.keys().chain(stored.keys()).filter(|id| {
        match (expected.get(*id), stored.get(*id)) {
            (Some(expected), Some(stored)) => expected != stored,
            // One that was only commented on is as the survey has it.
            (None, Some(stored)) => {
                let item = fold.review.item(id);
                item.is_none_or(|item| item_row(item) != *stored)
            }
            _ => true,
        }
    });
    let projection = differences.next().map(|id| format!("{id} differs"));
    let projection = projection.filter(|_| fold.broken.is_none());
    Ok(Verification { events: fold.head.seq, head: fold.head, broken: fold.broken, projection })
}
