/** The panel of layers: which imagery, how bright, from where the sun shines. */
import { by_id, element } from "./element.js";
import { word } from "./words.js";

/** Degrees that a key turns the sun. */
const TURN = 45;

const label = (text, input) => element("label", {}, element("span", {}, text), input);

export class Layers {
  /** @param {import("./map.js").ReviewMap} map @param {(text: string) => void} tell */
  constructor(map, tell) {
    this.map = map;
    this.tell = tell;
    this.layers = map.survey.layers;
    const has_surface = map.of_kind("hillshade").length > 0;
    const parts = [
      ...(map.of_kind("orthomosaic").length ? this.#brightness() : []),
      ...(has_surface ? this.#surface() : []),
      ...(this.layers.length > 1 ? [label(word("layer.swipe"), this.#swipe_select())] : []),
      label(word("layer.marks"), this.#marks())];
    by_id("imagery").replaceChildren(
      element("details", {}, element("summary", {}, word("layer.imagery")), ...parts),
      element("small", { id: "capped", role: "status" }));
    map.moved = (text) => {
      by_id("capped").textContent = text;
    };
    const line = by_id("swipe");
    line.setAttribute("aria-label", word("layer.swipe_label"));
    line.addEventListener("input", () => map.swipe.set(this.swiped, Number(line.value) / 1000));
  }

  #brightness() {
    const stretch = element("input", { type: "checkbox",
      onchange: () => this.map.set_stretch(stretch.checked ? "percent" : "none") });
    const gamma = element("input", { type: "range", min: "0.4", max: "2", step: "0.1", value: "1", oninput: () => {
      for (const channel of document.querySelectorAll("#gamma [exponent]")) {
        channel.setAttribute("exponent", String(1 / Number(gamma.value)));
      }
      by_id("map").classList.toggle("gamma", gamma.value !== "1");
    } });
    return [label(word("layer.stretch"), stretch), label(word("layer.gamma"), gamma)];
  }

  #surface() {
    const { map } = this;
    this.hillshade_box = element("input", { type: "checkbox",
      onchange: () => map.set_hillshade(this.hillshade_box.checked) });
    const turned = element("span", {}, word("layer.sun", { n: map.sun }));
    this.sun_box = element("input", { type: "range", min: "0", max: "345", step: "15", value: String(map.sun),
      onchange: () => {
        map.set_sun(Number(this.sun_box.value));
        turned.textContent = word("layer.sun", { n: this.sun_box.value });
      } });
    return [label(word("layer.hillshade"), this.hillshade_box), element("label", {}, turned, this.sun_box)];
  }

  #swipe_select() {
    this.swipe_box = element("select", { onchange: () => {
      this.#swipe(this.swipe_box.value || undefined);
      this.swipe_box.blur();
    } }, element("option", { value: "" }, word("layer.none")),
    ...this.layers.map(({ id, title }) => element("option", { value: id }, title)));
    return this.swipe_box;
  }

  #marks() {
    this.marks_box = element("input", { type: "checkbox", checked: true,
      onchange: () => this.map.set_marks(this.marks_box.checked) });
    return this.marks_box;
  }

  #swipe(id) {
    this.swiped = id;
    by_id("swipe").hidden = !id;
    this.swipe_box.value = id ?? "";
    this.map.swipe.set(id, Number(by_id("swipe").value) / 1000);
  }

  toggle_swipe() {
    const others = [...this.layers].reverse().map(({ id }) => id);
    if (others.length < 2) this.tell(word("message.no_swipe"));
    else this.#swipe(this.swiped ? undefined : others[0]);
  }

  toggle_hillshade() {
    if (!this.hillshade_box) {
      this.tell(word("message.no_surface"));
      return;
    }
    this.hillshade_box.checked = !this.map.has_hillshade;
    this.map.set_hillshade(this.hillshade_box.checked);
  }

  toggle_marks() {
    this.marks_box.checked = !this.map.has_marks;
    this.map.set_marks(this.marks_box.checked);
  }

  /** @returns {boolean} whether there is a surface to shade */
  turn_sun() {
    if (!this.sun_box) return false;
    this.sun_box.value = String((this.map.sun + TURN) % 360);
    this.sun_box.dispatchEvent(new Event("change"));
    return true;
  }
}
