//! Figures against other authorities: pycocotools, scipy, and counting by hand.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod areas;
mod by_hand;
mod intervals;
mod pycocotools;
mod side_by_side;
mod works;
