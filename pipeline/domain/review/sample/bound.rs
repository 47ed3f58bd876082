//! What a sample can show.

/// How sure the bound is.
const CONFIDENCE: f64 = 0.95;

/// The most nonconforming items that a lot can have of which `found` were found in `drawn`, with
/// 95 % confidence: exact, by the hypergeometric distribution of a random draw without return.
///
/// ```
/// // No fault in 3 of 60 still allows 37 faulty ones, 62 %.
/// assert_eq!(rams_domain::most_nonconforming(60, 3, 0), 37);
/// ```
pub fn most_nonconforming(lot: usize, drawn: usize, found: usize) -> usize {
    let drawn = drawn.min(lot);
    let found = found.min(drawn);
    let mut logs = vec![0.0; lot + 1];
    for number in 1..=lot {
        logs[number] = logs[number - 1] + (number as f64).ln();
    }
    let choices = |of: usize, from: usize| logs[from] - logs[of] - logs[from - of];
    // How likely so few are found where `bad` of the lot do not conform.
    let likelihood = |bad: usize| -> f64 {
        let least = (drawn + bad).saturating_sub(lot);
        let ways = |hits: usize| choices(hits, bad) + choices(drawn - hits, lot - bad);
        let terms = (least..=found.min(bad)).map(|hits| (ways(hits) - choices(drawn, lot)).exp());
        terms.sum()
    };
    // It falls as `bad` grows.
    let (mut least, mut most) = (found, lot - (drawn - found));
    while least < most {
        let middle = (least + most).div_ceil(2);
        if likelihood(middle) >= 1.0 - CONFIDENCE {
            least = middle;
        } else {
            most = middle - 1;
        }
    }
    least
}
