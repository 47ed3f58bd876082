//! A window of a file -> red, green and blue of 8 bits.

use crate::{
    average::average,
    colour::{Colours, Values},
    window::{self, Resampling, Source},
};
use gdal::{Dataset, DriverManager, raster::Buffer};
use rams_domain::PxBox;

/// Pixels of the file that become 8 bits, or are averaged, in one go: 24 MB as numbers.
const STRIP_PX: usize = 1_000_000;

/// Pixels around a window that interpolation looks at.
const KERNEL_PX: f64 = 2.0;

impl Colours {
    /// Red, green and blue of a window of mosaic pixels, at another size. What is not of 8 bits
    /// becomes so before it is resampled: an average of numbers of colours is no colour. Strip by
    /// strip, so that each block is decoded once for all bands, however large the window.
    pub(crate) fn read(
        &self,
        dataset: &Dataset,
        window: &PxBox,
        (width, height): (usize, usize),
        resampling: Resampling,
        buffer: &mut [u8],
    ) -> Result<(), String> {
        if self.values == Values::Bytes && resampling != Resampling::Average {
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
        let part = PxBox {
            x0: part.x0 - whole.x0,
            y0: part.y0 - whole.y0,
            x1: part.x1 - whole.x0,
            y1: part.y1 - whole.y0,
        };
        if resampling == Resampling::Average {
            average(&colours, width, &part, size, buffer);
            return Ok(());
        }
        let memory = in_memory(&colours, (width, height)).map_err(|error| window::cause(&error))?;
        window::read(&memory, Source::Bands(&[1, 2, 3]), &part, size, resampling, buffer)
    }

    /// The same for people, through the file's overviews where it has any: values are averaged
    /// first, by GDAL.
    pub(crate) fn sketch(
        &self,
        dataset: &Dataset,
        window: &PxBox,
        size: (usize, usize),
    ) -> Result<Vec<u8>, String> {
        let is_table = matches!(self.values, Values::Table(_));
        let resampling = if is_table { Resampling::Nearest } else { Resampling::Average };
        self.convert(dataset, window, size, resampling)
    }

    fn convert(
        &self,
        dataset: &Dataset,
        window: &PxBox,
        size: (usize, usize),
        resampling: Resampling,
    ) -> Result<Vec<u8>, String> {
        if self.values == Values::Bytes {
            let mut rgb = vec![0; 3 * size.0 * size.1];
            let bands = Source::Bands(&self.bands);
            window::read(dataset, bands, window, size, resampling, &mut rgb)?;
            return Ok(rgb);
        }
        let bands =
            if self.bands[1..] == [self.bands[0]; 2] { &self.bands[..1] } else { &self.bands[..] };
        let mut values = vec![0.0f64; size.0 * size.1 * bands.len()];
        window::read(dataset, Source::Bands(bands), window, size, resampling, &mut values)?;
        let byte = |value: f64| match self.values {
            // In this order 257 times a byte comes back as it was.
            Values::Scaled([low, high]) => {
                ((self.value_type.own(value) - low) * 255.0 / (high - low)).round() as u8
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

/// Colours as a raster in memory.
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
