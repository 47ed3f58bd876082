//! Values by keys, of which there may be millions: a sorted list takes a tenth of the memory of a
//! map of lists.

/// Values by keys.
pub(crate) struct Lookup<K, V>(Vec<(K, V)>);

impl<K: Ord + Copy, V> Lookup<K, V> {
    /// Of pairs; the values of a key stay in the order in which they come.
    pub(crate) fn new(mut pairs: Vec<(K, V)>) -> Self {
        pairs.sort_by_key(|(key, _)| *key);
        Self(pairs)
    }

    /// The values of a key.
    pub(crate) fn of(&self, key: K) -> impl Iterator<Item = &V> {
        let first = self.0.partition_point(|(other, _)| *other < key);
        self.0[first..].iter().take_while(move |(other, _)| *other == key).map(|(_, value)| value)
    }
}
