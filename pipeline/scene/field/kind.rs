//! What kinds of fields there are, and how often.

use super::spec::FieldSpec;
use crate::random::Dice;

/// What lies in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldKind {
    Empty,
    Submunitions,
    Nuisance,
    Front,
}

impl FieldKind {
    /// The kind of the field of a seed.
    pub(super) fn of(seed: u64, spec: &FieldSpec) -> Self {
        let kinds = &spec.kinds;
        let at = Dice::new(seed, "field kind", 0).between(0.0, 1.0);
        let until = [
            kinds.empty,
            kinds.empty + kinds.submunitions,
            kinds.empty + kinds.submunitions + kinds.nuisance,
        ];
        match until.iter().position(|until| at < *until) {
            Some(0) => Self::Empty,
            Some(1) => Self::Submunitions,
            Some(_) => Self::Nuisance,
            None => Self::Front,
        }
    }
}
