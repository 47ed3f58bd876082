/** What speaks for an area: its finds at the imagery's own pixels, the sentence, and what is known. */
import { post } from "./api.js";
import { element } from "./element.js";
import { letter } from "./keys.js";
import { area, class_name, counted, fault, likelihood, number, range, size, term, time, word } from "./words.js";

/** Finds that are shown at first, two in a row. */
const FIRST_CHIPS = 6;
const MORE_CHIPS = 24;

export class Evidence {
  /**
   * @param {HTMLElement} panel
   * @param {{verdict: (find: any, verdict: string | null) => void, alike: (id: string) => void,
   *   look: (id: string) => void, light: (id: string | undefined) => void,
   *   preview: (geometry: any) => void, may: (action: string) => boolean, edit: (geometry: any) => void}} on
   * @param {Record<string, string>} palette
   */
  constructor(panel, on, palette) {
    this.panel = panel;
    this.on = on;
    this.palette = palette;
    this.item = undefined;
  }

  /** @param {any} item of GET /items, or nothing @param {string} [instead] */
  show(item, instead = word("evidence.none")) {
    this.item = item;
    this.proposal = undefined;
    this.asking?.abort();
    this.panel.scrollTop = 0;
    if (!item) {
      this.panel.replaceChildren(element("p", { class: "quiet" }, instead));
      return;
    }
    this.shown = FIRST_CHIPS;
    this.chips = element("div", { class: "chips" });
    this.proposed = element("section", { class: "proposal", hidden: true, "aria-live": "polite" });
    this.finds_title = element("h3");
    const parts = [this.#returned(), this.#head(), this.#lease(), item.second_look
      && element("p", { class: "returned" }, word("evidence.second_look", { sample: item.second_look })),
      element("p", { class: "sentence", lang: "en", dir: "ltr" }, item.rationale),
      this.finds_title, this.chips, this.proposed,
      this.#outline(), this.#external(), this.#gaps(), this.#history()];
    this.panel.replaceChildren(...parts.filter(Boolean));
    this.panel.setAttribute("aria-label", item.id);
    this.#draw_chips();
    const without = item.features.filter((find) => find.verdict === "not_seen");
    if (without.length) this.without(without.map((find) => find.id));
  }

  #head() {
    const { item } = this;
    const is_sha = item.land_class === "SHA";
    const tag = element("b", { class: "tag" }, is_sha ? term("threat", item.threat) : term("short", item.land_class));
    tag.style.backgroundColor = this.palette[is_sha ? item.threat : "INDICATION"] ?? "#555";
    if (["MEDIUM", "LOW"].includes(item.threat) && is_sha) tag.classList.add("light");
    const confidence = item.confidence > 0
      ? `${likelihood(item.confidence)} (${number(item.confidence, 2)})` : undefined;
    const facts = [area(item.area_m2), term("tier", item.tier), confidence, item.district];
    return element("header", {},
      element("h2", {}, item.id, " ", tag,
        item.state !== "waiting" && element("span", { class: "state" }, term("state", item.state))),
      element("p", { class: "category" }, term("eo", item.eo_category), " · ",
        term("class", item.land_class)),
      element("p", { class: "facts" }, facts.filter(Boolean).join(" · ")),
      item.parents.length > 0 && element("p", { class: "quiet" },
        word("evidence.parents", { ids: item.parents.join(", ") })));
  }

