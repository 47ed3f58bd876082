//! How probable a find is given the finds around it.

use crate::evidence::Evidence;
use crate::{CategoryContext, ContextRule};
use rams_domain::Indicator;
use std::collections::HashMap;

/// Rounds of estimating shares and probabilities in turn; they change little after ten.
const ROUNDS: usize = 15;

/// Probabilities of points, in place of the model's own, which hold on the ground on which they
/// were fitted: there a certain share of all finds was right. On other ground another share is, and
/// on one side of a field another than on the other. The share around each find is estimated from
/// the finds themselves, without a truth, by expectation and maximisation (Saerens et al. 2002,
/// adjusting a classifier to new prior probabilities): what the scores of the neighbours say
/// together.
///
/// So a find among many good ones is believed more, and one among hundreds of middling ones, as
/// leaves and stones make them, less. Few finds tell little: then the model's own probability
/// nearly stays. Finds of one indicator say nothing of those of another, and those of a model that
/// the doctrine does not name stay as they are, for the share it was fitted on is not known. Linear
/// in the number of points.
pub(crate) fn weigh(
    evidence: &mut [Evidence],
    indicator: Indicator,
    context: &CategoryContext,
    rule: &ContextRule,
) {
    let points: Vec<(usize, [i64; 2], f64)> = evidence
        .iter()
        .enumerate()
        .filter_map(|(i, e)| {
            let feature = e.feature().filter(|of| of.indicator == indicator)?;
            let at = rule.models.contains(&feature.model).then(|| e.point())??;
            // Windows of three by three cells are about as large as the circle.
            let cell =
                [at.x(), at.y()].map(|metres| (metres / (context.within_m / 1.7)).floor() as i64);
            let p = e.confidence.clamp(1e-6, 1.0 - 1e-6);
            Some((i, cell, log_odds(p) - log_odds(context.fitted_share)))
        })
        .collect();
    let mut numbers: HashMap<[i64; 2], usize> = HashMap::new();
    let cells: Vec<usize> = points
        .iter()
        .map(|(_, cell, _)| {
            let next = numbers.len();
            *numbers.entry(*cell).or_insert(next)
        })
        .collect();
    let mut neighbours: Vec<Vec<usize>> = vec![vec![]; numbers.len()];
    for ([x, y], number) in &numbers {
        let around = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| [x + dx, y + dy]));
        neighbours[*number] = around.filter_map(|cell| numbers.get(&cell).copied()).collect();
        // A fixed order of sums, whatever the order of the map.
        neighbours[*number].sort_unstable();
    }
    let mut probabilities: Vec<f64> =
        points.iter().map(|(i, ..)| evidence[*i].confidence).collect();
    for _ in 0..ROUNDS {
        let sum: f64 = probabilities.iter().sum();
        let share = (rule.trust * context.fitted_share + sum) / (rule.trust + points.len() as f64);
        let mut sums = vec![[0.0; 2]; numbers.len()];
        for (cell, p) in cells.iter().zip(&probabilities) {
            sums[*cell] = [sums[*cell][0] + 1.0, sums[*cell][1] + p];
        }
        let around: Vec<[f64; 2]> = neighbours
            .iter()
            .map(|near| {
                near.iter()
                    .fold([0.0; 2], |all, &cell| [all[0] + sums[cell][0], all[1] + sums[cell][1]])
            })
            .collect();
        for (((_, _, evidence), cell), p) in points.iter().zip(&cells).zip(&mut probabilities) {
            // The others, not the find itself: it must not vouch for itself.
            let [count, sum] = around[*cell];
            let local = (rule.local * share + (sum - *p).max(0.0)) / (rule.local + count - 1.0);
            *p = 1.0 / (1.0 + (-evidence - log_odds(local.clamp(1e-6, 1.0 - 1e-6))).exp());
        }
    }
    for ((i, ..), p) in points.iter().zip(probabilities) {
        evidence[*i].confidence = p;
    }
}

fn log_odds(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}
