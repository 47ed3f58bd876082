/** What stands around the map: who reviews what, what the queue shows, and what was said last. */
import { request } from "./api.js";
import { by_id, element } from "./element.js";
import { show_help } from "./keys.js";
import { VERIFIED } from "./state.js";
import { counted, number, term, word } from "./words.js";

const ORDERS = ["threat", "nearest", "uncertain", "random"];
const MESSAGE_MS = 6000;

export class Frame {
  /** @param {import("./state.js").State} state @param {() => void} changed what the queue shows is another */
  constructor(state, changed) {
    this.state = state;
    this.changed = changed;
    this.#top();
    this.#filters();
    this.saved("saved", 0);
  }

  #top() {
    const { me } = this.state;
    by_id("survey").textContent = me.survey.name;
    by_id("who").textContent = [me.name, me.organisation].filter(Boolean).join(", ");
    by_id("sign-out").textContent = word("top.sign_out");
    by_id("sign-out").addEventListener("click", async () => {
      await request("DELETE", "/session");
      location.reload();
    });
    by_id("help-open").title = word("top.help");
    by_id("help-open").setAttribute("aria-label", word("top.help"));
    by_id("help-open").addEventListener("click", () => this.help());
    const { share, reasons } = me.survey.not_assessed;
    const why = reasons.map((one) => word("top.share",
      { reason: term("gap", one.reason), share: number(one.share * 100, 1) }));
    const banner = by_id("not-assessed");
    banner.hidden = !(share > 0);
    banner.textContent = word("top.not_assessed",
      { share: number(share * 100, share < 0.1 ? 1 : 0), reasons: why.join(", ") });
    banner.title = banner.textContent;
  }

  #filters() {
    const { state } = this;
    const { me } = state;
    this.#options("stage", state.places, "stage");
    this.#options("order", ORDERS.map((order) => [order, word(`order.${order}`)]), "order");
    const all = ["", word("queue.all")];
    this.#options("category", [all, ...me.eo_categories.map((one) => [one, term("eo", one)])], "category");
    this.#options("class", [all, ...["SHA", "INDICATION"].map((one) => [one, term("class", one)])],
      "land_class");
  }

  /** A list of choices for a part of the state. @param {string} id @param {string[][]} pairs @param {string} part */
  #options(id, pairs, part) {
    const { state } = this;
    const list = by_id(id);
    const option = ([value, text]) => element("option", { value, selected: value === state[part] }, text);
    list.replaceChildren(...pairs.map(option));
    list.addEventListener("change", () => {
      state[part] = list.value;
      list.blur();
      this.changed();
    });
  }

  /** Shows what keys do. */
  help() {
    show_help(by_id("help"), (action) => this.state.ever_may(action));
  }

  /** How many wait, here and at each stage. */
  count() {
    const { counts, may_act, stage } = this.state;
    by_id("stage-label").textContent = may_act ? "" : word("message.no_stage");
    const of = counts[stage] ?? { waiting: 0, deferred: 0, done: 0 };
    by_id("counts").textContent = word("queue.counts",
      { waiting: number(of.waiting), deferred: number(of.deferred), done: number(of.done) });
    const all = of.waiting + of.deferred + of.done;
    by_id("progress").value = all ? of.done / all : 0;
    for (const option of by_id("stage").options) {
      if (option.value === VERIFIED) continue;
      const { waiting = 0, deferred = 0 } = counts[option.value] ?? {};
      option.textContent = word("queue.option", { stage: term("stage", option.value), n: number(waiting + deferred) });
    }
  }

  /** @param {"saved"|"saving"|"offline"} how @param {number} waiting decisions that are on their way */
  saved(how, waiting) {
    const saved = by_id("saved");
    saved.textContent = how === "offline" ? counted("saved.offline", waiting)
      : word(`saved.${how}`, { n: number(waiting) });
    saved.className = how;
    const { seq, hash } = this.state.head;
    saved.title = word("saved.head", { seq, hash: String(hash).slice(0, 12) });
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
}
