/** Samples of decided items: drawing them, and looking again at what was drawn. */
import { get, request } from "./api.js";
import { element } from "./element.js";
import { area, fault, number, term, word } from "./words.js";

const NONCONFORMITIES = ["category_wrong", "boundary_cuts_off_evidence", "boundary_too_wide", "find_missed",
  "wrong_rejection", "attribute_wrong", "point_recorded_as_area"];
const SEVERITIES = ["minor", "major", "critical"];
/** How much is drawn: name, and the number that the server wants of what is typed. */
const SIZES = { items: (n) => n, share_of_items: (n) => n / 100, share_of_area: (n) => n / 100 };

const choice = (group, values, properties = {}) => element("select", properties,
  ...values.map((value) => element("option", { value }, term(group, value))));
const field = (name, input) => element("label", {}, element("span", {}, word(`sample.${name}`)), input);

export class Samples {
  /**
   * @param {HTMLDialogElement} dialog @param {HTMLElement} panel where the evidence stands
   * @param {import("./keys.js").Keys} keys
   * @param {{show: (item: any) => void, leave: () => void, fail: (text: string) => void}} on
   * an item is to be shown, the queue again, and what went wrong while no dialog is open
   * @param {import("./state.js").State} state
   */
  constructor(dialog, panel, keys, on, state) {
    Object.assign(this, { dialog, panel, keys, on, state });
    /** Gives the keys back, while somebody looks at an item of a sample. */
    this.give_back = undefined;
  }

  /** Whether somebody looks at an item of a sample: the queue then leaves it open. */
  get is_looking() {
    return this.give_back !== undefined;
  }

