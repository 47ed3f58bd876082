//! What a file's values are -> red, green and blue of 8 bits.

use crate::{
    TileError, sample,
    window::{self, Resampling, Source},
};
use gdal::{
    Dataset, DriverManager, Metadata,
    raster::{Buffer, ColorInterpretation, GdalDataType, RasterBand},
};
use rams_domain::{PxBox, ReadAs};
use std::path::Path;

/// Pixels of the file that become 8 bits in one go: 24 MB as numbers.
const STRIP_PX: usize = 1_000_000;

/// Pixels around a window that interpolation looks at.
const KERNEL_PX: f64 = 2.0;

/// The bands that are read, and what becomes of their values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Colours {
    /// Numbers of the red, green and blue band, from 1.
    pub(crate) bands: [usize; 3],
    pub(crate) values: Values,
    pub(crate) kind: ValueKind,
}

/// What becomes of values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    /// They are 8 bits, and stay.
    Bytes,
    /// These two become 0 and 255.
    Scaled([f64; 2]),
    /// They are numbers of colours: red, green, blue, opacity.
    Table(Vec<[u8; 4]>),
}

/// The type of a file's values, as far as GDAL's 64-bit numbers differ from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ValueKind {
    /// One of these holds them exactly.
    Numbers,
    /// As above, but two colours and nothing between: 1 bit.
    Bits,
    /// GDAL before 3.7 reads -1 as 255.
    SignedBytes,
    /// 32-bit floats: -3.4e38 is written with more or fewer digits.
    Singles,
}

impl ValueKind {
    fn of(band: &RasterBand<'_>) -> Self {
        match band.band_type() {
            GdalDataType::Float32 => ValueKind::Singles,
            _ if item(band, "PIXELTYPE").as_deref() == Some("SIGNEDBYTE") => ValueKind::SignedBytes,
            _ if item(band, "NBITS").as_deref() == Some("1") => ValueKind::Bits,
            _ => ValueKind::Numbers,
        }
    }

    /// A value as it stands in the file.
    pub(crate) fn own(self, value: f64) -> f64 {
        match self {
            ValueKind::SignedBytes if value >= 128.0 => value - 256.0,
            ValueKind::Singles => f64::from(value as f32),
            _ => value,
        }
    }
}

impl Colours {
    /// Which bands are read and how, as a person wants it, else as the file says.
    pub(crate) fn choose(
        path: &Path,
        dataset: &Dataset,
        read_as: &ReadAs,
    ) -> Result<Self, TileError> {
        let (path, count) = (|| path.to_owned(), dataset.raster_count());
        let bands = match read_as.bands {
            Some(bands) => bands,
            None => declared(&path(), dataset, read_as)?,
        };
        let missing = |band: usize| TileError::NoBand { path: path(), band, count };
        let band = |number: usize| dataset.rasterband(number).map_err(|_| missing(number));
        if let Some(alpha) = read_as.alpha {
            band(alpha)?;
            if bands.contains(&alpha) {
                return Err(TileError::AlphaIsColour { path: path(), band: alpha });
            }
        }
        let red = band(bands[0])?;
        let is_grey = bands.iter().all(|band| *band == bands[0]);
        let kind = ValueKind::of(&red);
        if is_grey && let Some(table) = table(&red) {
            return Ok(Self { bands, values: Values::Table(table), kind });
        }
        let mut values = Values::Bytes;
        for number in bands {
            let band = band(number)?;
            match (band.band_type(), item(&band, "NBITS").as_deref(), read_as.scale) {
                (_, Some("1"), _) if kind == ValueKind::Bits => values = Values::Scaled([0.0, 1.0]),
                (GdalDataType::UInt8, None | Some("8"), _) if kind == ValueKind::Numbers => {}
                (data_type, ..) if !is_real(data_type) => {
                    return Err(TileError::DataType {
                        path: path(),
                        band: number,
                        data_type: data_type.name(),
                    });
                }
                (.., Some(scale)) => values = Values::Scaled(scale),
                (.., None) => {
                    let (data_type, proposal) =
                        (type_of(&band), sample::scale(dataset, &bands, kind));
                    return Err(TileError::NoScale {
                        path: path(),
                        band: number,
                        data_type,
                        proposal,
                    });
                }
            }
        }
        Ok(Self { bands, values, kind })
    }

    /// The values, for people.
    pub(crate) fn describe(&self, dataset: &Dataset) -> String {
        let data_type = dataset
            .rasterband(self.bands[0])
            .map_or_else(|_| "unknown".into(), |band| type_of(&band));
        match &self.values {
            Values::Bytes => format!("{data_type}, as they are"),
            Values::Scaled([low, high]) => {
                format!("{data_type}, {low} becomes 0 and {high} becomes 255")
            }
            Values::Table(table) => {
                format!("{data_type}, a colour table of {} entries", table.len())
            }
        }
    }

