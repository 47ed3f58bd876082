//! How often two people say the same.

use super::super::Disposition;
use serde::Serialize;

/// How often two people said the same of items: counts, and Cohen's kappa with the agreement on
/// either answer (Cicchetti and Feinstein 1990), since kappa alone is low where one answer is rare.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Agreement {
    /// Both accepted it.
    pub both_accepted: usize,
    /// The first accepted it, the second rejected it.
    pub only_first_accepted: usize,
    /// The first rejected it, the second accepted it.
    pub only_second_accepted: usize,
    /// Both rejected it.
    pub both_rejected: usize,
    /// Agreement beyond chance, at most 1; none where chance alone agrees always.
    pub kappa: Option<f64>,
    /// Of the answers "accepted", the share that both gave.
    pub positive: Option<f64>,
    /// Of the answers "rejected", the share that both gave.
    pub negative: Option<f64>,
}

impl Agreement {
    /// Of pairs of answers, the first person's first.
    pub fn of(pairs: impl IntoIterator<Item = (Disposition, Disposition)>) -> Self {
        use Disposition::{Accepted, Rejected};
        let mut made = Self::default();
        for pair in pairs {
            *match pair {
                (Accepted, Accepted) => &mut made.both_accepted,
                (Accepted, Rejected) => &mut made.only_first_accepted,
                (Rejected, Accepted) => &mut made.only_second_accepted,
                (Rejected, Rejected) => &mut made.both_rejected,
            } += 1;
        }
        let counts = [
            made.both_accepted,
            made.only_first_accepted,
            made.only_second_accepted,
            made.both_rejected,
        ];
        let [yes, first, second, no] = counts.map(|count| count as f64);
        let all = yes + first + second + no;
        let ratio = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        let by_chance = (yes + first) * (yes + second) + (no + first) * (no + second);
        made.kappa = ratio((yes + no) * all - by_chance, all * all - by_chance);
        made.positive = ratio(2.0 * yes, 2.0 * yes + first + second);
        made.negative = ratio(2.0 * no, 2.0 * no + first + second);
        made
    }
}
