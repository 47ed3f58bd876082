//! How a file says where it has no image -> [`Validity`].

use crate::colour::{Colours, Values};
use crate::value_type::ValueType;
use gdal::{
    Dataset, Metadata,
    raster::{ColorInterpretation, GdalDataType, RasterBand},
};
use rams_domain::{Nodata, ReadAs, Validity};

/// All that a file declares, and what a person should know of bands that are not read.
pub(crate) fn declared(
    dataset: &Dataset,
    colours: &Colours,
    read_as: &ReadAs,
) -> (Validity, Vec<String>) {
    let mut bands = colours.bands.to_vec();
    bands.dedup();
    let is_alpha = |number: usize| {
        let declares =
            |band: RasterBand<'_>| band.color_interpretation() == ColorInterpretation::AlphaBand;
        read_as.alpha == Some(number) || dataset.rasterband(number).is_ok_and(declares)
    };
    // A band that is chosen as a colour is no alpha: near infrared is often taken for it.
    let others = (1..=dataset.raster_count()).filter(|number| !bands.contains(number));
    let (alpha_bands, unread): (Vec<usize>, Vec<usize>) =
        others.partition(|number| is_alpha(*number));
    let mut notices: Vec<String> = unread_notice(&unread).into_iter().collect();
    let own = Nodata(
        bands
            .iter()
            .filter_map(|band| Some((*band, nodata(dataset, *band, colours.value_type)?)))
            .collect(),
    );
    let of_all = of_all_bands(dataset, colours.value_type, &mut notices);
    let nodata: Vec<_> = [own, of_all].into_iter().filter(|nodata| !nodata.0.is_empty()).collect();
    let masked_bands = masked(dataset, &bands);
    let transparent = match &colours.values {
        Values::Table(table) => table.iter().any(|[.., opacity]| *opacity < 128),
        _ => false,
    };
    let says_nothing =
        nodata.is_empty() && alpha_bands.is_empty() && masked_bands.is_empty() && !transparent;
    let black = says_nothing && colours.value_type != ValueType::Bits;
    (Validity { nodata, alpha_bands, masked_bands, transparent, black }, notices)
}

/// What to say of bands that are neither colour nor alpha.
fn unread_notice(unread: &[usize]) -> Option<String> {
    let numbers: Vec<_> = unread.iter().map(usize::to_string).collect();
    match &numbers[..] {
        [] => None,
        [only] => Some(format!(
            "band {only} is not read; if it marks ground without image, give --alpha {only}"
        )),
        all => {
            let all = all.join(", ");
            Some(format!(
                "bands {all} are not read; if one marks ground without image, give \
                 its number with --alpha"
            ))
        }
    }
}

/// The nodata value of a band, if a pixel can have it: another marks nothing.
fn nodata(dataset: &Dataset, number: usize, value_type: ValueType) -> Option<f64> {
    let band = dataset.rasterband(number).ok()?;
    band.no_data_value().filter(|value| is_possible(*value, &band, value_type))
}

fn is_possible(value: f64, band: &RasterBand<'_>, value_type: ValueType) -> bool {
    let whole = |least: f64, most: f64| value.fract() == 0.0 && (least..=most).contains(&value);
    match band.band_type() {
        _ if value_type == ValueType::SignedBytes => whole(-128.0, 127.0),
        GdalDataType::Float32 | GdalDataType::Float64 => true,
        GdalDataType::UInt8 => whole(0.0, 255.0),
        GdalDataType::UInt16 => whole(0.0, 65_535.0),
        _ => value.fract() == 0.0,
    }
}

/// `NODATA_VALUES`: a value for each band, all of which a pixel without image has.
fn of_all_bands(dataset: &Dataset, value_type: ValueType, notices: &mut Vec<String>) -> Nodata {
    let Some(text) = dataset.metadata_item("NODATA_VALUES", "") else { return Nodata(vec![]) };
    let words = text.split([' ', ',', ';', '\t']).filter(|word| !word.is_empty());
    let values: Option<Vec<f64>> = words.map(|word| word.parse().ok()).collect();
    let Some(values) = values.filter(|values| !values.is_empty()) else {
        notices.push(format!("NODATA_VALUES={text} is not read: it lists no numbers"));
        return Nodata(vec![]);
    };
    let all: Vec<_> = (1..=dataset.raster_count()).zip(values).collect();
    let is_possible = |(number, value): &(usize, f64)| {
        dataset.rasterband(*number).is_ok_and(|band| is_possible(*value, &band, value_type))
    };
    Nodata(if all.iter().all(is_possible) { all } else { vec![] })
}

/// The bands whose masks tell ground without image, which no nodata value or alpha band tells
/// already.
fn masked(dataset: &Dataset, bands: &[usize]) -> Vec<usize> {
    let flags = |number: &usize| dataset.rasterband(*number).ok()?.mask_flags().ok();
    let is_own = |number: &&usize| {
        flags(number)
            .is_some_and(|flags| !flags.is_all_valid() && !flags.is_alpha() && !flags.is_nodata())
    };
    let mut masked: Vec<usize> = bands.iter().filter(is_own).copied().collect();
    if masked.iter().all(|number| flags(number).is_some_and(|flags| flags.is_per_dataset())) {
        masked.truncate(1);
    }
    masked
}
