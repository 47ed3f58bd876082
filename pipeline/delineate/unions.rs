//! What belongs together, found pair by pair.

/// Things by number, each in a set of its own at first; the number of a set is the least in it.
pub(crate) struct Unions(Vec<usize>);

impl Unions {
    pub(crate) fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    /// The first of the set that a thing is in.
    pub(crate) fn first(&mut self, mut i: usize) -> usize {
        while self.0[i] != i {
            // Halves the way for the next time.
            self.0[i] = self.0[self.0[i]];
            i = self.0[i];
        }
        i
    }

    /// Makes one set of those of two things; `false` if they were one before.
    pub(crate) fn join(&mut self, i: usize, j: usize) -> bool {
        let (a, b) = (self.first(i), self.first(j));
        self.0[a.max(b)] = a.min(b);
        a != b
    }

    /// The things of each set, in their order, and the sets in the order of their first ones.
    pub(crate) fn sets(mut self) -> Vec<Vec<usize>> {
        let (mut sets, mut number) = (vec![], vec![0; self.0.len()]);
        for i in 0..self.0.len() {
            let first = self.first(i);
            if first == i {
                number[i] = sets.len();
                sets.push(vec![]);
            }
            sets[number[first]].push(i);
        }
        sets
    }
}
