//! How rasters are to be read.

use rams_domain::ReadAs;

/// Flags of every command that opens an orthomosaic.
#[derive(clap::Args)]
pub(crate) struct ReadArgs {
    /// Numbers of the red, green and blue band, from 1; one number for grey [default: as the file
    /// says]
    #[arg(long, value_name = "R,G,B", value_parser = bands)]
    bands: Option<[usize; 3]>,
    /// The two values that become black and white in files of more or less than 8 bits, one pair
    /// for all orthomosaics: what lies beyond is cut off
    #[arg(long, value_name = "LOW,HIGH", value_parser = scale, allow_hyphen_values = true)]
    scale: Option<[f64; 2]>,
    /// Number of a band that marks ground without image, in files that do not say so: it is no
    /// image where the band is below half of the most that its type holds
    #[arg(long, value_name = "BAND", value_parser = band)]
    alpha: Option<usize>,
    /// Coordinate reference system of all orthomosaics and the surface model, whatever they say
    /// themselves
    #[arg(long, value_name = "EPSG:CODE", value_parser = crs)]
    assume_crs: Option<String>,
    /// Let a VRT name sources outside its own folder
    #[arg(long)]
    allow_outside: bool,
}

impl ReadArgs {
    pub(crate) fn resolve(self) -> ReadAs {
        let Self { bands, scale, alpha, assume_crs, allow_outside } = self;
        ReadAs { bands, scale, alpha, assume_crs, allow_outside }
    }
}

fn bands(text: &str) -> Result<[usize; 3], String> {
    let numbers: Option<Vec<usize>> =
        text.split(',').map(|number| number.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some([grey]) if *grey > 0 => Ok([*grey; 3]),
        Some([red, green, blue]) if [red, green, blue].iter().all(|band| **band > 0) => {
            Ok([*red, *green, *blue])
        }
        _ => {
            Err("give three numbers of bands, 4,3,2 say, or one for grey; the first band is 1"
                .into())
        }
    }
}

fn band(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "give the number of a band, 4 say; the first is 1".into())
}

fn scale(text: &str) -> Result<[f64; 2], String> {
    let numbers: Option<Vec<f64>> =
        text.split(',').map(|number| number.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some([low, high]) if low.is_finite() && high.is_finite() && low < high => Ok([*low, *high]),
        _ => Err("give two numbers, the lower first: 0,65535 say".into()),
    }
}

fn crs(text: &str) -> Result<String, String> {
    rams_tile::check_crs(text).map(|()| text.to_owned()).map_err(|error| error.to_string())
}
