//! The one thread that writes.

use super::row::{self, COLUMNS, EventRow};
use super::{Head, State, now};
use rams_domain::{OutOfOrder, Proposal, Refusal, ReviewEvent, ReviewItem};
use rusqlite::{Connection, params_from_iter, types::Value};
use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock, mpsc},
};

/// A decision that is in the log.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// Its first event.
    pub(crate) event: EventRow,
    /// The items that it concerned.
    pub(crate) items: Vec<String>,
    /// The end of the log after it.
    pub(crate) head: Head,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// The rules.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The key of another decision was used again.
    #[error("{0}")]
    KeyUsed(String),
    /// The disk.
    #[error("{0}")]
    Book(String),
}

/// What the writer is asked for, and where its answer goes.
pub(super) enum Request {
    Decide(Box<Proposal>, mpsc::Sender<Result<Answer, Failed>>),
    DecideAll(Vec<Proposal>, mpsc::Sender<Result<Head, (usize, Failed)>>),
    Execute(&'static str, Vec<Value>, mpsc::Sender<Result<(), Failed>>),
}

pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) state: Arc<RwLock<State>>,
    pub(super) path: PathBuf,
}

impl Writer {
    /// Works until nobody can ask any more.
    pub(super) fn run(mut self, requests: &mpsc::Receiver<Request>) {
        // Whoever asked may be gone by now: what is written stays.
        for request in requests {
            match request {
                Request::Decide(proposal, reply) => drop(reply.send(self.decide(*proposal))),
                Request::DecideAll(proposals, reply) => {
                    drop(reply.send(self.decide_all(proposals)));
                }
                Request::Execute(sql, values, reply) => {
                    let done = self.connection.execute(sql, params_from_iter(values));
                    drop(reply.send(done.map(|_| ()).map_err(|error| self.failed(&error))));
                }
            }
        }
    }

    fn failed(&self, error: &rusqlite::Error) -> Failed {
        let path = self.path.display();
        Failed::Book(format!("cannot write {path}: {error}; nothing of it was kept"))
    }

    fn decide(&mut self, mut proposal: Proposal) -> Result<Answer, Failed> {
        let state = self.state.clone();
        let state = state.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(items) = state.review.items_of(&proposal.id) {
            return self.again(&proposal, items.to_vec(), state.head);
        }
        // A clock that was set back does not turn the log around.
        proposal.at_utc = now().max(state.last_utc.clone());
        let events = state.review.decide(&proposal)?;
        let out_of_order = |error: OutOfOrder| Failed::Book(error.to_string());
        let items = state.review.after(&events).map_err(out_of_order)?;
        let (rows, head) = chained(&events, state.head);
        // Readers go on while the disk works; nobody but this thread changes the state.
        drop(state);
        self.write(&rows, &items).map_err(|error| self.failed(&error))?;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        events.iter().try_for_each(|event| state.review.apply(event)).map_err(out_of_order)?;
        state.head = head;
        state.last_utc = proposal.at_utc;
        let items = items.into_iter().map(|item| item.id).collect();
        let event = rows.into_iter().next().expect("a decision has an event");
        Ok(Answer { event, items, head })
    }

    fn decide_all(&mut self, proposals: Vec<Proposal>) -> Result<Head, (usize, Failed)> {
        let state = self.state.clone();
        let state = state.read().unwrap_or_else(PoisonError::into_inner);
        let (mut review, mut events) = (state.review.clone(), vec![]);
        let at_utc = now().max(state.last_utc.clone());
        for (place, mut proposal) in proposals.into_iter().enumerate() {
            proposal.at_utc.clone_from(&at_utc);
            let decided = review.decide(&proposal).map_err(|refusal| (place, refusal.into()))?;
            let taken = decided.iter().try_for_each(|event| review.apply(event));
            taken.map_err(|error| (place, Failed::Book(error.to_string())))?;
            events.extend(decided);
        }
        let (rows, head) = chained(&events, state.head);
        drop(state);
        let ids: BTreeSet<&String> = events
            .iter()
            .flat_map(|event| event.detail.parents.iter().chain([&event.item]))
            .collect();
        let items: Vec<ReviewItem> =
            ids.into_iter().filter_map(|id| review.item(id).cloned()).collect();
        self.write(&rows, &items).map_err(|error| (0, self.failed(&error)))?;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        *state = State { review, head, last_utc: at_utc };
        Ok(head)
    }

    /// The answer to a decision that is in the log already.
    fn again(&self, proposal: &Proposal, items: Vec<String>, head: Head) -> Result<Answer, Failed> {
        let sql = format!("SELECT {COLUMNS} FROM event WHERE uuid = ?1 ORDER BY seq LIMIT 1");
        let event = self.connection.query_row(&sql, [&proposal.id], EventRow::read);
        let event = event.map_err(|error| self.failed(&error))?;
        let is_same = event.who == proposal.by.name
            && event.kind == proposal.decision.to_string()
            && (event.item == proposal.item || proposal.item.is_empty());
        if is_same {
            return Ok(Answer { event, items, head });
        }
        Err(Failed::KeyUsed(format!(
            "the key {} is that of another decision, {} of {}: give each decision a key of its own",
            proposal.id, event.kind, event.item
        )))
    }

    /// All of a decision, or nothing of it.
    fn write(&mut self, rows: &[EventRow], items: &[ReviewItem]) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        rows.iter().try_for_each(|row| row.insert(&transaction))?;
        items.iter().try_for_each(|item| row::write_item(&transaction, item))?;
        transaction.commit()
    }
}

/// The rows of events that follow `head`, and the head after them.
fn chained(events: &[ReviewEvent], mut head: Head) -> (Vec<EventRow>, Head) {
    let row = |event: &ReviewEvent| {
        let row = EventRow::new(event, head.seq + 1, &head.hash);
        head = Head { seq: row.seq, hash: row.hashed() };
        row
    };
    let rows = events.iter().map(row).collect();
    (rows, head)
}
