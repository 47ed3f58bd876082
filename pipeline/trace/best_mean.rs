//! The best stretch of a line.

/// The highest mean score of a stretch of `window_m` metres of a line, of which `scores` are the
/// parts in order: their lengths in metres and their scores. `None` for a line that is shorter.
pub(crate) fn best_mean(scores: &[(f64, f32)], window_m: f64) -> Option<f32> {
    // Where each part ends, and the sum of the scores of every metre up to there.
    let mut sums = vec![(0.0, 0.0)];
    for (length_m, score) in scores {
        let (end_m, sum) = sums[sums.len() - 1];
        sums.push((end_m + length_m, sum + length_m * f64::from(*score)));
    }
    let whole_m = sums[sums.len() - 1].0;
    let up_to = |at_m: f64| {
        let next = sums.partition_point(|(end_m, _)| *end_m <= at_m);
        let (end_m, sum) = sums[next - 1];
        sum + scores.get(next - 1).map_or(0.0, |(_, score)| f64::from(*score) * (at_m - end_m))
    };
    // The best stretch begins or ends where a part does.
    sums.iter()
        .flat_map(|(end_m, _)| [*end_m, end_m - window_m])
        .filter(|from_m| (0.0..=whole_m - window_m).contains(from_m))
        .map(|from_m| ((up_to(from_m + window_m) - up_to(from_m)) / window_m) as f32)
        .max_by(f32::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::best_mean;

    fn assert_best(scores: &[(f64, f32)], window_m: f64, expected: f32) {
        let found = best_mean(scores, window_m).expect("the line is longer");
        assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
    }

    #[test]
    fn a_faint_tail_takes_nothing_from_the_best_stretch() {
        let scores = [(90.0, 0.3), (10.0, 0.9)];
        assert_best(&scores, 8.0, 0.9);
        // 10 m at 0.9 and 10 m at 0.3.
        assert_best(&scores, 20.0, 0.6);
        // All of it: 0.3 * 0.9 + 0.9 * 0.1.
        assert_best(&scores, 100.0, 0.36);
    }

    #[test]
    fn a_stretch_ends_within_a_part_where_that_is_best() {
        // 6 m at 0.8 and 2 m at 0.6, of either neighbour; the other has 0.2.
        assert_best(&[(5.0, 0.2), (6.0, 0.8), (5.0, 0.6)], 8.0, 0.75);
        assert_best(&[(5.0, 0.6), (6.0, 0.8), (5.0, 0.2)], 8.0, 0.75);
    }

    #[test]
    fn one_high_place_is_no_stretch() {
        assert_best(&[(50.0, 0.2), (1.0, 1.0), (50.0, 0.2)], 8.0, 0.3);
    }

    #[test]
    fn a_line_that_is_shorter_has_none() {
        assert_eq!(best_mean(&[(3.0, 0.9), (4.0, 0.9)], 8.0), None);
        assert_eq!(best_mean(&[], 8.0), None);
    }
}
