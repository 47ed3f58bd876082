/** The map: imagery in local metres of the survey, what was found on it, and the area at hand. */
/* global ol */
import { get } from "./api.js";
import { Marks } from "./marks.js";
import { Swipe } from "./swipe.js";
import { fault, number, word } from "./words.js";

const TILE_PX = 512;
/** Room around an area when it is shown, pixels. */
const MARGIN_PX = 60;

const format = new ol.format.GeoJSON();

/** @param {any} geometry GeoJSON */
export const read_geometry = (geometry) => format.readGeometry(geometry);

/** All digits: a vertex that nobody moved keeps its place to the last bit. */
export const write_geometry = (geometry) => format.writeGeometryObject(geometry);

export class ReviewMap {
  /** @param {HTMLElement} target @param {any} survey of GET /me @param {Record<string, string>} palette */
  constructor(target, survey, palette) {
    this.survey = survey;
    this.marks = new Marks(palette);
    this.sun = 315;
    this.stretch = "none";
    this.picked = () => {};
    this.moved = () => {};
    target.setAttribute("aria-label", word("top.map"));
    const [x0, y0, x1, y1] = survey.extent;
    this.finest = Math.min(...survey.layers.map((layer) => layer.finest_gsd_m), 0.05);
    this.projection = new ol.proj.Projection({
      code: "local", units: "m", extent: survey.extent, global: false,
      getPointResolution: (resolution) => resolution,
    });
    this.imagery = survey.layers.map((layer) => this.#tiles(layer));
    this.#vectors();
    const margin = Math.max(x1 - x0, y1 - y0, 300);
    this.view = new ol.View({
      projection: this.projection,
      extent: [x0 - margin, y0 - margin, x1 + margin, y1 + margin],
      minResolution: this.finest / 4,
      showFullExtent: true,
      constrainOnlyCenter: true,
      enableRotation: false,
    });
    this.map = new ol.Map({
      target,
      view: this.view,
      layers: [...this.imagery.map(({ tiles }) => tiles), this.surroundings, this.item_layer,
        this.preview_layer],
      controls: [new ol.control.Zoom(), new ol.control.ScaleLine({ minWidth: 90 })],
      interactions: ol.interaction.defaults.defaults({ doubleClickZoom: false, altShiftDragRotate: false }),
      keyboardEventTarget: target,
      maxTilesLoading: 24,
    });
    this.swipe = new Swipe(this.map, this.imagery);
    this.view.fit(survey.extent, { size: this.map.getSize() });
    // What lies around waits for the first area: it is much, and the area is what is asked for.
    this.map.on("moveend", () => this.is_begun && this.#load());
    this.map.on("singleclick", (event) => this.#click(event));
    this.map.on("pointermove", ({ dragging, pixel }) => {
      if (!dragging) target.classList.toggle("over", this.map.hasFeatureAtPixel(pixel, this.#hit()));
    });
  }

  /** @param {any} layer of GET /me */
  #tiles(layer) {
    const resolutions = [];
    for (let z = 0; z <= layer.max_z; z += 1) {
      resolutions.push(layer.finest_gsd_m * 2 ** (layer.max_z - z));
    }
    const [x0, , , y1] = this.survey.extent;
    const grid = new ol.tilegrid.TileGrid({
      origin: [x0, y1], resolutions, tileSize: TILE_PX, extent: layer.extent,
    });
    const url = ([z, x, y]) => {
      const query = layer.kind === "hillshade" ? `sun=${this.sun}` : `stretch=${this.stretch}`;
      return `/tiles/${encodeURIComponent(layer.id)}/${layer.digest}/${z}/${x}/${y}?${query}`;
    };
    const source = new ol.source.TileImage({
      projection: this.projection, tileGrid: grid, tileUrlFunction: url, transition: 0,
      interpolate: false,
    });
    const tiles = new ol.layer.Tile({
      source, extent: layer.extent, preload: 1, className: layer.kind,
      visible: layer.kind !== "hillshade",
    });
    return { layer, grid, source, tiles, url };
  }

  #vectors() {
    const source = () => new ol.source.Vector({ useSpatialIndex: true });
    const layer = (of, style) => new ol.layer.Vector({
      source: of, style, updateWhileAnimating: false, updateWhileInteracting: false,
    });
    const style = (feature) => this.marks.style(feature);
    this.surroundings = layer(source(), style);
    this.item_layer = layer(source(), style);
    this.preview_layer = layer(source(), style);
  }

  /** @param {any} item of GET /items */
  show_item(item) {
    Object.assign(this.marks, { item: item?.id, own: new Set(item?.features.map(({ id }) => id)), lit: undefined });
    const features = [];
    const add = (geometry, properties) => {
      const feature = new ol.Feature(read_geometry(geometry));
      feature.setProperties(properties);
      features.push(feature);
    };
    if (item) {
      const { land_class, threat } = item;
      for (const belt of item.belts) add(belt.geometry, { role: "belt", land_class, threat });
      add(item.boundary, { role: "item", land_class, threat });
      item.features.forEach((find, at) => {
        const { geometry, ...rest } = find;
        add(geometry, { ...rest, role: "find", number: at < 9 ? at + 1 : undefined });
      });
    }
    const source = this.item_layer.getSource();
    source.clear(true);
    source.addFeatures(features);
    this.preview(undefined);
    this.surroundings.changed();
    if (item) this.fit(read_geometry(item.boundary).getExtent());
    if (!this.is_begun) {
      this.is_begun = true;
      if (!item) this.#load();
    }
  }

  /** The bounds to show of an area, with the size of the map; its upper edge may be covered. */
  #framed(extent, covered_px = 0) {
    const size = this.map.getSize() ?? [800, 600];
    const [width, height] = size.map((px) => Math.max(px - 2 * MARGIN_PX, 100));
    const resolution = Math.max(ol.extent.getWidth(extent) / width,
      ol.extent.getHeight(extent) / (height - covered_px), this.finest);
    const [x, y] = ol.extent.getCenter(extent);
    return { centre: [x, y + (covered_px / 2) * resolution], resolution, size };
  }

  /** Shows a whole area below a bar, unless only a part of it is in sight. @param {number} covered_px */
  make_room(extent, covered_px) {
    const view = this.view.calculateExtent(this.map.getSize());
    if (ol.extent.containsExtent(view, extent)) this.fit(extent, covered_px);
  }

  /** @param {number[]} extent @param {number} [covered_px] */
  fit(extent, covered_px) {
    this.map.updateSize();
    const { centre, resolution } = this.#framed(extent, covered_px);
    this.view.setCenter(centre);
    this.view.setResolution(resolution);
  }

  /** Loads the tiles that an area will need, so that it is sharp at once. @param {number[]} extent */
  fetch_ahead(extent) {
    const { centre: [x, y], resolution, size: [width, height] } = this.#framed(extent);
    const half = [(width / 2) * resolution, (height / 2) * resolution];
    const bounds = [x - half[0], y - half[1], x + half[0], y + half[1]];
    for (const { layer, grid, tiles, url } of this.imagery) {
      if (!tiles.getVisible()) continue;
      const part = ol.extent.getIntersection(bounds, layer.extent);
      if (ol.extent.isEmpty(part)) continue;
      const z = grid.getZForResolution(resolution / (window.devicePixelRatio || 1));
      grid.forEachTileCoord(part, z, (coord) => {
        new Image().src = url(coord);
      });
    }
  }

  /** Zooms to a find at the imagery's own pixels. @param {string} id */
  zoom_to(id) {
    const feature = this.#find_of(id);
    if (!feature) return;
    const extent = feature.getGeometry().getExtent();
    this.light(id);
    const { centre, resolution } = this.#framed(extent);
    this.view.setCenter(centre);
    this.view.setResolution(resolution);
  }

  #find_of(id) {
    return this.item_layer.getSource().getFeatures().find((feature) => feature.get("id") === id);
  }

  /** @param {string | undefined} id of the find to bring out */
  light(id) {
    this.marks.lit = id;
    this.item_layer.changed();
  }

  /** @param {string} id @param {string | null} verdict */
  set_verdict(id, verdict) {
    this.#find_of(id)?.set("verdict", verdict);
  }

  /** @param {any} geometry GeoJSON of what would be, or nothing @param {number[]} [at] of a problem */
  preview(geometry, at) {
    const source = this.preview_layer.getSource();
    source.clear(true);
    for (const part of geometry ? [geometry].flat() : []) {
      source.addFeature(new ol.Feature({ geometry: read_geometry(part), role: "preview" }));
    }
    if (at) source.addFeature(new ol.Feature({ geometry: new ol.geom.Point(at), role: "problem" }));
  }

  /** Fetches what lies in the view, simplified to its pixels. */
  async #load() {
    this.loading?.abort();
    this.loading = new AbortController();
    const resolution = this.view.getResolution();
    const bbox = this.view.calculateExtent(this.map.getSize()).map((c) => c.toFixed(3));
    try {
      const found = await get(`/features?bbox=${bbox}&res=${resolution.toPrecision(4)}`, this.loading.signal);
      const source = this.surroundings.getSource();
      source.clear(true);
      source.addFeatures(format.readFeatures(found));
      this.moved(found.capped ? word("layer.capped",
        { n: number(found.features.length), of: number(found.of) }) : "");
    } catch (error) {
      if (error.name !== "AbortError") this.moved(fault(error));
    }
  }

