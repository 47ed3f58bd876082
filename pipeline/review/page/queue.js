/** The list of areas that wait: only the rows in sight are in the document. */
import { element } from "./element.js";
import { area, number, term, word } from "./words.js";

const ROW_PX = 54;
const SPARE_ROWS = 6;

export class Queue {
  /**
   * @param {HTMLElement} list the listbox @param {(id: string) => void} chosen
   * @param {Record<string, string>} palette colour of a word @param {string} who looks at the list
   */
  constructor(list, chosen, palette, who) {
    this.who = who;
    this.list = list;
    this.rows = list.firstElementChild;
    this.palette = palette;
    /** @type {any[]} */
    this.items = [];
    this.current = undefined;
    list.setAttribute("aria-label", word("queue.list"));
    list.addEventListener("scroll", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(list);
    this.rows.addEventListener("click", (event) => {
      const row = event.target.closest("[data-id]");
      if (row) chosen(row.dataset.id);
    });
    list.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const next = step && this.beside(this.current, step);
      if (next) {
        event.preventDefault();
        chosen(next);
      }
    });
  }

  /** @param {any[]} items */
  show(items) {
    this.items = items;
    this.rows.style.height = `${items.length * ROW_PX}px`;
    this.draw();
  }

  /** The row of an item, or -1. */
  at(id) {
    return this.items.findIndex((item) => item.id === id);
  }

  /** The id so many rows on, if there is one. */
  beside(id, step) {
    return this.items[Math.max(this.at(id), step > 0 ? -1 : 0) + step]?.id;
  }

  /** Takes an item out of the list; its place is then that of the next. */
  take_out(id) {
    this.show(this.items.filter((item) => item.id !== id));
  }

  /** @param {string | undefined} id */
  select(id) {
    this.current = id;
    const at = this.at(id);
    if (at >= 0) {
      const top = at * ROW_PX;
      const { scrollTop, clientHeight } = this.list;
      if (top < scrollTop || top + ROW_PX > scrollTop + clientHeight) {
        this.list.scrollTop = top - clientHeight / 3;
      }
    }
    this.draw();
  }

  draw() {
    const { scrollTop, clientHeight } = this.list;
    const first = Math.max(0, Math.floor(scrollTop / ROW_PX) - SPARE_ROWS);
    const last = Math.min(this.items.length,
      Math.ceil((scrollTop + clientHeight) / ROW_PX) + SPARE_ROWS);
    const rows = [];
    for (let at = first; at < last; at += 1) rows.push(this.#row(this.items[at], at));
    this.rows.replaceChildren(...rows);
    const has_row = rows.some((row) => row.dataset.id === this.current);
    if (has_row) this.list.setAttribute("aria-activedescendant", `row-${this.current}`);
    else this.list.removeAttribute("aria-activedescendant");
  }

  #row(item, at) {
    const is_sha = item.land_class === "SHA";
    const threat = is_sha ? term("threat", item.threat) : term("short", item.land_class);
    const notes = [item.returned && word("queue.returned"),
      item.state === "deferred" && word("state.deferred"),
      item.lease && item.lease.who !== this.who
        && word("queue.leased", { who: item.lease.who })].filter(Boolean);
    const facts = [term("tier", item.tier), number(item.confidence, 2), item.district].filter(Boolean);
    const about = [term("eo", item.eo_category), ...(notes.length ? notes : facts)].join(" · ");
    const row = element("div", {
      id: `row-${item.id}`, role: "option", class: notes.length ? "noted" : "", "data-id": item.id,
      "aria-selected": String(item.id === this.current), "aria-posinset": String(at + 1),
      "aria-setsize": String(this.items.length),
    },
    element("span", {}, element("b", {}, item.id), element("em", {}, threat),
      element("i", {}, area(item.area_m2))),
    element("small", { title: about }, about));
    row.style.top = `${at * ROW_PX}px`;
    row.style.borderInlineStartColor = this.palette[is_sha ? item.threat : "INDICATION"] ?? "#777";
    return row;
  }
}
