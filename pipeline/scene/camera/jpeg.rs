//! What a JPEG loses: 8 x 8 blocks, cosine transform, quantised as ITU-T T.81 annex K suggests.

use super::planes::Planes;

/// Side of a block, pixels; blocks are aligned to the scene.
pub(super) const SIDE: usize = 8;

#[rustfmt::skip]
const LUMA: [u8; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61,
    12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77,
    24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
];
#[rustfmt::skip]
const CHROMA: [u8; 64] = [
    17, 18, 24, 47, 99, 99, 99, 99,
    18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
];
/// Half the cosine of k sixteenths of a half turn, k = 0 to 8; written out, since a platform's
/// cosine differs in the last bit.
#[rustfmt::skip]
const COS: [f32; 9] = [
    0.5, 0.490_392_64, 0.461_939_77, 0.415_734_8, 0.353_553_4, 0.277_785_12, 0.191_341_72,
    0.097_545_16, 0.0,
];

/// A JPEG's quantisation and its transform.
pub(super) struct Jpeg {
    steps: [[f32; 64]; 3],
    /// Basis: row k is the k-th cosine.
    basis: [[f32; 8]; 8],
}

impl Jpeg {
    pub(super) fn new(quality: u8) -> Self {
        let quality = f32::from(quality.clamp(1, 100));
        // libjpeg's scale.
        let scale = if quality < 50.0 { 50.0 / quality } else { 2.0 - quality / 50.0 };
        let steps = |table: &[u8; 64]| {
            std::array::from_fn(|i| (f32::from(table[i]) * scale).clamp(1.0, 255.0))
        };
        let basis = std::array::from_fn(|k| {
            std::array::from_fn(|n| {
                if k == 0 {
                    return COS[4];
                }
                // The angle in sixteenths of a half turn, folded into the first quarter.
                let angle = (2 * n + 1) * k % 32;
                let half = if angle > 16 { 32 - angle } else { angle };
                if half > 8 { -COS[16 - half] } else { COS[half] }
            })
        });
        Self { steps: [steps(&LUMA), steps(&CHROMA), steps(&CHROMA)], basis }
    }

    /// Quantises planes whose size is a whole number of blocks.
    pub(super) fn lose(&self, planes: &mut Planes) {
        let width = planes.width;
        for top in (0..planes.height()).step_by(SIDE) {
            for left in (0..width).step_by(SIDE) {
                let mut block = [[0.0f32; 64]; 3];
                let places: [usize; 64] =
                    std::array::from_fn(|i| (top + i / SIDE) * width + left + i % SIDE);
                for (index, at) in places.into_iter().enumerate() {
                    let [r, g, b] = [planes.bands[0][at], planes.bands[1][at], planes.bands[2][at]];
                    block[0][index] = 0.299 * r + 0.587 * g + 0.114 * b - 128.0;
                    block[1][index] = -0.168_736 * r - 0.331_264 * g + 0.5 * b;
                    block[2][index] = 0.5 * r - 0.418_688 * g - 0.081_312 * b;
                }
                for (block, steps) in block.iter_mut().zip(&self.steps) {
                    self.quantise(block, steps);
                }
                for (index, at) in places.into_iter().enumerate() {
                    let [y, cb, cr] = [block[0][index] + 128.0, block[1][index], block[2][index]];
                    planes.bands[0][at] = y + 1.402 * cr;
                    planes.bands[1][at] = y - 0.344_136 * cb - 0.714_136 * cr;
                    planes.bands[2][at] = y + 1.772 * cb;
                }
            }
        }
    }

    fn quantise(&self, block: &mut [f32; 64], steps: &[f32; 64]) {
        /// Adding and taking it away rounds to a whole number; a call of `round` is slow on old
        /// x86.
        const ROUND: f32 = 12_582_912.0;
        // Rows then columns there, and back the same way: each pass transposes.
        let there = |from: &[f32; 64]| {
            let mut to = [0.0f32; 64];
            for row in 0..8 {
                for k in 0..8 {
                    to[k * 8 + row] = (0..8).map(|n| from[row * 8 + n] * self.basis[k][n]).sum();
                }
            }
            to
        };
        let mut waves = there(&there(block));
        for (wave, step) in waves.iter_mut().zip(steps) {
            *wave = ((*wave / step + ROUND) - ROUND) * step;
        }
        let back = |from: &[f32; 64]| {
            let mut to = [0.0f32; 64];
            for row in 0..8 {
                let mut line = [0.0f32; 8];
                for k in 0..8 {
                    for (sum, wave) in line.iter_mut().zip(self.basis[k]) {
                        *sum += from[row * 8 + k] * wave;
                    }
                }
                for (n, sum) in line.into_iter().enumerate() {
                    to[n * 8 + row] = sum;
                }
            }
            to
        };
        *block = back(&back(&waves));
    }
}
