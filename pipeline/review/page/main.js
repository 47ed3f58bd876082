/** People decide: opens the queue, shows one area after another, and sends what is decided. */
import { Outbox, Refused, get, request } from "./api.js";
import { choose, choose_alike, write } from "./dialogs.js";
import { Tool } from "./edit.js";
import { element } from "./element.js";
import { Evidence } from "./evidence.js";
import { Keys, show_help, show_keys } from "./keys.js";
import { ReviewMap, read_geometry } from "./map.js";
import { keep_signed_in, sign_in } from "./login.js";
import { show_profile } from "./profile.js";
import { Queue } from "./queue.js";
import { Samples } from "./samples.js";
import { number, speak, term, word } from "./words.js";

const ORDERS = ["threat", "nearest", "uncertain", "random"];
/** Areas that are fetched before they are asked for. */
const AHEAD = 2;
/** A lease lasts ten minutes; it is renewed while its area is open. */
const LEASE_MS = 4 * 60_000;
const MESSAGE_MS = 6000;

/** What went through all stages, as the queue calls it. */
const VERIFIED = "verified";

const by_id = (id) => document.getElementById(id);

/** A session of review: one person, one survey. */
class Review {
  constructor(me) {
    this.me = me;
    this.palette = me.palette ?? {};
    this.stage = me.my_stages[0] ?? me.stages[0].id;
    this.order = "threat";
    this.ahead = new Map();
    /** Own decisions of this session that can be taken back, the latest last. */
    this.made = [];
    this.outbox = new Outbox((state, waiting) => this.#saved(state, waiting));
    this.keys = new Keys((press) => this.#press(press));
    this.map = new ReviewMap(by_id("map"), me.survey, this.palette);
    this.map.picked = (ids) => this.#picked(ids);
    this.map.moved = (text) => {
      by_id("capped").textContent = text;
    };
    this.queue = new Queue(by_id("list"), (id) => this.open(id), this.palette, me.name);
    this.evidence = new Evidence(by_id("evidence"), {
      verdict: (find, verdict) => this.#verdict(find, verdict),
      alike: (id) => this.alike(id),
      look: (id) => this.map.zoom_to(id),
      light: (id) => this.map.light(id),
      preview: (geometry) => this.map.preview(geometry),
      edit: (geometry) => this.tool.open("modify", this.item, geometry),
    }, this.palette, me.reasons);
    this.tool = new Tool(this.map, by_id("tool"), this.keys, (decision) => this.#drawn(decision),
      (text) => this.tell(text), me.eo_categories);
    const samples = new Samples(by_id("samples"), by_id("evidence"), this.keys,
      { show: (item) => this.look(item), leave: () => this.load() }, me);
    by_id("samples-open").textContent = word("sample.title");
    by_id("samples-open").addEventListener("click", () => samples.open());
    this.#frame();
    window.addEventListener("beforeunload", (event) => {
      if (this.outbox.waiting || this.tool.is_open) event.preventDefault();
    });
    setInterval(() => this.item && this.#lease(this.item), LEASE_MS);
  }

  /** At which stage decisions are made: what went through all of them, the last one reopens. */
  get acting() {
    const { stages } = this.me;
    return this.stage === VERIFIED ? stages[stages.length - 1].id : this.stage;
  }

  get may_act() {
    return this.me.my_stages.includes(this.acting);
  }

  /** What stands around the map. */
  #frame() {
    const { me } = this;
    by_id("survey").textContent = me.survey.name;
    by_id("who").textContent = [me.name, me.organisation].filter(Boolean).join(", ");
    by_id("sign-out").textContent = word("top.sign_out");
    by_id("sign-out").addEventListener("click", async () => {
      await request("DELETE", "/session");
      location.reload();
    });
    by_id("help-open").title = word("top.help");
    by_id("help-open").setAttribute("aria-label", word("top.help"));
    by_id("help-open").addEventListener("click", () => show_help(by_id("help")));
    const { share, text } = me.survey.not_assessed;
    by_id("not-assessed").hidden = !(share > 0);
    by_id("not-assessed").textContent = word("top.not_assessed",
      { share: number(share * 100, share < 0.1 ? 1 : 0), text });
    by_id("not-assessed").title = by_id("not-assessed").textContent;
    const options = (select, pairs, chosen, changed) => {
      const list = by_id(select);
      list.replaceChildren(...pairs.map(([value, text]) => element("option", { value, selected: value === chosen }, text)));
      list.addEventListener("change", () => {
        changed(list.value);
        list.blur();
        this.load();
      });
    };
    const stages = [...me.stages.map(({ id, label }) => [id, label]), [VERIFIED, word("state.verified")]];
    options("stage", stages, this.stage, (stage) => {
      this.stage = stage;
    });
    options("order", ORDERS.map((order) => [order, word(`order.${order}`)]), this.order, (order) => {
      this.order = order;
    });
    const all = ["", word("queue.all")];
    options("category", [all, ...me.eo_categories.map((one) => [one, term("eo", one)])], "", (one) => {
      this.category = one;
    });
    options("class", [all, ...["SHA", "INDICATION"].map((one) => [one, term("class", one)])], "", (one) => {
      this.land_class = one;
    });
    this.#imagery();
    this.#saved("saved", 0);
    this.head = me.head;
  }

  /** Which imagery, how bright, from where the sun shines. */
  #imagery() {
    const { layers } = this.me.survey;
    const orthomosaics = this.map.of_kind("orthomosaic");
    const hillshades = this.map.of_kind("hillshade");
    const label = (text, input) => element("label", {}, element("span", {}, text), input);
    const stretch = element("input", { type: "checkbox",
      onchange: () => this.map.set_stretch(stretch.checked ? "percent" : "none") });
    const gamma = element("input", { type: "range", min: "0.4", max: "2", step: "0.1", value: "1", oninput: () => {
      for (const channel of document.querySelectorAll("#gamma [exponent]")) {
        channel.setAttribute("exponent", String(1 / Number(gamma.value)));
      }
      by_id("map").classList.toggle("gamma", gamma.value !== "1");
    } });
    this.hillshade_box = element("input", { type: "checkbox", onchange: () => this.map.set_hillshade(this.hillshade_box.checked) });
    const turned = element("span", {}, word("layer.sun", { n: this.map.sun }));
    this.sun_box = element("input", { type: "range", min: "0", max: "345", step: "15", value: String(this.map.sun),
      onchange: () => {
        this.map.set_sun(Number(this.sun_box.value));
        turned.textContent = word("layer.sun", { n: this.sun_box.value });
      } });
    this.swipe_box = element("select", { onchange: () => {
      this.#swipe(this.swipe_box.value || undefined);
      this.swipe_box.blur();
    } }, element("option", { value: "" }, word("layer.none")),
    ...layers.map(({ id, title }) => element("option", { value: id }, title)));
    this.marks_box = element("input", { type: "checkbox", checked: true,
      onchange: () => this.map.set_marks(this.marks_box.checked) });
    const parts = [
      ...(orthomosaics.length ? [label(word("layer.stretch"), stretch), label(word("layer.gamma"), gamma)] : []),
      ...(hillshades.length ? [label(word("layer.hillshade"), this.hillshade_box),
        element("label", {}, turned, this.sun_box)] : []),
      ...(layers.length > 1 ? [label(word("layer.swipe"), this.swipe_box)] : []),
      label(word("layer.marks"), this.marks_box)];
    by_id("imagery").replaceChildren(
      element("details", {}, element("summary", {}, word("layer.imagery")), ...parts),
      element("small", { id: "capped", role: "status" }));
    const line = by_id("swipe");
    line.setAttribute("aria-label", word("layer.swipe_label"));
    line.addEventListener("input", () => this.map.set_swipe(this.swiped, Number(line.value) / 1000));
  }

  #swipe(id) {
    this.swiped = id;
    by_id("swipe").hidden = !id;
    this.swipe_box.value = id ?? "";
    this.map.set_swipe(id, Number(by_id("swipe").value) / 1000);
  }

