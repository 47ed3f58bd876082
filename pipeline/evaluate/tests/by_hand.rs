//! Counted by hand.
