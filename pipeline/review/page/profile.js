/** The heights along a line, drawn. */
import { element } from "./element.js";
import { number, word } from "./words.js";

const WIDTH = 640;
const HEIGHT = 150;
const EDGE = { left: 46, right: 12, top: 10, bottom: 22 };

function shape(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

/** Round steps, about so many, over a span. */
function step_of(span, count) {
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
}

/** @param {HTMLElement} panel @param {{points: number[][], note?: string}} profile @param {() => void} close */
export function show_profile(panel, { points, note }, close) {
  const heights = points.filter(([, h]) => Number.isFinite(h));
  const closer = element("button", { type: "button", onclick: close }, word("profile.close"));
  panel.hidden = false;
  if (heights.length < 2) {
    panel.replaceChildren(element("p", {}, word("profile.none")), closer);
    return;
  }
  const length = points[points.length - 1][0];
  const values = heights.map(([, h]) => h);
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const span = Math.max(highest - lowest, 0.5);
  const x = (m) => EDGE.left + (m / length) * (WIDTH - EDGE.left - EDGE.right);
  const y = (h) => HEIGHT - EDGE.bottom - ((h - lowest) / span) * (HEIGHT - EDGE.top - EDGE.bottom);
  const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  const title = word("profile.title", { n: number(length, 1), range: number(highest - lowest, 2) });
  svg.append(shape("title", {}, title));
  const rise = step_of(span, 4);
  for (let h = Math.ceil(lowest / rise) * rise; h <= lowest + span; h += rise) {
    svg.append(shape("line", { x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y(h), y2: y(h), class: "grid" }),
      shape("text", { x: EDGE.left - 6, y: y(h) + 4, class: "end" }, number(h, rise < 1 ? 1 : 0)));
  }
  const stride = step_of(length, 8);
  for (let m = 0; m <= length; m += stride) {
    svg.append(shape("text", { x: x(m), y: HEIGHT - 5, class: "middle" }, number(m, stride < 1 ? 1 : 0)));
  }
  // A hole in the model is a gap in the line.
  const path = points.map(([m, h], at) => {
    if (!Number.isFinite(h)) return "";
    const is_start = at === 0 || !Number.isFinite(points[at - 1][1]);
    return `${is_start ? "M" : "L"}${x(m).toFixed(1)} ${y(h).toFixed(1)}`;
  }).join("");
  svg.append(shape("path", { d: path, class: "ground" }));
  panel.replaceChildren(element("p", {}, element("b", {}, title), note && ` · ${note}`), svg, closer);
}
