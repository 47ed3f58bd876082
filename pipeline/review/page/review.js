/** A session of review: one person, one survey. It makes the parts of the page and joins them. */
import { get } from "./api.js";
import { Decisions } from "./decisions.js";
import { Tool } from "./edit.js";
import { by_id } from "./element.js";
import { Evidence } from "./evidence.js";
import { Frame } from "./frame.js";
import { Items } from "./items.js";
import { Keys, letter, show_keys } from "./keys.js";
import { Layers } from "./layers.js";
import { ReviewMap, read_geometry } from "./map.js";
import { Outbox } from "./outbox.js";
import { show_profile } from "./profile.js";
import { Queue } from "./queue.js";
import { Samples } from "./samples.js";
import { State } from "./state.js";
import { counted, fault, term, word } from "./words.js";

/** Rows of the queue that come before the first area. */
const FIRST_ROWS = 100;

export class Review {
  /** @param {any} me of GET /me */
  constructor(me) {
    const palette = me.palette ?? {};
    this.state = new State(me);
    this.frame = new Frame(this.state, () => this.load());
    const tell = (text) => this.frame.tell(text);
    this.outbox = new Outbox({ who: me.name, survey: me.survey.digest });
    this.outbox.changed = (how, waiting) => this.frame.saved(how, waiting);
    this.keys = new Keys((press) => this.#press(press));
    this.map = new ReviewMap(by_id("map"), me.survey, palette);
    this.map.picked = (ids) => this.#picked(ids);
    this.layers = new Layers(this.map, tell);
    this.queue = new Queue(by_id("list"), (id) => this.open(id), palette, me.name);
    this.items = new Items();
    this.decisions = new Decisions(this);
    this.evidence = new Evidence(by_id("evidence"), {
      verdict: (find, verdict) => this.decisions.verdict(find, verdict),
      alike: (id) => this.decisions.alike(id),
      look: (id) => this.map.zoom_to(id),
      light: (id) => this.map.light(id),
      preview: (geometry) => this.map.preview(geometry),
      may: (action) => this.#actions().includes(action),
      edit: (geometry) => this.tool.open("modify", this.state.item, geometry),
    }, palette);
    this.tool = new Tool(this.map, by_id("tool"), this.keys, (decision) => this.decisions.drawn(decision),
      tell, me);
    this.samples = new Samples(by_id("samples"), by_id("evidence"), this.keys, {
      show: (item) => this.look(item),
      leave: () => this.load(),
      fail: (text) => this.frame.tell(text, true),
    }, this.state);
    by_id("samples-open").hidden = !me.may_inspect;
    by_id("samples-open").addEventListener("click", () => this.tool.is_open || this.samples.open());
    window.addEventListener("beforeunload", (event) => {
      const is_lost = this.outbox.waiting && !this.outbox.is_kept;
      if (is_lost || this.tool.is_open) event.preventDefault();
    });
  }

  /** Sends what was left from before, and opens the first area. */
  async begin() {
    for (const { decision, sent } of await this.outbox.resume()) this.decisions.resumed(decision, sent);
    await this.load();
  }

  /** The queue as the server has it now. @param {number} [most] rows */
  async fetch_queue(most) {
    const { stage, order, category, land_class } = this.state;
    const query = new URLSearchParams({ stage, order });
    if (most) query.set("most", String(most));
    if (category) query.set("category", category);
    if (land_class) query.set("land_class", land_class);
    if (order === "nearest") query.set("from", this.map.view.getCenter().join(","));
    const { counts, items, of } = await get(`/queue?${query}`);
    this.state.counts = counts;
    // Of the open area it stays the version that is on the screen.
    this.outbox.learn(items.filter(({ id }) => id !== this.state.item?.id));
    this.queue.show(items.filter(({ id }) => !this.outbox.takes_out(id)));
    this.frame.count();
    return items.length === of;
  }

  /** Fetches the queue and opens its first area, or the one that was open. */
  async load() {
    this.items.forget_all();
    const { item } = this.state;
    // The first area need not wait for a long queue.
    const is_whole = await this.fetch_queue(item ? undefined : FIRST_ROWS);
    const is_still = item && this.queue.at(item.id) >= 0;
    if (!this.samples.is_looking) await this.open(is_still ? item.id : this.queue.items[0]?.id);
    if (!is_whole) await this.fetch_queue();
  }

  /** @param {string | undefined} id */
  async open(id) {
    if (this.tool.is_open) {
      if (this.tool.kind === "merge" && id) this.tool.pick(id);
      return;
    }
    this.samples.leave();
    if (this.state.item?.id !== id) this.items.leave();
    this.opening = id;
    this.queue.select(id);
    if (!id) {
      this.state.open(undefined);
      this.map.show_item(undefined);
      this.show_nothing();
      this.show_keys();
      return;
    }
    let item;
    try {
      item = await this.items.fetch(id);
    } catch (error) {
      this.frame.tell(fault(error), true);
      return;
    }
    if (this.opening !== id) return;
    this.outbox.learn([item]);
    this.state.open(item);
    this.map.show_item(item);
    this.evidence.show(item);
    this.show_keys();
    if (this.state.may_act) this.items.hold(id, (lease) => this.evidence.show_lease(lease));
    this.items.fetch_ahead(id, this.queue, this.map);
  }

  /** Shows an area, or a part of what is known of it, that nothing is decided on now. */
  look(item) {
    this.items.leave();
    this.opening = undefined;
    this.queue.select(undefined);
    this.state.open(undefined);
    this.map.show_item(item);
    this.evidence.show(item);
    by_id("keys").replaceChildren();
  }

  /** Opens an area anew if it is the open one: it has changed. */
  async again(id) {
    this.items.forget(id);
    if (this.state.item?.id === id && !this.tool.is_open) await this.open(id);
  }

  /** Says that nothing waits here, and where something waits for a second person. */
  show_nothing() {
    const { made, next_stage: next } = this.state;
    const done = made.length ? word("evidence.done", { key: letter("undo") }) : word("queue.empty");
    const text = next?.waiting
      ? `${done} ${counted("queue.second", next.waiting, { stage: term("stage", next.id) })}` : done;
    this.evidence.show(undefined, text);
  }

  #actions() {
    return this.state.actions(Boolean(this.evidence.proposal?.geometry));
  }

