//! What a predicted feature touches.

use serde::Serialize;

/// What a predicted feature touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Truth of its family.
    Touches,
    /// Truth of other families alone.
    Confused,
    /// Nothing but ignored truth.
    Neither,
    /// No truth at all.
    FalseAlarm,
}
