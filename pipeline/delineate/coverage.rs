//! How much of each area was assessed, and how much the imagery shows.

use crate::area::DrawnArea;
use crate::basis::{Basis, has_image};
use crate::constrained_area::ConstrainedArea;
use crate::evidence::features;
use crate::overlay::settled;
use crate::shared_area::shared_m2;
use geo::{Area, MultiPolygon, unary_union};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// A model, and a class that it looked for.
type ModelClass<'a> = (&'a str, &'a str);

/// What was assessed and what has an image, for each model and class.
pub(crate) struct Coverage<'a> {
    basis: Basis<'a>,
    /// The assessed polygons of the basis and, after them, the gaps with an image, local metres.
    polygons: Vec<MultiPolygon>,
    /// All of them as one, made when it is first needed.
    imaged: OnceLock<MultiPolygon>,
}

/// Numbers of polygons that are coverage of the same classes. Those of one class do not overlap.
#[derive(PartialEq, Eq, PartialOrd, Ord, Default)]
struct ClassCoverage {
    /// Those that were assessed.
    assessed: Vec<usize>,
    /// Those that have an image: these, and gaps.
    imaged: Vec<usize>,
}

impl<'a> Coverage<'a> {
    pub(crate) fn new(basis: &Basis<'a>) -> Self {
        let with_image = basis.gaps.iter().filter(|gap| has_image(gap));
        let boundaries = (basis.assessed.iter().map(|area| &area.boundary))
            .chain(with_image.map(|gap| &gap.boundary));
        let polygons = boundaries.map(|boundary| basis.ground.to_metres(boundary)).collect();
        Self { basis: *basis, polygons, imaged: OnceLock::new() }
    }

    /// The ground that has an image, local metres.
    pub(crate) fn imaged(&self) -> &MultiPolygon {
        self.imaged.get_or_init(|| settled(&unary_union(&self.polygons)))
    }

    /// Notes how much of each area was assessed, and how much has no image at all. Assessed for
    /// every class of its features: for that of which least was. A family is not among the classes
    /// that were looked for: of those of its model the one counts of which most was. So it does for
    /// images, which some class was looked for in or hidden.
    pub(crate) fn measure(&self, drawn: &[DrawnArea], areas: &mut [ConstrainedArea]) {
        let boundaries: Vec<MultiPolygon> =
            areas.iter().map(|area| area.boundary.clone()).collect();
        let shared_m2 = |polygons: &[usize]| {
            shared_m2(&boundaries, polygons.iter().map(|&number| &self.polygons[number]))
        };
        let mut assessed_m2: BTreeMap<ModelClass<'_>, Vec<f64>> = BTreeMap::new();
        let mut imaged_m2 = vec![0.0_f64; areas.len()];
        for (classes, ClassCoverage { assessed, imaged }) in self.by_class() {
            let of_imaged = shared_m2(&imaged);
            imaged_m2.iter_mut().zip(of_imaged).for_each(|(most, m2)| *most = most.max(m2));
            let of_assessed = shared_m2(&assessed);
            for class in classes {
                assessed_m2.insert(class, of_assessed.clone());
            }
        }
        for (i, (area, imaged_m2)) in areas.iter_mut().zip(imaged_m2).enumerate() {
            area.assessed_m2 = least_assessed_m2(&drawn[i], i, &assessed_m2);
            // What is left of an area that is imaged whole is what rounding leaves.
            let beyond = 1.0 - imaged_m2 / boundaries[i].unsigned_area();
            area.beyond_imagery = if beyond > 1e-6 { beyond } else { 0.0 };
        }
    }

    /// The coverage of each model and class, that of classes with the same polygons together.
    fn by_class(&self) -> Vec<(Vec<ModelClass<'a>>, ClassCoverage)> {
        let Basis { assessed, gaps, .. } = self.basis;
        let with_image = gaps.iter().filter(|gap| has_image(gap));
        let polygons = (assessed.iter().map(|area| (&area.model, &area.classes)))
            .chain(with_image.map(|gap| (&gap.model, &gap.classes)));
        let mut by_class: BTreeMap<ModelClass<'_>, ClassCoverage> = BTreeMap::new();
        for (number, (model, classes)) in polygons.enumerate() {
            for class in classes {
                let coverage = by_class.entry((model, class)).or_default();
                coverage.imaged.push(number);
                coverage.assessed.extend((number < assessed.len()).then_some(number));
            }
        }
        let mut alike: BTreeMap<ClassCoverage, Vec<ModelClass<'_>>> = BTreeMap::new();
        for (class, coverage) in by_class {
            alike.entry(coverage).or_default().push(class);
        }
        alike.into_iter().map(|(coverage, classes)| (classes, coverage)).collect()
    }
}

/// How much of an area, by its number, was assessed for that class of its features for which least
/// was.
fn least_assessed_m2(
    drawn: &DrawnArea,
    number: usize,
    assessed_m2: &BTreeMap<ModelClass<'_>, Vec<f64>>,
) -> f64 {
    let classes: BTreeSet<ModelClass<'_>> =
        features(&drawn.members).map(|f| (f.model.as_str(), f.class.as_str())).collect();
    let most_of_model = |model: &str| {
        let of_model = assessed_m2.iter().filter(|((by, _), _)| *by == model);
        of_model.map(|(_, m2)| m2[number]).fold(0.0, f64::max)
    };
    let of_class = |class: ModelClass<'_>| {
        assessed_m2.get(&class).map_or_else(|| most_of_model(class.0), |m2| m2[number])
    };
    // An area of reports alone was not looked at for anything.
    classes.into_iter().map(of_class).reduce(f64::min).unwrap_or(0.0)
}