  show_keys() {
    show_keys(by_id("keys"), this.#actions(), (action) => this.act(action));
  }

  #press({ code, digit, shift }) {
    if (code === "Slash" || code === "F1") {
      this.frame.help();
      return true;
    }
    if (code === "KeyH" && shift) return this.layers.turn_sun();
    if (digit) return this.#actions().includes("verdict") && this.evidence.judge(digit - 1, shift ? "not_seen" : "seen");
    const found = Keys.action(code);
    if (!found || shift) return false;
    this.act(found);
    return true;
  }

  /** @param {string} action of the table of keys */
  act(action) {
    if (this.tool.is_open) return;
    if (!this.#actions().includes(action)) {
      this.frame.tell(word(this.state.may_act ? "message.not_here" : "message.no_stage"));
      return;
    }
    const look = {
      next: () => this.#step(1),
      previous: () => this.#step(-1),
      alike: () => this.decisions.alike(this.evidence.at_hand),
      fit: () => this.state.item && this.map.fit(read_geometry(this.state.item.boundary).getExtent()),
      marks: () => this.layers.toggle_marks(),
      hillshade: () => this.layers.toggle_hillshade(),
      swipe: () => this.layers.toggle_swipe(),
      profile: () => this.#profile(),
    };
    if (look[action]) look[action]();
    else if (this.keys.may_decide()) this.decisions.make(action);
  }

  #step(by) {
    const next = this.queue.beside(this.state.item?.id, by);
    if (next) this.open(next);
  }

  #picked({ find, area }) {
    const { item } = this.state;
    if (this.samples.is_looking) return;
    if (this.tool.is_open) {
      if (area) this.tool.pick(area);
      return;
    }
    if (find && item?.features.some(({ id }) => id === find)) this.map.light(find);
    else if (area && area !== item?.id) this.open(area);
  }

  #profile() {
    if (!this.map.of_kind("hillshade").length) return this.frame.tell(word("message.no_surface"));
    return this.tool.line(async (line) => {
      try {
        const profile = await get(`/profile?line=${line.flat().map((c) => c.toFixed(3)).join(",")}`);
        this.map.preview({ type: "LineString", coordinates: line });
        show_profile(by_id("profile"), profile, () => {
          by_id("profile").hidden = true;
          this.map.preview(undefined);
        });
      } catch (error) {
        this.frame.tell(fault(error), true);
      }
    });
  }
}
