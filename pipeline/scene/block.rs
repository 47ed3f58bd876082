//! Paints one block of pixels: ground, then what lies on it, then the camera.

use crate::camera::{Film, Mosaic, Planes};
use crate::canvas::Canvas;
use crate::clutter;
use crate::footprint::{Covered, Footprint};
use crate::ground::Surface;
use crate::layout::{Layout, LayoutItem};
use crate::light::Sun;
use crate::region::Region;
use crate::truth::{TrueObject, truth};
use crate::{SceneError, SceneSpec};
use geo::coord;

/// Paints any region of a scene; the same pixels whatever the region and the thread.
#[derive(Debug, Clone)]
pub(crate) struct Painter {
    seed: u64,
    gsd_m: f64,
    pub(crate) layout: Layout,
    ground: Surface,
    pub(crate) mosaic: Mosaic,
    film: Film,
}

impl Painter {
    pub(crate) fn new(spec: &SceneSpec) -> Result<Self, SceneError> {
        spec.check()?;
        let mosaic = Mosaic::new(spec);
        let layout = Layout::new(spec, &mosaic);
        let ground = Surface::new(spec, &layout)?;
        let film = Film::new(spec.seed, spec.gsd_m, &spec.camera);
        Ok(Self { seed: spec.seed, gsd_m: spec.gsd_m, layout, ground, mosaic, film })
    }

    /// The exact truth of what it paints.
    pub(crate) fn truth(&self, spec: &SceneSpec) -> Vec<TrueObject> {
        truth(spec, &self.layout, &self.mosaic)
    }

    /// The region's red, green, blue and alpha, one after the other for each pixel.
    pub(crate) fn paint(&self, region: Region) -> Vec<[u8; 4]> {
        let gsd_m = self.gsd_m;
        let middle = coord! {
            x: (region.x as f64 + region.width as f64 / 2.0) * gsd_m,
            y: (region.y as f64 + region.height as f64 / 2.0) * gsd_m,
        };
        let radius_m = (region.width as f64).hypot(region.height as f64) / 2.0 * gsd_m;
        let covered = self.layout.footprint.covers_circle(middle, radius_m);
        if covered == Covered::Not {
            return vec![[0; 4]; region.width * region.height];
        }
        let exposed = self.film.exposed(&self.mosaic, region);
        let mut canvas = Canvas::new(exposed, gsd_m);
        self.ground.paint(&self.layout, exposed, &mut canvas.pixels);
        clutter::scatter(&mut canvas, self.seed, &self.layout);
        let (low, high) = canvas.bounds();
        for item in self.layout.near(low, high) {
            match item {
                LayoutItem::Object(index) => {
                    canvas.lay(&self.layout.objects[index], &self.layout.sun)
                }
                LayoutItem::Shrub(index) => {
                    canvas.plant(&self.layout.shrubs[index], &self.layout.sun)
                }
            }
        }
        let levels = self.film.develop(&self.mosaic, region, exposed, light(&canvas));
        self.print(&levels, region, covered)
    }

    /// Whole levels, and transparency beyond the footprint.
    fn print(&self, levels: &Planes, region: Region, covered: Covered) -> Vec<[u8; 4]> {
        let covered = Mask::new(&self.layout.footprint, region, self.gsd_m, covered);
        let mut out = Vec::with_capacity(region.width * region.height);
        for row in 0..region.height {
            for col in 0..region.width {
                let at = row * region.width + col;
                let level = |band: usize| (levels.bands[band][at] + 0.5).clamp(0.0, 255.0) as u8;
                let is_covered = covered.at(&self.layout.footprint, row, col);
                out.push(if is_covered { [level(0), level(1), level(2), 255] } else { [0; 4] });
            }
        }
        out
    }
}

/// The light that comes from each pixel of a canvas.
fn light(canvas: &Canvas) -> Planes {
    let [width, height] = canvas.size();
    let mut planes = Planes::empty(width, height);
    for (band, (plane, shade)) in planes.bands.iter_mut().zip(Sun::SHADE).enumerate() {
        for (level, pixel) in plane.iter_mut().zip(&canvas.pixels) {
            let lit = pixel.colour[band] * (shade * pixel.sky + (1.0 - shade) * pixel.sun);
            // The highlights roll off, as in a camera's curve.
            *level = if lit > 200.0 { 200.0 + (lit - 200.0) * 0.6 } else { lit };
        }
    }
    planes
}

/// Which pixels of a region the footprint covers, told by cells where a cell is all or nothing.
struct Mask {
    region: Region,
    gsd_m: f64,
    cells: Vec<Covered>,
}

impl Mask {
    const CELL_PX: usize = 16;

    fn new(footprint: &Footprint, region: Region, gsd_m: f64, whole: Covered) -> Self {
        let cell = Self::CELL_PX as f64 * gsd_m;
        let first = coord! { x: region.x as f64 * gsd_m, y: region.y as f64 * gsd_m };
        let (cols, rows) =
            (region.width.div_ceil(Self::CELL_PX), region.height.div_ceil(Self::CELL_PX));
        let cells = (0..rows * cols)
            .map(|index| match whole {
                Covered::Partly => {
                    let at =
                        coord! { x: (index % cols) as f64 + 0.5, y: (index / cols) as f64 + 0.5 };
                    footprint.covers_circle(first + at * cell, cell)
                }
                whole => whole,
            })
            .collect();
        Self { region, gsd_m, cells }
    }

    fn at(&self, footprint: &Footprint, row: usize, col: usize) -> bool {
        let cols = self.region.width.div_ceil(Self::CELL_PX);
        match self.cells[row / Self::CELL_PX * cols + col / Self::CELL_PX] {
            Covered::Whole => true,
            Covered::Not => false,
            Covered::Partly => footprint.covers(coord! {
                x: (self.region.x as f64 + col as f64 + 0.5) * self.gsd_m,
                y: (self.region.y as f64 + row as f64 + 0.5) * self.gsd_m,
            }),
        }
    }
}
