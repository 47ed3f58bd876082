//! A georeferenced orthomosaic: everything about it but its pixels.

use crate::{Georef, RasterSize};
use geo::coord;
use serde::{Deserialize, Serialize};
use std::{fmt, path::PathBuf};

/// How a person wants rasters to be read, where a file does not say it or says it otherwise. One
/// for a whole survey.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ReadAs {
    /// Numbers of the red, green and blue band, from 1; the same three times for a grey image.
    pub bands: Option<[usize; 3]>,
    /// The values that become 0 and 255. One for a whole survey: a stretch of its own for each tile
    /// would make the same mine bright here and dark there.
    pub scale: Option<[f64; 2]>,
    /// Number of a band that marks ground without image, from 1, in files that do not say so.
    pub alpha: Option<usize>,
    /// `EPSG:<code>` of the coordinate reference system that every file is in, whatever it says
    /// itself.
    pub assume_crs: Option<String>,
    /// Whether a VRT may name sources outside its own folder.
    pub allow_outside: bool,
}

/// As the flags that a person types.
///
/// ```
/// use rams_domain::ReadAs;
///
/// let read_as = ReadAs { scale: Some([0.0, 4095.0]), alpha: Some(5), ..ReadAs::default() };
/// assert_eq!(read_as.to_string(), "--scale=0,4095 --alpha=5");
/// ```
impl fmt::Display for ReadAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bands, scale, alpha, assume_crs, allow_outside } = self;
        let bands = bands.map(|[red, green, blue]| match red == green && green == blue {
            true => format!("--bands={red}"),
            false => format!("--bands={red},{green},{blue}"),
        });
        let scale = scale.map(|[low, high]| format!("--scale={low},{high}"));
        let alpha = alpha.map(|band| format!("--alpha={band}"));
        let crs = assume_crs.as_ref().map(|code| format!("--assume-crs={code}"));
        let outside = allow_outside.then(|| "--allow-outside".to_owned());
        f.write_str(
            &[bands, scale, alpha, crs, outside]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" "),
        )
    }
}

/// Values that mark pixels without image, each with the number of its band, from 1, in the file's
/// own type: a pixel has no image where every one of these bands has its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Nodata(pub Vec<(usize, f64)>);

/// How a file tells ground with image from ground without; all that apply are combined. NaN is
/// without image in any case.
///
/// ```
/// use rams_domain::{Nodata, Validity};
///
/// let nodata = vec![Nodata(vec![(1, 0.0), (2, 0.0), (3, 0.0)])];
/// let validity = Validity { nodata, alpha_bands: vec![4], ..Validity::default() };
/// assert_eq!(validity.to_string(), "nodata value 0 and alpha band 4");
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Validity {
    /// What the bands that are read declare, and what `NODATA_VALUES` says of all bands.
    pub nodata: Vec<Nodata>,
    /// Numbers of the alpha bands, from 1.
    pub alpha_bands: Vec<usize>,
    /// Bands that have a mask of their own (internal or `.msk`): one of them where they share it.
    pub masked_bands: Vec<usize>,
    /// Whether entries of its colour table are transparent.
    pub transparent: bool,
    /// Whether pure black counts as without image, because the file says nothing: a collar that no
    /// one declared must not pass for assessed ground. Not so where every pixel is black or white.
    pub black: bool,
}

impl fmt::Display for Nodata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(values) = self;
        let first = values.first().map_or(f64::NAN, |(_, value)| *value);
        if values.iter().all(|(_, value)| *value == first || (value.is_nan() && first.is_nan())) {
            return write!(f, "nodata value {first}");
        }
        let bands: Vec<_> = values.iter().map(|(band, _)| band.to_string()).collect();
        let values: Vec<_> = values.iter().map(|(_, value)| value.to_string()).collect();
        write!(f, "nodata values {} in bands {}", values.join(", "), bands.join(", "))
    }
}

impl fmt::Display for Validity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { nodata, alpha_bands, masked_bands, transparent, black } = self;
        if *black {
            return f.write_str("not declared in the file; pure black counts as without image");
        }
        let nodata = nodata.iter().map(Nodata::to_string);
        let alpha = alpha_bands.iter().map(|band| format!("alpha band {band}"));
        let mask = (!masked_bands.is_empty()).then(|| "mask".to_owned());
        let transparent = transparent.then(|| "transparent colours".to_owned());
        let all: Vec<_> = nodata.chain(alpha).chain(mask).chain(transparent).collect();
        f.write_str(if all.is_empty() { "not declared in the file" } else { "" })?;
        f.write_str(&all.join(" and "))
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
    /// Numbers of the red, green and blue band, from 1; the same three times where it has no
    /// colours, or those of a colour table.
    pub colour_bands: [usize; 3],
    /// What its values are and what becomes of them, for people.
    pub values: String,
    /// Why its colours are not those that models learned from, for people.
    pub off_colour: Option<String>,
    /// How it marks ground without image.
    pub validity: Validity,
    /// Format, compression and block size, for people.
    pub format: String,
    /// What a person should know of how it is read and placed, a sentence each.
    pub notices: Vec<String>,
    /// How it is read.
    pub read_as: ReadAs,
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
