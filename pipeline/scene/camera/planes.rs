//! Levels of a region, band by band, and the filters that run over them.

use crate::region::Region;

/// Red, green and blue of a region, apart, so that a filter runs over numbers in a row.
pub(crate) struct Planes {
    pub(crate) width: usize,
    pub(crate) bands: [Vec<f32>; 3],
}

impl Planes {
    pub(crate) fn empty(width: usize, height: usize) -> Self {
        Self { width, bands: std::array::from_fn(|_| vec![0.0; width * height]) }
    }

    pub(crate) fn height(&self) -> usize {
        self.bands[0].len() / self.width
    }

    pub(super) fn clone_part(&self, whole: Region, part: Region) -> Planes {
        let mut out = Self::empty(part.width, part.height);
        let (left, top) = ((part.x - whole.x) as usize, (part.y - whole.y) as usize);
        for (from, to) in self.bands.iter().zip(&mut out.bands) {
            for (row, line) in to.chunks_exact_mut(part.width).enumerate() {
                let first = (top + row) * self.width + left;
                line.copy_from_slice(&from[first..first + part.width]);
            }
        }
        out
    }

    pub(super) fn cut(self, whole: Region, part: Region) -> Planes {
        if whole == part { self } else { self.clone_part(whole, part) }
    }

    /// The levels off a pixel, between four others. The shift is split by itself: added to a pixel
    /// of some region first, its last bits would depend on the region.
    pub(super) fn beside(&self, x: i64, y: i64, shift: [f32; 2]) -> [f32; 3] {
        // A floor without a library call.
        let whole = shift.map(|part| part as i64 - i64::from(part < 0.0));
        let [u, v] = [shift[0] - whole[0] as f32, shift[1] - whole[1] as f32];
        let (col, row) = ((x + whole[0]) as usize, (y + whole[1]) as usize);
        let first = row * self.width + col;
        std::array::from_fn(|band| {
            let at = |index: usize| self.bands[band][index];
            let upper = at(first) + (at(first + 1) - at(first)) * u;
            let lower =
                at(first + self.width) + (at(first + self.width + 1) - at(first + self.width)) * u;
            upper + (lower - upper) * v
        })
    }

    /// Weighs 3 x 3 pixels; the outermost pixels are left as they are, since nothing comes of them.
    pub(super) fn filter(&mut self, weights: &[f32; 9]) {
        let (width, height) = (self.width, self.height());
        for band in &mut self.bands {
            let from = band.clone();
            for row in 1..height.saturating_sub(1) {
                let line = |up: usize| &from[(row + up - 1) * width..][..width];
                let [above, here, below] = [line(0), line(1), line(2)];
                let to = &mut band[row * width..][..width];
                for col in 1..width - 1 {
                    let three = |line: &[f32], w: usize| {
                        line[col - 1] * weights[w]
                            + line[col] * weights[w + 1]
                            + line[col + 1] * weights[w + 2]
                    };
                    to[col] = three(above, 0) + three(here, 3) + three(below, 6);
                }
            }
        }
    }

    /// Blurs along both axes; the outermost pixels are left as they are.
    pub(super) fn blur(&mut self, half: &[f32]) {
        let reach = half.len() - 1;
        let (width, height) = (self.width, self.height());
        if reach == 0 || width <= 2 * reach || height <= 2 * reach {
            return;
        }
        for band in &mut self.bands {
            let mut along = band.clone();
            for (from, to) in band.chunks_exact(width).zip(along.chunks_exact_mut(width)) {
                let inner = width - 2 * reach;
                let to = &mut to[reach..reach + inner];
                for (to, from) in to.iter_mut().zip(&from[reach..]) {
                    *to = from * half[0];
                }
                for (off, weight) in half.iter().enumerate().skip(1) {
                    let sides = from[reach - off..].iter().zip(&from[reach + off..]);
                    for (to, (left, right)) in to.iter_mut().zip(sides) {
                        *to += (left + right) * weight;
                    }
                }
            }
            for row in reach..height - reach {
                let line = |row: usize| &along[row * width..][..width];
                let to = &mut band[row * width..][..width];
                for (to, from) in to.iter_mut().zip(line(row)) {
                    *to = from * half[0];
                }
                for (off, weight) in half.iter().enumerate().skip(1) {
                    for (to, (up, down)) in
                        to.iter_mut().zip(line(row - off).iter().zip(line(row + off)))
                    {
                        *to += (up + down) * weight;
                    }
                }
            }
        }
    }

    /// Adds what a blur takes away: edges get a halo.
    pub(super) fn sharpen(&mut self, strength: f32) {
        let (side, corner) = (-0.125 * strength, -0.0625 * strength);
        let middle = 1.0 + 0.75 * strength;
        self.filter(&[corner, side, corner, side, middle, side, corner, side, corner]);
    }
}
