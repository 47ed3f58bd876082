/** A layer that is drawn on the right of a line only. */
/* global ol */

export class Swipe {
  /** @param {any} map of OpenLayers @param {{layer: any, tiles: any}[]} imagery drawn below all else */
  constructor(map, imagery) {
    this.map = map;
    this.imagery = imagery;
  }

  /** @param {string | undefined} id of the layer @param {number} at where the line is, 0 to 1 */
  set(id, at) {
    this.at = at;
    if (this.over?.layer.id !== id) {
      this.#put_back();
      const over = this.imagery.find(({ layer }) => layer.id === id);
      if (over) this.#take(over);
    }
    this.map.render();
  }

  #put_back() {
    if (!this.over) return;
    ol.Observable.unByKey(this.over.hooks);
    this.over.tiles.setVisible(this.over.was_visible);
    this.over = undefined;
  }

  #take({ layer, tiles }) {
    const was_visible = tiles.getVisible();
    tiles.setVisible(true);
    this.map.getLayers().remove(tiles);
    this.map.getLayers().insertAt(this.imagery.length - 1, tiles);
    const hooks = [
      tiles.on("prerender", (event) => this.#clip(event)),
      tiles.on("postrender", (event) => event.context.restore()),
    ];
    this.over = { layer, tiles, was_visible, hooks };
  }

  #clip(event) {
    const [width, height] = this.map.getSize();
    const x = width * this.at;
    const corners = [[x, 0], [width, 0], [width, height], [x, height]]
      .map((px) => ol.render.getRenderPixel(event, px));
    const { context } = event;
    context.save();
    context.beginPath();
    corners.forEach(([cx, cy], at) => (at ? context.lineTo(cx, cy) : context.moveTo(cx, cy)));
    context.closePath();
    context.clip();
  }
}