  #returned() {
    const back = this.item.return;
    if (!back) return undefined;
    return element("p", { class: "returned" },
      element("b", {}, word("evidence.returned", { who: back.who, reason: term("reason", back.reason) })),
      back.comment && element("q", { dir: "auto" }, back.comment), element("small", {}, time(back.at)));
  }

  #lease() {
    this.lease_note = element("p", { class: "lease", role: "status", hidden: true });
    return this.lease_note;
  }

  /** @param {{who: string, until: string}} lease of another */
  show_lease({ who, until }) {
    this.lease_note.textContent = word("evidence.lease", { who, until: time(until) });
    this.lease_note.hidden = false;
  }

  #draw_chips() {
    const { features } = this.item;
    const shown = features.slice(0, this.shown);
    this.finds_title.textContent = features.length
      ? word("evidence.finds", { n: number(shown.length), of: number(features.length) }) : "";
    this.chips.replaceChildren(...shown.map((find, at) => this.#chip(find, at)));
    const left = features.length - shown.length;
    if (left > 0) {
      const more = () => {
        this.shown += MORE_CHIPS;
        this.#draw_chips();
      };
      this.chips.append(element("button", { type: "button", class: "more", onclick: more },
        word("evidence.more", { n: Math.min(left, MORE_CHIPS) })));
    }
  }

  #chip(find, at) {
    const may_judge = this.on.may("verdict");
    const name = class_name({ id: find.class, label: find.label });
    const key = at < 9 && may_judge ? element("kbd", {}, String(at + 1)) : undefined;
    const image = element("img", {
      src: `/chips/${encodeURIComponent(find.id)}`, loading: at < 6 ? "eager" : "lazy",
      decoding: "async", alt: word("evidence.chip", { class: name, confidence: number(find.confidence, 2) }),
    });
    const picture = element("button", {
      type: "button", class: "picture", onclick: () => this.on.look(find.id),
    }, image, key);
    image.addEventListener("error", () => {
      image.replaceWith(element("span", { class: "no-picture" }, word("evidence.no_picture")));
    });
    const colour = find.eo_category === "UNKNOWN" ? find.indicator : find.eo_category;
    picture.style.borderColor = this.palette[colour] ?? "#555";
    const button = (verdict, label) => element("button", {
      type: "button", "aria-pressed": String(find.verdict === verdict), class: verdict,
      onclick: () => this.judge(at, verdict),
    }, label);
    const chip = element("figure", { class: `chip ${find.verdict ?? ""}`, "data-find": find.id },
      picture,
      element("figcaption", {},
        element("bdi", {}, element("b", {}, name)), ` ${number(find.confidence, 2)}`, element("br"),
        size(find.size_m), find.class_size_m && element("span", { class: "quiet" },
          ` · ${word("evidence.class_size", { range: range(find.class_size_m) })}`)),
      may_judge && element("div", { class: "judge", role: "group", "aria-label": name },
        button("seen", word("evidence.seen")), button("not_seen", word("evidence.not_seen"))),
      element("div", { class: "about" },
        find.alike > 0 && this.on.may("alike") && element("button", { type: "button", onclick: () => this.on.alike(find.id) },
          word("evidence.alike", { n: find.alike })),
        element("button", { type: "button", onclick: () => this.without([find.id]) },
          word("evidence.without"))));
    chip.addEventListener("pointerenter", () => this.on.light(find.id));
    chip.addEventListener("pointerleave", () => this.on.light(undefined));
    chip.addEventListener("focusin", () => this.#focus(find.id));
    return chip;
  }

  #focus(id) {
    this.focused = id;
    this.on.light(id);
  }

  /** The find that was judged or looked at last. */
  get at_hand() {
    const { features } = this.item ?? { features: [] };
    return features.find(({ id }) => id === this.focused)?.id;
  }

  /** Says of the find in a place whether the reviewer sees it. @param {number} at @param {"seen"|"not_seen"} verdict */
  judge(at, verdict) {
    const find = this.item?.features[at];
    if (!find || find.verdict === verdict) return false;
    this.focused = find.id;
    this.set_verdict(find.id, verdict);
    this.on.verdict(find, verdict);
    return true;
  }

  /** @param {string} id @param {string | null} verdict */
  set_verdict(id, verdict) {
    const find = this.item?.features.find((one) => one.id === id);
    if (!find) return;
    find.verdict = verdict;
    const chip = this.chips.querySelector(`[data-find="${CSS.escape(id)}"]`);
    const in_focus = chip?.contains(document.activeElement)
      && document.activeElement.className;
    const fresh = chip && this.#chip(find, this.item.features.indexOf(find));
    chip?.replaceWith(fresh);
    if (in_focus) fresh.querySelector(`.${in_focus.split(" ")[0]}`)?.focus();
    const unseen = this.item.features.filter((one) => one.verdict === "not_seen");
    this.without(unseen.map((one) => one.id));
  }

  /** What the area would be by the doctrine without some finds. @param {string[]} ids */
  async without(ids) {
    this.asking?.abort();
    this.proposal = undefined;
    this.on.preview(undefined);
    this.proposed.hidden = ids.length === 0;
    if (!ids.length) return;
    const asking = this.asking = new AbortController();
    const { item } = this;
    let proposal;
    try {
      proposal = await post("/shapes/without", { item: item.id, features: ids }, asking.signal);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.proposed.replaceChildren(element("p", {}, fault(error)));
      return;
    }
    if (this.item !== item || this.asking !== asking) return;
    this.proposal = proposal;
    this.on.preview(proposal.geometry);
    const names = ids.length > 3 ? `${ids.slice(0, 3).join(", ")} …` : ids.join(", ");
    const change = proposal.geometry
      ? word("evidence.instead", { before: area(item.area_m2), after: area(proposal.area_m2),
        confidence: number(proposal.confidence, 2) })
      : word("evidence.nothing");
    this.proposed.replaceChildren(
      element("h3", {}, word("evidence.proposal", { ids: names })),
      element("p", {}, element("b", {}, change)),
      proposal.sentence && element("p", { class: "quiet", lang: "en", dir: "ltr" }, proposal.sentence),
      proposal.geometry && this.on.may("outline") && element("button", {
        type: "button", onclick: () => this.on.edit(proposal.geometry),
      }, element("kbd", {}, letter("outline")), ` ${word("evidence.use")}`) || "");
  }

  #outline() {
    const { item } = this;
    const by = item.buffer_m === null || item.buffer_m === undefined ? word("evidence.by_hand")
      : word("evidence.buffer", { buffer: number(item.buffer_m, 1), link: number(item.link_m, 1) });
    const facts = [by, item.front_unknown && word("evidence.front_unknown"),
      item.belts.length > 0 && counted("evidence.belts", item.belts.length)];
    return this.#section(word("evidence.outline"), [element("p", {}, facts.filter(Boolean).join(" · "))]);
  }

  #external() {
    const rows = this.item.external.map((known) => element("li", {},
      element("b", {}, term("kind", known.kind)), " ",
      known.distance_m > 0 ? word("evidence.away", { n: number(known.distance_m) }) : word("evidence.inside"),
      known.date && ` · ${known.date}`, known.text && element("bdi", {}, ` · ${known.text}`),
      (known.source_reliability || known.information_reliability) && element("small", {}, " ",
        word("evidence.reliability", { source: known.source_reliability ?? "–",
          information: known.information_reliability ?? "–" }))));
    return rows.length ? this.#section(word("evidence.external"), [element("ul", {}, ...rows)]) : undefined;
  }

  #gaps() {
    const said = ({ reason, classes }) => word("evidence.gap",
      { reason: term("gap", reason), classes: classes.map(class_name).join(", ") });
    // Many gaps are alike in all but their place.
    const alike = new Map(this.item.gaps.map((gap) => [said(gap) + gap.detail, gap]));
    const rows = [...alike.values()].map((gap) => element("li", {}, said(gap),
      gap.detail && element("small", { lang: "en", dir: "ltr" }, gap.detail)));
    return rows.length
      ? this.#section(word("evidence.gaps"), [element("ul", { class: "gaps" }, ...rows)]) : undefined;
  }

  #history() {
    const rows = this.item.history.map((event) => element("li", {},
      element("b", {}, word(`do.${event.kind}`)), " ", element("bdi", {}, event.who),
      ` · ${term("stage", event.stage)} · ${time(event.at)}`,
      event.reason && ` · ${term("reason", event.reason)}`,
      observed(event.evidence.observation),
      event.comment && element("q", { dir: "auto" }, event.comment)));
    return rows.length
      ? this.#section(word("evidence.history"), [element("ol", {}, ...rows.reverse())]) : undefined;
  }

  #section(title, inner) {
    return element("section", {}, element("h3", {}, title), ...inner);
  }
}

/** What people found on the ground, as one line. */
function observed(observation) {
  if (!observation) return undefined;
  const { found, feature, observer, organisation, date, accuracy_m, photo } = observation;
  const accuracy = accuracy_m && `± ${number(accuracy_m, 1)} m`;
  const own = element("bdi", {}, [feature, observer, organisation, date, accuracy, photo].filter(Boolean).join(" · "));
  return element("span", {}, `: ${term("found", found)} · `, own);
}