  /** Opens the list. */
  async open() {
    await this.#try(async () => {
      this.#show(word("sample.title"), this.#list((await get("/samples")).samples), this.#form());
      this.dialog.querySelector("button")?.focus();
    });
  }

  #show(title, ...parts) {
    this.bad = element("p", { class: "bad", role: "alert" });
    this.dialog.setAttribute("aria-label", title);
    this.dialog.replaceChildren(element("h2", {}, title), ...parts, this.bad);
    if (this.dialog.open) return;
    const give_back = this.keys.take(({ code }) => {
      if (code === "Escape") this.dialog.close();
      return true;
    });
    this.dialog.onclose = give_back;
    this.dialog.showModal();
  }

  /** Says something of a sample, in the name of who has this page open. */
  #post(path, body) {
    const { name: who } = this.state.me;
    return request("POST", path, { ...body, who }, { "Idempotency-Key": crypto.randomUUID() });
  }

  async #try(work) {
    try {
      return await work();
    } catch (error) {
      if (this.dialog.open) this.bad.textContent = fault(error);
      else this.on.fail(fault(error));
      return undefined;
    }
  }

  #list(samples) {
    if (!samples.length) return element("p", { class: "quiet" }, word("sample.none"));
    const row = (sample) => element("tr", {},
      element("td", {}, element("button", { type: "button",
        onclick: () => this.#try(async () => this.#sample(await get(`/samples/${sample.id}`))) }, sample.id)),
      element("td", {}, word(`sample.${sample.plan.purpose}`)),
      element("td", {}, this.#of(sample, sample.looked_at)),
      element("td", {}, this.#result(sample)));
    return element("table", {}, element("tbody", {}, ...samples.map(row)));
  }

  #of({ drawn }, n) {
    return word("sample.of", { n: number(n), of: number(drawn.items) });
  }

  /** What a sample came to, in a line. */
  #result({ lot, can_show, at_most, nonconforming, verdict, agreement }) {
    const percent = (share) => number(share * 100, share < 0.1 ? 1 : 0);
    const found = Object.entries(nonconforming).map(([severity, n]) => `${term("severity", severity)} ${number(n)}`);
    const kappa = agreement && (agreement.kappa === null ? "–" : number(agreement.kappa, 2));
    return [word("sample.lot", { n: number(lot.items), area: area(lot.area_m2) }),
      found.length > 0 && word("sample.found", { what: found.join(", ") }),
      at_most !== null ? word("sample.at_most", { n: percent(at_most) })
        : can_show !== null && !found.length && word("sample.can_show", { n: percent(can_show) }),
      verdict && word(`sample.${verdict}`),
      agreement && word("sample.agreement", { kappa, n: number(agreement.both_accepted + agreement.both_rejected) })]
      .filter(Boolean).join(" · ");
  }

  #form() {
    const purpose = choice("sample", ["quality_control", "second_look"]);
    const size = element("input", { type: "number", min: "0", step: "any", value: "10", required: true });
    const unit = choice("sample", ["share_of_items", "share_of_area", "items"], { "aria-label": word("sample.size") });
    const reached = element("select", {},
      ...this.state.places.map(([value, text]) => element("option", { value }, text)));
    const district = element("input");
    const seed = element("input", { type: "number", min: "0", placeholder: word("sample.any") });
    const ac = element("input", { type: "number", min: "0" });
    const re = element("input", { type: "number", min: "1" });
    const draw = () => this.#try(async () => this.#sample(await this.#post("/samples", {
      purpose: purpose.value,
      size: { [unit.value]: SIZES[unit.value](size.valueAsNumber) },
      seed: seed.value ? seed.valueAsNumber : undefined,
      reached: reached.value,
      district: district.value.trim(),
      acceptance: ac.value && re.value ? { ac: ac.valueAsNumber, re: re.valueAsNumber } : undefined,
    })));
    return element("form", { class: "draw", onsubmit: (event) => {
      event.preventDefault();
      draw();
    } }, element("h3", {}, word("sample.new")), field("purpose", purpose),
    element("label", {}, element("span", {}, word("sample.size")), element("span", {}, size, unit)),
    field("reached", reached), field("district", district), field("seed", seed), field("ac", ac), field("re", re),
    element("button", { class: "primary" }, word("sample.draw")));
  }

  /** A sample, item by item. */
  #sample(sample) {
    this.sample = sample;
    const of_finding = ({ what }) => (what.says ? term("state", what.says)
      : what.nonconforming ? `${term("nonconformity", what.nonconforming.nonconformity)}, ${
        term("severity", what.nonconforming.severity)}` : word("sample.conform"));
    const row = (item) => element("tr", {},
      element("td", {}, item.may ? element("button", { type: "button", onclick: () => this.look(item) }, item.item)
        : item.item),
      element("td", {}, [item.district, item.eo_category && term("eo", item.eo_category),
        term("threat", item.threat)].filter(Boolean).join(" · ")),
      element("td", {}, item.said ? term("state", item.said) : ""),
      element("td", {}, item.finding ? `${of_finding(item.finding)} · ` : item.is_looked_at ? "✓" : "",
      item.finding && element("bdi", {}, item.finding.who),
      item.finding?.comment && element("q", { dir: "auto" }, item.finding.comment),
      item.correction && element("q", { dir: "auto" }, item.correction.comment)));
    const { plan } = sample;
    const title = `${sample.id} · ${word(`sample.${plan.purpose}`)}`;
    const about = [word("sample.drawn", { n: number(sample.drawn.items), who: sample.who, seed: plan.seed }),
      this.#result(sample)].join(" · ");
    this.#show(title, element("p", { class: "quiet" }, about),
      !sample.items.some((item) => item.may) && element("p", {}, word("sample.not_you")) || "",
      element("div", { class: "drawn" }, element("table", {}, element("tbody", {}, ...sample.items.map(row)))),
      this.#correct(sample), element("button", { type: "button", onclick: () => this.#try(() => this.open()) },
        word("sample.all")));
    this.dialog.querySelector("td button")?.focus();
  }

  #correct(sample) {
    if (!sample.items.some((item) => item.finding?.what.nonconforming)) return "";
    const label = word("sample.correct");
    const text = element("textarea", { rows: 2, "aria-label": label, placeholder: label });
    const send = () => this.#try(async () => this.#sample(
      await this.#post(`/samples/${sample.id}`, { comment: text.value.trim() })));
    return element("div", {}, text, element("button", { type: "button", onclick: send }, word("sample.correct_all")));
  }

  /** Shows an item of the sample, and asks what it is or whether its decision conforms. */
  async look(item) {
    const { id, plan } = this.sample;
    const shown = await this.#try(() => get(`/items/${encodeURIComponent(item.item)}?sample=${id}`));
    if (!shown) return;
    this.leave();
    this.dialog.close();
    this.on.show(shown);
    const opened = performance.now();
    const note = element("textarea", { rows: 2, "aria-label": word("sample.note"), placeholder: word("sample.note") });
    const problem = element("p", { class: "bad", role: "alert" });
    const answer = async (finding) => {
      if (!this.keys.may_decide()) return;
      const seconds_open = Math.round((performance.now() - opened) / 100) / 10;
      try {
        this.sample = await this.#post(`/samples/${id}`,
          { item: item.item, finding, comment: note.value.trim(), seconds_open });
      } catch (error) {
        problem.textContent = fault(error);
        return;
      }
      const next = this.sample.items.find((other) => other.may && !other.is_looked_at);
      if (next) this.look(next);
      else this.#back();
    };
    const kind = choice("nonconformity", NONCONFORMITIES, { "aria-label": word("sample.kind") });
    const severity = choice("severity", SEVERITIES, { "aria-label": word("sample.severity") });
    const answers = plan.purpose === "second_look"
      ? [["state.accepted", () => ({ says: "accepted" })], ["state.rejected", () => ({ says: "rejected" })]]
      : [["sample.conform", () => "conform"], ["sample.nonconforming",
        () => ({ nonconforming: { nonconformity: kind.value, severity: severity.value } })]];
    const buttons = answers.map(([label, finding], at) => element("button",
      { type: "button", onclick: () => answer(finding()) }, element("kbd", {}, String(at + 1)), ` ${word(label)}`));
    this.give_back = this.keys.take(({ code, digit }) => {
      if (code === "Escape") this.#back();
      else if (digit) buttons[digit - 1]?.click();
      return true;
    });
    const asks = plan.purpose === "second_look" ? word("sample.what")
      : word("sample.conforms", { said: term("state", item.said) });
    this.panel.classList.add("looking");
    this.panel.prepend(element("section", { class: "look" },
      element("h3", {}, `${id} · ${this.#of(this.sample, this.sample.looked_at + 1)}`),
      element("p", {}, asks), plan.purpose === "second_look" ? "" : element("div", {}, kind, severity), note,
      element("div", {}, ...buttons), problem,
      element("button", { type: "button", onclick: () => this.#back() }, word("sample.back"))));
  }

  /** Ends a look, if there is one: what is shown next is another's. */
  leave() {
    this.give_back?.();
    this.give_back = undefined;
    this.panel.classList.remove("looking");
  }

  async #back() {
    await this.#try(async () => {
      const sample = await get(`/samples/${this.sample.id}`);
      this.leave();
      this.on.leave();
      this.#sample(sample);
    });
  }
}
