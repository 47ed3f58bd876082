//! The ground that a survey is about.

use crate::crs::{between, wgs84};
use crate::row::{Cause, geometry};
use crate::source::Source;
use gdal::spatial_ref::AxisMappingStrategy;
use gdal::vector::LayerAccess;
use geo::{BoundingRect, Rect, coord};
use rams_domain::{Crs, Ground};

/// The ground of the survey's CRS around all rows of some layers.
pub(crate) fn ground(source: &Source, layers: &[&str]) -> Result<Ground, Cause> {
    let mut corners = vec![];
    for name in layers {
        for row in source.layer(name)?.features() {
            let rect = geometry(&row)
                .map(|geometry| geometry.to_geo())
                .transpose()?
                .and_then(|it| it.bounding_rect());
            corners.extend(rect.into_iter().flat_map(|rect: Rect| [rect.min(), rect.max()]));
        }
    }
    let extent = Ground::extent_of(&corners).ok_or("it says nowhere which ground it is about")?;
    let mut crs = source.layer(layers[0])?.spatial_ref().ok_or("it has no CRS")?;
    crs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let (mut lon, mut lat): (Vec<f64>, Vec<f64>) =
        Ground::node_positions(extent).iter().map(|node| (node.x, node.y)).unzip();
    between(&crs, &wgs84()?)?.transform_coords(&mut lon, &mut lat, &mut [])?;
    let lonlat = lon.into_iter().zip(lat).map(|(x, y)| coord! { x: x, y: y }).collect();
    let name = crs.name().unwrap_or_default();
    let described = Crs { name: name.clone(), code: crs.authority().ok(), wkt: crs.to_wkt()? };
    Ground::new(described, extent, lonlat)
        .ok_or_else(|| format!("its coordinates do not belong to {name}").into())
}
