//! A georeferenced orthomosaic: everything about it but its pixels.

use crate::{Georef, RasterSize};
use geo::coord;
use std::{fmt, path::PathBuf};

/// How a file tells ground with image from ground without; all that apply are combined.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Validity {
    /// Value of pixels without image, the same in every colour band.
    pub nodata: Option<u8>,
    /// Number of the alpha band, from 1.
    pub alpha_band: Option<usize>,
    /// Whether the file has a mask of its own (internal or `.msk`).
    pub mask: bool,
}

impl Validity {
    /// Whether the file says nothing: then pure black pixels count as without image, because a
    /// collar that no one declared must not pass for assessed ground.
    pub fn is_undeclared(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Validity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_undeclared() {
            return f.write_str("not declared in the file; pure black counts as without image");
        }
        let nodata = self.nodata.map(|value| format!("nodata value {value}"));
        let alpha = self.alpha_band.map(|band| format!("alpha band {band}"));
        let mask = self.mask.then(|| "mask".to_owned());
        f.write_str(&[nodata, alpha, mask].into_iter().flatten().collect::<Vec<_>>().join(" and "))
    }
}

/// A georeferenced orthomosaic.
#[derive(Debug, Clone, PartialEq)]
pub struct Orthomosaic {
    /// Where the file lies.
    pub path: PathBuf,
    /// Short name, unique within a survey: the file's stem.
    pub name: String,
    /// Size, mosaic pixels.
    pub size: RasterSize,
    /// Place on the ground.
    pub georef: Georef,
    /// Numbers of the red, green and blue band, from 1.
    pub colour_bands: [usize; 3],
    /// How it marks ground without image.
    pub validity: Validity,
    /// Format, compression and block size, for people.
    pub format: String,
}

impl Orthomosaic {
    /// Ground sampling distance along x and y at the centre, metres on the ellipsoid.
    pub fn gsd_m(&self) -> [f64; 2] {
        let (x, y) = (f64::from(self.size.width) / 2.0, f64::from(self.size.height) / 2.0);
        self.georef.gsd_m(coord! { x: x, y: y })
    }

    /// The coarser of the two: what decides whether a class can be assessed.
    pub fn coarsest_gsd_m(&self) -> f64 {
        let [x, y] = self.gsd_m();
        x.max(y)
    }
}
