//! Who tries passwords has to wait, ever longer.

use jiff::{SignedDuration, Timestamp};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// So many attempts are free: fingers slip.
const FREE_OF_NAME: u32 = 5;

/// A team may share one address.
const FREE_OF_ADDRESS: u32 = 20;

/// The longest wait between two attempts.
const LONGEST: SignedDuration = SignedDuration::from_secs(60);

/// After so long without an attempt all is forgotten.
const FORGOTTEN: SignedDuration = SignedDuration::from_mins(15);

/// Whose attempts are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Of {
    Name(String),
    Address(String),
}

/// Attempts that came to nothing: how many, and when the last one was.
#[derive(Default)]
pub(super) struct Attempts(Mutex<HashMap<Of, (u32, Timestamp)>>);

/// How long one has to wait after so many attempts.
fn wait(of: &Of, attempts: u32) -> SignedDuration {
    let free = if matches!(of, Of::Name(_)) { FREE_OF_NAME } else { FREE_OF_ADDRESS };
    match attempts.checked_sub(free) {
        None => SignedDuration::ZERO,
        Some(more) => SignedDuration::from_secs(1 << more.min(6)).min(LONGEST),
    }
}

fn both(name: &str, address: &str) -> [Of; 2] {
    [Of::Name(name.to_owned()), Of::Address(address.to_owned())]
}

impl Attempts {
    /// Counts an attempt before it is known what comes of it, so that many at once are many. The
    /// error is how long to wait; then it was none.
    pub(super) fn begin(
        &self,
        name: &str,
        address: &str,
        now: Timestamp,
    ) -> Result<(), SignedDuration> {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.retain(|_, (_, last)| now.duration_since(*last) < FORGOTTEN);
        let from = |of: &Of| attempts.get(of).map(|(count, last)| *last + wait(of, *count));
        if let Some(from) = both(name, address).iter().filter_map(from).max()
            && from > now
        {
            return Err(from.duration_since(now));
        }
        for of in both(name, address) {
            let (count, last) = attempts.entry(of).or_insert((0, now));
            (*count, *last) = (count.saturating_add(1), now);
        }
        Ok(())
    }

    /// It was the right password.
    pub(super) fn forget(&self, name: &str, address: &str) {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.retain(|of, _| !both(name, address).contains(of));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may panic

    use super::*;

    #[test]
    fn each_attempt_after_the_free_ones_waits_twice_as_long_up_to_a_minute() {
        let attempts = Attempts::default();
        let begin = |name: &str, address: &str, now| attempts.begin(name, address, now);
        let mut now = Timestamp::UNIX_EPOCH;
        for _ in 0..FREE_OF_NAME {
            assert_eq!(begin("Ana", "10.0.0.2", now), Ok(()));
        }
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            let wait = SignedDuration::from_secs(seconds);
            assert_eq!(begin("Ana", "10.0.0.2", now), Err(wait));
            assert_eq!(begin("Ana", "10.0.0.3", now), Err(wait), "the name waits everywhere");
            assert_eq!(begin("Ben", "10.0.0.3", now), Ok(()), "others do not wait");
            attempts.forget("Ben", "10.0.0.3");
            now += wait;
            assert_eq!(begin("Ana", "10.0.0.2", now), Ok(()));
        }
        // 13 attempts came from there; each name after them is another one.
        for at in 13..FREE_OF_ADDRESS {
            assert_eq!(begin(&format!("name {at}"), "10.0.0.2", now), Ok(()));
        }
        let wait = SignedDuration::from_secs(1);
        assert_eq!(begin("Ben", "10.0.0.2", now), Err(wait), "the address waits for all names");
        now += FORGOTTEN;
        assert_eq!(begin("Ana", "10.0.0.2", now), Ok(()));
        assert_eq!(begin("Ana", "10.0.0.2", now), Ok(()), "all was forgotten");
        attempts.forget("Ana", "10.0.0.2");
        assert!(attempts.0.lock().unwrap().is_empty());
    }
}