    /// Why these are not the colours that models learned from; `None` if they are.
    pub(crate) fn off_colour(
        &self,
        path: &Path,
        dataset: &Dataset,
        read_as: &ReadAs,
    ) -> Option<String> {
        let is_grey = match &self.values {
            Values::Table(table) => {
                table.iter().all(|[red, green, blue, _]| red == green && green == blue)
            }
            _ => self.bands.iter().all(|band| *band == self.bands[0]),
        };
        let declared = declared(path, dataset, read_as).ok();
        if is_grey {
            return Some(
                "grey: without colours plants cannot be told from bare ground, so ground that they \
                 hide counts as assessed; models learned from colours"
                    .into(),
            );
        }
        let bands = self.bands;
        declared.filter(|declared| *declared != bands).map(|declared| {
            format!(
                "bands {bands:?} in place of {declared:?}: plants are told by more green than red \
                 and blue, and models learned from red, green and blue"
            )
        })
    }

    /// Red, green and blue of a window of mosaic pixels, at another size. What is not of 8 bits
    /// becomes so before it is resampled: an average of numbers of colours is no colour.
    pub(crate) fn read(
        &self,
        dataset: &Dataset,
        window: &PxBox,
        (width, height): (usize, usize),
        resampling: Resampling,
        buffer: &mut [u8],
    ) -> Result<(), String> {
        if self.values == Values::Bytes {
            return window::read(
                dataset,
                Source::Bands(&self.bands),
                window,
                (width, height),
                resampling,
                buffer,
            );
        }
        let row_px = (window.y1 - window.y0) / height as f64;
        let rows_in_strip =
            (STRIP_PX as f64 / ((window.x1 - window.x0) * row_px.max(1.0))).ceil() as usize;
        for (strip, buffer) in buffer.chunks_mut(3 * width * rows_in_strip).enumerate() {
            let (first, rows) = ((strip * rows_in_strip) as f64, buffer.len() / (3 * width));
            let y0 = window.y0 + first * row_px;
            let part = PxBox { y0, y1: (y0 + rows as f64 * row_px).min(window.y1), ..*window };
            self.read_strip(dataset, &part, (width, rows), resampling, buffer)?;
        }
        Ok(())
    }

    fn read_strip(
        &self,
        dataset: &Dataset,
        part: &PxBox,
        size: (usize, usize),
        resampling: Resampling,
        buffer: &mut [u8],
    ) -> Result<(), String> {
        let (raster_width, raster_height) = dataset.raster_size();
        let margin = if resampling == Resampling::Bilinear { KERNEL_PX } else { 0.0 };
        let whole = PxBox {
            x0: (part.x0.floor() - margin).max(0.0),
            y0: (part.y0.floor() - margin).max(0.0),
            x1: (part.x1.ceil() + margin).min(raster_width as f64),
            y1: (part.y1.ceil() + margin).min(raster_height as f64),
        };
        let (width, height) = ((whole.x1 - whole.x0) as usize, (whole.y1 - whole.y0) as usize);
        let colours = self.convert(dataset, &whole, (width, height), Resampling::Nearest)?;
        if whole == *part && (width, height) == size {
            buffer.copy_from_slice(&colours);
            return Ok(());
        }
        let memory = in_memory(&colours, (width, height)).map_err(|error| window::cause(&error))?;
        let part = PxBox {
            x0: part.x0 - whole.x0,
            y0: part.y0 - whole.y0,
            x1: part.x1 - whole.x0,
            y1: part.y1 - whole.y0,
        };
        window::read(&memory, Source::Bands(&[1, 2, 3]), &part, size, resampling, buffer)
    }

    /// The same for people, through the file's overviews where it has any: values are averaged
    /// first.
    pub(crate) fn sketch(
        &self,
        dataset: &Dataset,
        window: &PxBox,
        size: (usize, usize),
    ) -> Result<Vec<u8>, String> {
        match self.values {
            Values::Bytes => {
                let mut rgb = vec![0; 3 * size.0 * size.1];
                self.read(dataset, window, size, Resampling::Average, &mut rgb).map(|()| rgb)
            }
            Values::Scaled(_) => self.convert(dataset, window, size, Resampling::Average),
            Values::Table(_) => self.convert(dataset, window, size, Resampling::Nearest),
        }
    }

