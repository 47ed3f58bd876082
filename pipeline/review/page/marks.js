/** How areas, finds, gaps and what others know look on the map. */
/* global ol */
import { term } from "./words.js";

/** Corners and turn of the mark of a category. */
const SHAPES = {
  AP_MINE: [24, 0], AV_MINE: [4, Math.PI / 4], MIXED_MINE: [4, 0], IMPROVISED_MINE: [6, 0],
  CMR: [3, 0], UXO: [5, 0], AXO: [5, 0], BOOBY_TRAP: [5, 0], IED: [4, Math.PI / 4], UNKNOWN: [24, 0],
};

const stroke = (color, width, lineDash) => new ol.style.Stroke({ color, width, lineDash });
const fill = (color) => new ol.style.Fill({ color });

/** Lines at 45 degrees: ground that nobody looked at. */
function hatch(colour) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 12;
  const pen = canvas.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = 1.2;
  pen.beginPath();
  for (const shift of [-12, 0, 12]) {
    pen.moveTo(shift, 12);
    pen.lineTo(shift + 12, 0);
  }
  pen.stroke();
  return pen.createPattern(canvas, "repeat");
}

export class Marks {
  /** @param {Record<string, string>} palette colour of a word */
  constructor(palette) {
    this.palette = palette;
    this.hatch = fill(hatch("rgba(40, 36, 32, 0.6)"));
    /** The id of the area at hand, the ids of its finds, and that of the one to bring out. */
    this.item = undefined;
    this.own = new Set();
    this.lit = undefined;
    /** Styles by what they depend on: thousands of marks share a few. */
    this.made = new Map();
  }

  /** @param {any} feature of the map @returns {any} its style, or nothing where it is not drawn */
  style(feature) {
    const role = feature.get("role") ?? `around ${feature.get("layer")}`;
    const id = feature.get("id");
    if (role === "around area" && id === this.item) return undefined;
    // Those of the area at hand are drawn with it.
    if (role === "around find" && this.own.has(id)) return undefined;
    const is_find = role === "find" || role === "around find";
    const key = is_find ? this.#find_key(feature) : `${role} ${this.#area_colour(feature)} ${
      feature.get("state")} ${feature.get("kind")}`;
    if (!this.made.has(key)) this.made.set(key, is_find ? this.#find(feature) : this.#shape(role, feature));
    return this.made.get(key);
  }

  #area_colour(feature) {
    const word = feature.get("land_class") === "SHA" ? feature.get("threat") : "INDICATION";
    return this.palette[word] ?? "#333";
  }

  #shape(role, feature) {
    const colour = this.#area_colour(feature);
    const { Circle, Style } = ol.style;
    switch (role) {
      case "around area": {
        const decided = ["rejected", "superseded"].includes(feature.get("state"));
        return [
          new Style({ stroke: stroke("rgba(255,255,255,0.6)", 4), fill: fill("rgba(255,255,255,0.01)") }),
          new Style({ stroke: stroke(colour, decided ? 1 : 1.8, decided ? [2, 4] : undefined) }),
        ];
      }
      case "item":
        return [
          new Style({ stroke: stroke("rgba(255,255,255,0.9)", 6) }),
          new Style({ stroke: stroke(colour, 3) }),
        ];
      case "belt":
        return [
          new Style({ stroke: stroke("rgba(255,255,255,0.6)", 3) }),
          new Style({ stroke: stroke(colour, 1.2, [6, 5]) }),
        ];
      case "around gap":
        return new Style({ fill: this.hatch, stroke: stroke("rgba(40,36,32,0.6)", 0.8) });
      case "around external":
        return this.#external(feature.get("kind"));
      case "preview":
        return [
          new Style({ stroke: stroke("#fff", 5), fill: fill("rgba(20,20,20,0.06)") }),
          new Style({ stroke: stroke("#161616", 2.2, [8, 6]) }),
        ];
      default:
        return new Style({
          image: new Circle({ radius: 11, stroke: stroke("#a30d1b", 3), fill: fill("rgba(255,255,255,0.4)") }),
        });
    }
  }

  #external(kind) {
    const colour = this.palette[kind] ?? "#a30d1b";
    return new ol.style.Style({
      stroke: stroke(colour, 2, [10, 4]),
      image: new ol.style.RegularShape({
        points: 5, radius: 11, radius2: 5, fill: fill(colour), stroke: stroke("#fff", 1.5),
      }),
      text: new ol.style.Text({
        text: term("kind", kind), offsetY: 18, font: "600 12px sans-serif",
        fill: fill("#111"), stroke: stroke("#fff", 3),
      }),
    });
  }

  #find_key(feature) {
    const parts = ["eo_category", "indicator", "number", "verdict"].map((part) => feature.get(part));
    return ["find", ...parts, feature.get("id") === this.lit].join(" ");
  }

  #find(feature) {
    const category = feature.get("eo_category") ?? "UNKNOWN";
    const colour = this.palette[category === "UNKNOWN" ? feature.get("indicator") : category]
      ?? this.palette[category] ?? "#333";
    const is_lit = feature.get("id") === this.lit;
    const number = feature.get("number");
    const [points, angle] = SHAPES[category] ?? SHAPES.UNKNOWN;
    const mark = (line) => new ol.style.RegularShape({ points, angle, radius: is_lit ? 15 : 10, stroke: line });
    const ring = mark(stroke(colour, is_lit ? 4 : 2.2));
    const casing = mark(stroke("#fff", is_lit ? 8 : 4.5));
    const text = number && new ol.style.Text({
      text: feature.get("verdict") === "not_seen" ? "✕" : String(number), offsetX: 15, offsetY: -13,
      font: "700 13px sans-serif", fill: fill("#111"), stroke: stroke("#fff", 4),
    });
    return [
      new ol.style.Style({ image: casing, stroke: stroke("rgba(255,255,255,0.8)", is_lit ? 7 : 4) }),
      new ol.style.Style({ image: ring, stroke: stroke(colour, is_lit ? 4 : 2), text: text || undefined }),
    ];
  }
}