  #saved(state, waiting) {
    const saved = by_id("saved");
    saved.textContent = word(`saved.${state}`, { n: waiting });
    saved.className = state;
    const { head } = this;
    saved.title = head ? word("saved.head", { seq: head.seq, hash: String(head.hash).slice(0, 12) }) : "";
  }

  /** @param {string} text said below the map for a while @param {boolean} [is_bad] */
  tell(text, is_bad = false) {
    const message = by_id("message");
    message.textContent = text;
    message.classList.toggle("bad", is_bad);
    message.hidden = false;
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      message.hidden = true;
    }, MESSAGE_MS);
  }

  /** The queue as the server has it now. */
  async #fetch_queue() {
    const query = new URLSearchParams({ stage: this.stage, order: this.order });
    if (this.category) query.set("category", this.category);
    if (this.land_class) query.set("land_class", this.land_class);
    if (this.order === "nearest") query.set("from", this.map.view.getCenter().join(","));
    const { counts, items } = await get(`/queue?${query}`);
    this.counts = counts;
    this.queue.show(items);
    this.#count();
    return items;
  }

  /** Fetches the queue and opens its first area, or the one that was open. */
  async load() {
    this.ahead.clear();
    const items = await this.#fetch_queue();
    this.outbox.learn(items);
    by_id("stage-label").textContent = this.may_act ? "" : word("message.no_stage");
    const still = this.item && this.queue.at(this.item.id) >= 0;
    await this.open(still ? this.item.id : items[0]?.id);
  }

  #count() {
    const of = this.counts[this.stage] ?? { waiting: 0, deferred: 0, done: 0 };
    by_id("counts").textContent = word("queue.counts",
      { waiting: number(of.waiting), deferred: number(of.deferred), done: number(of.done) });
    const all = of.waiting + of.deferred + of.done;
    by_id("progress").value = all ? of.done / all : 0;
    for (const option of by_id("stage").options) {
      const label = this.me.stages.find(({ id }) => id === option.value)?.label;
      if (!label) continue;
      const { waiting = 0, deferred = 0 } = this.counts[option.value] ?? {};
      option.textContent = word("queue.option", { stage: label, n: number(waiting + deferred) });
    }
  }

  /** An area and all that speaks for it; fetched once. @param {string} id */
  #fetch(id) {
    if (!this.ahead.has(id)) {
      const item = get(`/items/${encodeURIComponent(id)}`);
      item.catch(() => this.ahead.delete(id));
      this.ahead.set(id, item);
    }
    return this.ahead.get(id);
  }

  /** @param {string | undefined} id */
  async open(id) {
    if (this.tool.is_open) {
      if (this.tool.kind === "merge" && id) this.tool.pick(id);
      return;
    }
    const left = this.item?.id;
    if (left && left !== id) request("DELETE", `/leases/${encodeURIComponent(left)}`).catch(() => {});
    this.opening = id;
    this.queue.select(id);
    if (!id) {
      this.item = undefined;
      this.map.show_item(undefined);
      this.evidence.show(undefined, this.#nothing());
      this.#show_keys();
      return;
    }
    let item;
    try {
      item = await this.#fetch(id);
    } catch (error) {
      this.tell(error.message, true);
      return;
    }
    if (this.opening !== id) return;
    this.outbox.learn([item]);
    this.item = item;
    this.opened_at = performance.now();
    this.map.show_item(item);
    this.evidence.show(item);
    this.#show_keys();
    this.#lease(item);
    this.#fetch_ahead(id);
  }

  /** Shows an area, or a part of what is known of it, that nothing is decided on now. */
  look(item) {
    this.item = this.opening = undefined;
    this.queue.select(undefined);
    this.map.show_item(item);
    this.evidence.show(item);
    by_id("keys").replaceChildren();
  }

  #nothing() {
    const at = this.me.stages.findIndex(({ id }) => id === this.stage);
    const next = at < 0 ? undefined : this.me.stages[at + 1];
    const waiting = next && (this.counts?.[next.id]?.waiting ?? 0);
    const done = word(this.made.length ? "evidence.done" : "queue.empty");
    return waiting ? `${done} ${word("queue.second", { n: number(waiting), stage: next.label })}` : done;
  }

  async #fetch_ahead(id) {
    for (let step = 1; step <= AHEAD; step += 1) {
      const next = this.queue.beside(id, step);
      if (!next) return;
      const item = await this.#fetch(next).catch(() => undefined);
      if (!item) continue;
      this.map.fetch_ahead(read_geometry(item.boundary).getExtent());
      for (const find of item.features.slice(0, 6)) {
        new Image().src = `/chips/${encodeURIComponent(find.id)}`;
      }
    }
  }

  async #lease(item) {
    try {
      await request("PUT", `/leases/${encodeURIComponent(item.id)}`);
    } catch (error) {
      const is_held = error instanceof Refused && error.status === 409;
      if (is_held && this.item === item) this.evidence.show_lease(error.body);
    }
  }

  /** What may be done with the open area at this stage. */
  #actions() {
    const { item, me, acting: stage } = this;
    const look = ["next", "previous", "alike", "fit", "hillshade", "swipe", "profile", "marks"];
    if (!this.may_act) return look;
    const [first, second] = me.stages;
    const says = stage === first.id || stage === second?.id;
    const can_return = stage !== first.id;
    if (!item) return ["add", "undo", ...look];
    if (item.stage !== stage || item.state === "verified") {
      return [...(item.state === "verified" ? ["reopen"] : []), "comment", "undo", ...look];
    }
    return [...(says ? ["accept", "reject"] : ["pass"]), "defer", ...(can_return ? ["return"] : []),
      ...(says ? ["modify", "split", "merge", "add"] : []), "undo", "comment",
      ...(says && this.evidence.proposal?.geometry ? ["outline"] : []), ...look];
  }

  #show_keys() {
    show_keys(by_id("keys"), this.#actions(), (action) => this.act(action));
  }

  #press({ code, digit, shift }) {
    if (code === "Slash" || code === "F1") {
      show_help(by_id("help"));
      return true;
    }
    if (code === "KeyH" && shift) return this.#turn_sun();
    if (digit) return this.#judge(digit - 1, shift ? "not_seen" : "seen");
    const found = Keys.action(code);
    if (!found || shift) return false;
    this.act(found);
    return true;
  }

  #judge(at, verdict) {
    return this.may_act && this.evidence.judge(at, verdict);
  }

  #turn_sun() {
    if (!this.map.of_kind("hillshade").length) return false;
    this.sun_box.value = String((this.map.sun + 45) % 360);
    this.sun_box.dispatchEvent(new Event("change"));
    return true;
  }

  /** @param {string} action of the table of keys */
  act(action) {
    if (this.tool.is_open) return;
    const look = {
      next: () => this.#step(1),
      previous: () => this.#step(-1),
      alike: () => this.alike(this.evidence.at_hand),
      fit: () => this.item && this.map.fit(read_geometry(this.item.boundary).getExtent()),
      marks: () => {
        this.marks_box.checked = !this.map.has_marks;
        this.map.set_marks(this.marks_box.checked);
      },
      hillshade: () => {
        if (!this.map.of_kind("hillshade").length) return this.tell(word("message.no_surface"));
        this.hillshade_box.checked = !this.map.has_hillshade;
        this.map.set_hillshade(this.hillshade_box.checked);
      },
      swipe: () => {
        const others = [...this.me.survey.layers].reverse().map(({ id }) => id);
        if (others.length < 2) return this.tell(word("message.no_swipe"));
        this.#swipe(this.swiped ? undefined : others[0]);
      },
      profile: () => this.#profile(),
    };
    if (look[action]) {
      look[action]();
      return;
    }
    if (!this.#actions().includes(action)) {
      this.tell(word(this.may_act ? "message.not_here" : "message.no_stage"));
      return;
    }
    if (!this.keys.may_decide()) return;
    this.#decide(action);
  }

  #step(by) {
    const next = this.queue.beside(this.item?.id, by);
    if (next) this.open(next);
  }

  async #decide(action) {
    const { item } = this;
    switch (action) {
      case "accept": case "pass": case "reopen":
        this.#send({ kind: action });
        break;
      case "reject": case "defer": case "return":
        await this.#with_reason(action, item);
        break;
      case "comment": {
        const comment = await write(by_id("chooser"), this.keys, word("choose.comment", { item: item.id }));
        if (comment) this.#send({ kind: "comment", comment }, item);
        break;
      }
      case "undo":
        await this.#undo();
        break;
      case "outline":
        this.tool.open("modify", item, this.evidence.proposal.geometry);
        break;
      default:
        this.tool.open(action, action === "add" ? undefined : item);
    }
  }

  async #with_reason(kind, item, start) {
    const said = await choose(by_id("chooser"), this.keys, word(`choose.${kind}`), this.me.reasons[kind], start);
    if (!said) return;
    const refused = await this.#send({ kind, ...said }, item);
    // Such as the second return of an area, which needs words.
    if (refused?.status === 422) {
      await this.open(item.id);
      if (this.item?.id === item.id) await this.#with_reason(kind, item, { comment: said.comment, problem: refused.message });
    }
  }

  /** Sends a decision on the open area and goes on to the next at once. */
  async #send(decision, item = this.item) {
    const moves = decision.kind !== "comment";
    const next = this.queue.beside(item.id, 1) ?? this.queue.beside(item.id, -1);
    const seconds_open = Math.round((performance.now() - this.opened_at) / 100) / 10;
    const sent = this.outbox.send({ item: item.id, stage: this.acting, seconds_open, ...decision });
    if (moves) {
      this.queue.take_out(item.id);
      this.open(next);
    }
    try {
      this.#took(await sent, item.id);
      this.tell(word("message.done", { kind: word(`do.${decision.kind}`), item: item.id }));
      if (!moves && this.item === item) this.#again(item.id);
      return undefined;
    } catch (error) {
      await this.#refused(error, item.id);
      return error;
    }
  }

  /** What the server's answer to a decision changes here. */
  #took(answer, id) {
    this.head = answer.head;
    this.made.push(id);
    for (const item of answer.items) this.ahead.delete(item.id);
    this.map.refresh();
    this.#recount();
  }

  /** Counts again when the hand rests: the open area stays open. */
  #recount() {
    clearTimeout(this.recounting);
    this.recounting = setTimeout(async () => {
      if (this.outbox.waiting) return this.#recount();
      await this.#fetch_queue().catch(() => undefined);
      return this.item || this.evidence.show(undefined, this.#nothing());
    }, 400);
  }

  async #again(id) {
    this.ahead.delete(id);
    if (this.item?.id === id && !this.tool.is_open) await this.open(id);
  }

  async #refused(error, id) {
    await this.load();
    await this.#again(id);
    if (this.item?.id !== id && !this.tool.is_open) await this.open(id);
    this.tell(error.status === 412 ? word("message.changed", { item: id }) : error.message, true);
  }

  /** A drawing: the tool keeps it until this is done. */
  async #drawn(decision) {
    const seconds_open = Math.round((performance.now() - (this.opened_at ?? 0)) / 100) / 10;
    try {
      const answer = await this.outbox.send({ stage: this.acting, seconds_open, ...decision });
      this.tool.closed = () => {
        this.tool.closed = undefined;
        const next = decision.item && this.queue.beside(decision.item, 1);
        if (decision.item) for (const id of [decision.item, ...(decision.items ?? [])]) this.queue.take_out(id);
        this.#took(answer, decision.item ?? answer.items[0].id);
        this.tell(word("message.done", { kind: word(`do.${decision.kind}`), item: decision.item ?? answer.items[0].id }));
        this.open(next ?? this.queue.items[0]?.id);
      };
    } catch (error) {
      if (error.status === 412 && error.body.item) this.outbox.learn([error.body.item]);
      throw error;
    }
  }

  async #verdict(find, verdict) {
    const { item, acting: stage } = this;
    this.map.set_verdict(find.id, verdict);
    this.#show_keys();
    try {
      const answer = await this.outbox.send({ item: item.id, stage, kind: "verdict", feature: find.id, verdict });
      this.head = answer.head;
      this.made.push(item.id);
    } catch (error) {
      await this.#refused(error, item.id);
    }
  }

  /** @param {string | undefined} id of a find */
  async alike(id) {
    if (!id) return this.tell(word("message.nothing_alike"));
    const found = await get(`/alike?feature=${encodeURIComponent(id)}`);
    if (!found.features.length) return this.tell(word("alike.none"));
    const chosen = await choose_alike(by_id("alike"), this.keys, id, found, this.me.reasons.feature);
    if (!chosen) return undefined;
    // One decision, which one undo takes back; the server logs each find by itself.
    const { reason, lot } = chosen;
    const { item } = lot[0];
    try {
      const answer = await this.outbox.send({ item, stage: this.acting, kind: "verdict",
        features: lot.map((find) => find.id), verdict: "not_seen", reason });
      this.#took(answer, item);
      lot.forEach((find) => this.ahead.delete(find.item));
      this.tell(word("message.lot", { n: number(lot.length) }));
    } catch (error) {
      this.tell(error.message, true);
    }
    return this.item && this.#again(this.item.id);
  }

  /** Takes the last own decision of this session back; of a lot, all of it. */
  async #undo() {
    const id = this.made.pop() ?? this.#last_own();
    if (!id) return this.tell(word("message.nothing_to_undo"));
    try {
      await this.outbox.send({ item: id, stage: this.acting, kind: "undo" });
    } catch (error) {
      this.tell(error.message, true);
      return undefined;
    }
    await this.load();
    if (this.item?.id === id) await this.#again(id);
    else if (this.queue.at(id) >= 0) await this.open(id);
    return this.tell(word("message.undone", { item: id }));
  }

  /** The latest own decision on the open area, made before this page was opened. */
  #last_own() {
    const own = this.item?.history.filter((event) => event.who === this.me.name);
    return own?.length ? this.item.id : undefined;
  }

  #picked({ find, area }) {
    if (this.tool.is_open) {
      if (area) this.tool.pick(area);
      return;
    }
    if (find && this.item?.features.some(({ id }) => id === find)) this.map.light(find);
    else if (area && area !== this.item?.id) this.open(area);
  }

  #profile() {
    if (!this.map.of_kind("hillshade").length) return this.tell(word("message.no_surface"));
    return this.tool.line(async (line) => {
      try {
        const profile = await get(`/profile?line=${line.flat().map((c) => c.toFixed(3)).join(",")}`);
        this.map.preview({ type: "LineString", coordinates: line });
        show_profile(by_id("profile"), profile, () => {
          by_id("profile").hidden = true;
          this.map.preview(undefined);
        });
      } catch (error) {
        this.tell(error.message, true);
      }
    });
  }
}

async function start() {
  speak("en");
  const token = location.hash.slice(1).replace(/^token=/, "");
  if (token) {
    // It works once, and must not stay in the history of the browser.
    history.replaceState(null, "", location.pathname);
    await request("POST", "/session", { token }).catch(() => undefined);
  }
  let me;
  try {
    me = await get("/me");
  } catch (error) {
    await sign_in(token ? word("sign.token") : undefined);
    me = await get("/me");
  }
  keep_signed_in(me.name);
  speak(me.language ?? "en");
  document.body.classList.add("open");
  const review = new Review(me);
  await review.load();
}

start();
