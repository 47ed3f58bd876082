/** Drawing: the outline of an area with its holes, a cut, a union, and an area nobody had. */
/* global ol */
import { Refused, post } from "./api.js";
import { element } from "./element.js";
import { read_geometry, write_geometry } from "./map.js";
import { STYLE, with_hole, without_hole } from "./sketch.js";
import { area, counted, fault, shape, term, word } from "./words.js";

/** One tool at a time; what it draws is kept until it is saved or left. */
export class Tool {
  /**
   * @param {import("./map.js").ReviewMap} map @param {HTMLElement} bar
   * @param {{take: (mode: any) => () => void}} keys
   * @param {(decision: any) => Promise<any>} send @param {(text: string) => void} tell
   * @param {any} me of GET /me
   */
  constructor(map, bar, keys, send, tell, me) {
    Object.assign(this, { map, bar, keys, send, tell, categories: me.eo_categories, stages: me.my_stages });
    this.source = new ol.source.Vector();
    this.layer = new ol.layer.Vector({ source: this.source, style: STYLE, zIndex: 10 });
    map.map.addLayer(this.layer);
    this.interactions = [];
  }

  get is_open() {
    return this.kind !== undefined;
  }

  /** @param {"modify"|"split"|"merge"|"add"|"profile"} kind @param {any} item @param {any} [start] GeoJSON */
  open(kind, item, start) {
    this.close();
    Object.assign(this, { kind, item, parts: undefined, valid: false, steps: [], merged: [], stage: undefined });
    this.give_back = this.keys.take((press) => this.#press(press));
    this.category = item?.eo_category ?? this.categories[0];
    this.status = element("span", { class: "status", role: "status", dir: "auto" });
    this.#bar();
    this.bar.hidden = false;
    if (item) this.map.make_room(read_geometry(item.boundary).getExtent(), this.bar.offsetHeight);
    if (kind === "modify") {
      this.feature = new ol.Feature(read_geometry(start ?? item.boundary));
      this.source.addFeature(this.feature);
      this.#vertices();
      this.#check();
    }
    if (kind === "split") this.#draw("LineString", (line) => this.#split(line));
    if (kind === "add") this.#draw("Polygon", (drawn) => this.#drawn(drawn));
    if (kind === "merge") this.#merge(undefined);
  }

  close() {
    if (!this.is_open) return;
    this.#interact();
    this.source.clear();
    this.map.preview(undefined);
    this.asking?.abort();
    this.give_back();
    this.bar.hidden = true;
    this.kind = this.feature = undefined;
    this.closed?.();
  }

  #bar() {
    const { kind, item } = this;
    const button = (name, text, act) => element("button", { type: "button", "data-tool": name, onclick: act }, text);
    const title = kind === "modify" ? "tool.edit" : `tool.${kind}`;
    const choose = element("select", {
      "aria-label": word("queue.category"),
      onchange: (event) => {
        this.category = event.target.value;
        event.target.blur();
      },
    }, ...this.categories.map((category) => element("option", {
      value: category, selected: category === this.category,
    }, term("eo", category))));
    const tools = kind === "modify" ? [
      button("move", word("tool.move"), () => this.#vertices()),
      button("hole", word("tool.hole"), () => this.#hole()),
      button("fill", word("tool.fill"), () => this.#fill()),
      button("back", word("tool.back"), () => this.#back()),
    ] : [];
    const chooses = kind === "modify" || kind === "add";
    this.save_button = element("button", { type: "button", class: "primary", disabled: true, onclick: () => this.save() },
      word("tool.save"));
    this.hint = element("small", {});
    this.bar.setAttribute("role", "toolbar");
    this.bar.setAttribute("aria-label", word(title, { item: item?.id }));
    this.bar.replaceChildren(element("b", {}, word(title, { item: item?.id })), ...tools,
      ...(chooses ? [choose] : []), this.save_button,
      button("leave", word("tool.leave"), () => this.close()), this.status, this.hint);
  }

  /** Puts away what handles the pointer, and takes others. @param {...any} interactions */
  #interact(...interactions) {
    for (const old of this.interactions) this.map.map.removeInteraction(old);
    if (this.on_click) ol.Observable.unByKey(this.on_click);
    this.on_click = undefined;
    this.interactions = interactions;
    for (const each of interactions) this.map.map.addInteraction(each);
  }

  #press({ code, digit, shift }) {
    if (code === "Escape") this.close();
    else if (code === "Enter" || code === "NumpadEnter") this.save();
    else if (code === "Backspace" || (code === "KeyU" && !shift)) this.#back();
    else if (digit && this.kind === "add" && this.categories[digit - 1]) {
      this.category = this.categories[digit - 1];
      this.bar.querySelector("select").value = this.category;
    } else return true;
    return true;
  }

  #mark(name, hint) {
    for (const each of this.bar.querySelectorAll("[data-tool]")) {
      each.setAttribute("aria-pressed", String(each.dataset.tool === name));
    }
    this.hint.textContent = hint;
  }

  /** Moves vertices of this one area: its neighbours keep theirs. */
  #vertices() {
    const features = new ol.Collection([this.feature]);
    const select = new ol.interaction.Select({ features, condition: () => false, style: null });
    const modify = new ol.interaction.Modify({
      features: select.getFeatures(), pixelTolerance: 12,
      deleteCondition: (event) => ol.events.condition.altKeyOnly(event) && ol.events.condition.singleClick(event),
    });
    modify.on("modifystart", () => this.#remember());
    modify.on("modifyend", () => this.#check());
    const snap = new ol.interaction.Snap({ source: this.map.surroundings.getSource(), pixelTolerance: 8 });
    this.#interact(select, modify, snap);
    this.#mark("move", word("tool.move_hint"));
  }

  #remember() {
    this.steps.push(this.feature.getGeometry().clone());
  }

  #back() {
    const last = this.steps.pop();
    if (!last) return;
    this.feature.setGeometry(last);
    this.#check();
  }

