//! What belongs together, found pair by pair (union-find).

/// Things by number, each in a set of its own at first; the number of a set is the least in it.
///
/// ```
/// use rams_domain::DisjointSets;
///
/// let mut sets = DisjointSets::new(4);
/// assert!(sets.join(3, 1));
/// assert!(!sets.join(1, 3), "they were one before");
/// assert_eq!(sets.first(3), 1);
/// assert_eq!(sets.sets(), [vec![0], vec![1, 3], vec![2]]);
/// ```
#[derive(Debug, Clone, Default)]
pub struct DisjointSets(Vec<usize>);

impl DisjointSets {
    /// Sets of one thing each, numbered from 0.
    pub fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    /// Adds a thing and returns its number.
    pub fn add(&mut self) -> usize {
        self.0.push(self.0.len());
        self.0.len() - 1
    }

    /// How many things there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The least number in the set that a thing is in.
    pub fn first(&mut self, mut i: usize) -> usize {
        while self.0[i] != i {
            // Halves the way for the next time.
            self.0[i] = self.0[self.0[i]];
            i = self.0[i];
        }
        i
    }

    /// Makes one set of those of two things; `false` if they were one before.
    pub fn join(&mut self, i: usize, j: usize) -> bool {
        let (a, b) = (self.first(i), self.first(j));
        self.0[a.max(b)] = a.min(b);
        a != b
    }

    /// For each thing the least number in its set.
    pub fn firsts(mut self) -> Vec<usize> {
        (0..self.len()).map(|i| self.first(i)).collect()
    }

    /// The things of each set, in their order, and the sets in the order of their first ones.
    pub fn sets(self) -> Vec<Vec<usize>> {
        let (firsts, mut sets) = (self.firsts(), vec![]);
        let mut number = vec![0; firsts.len()];
        for (i, &first) in firsts.iter().enumerate() {
            if first == i {
                number[i] = sets.len();
                sets.push(vec![]);
            }
            sets[number[first]].push(i);
        }
        sets
    }
}
