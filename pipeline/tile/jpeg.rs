//! A picture for people -> a JPEG file in memory.

use crate::{Picture, TileError};
use image::{ExtendedColorType, ImageEncoder, codecs::jpeg::JpegEncoder};
use rams_domain::{PxBox, RasterSize};

/// Quality: at 85 no block shows beside a mine of 20 pixels.
const QUALITY: u8 = 85;

/// Colour of a frame, the same as that of what points to hazard on maps.
const FRAME: [u8; 3] = [216, 17, 89];

impl Picture {
    /// Draws a frame two pixels wide around a box in mosaic pixels, two pixels away from it, so
    /// that nothing of it is covered.
    pub fn frame(&mut self, px: &PxBox) {
        let (width, height) = (i64::from(self.size.width), i64::from(self.size.height));
        let PxBox { x0, y0, x1, y1 } = self.window;
        let [across, down] = [width as f64 / (x1 - x0), height as f64 / (y1 - y0)];
        let [left, right] = [(px.x0 - x0) * across - 2.0, (px.x1 - x0) * across + 2.0];
        let [top, bottom] = [(px.y0 - y0) * down - 2.0, (px.y1 - y0) * down + 2.0];
        let inside = |x: i64, y: i64, by: i64| {
            let (x, y, by) = (x as f64 + 0.5, y as f64 + 0.5, by as f64);
            x > left - by && x < right + by && y > top - by && y < bottom + by
        };
        for (at, pixel) in (0..).zip(self.rgb.chunks_exact_mut(3)) {
            let (x, y) = (at % width, at / width);
            if inside(x, y, 2) && !inside(x, y, 0) {
                pixel.copy_from_slice(&FRAME);
            }
        }
    }

    /// The picture as a JPEG file.
    pub fn jpeg(&self) -> Result<Vec<u8>, TileError> {
        jpeg(&self.rgb, self.size)
    }
}

/// Red, green, blue of pixels, row by row, as a JPEG file. An error where they are fewer or more
/// than the size says.
pub fn jpeg(rgb: &[u8], size: RasterSize) -> Result<Vec<u8>, TileError> {
    let mut bytes = vec![];
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .write_image(rgb, size.width, size.height, ExtendedColorType::Rgb8)
        .map_err(|error| TileError::Jpeg { cause: error.to_string() })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use crate::Picture;
    use rams_domain::{PxBox, RasterSize};

    #[test]
    fn a_picture_is_framed_and_becomes_a_jpeg() {
        let window = PxBox { x0: 100.0, y0: 100.0, x1: 140.0, y1: 120.0 };
        let size = RasterSize { width: 40, height: 20 };
        let mut picture =
            Picture { window, size, rgb: vec![200; 3 * 40 * 20], has_image: vec![true; 40 * 20] };
        picture.frame(&PxBox { x0: 110.0, y0: 108.0, x1: 120.0, y1: 112.0 });
        let at = |x: usize, y: usize| &picture.rgb[3 * (y * 40 + x)..][..3];
        // The box is columns 10 to 19 and rows 8 to 11; two pixels of ground about it stay.
        for (x, y) in [(7, 5), (6, 4), (23, 15), (7, 10), (15, 14)] {
            assert_eq!(at(x, y), super::FRAME, "{x}, {y}");
        }
        for (x, y) in [(8, 6), (21, 13), (15, 10), (5, 10), (24, 10), (15, 16)] {
            assert_eq!(at(x, y), [200; 3], "{x}, {y}");
        }
        let jpeg = picture.jpeg().expect("as many pixels as the size says");
        assert_eq!(&jpeg[..3], [0xff, 0xd8, 0xff]);
        assert!(jpeg.len() < 2400, "{}", jpeg.len());
    }
}