  #hole() {
    this.#draw("Polygon", (drawn) => {
      const outline = with_hole(this.feature.getGeometry(), drawn.getLinearRing(0));
      if (outline) this.#set(outline);
      else this.#say(word("tool.outside"));
      this.#vertices();
    });
    this.#mark("hole", word("tool.hole_hint"));
  }

  #fill() {
    this.#interact();
    this.on_click = this.map.map.on("singleclick", ({ coordinate }) => {
      const outline = without_hole(this.feature.getGeometry(), coordinate);
      if (outline) this.#set(outline);
      else this.#say(word("tool.no_hole"));
    });
    this.#mark("fill", word("tool.fill_hint"));
  }

  #set(outline) {
    this.#remember();
    this.feature.setGeometry(outline);
    this.#check();
  }

  /** @param {"LineString"|"Polygon"} type @param {(drawn: any) => void} done */
  #draw(type, done) {
    const draw = new ol.interaction.Draw({ type, style: STYLE, stopClick: true });
    draw.on("drawend", ({ feature }) => {
      // The click that ends a drawing must not begin the next.
      setTimeout(() => done(feature.getGeometry()));
    });
    this.#interact(draw);
  }

  #drawn(geometry) {
    this.feature = new ol.Feature(geometry);
    this.source.clear();
    this.source.addFeature(this.feature);
    this.#vertices();
    this.#check();
  }

  #say(text, is_bad = true) {
    this.status.textContent = text;
    this.status.classList.toggle("bad", is_bad);
  }

  /** Asks the server; the answer of an older drawing is dropped. */
  async #ask(path, body, then) {
    this.asking?.abort();
    const asking = this.asking = new AbortController();
    this.valid = false;
    this.save_button.disabled = true;
    this.#say(word("tool.checking"), false);
    try {
      const answer = await post(path, body, asking.signal);
      if (this.asking === asking && this.is_open) then(answer);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.map.preview(undefined, error instanceof Refused ? error.body.at : undefined);
      this.#say(fault(error));
    }
  }

  #may_save(text) {
    this.valid = true;
    this.save_button.disabled = false;
    this.#say(text, false);
  }

  #check() {
    const geometry = write_geometry(this.feature.getGeometry());
    this.#ask("/shapes/check", { geometry }, ({ valid, area_m2, problem, at, warnings }) => {
      this.map.preview(this.theirs, at ?? undefined);
      if (valid) this.#may_save([area(area_m2), ...warnings.map(shape)].join(" · "));
      else this.#say(shape(problem));
    });
  }

  #split(line) {
    const body = { geometry: this.item.boundary, line: write_geometry(line) };
    this.#ask("/shapes/split", body, ({ parts, areas_m2 }) => {
      this.parts = parts;
      this.map.preview(parts);
      const areas = (areas_m2 ?? parts.map((part) => read_geometry(part).getArea())).map(area);
      if (parts.length > 1) this.#may_save(counted("tool.parts", parts.length, { areas: areas.join(", ") }));
      else this.#say(word("tool.one_part"));
    });
  }

  /** Adds an area to those that become one, or takes it out again. @param {string | undefined} id */
  #merge(id) {
    if (id && id !== this.item.id) {
      this.merged = this.merged.includes(id)
        ? this.merged.filter((other) => other !== id) : [...this.merged, id];
    }
    if (!this.merged.length) {
      this.map.preview(undefined);
      this.save_button.disabled = true;
      this.valid = false;
      this.#say(word("tool.pick_two"), false);
      return;
    }
    const items = [this.item.id, ...this.merged];
    this.#ask("/shapes/merge", { items }, ({ geometry, area_m2 }) => {
      this.map.preview(geometry);
      this.#may_save(`${items.join(" + ")} = ${area(area_m2)}`);
    });
  }

  /** A click on an area, while areas are merged. @param {string | undefined} id @returns {boolean} whether it took it */
  pick(id) {
    if (this.kind === "merge") this.#merge(id);
    return this.is_open;
  }

  /** Sends what was drawn. It stays on the map until the server has it. */
  async save() {
    if (!this.valid || this.is_sending) return;
    const { kind, item, parts, merged, category } = this;
    const geometry = this.feature && write_geometry(this.feature.getGeometry());
    const decision = { item: item?.id, kind };
    if (this.stage) decision.stage = this.stage;
    if (kind === "modify" || kind === "add") decision.geometry = geometry;
    if (kind === "add" || (kind === "modify" && category !== item.eo_category)) decision.eo_category = category;
    if (kind === "split") decision.parts = parts;
    if (kind === "merge") decision.items = [item.id, ...merged];
    this.is_sending = true;
    this.save_button.disabled = true;
    try {
      await this.send(decision);
      this.theirs = undefined;
      this.close();
    } catch (error) {
      this.save_button.disabled = false;
      const newer = error.body?.item;
      if (error.status === 412 && newer) {
        this.theirs = newer.boundary;
        this.map.preview(newer.boundary);
        this.#say(this.#changed(newer));
      } else {
        this.map.preview(undefined, error.body?.at);
        this.#say(fault(error));
      }
    } finally {
      this.is_sending = false;
    }
  }

  /** What another did meanwhile: what is drawn is saved where the area is now. @param {any} newer item */
  #changed({ id: item, stage }) {
    const is_there = stage === (this.stage ?? this.item.stage);
    const is_own = this.stages.includes(stage);
    if (is_own) this.stage = stage;
    const key = is_there ? "changed" : is_own ? "moved_on" : "not_yours";
    return word(`tool.${key}`, { item, stage: term("stage", stage) });
  }

  /** Draws a line once. @param {(coordinates: number[][]) => void} done */
  line(done) {
    this.open("profile", undefined);
    this.bar.replaceChildren(element("b", {}, word("profile.draw")));
    this.#draw("LineString", (line) => {
      this.close();
      done(line.getCoordinates());
    });
  }
}