  /** Fetches again what lies in the view: a decision has changed it. */
  refresh() {
    this.#load();
  }

  #hit() {
    return { hitTolerance: 4, layerFilter: (layer) => [this.item_layer, this.surroundings].includes(layer) };
  }

  #click({ pixel }) {
    const ids = { find: undefined, area: undefined };
    this.map.forEachFeatureAtPixel(pixel, (feature) => {
      const role = feature.get("role") ?? feature.get("layer");
      if (role in ids) ids[role] ??= feature.get("id");
    }, this.#hit());
    this.picked(ids);
  }

  /** @param {boolean} visible */
  set_marks(visible) {
    this.surroundings.setVisible(visible);
    this.item_layer.setVisible(visible);
  }

  get has_marks() {
    return this.surroundings.getVisible();
  }

  /** Layers of a kind. */
  of_kind(kind) {
    return this.imagery.filter(({ layer }) => layer.kind === kind);
  }

  /** @param {boolean} visible */
  set_hillshade(visible) {
    for (const { tiles } of this.of_kind("hillshade")) tiles.setVisible(visible);
  }

  get has_hillshade() {
    return this.of_kind("hillshade").some(({ tiles }) => tiles.getVisible());
  }

  /** @param {number} degrees from north, clockwise */
  set_sun(degrees) {
    this.sun = degrees;
    for (const { source } of this.of_kind("hillshade")) source.refresh();
  }

  /** @param {"none" | "percent"} stretch */
  set_stretch(stretch) {
    this.stretch = stretch;
    for (const { source } of this.of_kind("orthomosaic")) source.refresh();
  }
}
