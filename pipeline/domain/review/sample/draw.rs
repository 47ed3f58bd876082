//! A plan and a lot -> what is drawn.

use super::{LotItem, SamplePlan, SampleSize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A number from 0 to below 1 that a text has by a seed: the first 53 bits of the SHA-256 of both,
/// with a space between. Anyone can draw again.
fn unit(seed: u32, text: &str) -> f64 {
    let digest = Sha256::digest(format!("{seed} {text}"));
    let first = digest.iter().take(8).fold(0u64, |bits, byte| (bits << 8) | u64::from(*byte));
    (first >> 11) as f64 / (1u64 << 53) as f64
}

impl SamplePlan {
    /// What is drawn from a lot: systematically from a random start, of each stratum in
    /// proportion.
    ///
    /// In a stratum of `n` items, sorted by [`unit`] of their ids, the one at place `k` gets the
    /// number `(k + u) / n`, where `u` is that of the stratum's name; the smallest are drawn.
    pub(in super::super) fn draw(&self, lot: &[LotItem]) -> Vec<LotItem> {
        let mut strata: BTreeMap<String, Vec<(f64, &LotItem)>> = BTreeMap::new();
        for item in lot {
            let name = format!("{} {} {}", item.district, item.eo_category, item.threat);
            strata.entry(name).or_default().push((unit(self.seed, &item.item), item));
        }
        let mut placed = vec![];
        for (name, mut items) in strata {
            items.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.item.cmp(&b.1.item)));
            let (start, count) = (unit(self.seed, &name), items.len() as f64);
            let at = |(place, (_, item))| ((place as f64 + start) / count, item);
            placed.extend(items.into_iter().enumerate().map(at));
        }
        placed.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.item.cmp(&b.1.item)));
        let all_m2: f64 = lot.iter().map(|item| item.area_m2).sum();
        let mut drawn_m2 = 0.0;
        let mut is_wanted = |(place, (_, item)): &(usize, (f64, &LotItem))| {
            // Products of shares are off by a few last bits.
            let is_wanted = *place == 0
                || match self.size {
                    SampleSize::Items(count) => *place < count,
                    SampleSize::ShareOfItems(share) => {
                        (*place as f64) < share * lot.len() as f64 - 1e-9
                    }
                    SampleSize::ShareOfArea(share) => drawn_m2 < share * all_m2 * (1.0 - 1e-12),
                };
            drawn_m2 += item.area_m2;
            is_wanted
        };
        let drawn = placed.into_iter().enumerate().take_while(|placed| is_wanted(placed));
        drawn.map(|(_, (_, item))| item.clone()).collect()
    }
}