    fn convert(
        &self,
        dataset: &Dataset,
        window: &PxBox,
        size: (usize, usize),
        resampling: Resampling,
    ) -> Result<Vec<u8>, String> {
        let bands =
            if self.bands[1..] == [self.bands[0]; 2] { &self.bands[..1] } else { &self.bands[..] };
        let mut values = vec![0.0f64; size.0 * size.1 * bands.len()];
        window::read(dataset, Source::Bands(bands), window, size, resampling, &mut values)?;
        let byte = |value: f64| match self.values {
            // In this order 257 times a byte comes back as it was.
            Values::Scaled([low, high]) => {
                ((self.kind.own(value) - low) * 255.0 / (high - low)).round() as u8
            }
            _ => value as u8,
        };
        Ok(match &self.values {
            Values::Table(table) => {
                let colour = |value: &f64| table.get(*value as usize).copied().unwrap_or_default();
                values
                    .iter()
                    .map(colour)
                    .flat_map(|[red, green, blue, _]| [red, green, blue])
                    .collect()
            }
            _ if bands.len() == 1 => {
                values.into_iter().flat_map(|value| [byte(value); 3]).collect()
            }
            _ => values.into_iter().map(byte).collect(),
        })
    }
}

/// Red, green and blue by their colour interpretation, else the three bands that are not alpha, or
/// the only one three times. Which of more are colours is not guessed: satellites begin with blue.
fn declared(path: &Path, dataset: &Dataset, read_as: &ReadAs) -> Result<[usize; 3], TileError> {
    use ColorInterpretation::{
        AlphaBand, BlueBand, GrayIndex, GreenBand, PaletteIndex, RedBand, Undefined,
    };
    let bands: Vec<_> = dataset.rasterbands().flatten().collect();
    let interpretation = |number: usize| bands[number - 1].color_interpretation();
    let is_alpha =
        |number: usize| interpretation(number) == AlphaBand || read_as.alpha == Some(number);
    let numbers = || (1..=bands.len()).filter(|number| !is_alpha(*number));
    let all = |found: [Option<usize>; 3]| Some([found[0]?, found[1]?, found[2]?]);
    let of_colour = [RedBand, GreenBand, BlueBand]
        .map(|colour| numbers().find(|n| interpretation(*n) == colour));
    if let Some(found) = all(of_colour) {
        return Ok(found);
    }
    let found = match numbers().collect::<Vec<_>>()[..] {
        [only] => [only; 3],
        [red, green, blue] => [red, green, blue],
        ref others => {
            return Err(TileError::ColourBands { path: path.to_owned(), count: others.len() });
        }
    };
    let is_known = |band: &usize| match interpretation(*band) {
        PaletteIndex => found[1] == found[0],
        other => [GrayIndex, Undefined, RedBand, GreenBand, BlueBand].contains(&other),
    };
    match found.iter().find(|band| !is_known(band)) {
        Some(band) => {
            let found = interpretation(*band).name();
            Err(TileError::ColourSpace { path: path.to_owned(), band: *band, found })
        }
        None => Ok(found),
    }
}

fn table(band: &RasterBand<'_>) -> Option<Vec<[u8; 4]>> {
    if band.color_interpretation() != ColorInterpretation::PaletteIndex {
        return None;
    }
    let table = band.color_table()?;
    let byte = |value: i16| value.clamp(0, 255) as u8;
    let entry = |index| {
        table.entry_as_rgb(index).map(|entry| [entry.r, entry.g, entry.b, entry.a].map(byte))
    };
    Some((0..table.entry_count()).map(|index| entry(index).unwrap_or_default()).collect())
}

fn in_memory(colours: &[u8], (width, height): (usize, usize)) -> gdal::errors::Result<Dataset> {
    let memory = DriverManager::get_driver_by_name("MEM")?
        .create_with_band_type::<u8, _>("", width, height, 3)?;
    for number in 0..3 {
        let values = colours.iter().skip(number).step_by(3).copied().collect();
        memory.rasterband(number + 1)?.write(
            (0, 0),
            (width, height),
            &mut Buffer::new((width, height), values),
        )?;
    }
    Ok(memory)
}

/// Whether a 64-bit number holds every value of a type.
fn is_real(data_type: GdalDataType) -> bool {
    let exact = ["Byte", "Int8", "UInt16", "Int16", "UInt32", "Int32", "Float32", "Float64"];
    exact.contains(&data_type.name().as_str())
}

/// The type of a band's values, for people.
fn type_of(band: &RasterBand<'_>) -> String {
    match (item(band, "PIXELTYPE"), item(band, "NBITS")) {
        (Some(signed), _) if signed == "SIGNEDBYTE" => "Int8".into(),
        (_, Some(bits)) => format!("{} ({bits} bit)", band.band_type().name()),
        _ => band.band_type().name(),
    }
}

fn item(band: &RasterBand<'_>, key: &str) -> Option<String> {
    band.metadata_item(key, "IMAGE_STRUCTURE")
}
