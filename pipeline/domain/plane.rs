//! Brightness at a scale, and how it changes from number to number.

/// Numbers on a grid, row by row.
pub(crate) struct Plane {
    pub(crate) width: usize,
    pub(crate) values: Vec<f32>,
}

impl Plane {
    /// Means of 2 x 2.
    pub(crate) fn halved(&self) -> Plane {
        let mut values = Vec::with_capacity(self.values.len() / 4);
        for two in self.values.chunks_exact(2 * self.width) {
            let (upper, lower) = two.split_at(self.width);
            let pairs = upper.chunks_exact(2).zip(lower.chunks_exact(2));
            values.extend(pairs.map(|(a, b)| 0.25 * (a[0] + a[1] + b[0] + b[1])));
        }
        Plane { width: self.width / 2, values }
    }

    /// How far each number is from the mean of its 2 x 2.
    pub(crate) fn detail(&self, half: &Plane) -> Plane {
        let at = |index: usize| index / self.width / 2 * half.width + index % self.width / 2;
        let values = self
            .values
            .iter()
            .enumerate()
            .map(|(index, value)| (value - half.values[at(index)]).abs());
        Plane { width: self.width, values: values.collect() }
    }

    /// Second difference along rows and columns; 0 at the border.
    pub(crate) fn bend(&self) -> Plane {
        let width = self.width;
        let mut values = vec![0.0; self.values.len()];
        let rows: Vec<&[f32]> = self.values.chunks_exact(width).collect();
        for (number, three) in rows.windows(3).enumerate() {
            let bent = &mut values[(number + 1) * width..][..width];
            let (above, below) = (three[0].iter().skip(1), three[2].iter().skip(1));
            let beside = three[1].windows(3).zip(above.zip(below));
            for (bent, (row, (above, below))) in bent.iter_mut().skip(1).zip(beside) {
                let twice = 2.0 * row[1];
                *bent = (twice - row[0] - row[2]).abs() + (twice - above - below).abs();
            }
        }
        Plane { width, values }
    }

    /// Means of squares of a side, which divides the plane.
    pub(crate) fn means(&self, side: usize) -> Vec<f32> {
        let cols = self.width / side;
        let mut means = vec![];
        for rows in self.values.chunks_exact(self.width * side) {
            let mut sums = vec![0.0; cols];
            for row in rows.chunks_exact(self.width) {
                row.chunks_exact(side)
                    .zip(&mut sums)
                    .for_each(|(of, sum)| *sum += of.iter().sum::<f32>());
            }
            means.extend(sums.iter().map(|sum| sum / (side * side) as f32));
        }
        means
    }
}
