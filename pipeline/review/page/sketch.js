/** How a drawing looks, and its holes. */
/* global ol */

export const STYLE = [
  new ol.style.Style({ stroke: new ol.style.Stroke({ color: "#fff", width: 5 }) }),
  new ol.style.Style({
    stroke: new ol.style.Stroke({ color: "#0b57d0", width: 2.5 }),
    fill: new ol.style.Fill({ color: "rgba(11, 87, 208, 0.08)" }),
  }),
  new ol.style.Style({
    image: new ol.style.Circle({
      radius: 4, fill: new ol.style.Fill({ color: "#fff" }),
      stroke: new ol.style.Stroke({ color: "#0b57d0", width: 2 }),
    }),
    geometry: (feature) => new ol.geom.MultiPoint(vertices(feature.getGeometry())),
  }),
];

/** All vertices of a polygon, a multipolygon or a line. */
function vertices(geometry) {
  return geometry.getCoordinates().flat(geometry.getType() === "MultiPolygon" ? 2
    : geometry.getType() === "Polygon" ? 1 : 0);
}

/** The polygons of a geometry. */
const polygons = (geometry) => (geometry.getType() === "MultiPolygon"
  ? geometry.getPolygons() : [geometry.clone()]);

/** Polygons in the type that a geometry had, if they fit in it. */
const like = (geometry, parts) => (geometry.getType() === "Polygon" && parts.length === 1
  ? parts[0] : new ol.geom.MultiPolygon(parts));

/** An outline with one hole more, or nothing where the ring does not lie in a part of it. */
export function with_hole(outline, ring) {
  const parts = polygons(outline);
  const around = parts.find((part) => ring.getCoordinates().every((at) => part.intersectsCoordinate(at)));
  if (!around) return undefined;
  around.appendLinearRing(ring);
  return like(outline, parts);
}

/** An outline without the hole at a place, or nothing where there is none. */
export function without_hole(outline, at) {
  const is_hit = (ring) => new ol.geom.Polygon([ring]).intersectsCoordinate(at);
  const rings = polygons(outline).map((part) => part.getCoordinates());
  const kept = rings.map(([outer, ...holes]) => [outer, ...holes.filter((hole) => !is_hit(hole))]);
  if (kept.flat().length === rings.flat().length) return undefined;
  return like(outline, kept.map((coordinates) => new ol.geom.Polygon(coordinates)));
}
