//! The classes of an evaluation, as a tree of two levels.

use crate::EvaluateError;

/// Classes by index: name, coarser class, threshold.
///
/// ```
/// use rams_evaluate::Classes;
///
/// let mut classes = Classes::default();
/// let (round, pmn) = (classes.add("ap-round"), classes.add("pmn-2"));
/// classes.set_parent(pmn, round)?;
/// assert_eq!(classes.family(pmn), round);
/// assert!(classes.is_coarse(round) && !classes.is_coarse(pmn));
/// // A third level is an error.
/// let tm = classes.add("tm-62");
/// assert!(classes.set_parent(round, tm).is_err());
/// # Ok::<(), rams_evaluate::EvaluateError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Classes {
    names: Vec<String>,
    parents: Vec<Option<usize>>,
    thresholds: Vec<f64>,
}

impl Classes {
    /// The index of a class, added where it is new.
    pub fn add(&mut self, name: &str) -> usize {
        self.find(name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.parents.push(None);
            self.thresholds.push(0.0);
            self.names.len() - 1
        })
    }

    /// The index of a class that is known.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|existing| existing == name)
    }

    /// Names in the order of their indices.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Puts a class under a coarser one. Two levels are all there is, since a third would make
    /// "one level up" ambiguous.
    pub fn set_parent(&mut self, class: usize, parent: usize) -> Result<(), EvaluateError> {
        let nested = self.parents[parent].is_some() || self.is_coarse(class) || class == parent;
        if nested || self.parents[class].is_some_and(|existing| existing != parent) {
            let name = |index: usize| self.names[index].clone();
            return Err(EvaluateError::ClassTree { class: name(class), parent: name(parent) });
        }
        self.parents[class] = Some(parent);
        Ok(())
    }

    /// Sets the least score that counts at the operating point.
    pub fn set_threshold(&mut self, class: usize, threshold: f64) {
        self.thresholds[class] = threshold;
    }

    /// The least score that counts at the operating point.
    pub fn threshold(&self, class: usize) -> f64 {
        self.thresholds[class]
    }

    /// The coarser class, or the class itself where there is none.
    pub fn family(&self, class: usize) -> usize {
        self.parents[class].unwrap_or(class)
    }

    /// Whether others stand under it.
    pub fn is_coarse(&self, class: usize) -> bool {
        self.parents.contains(&Some(class))
    }
}
