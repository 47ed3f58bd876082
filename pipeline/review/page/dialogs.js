/** What is asked before a decision: a reason, words, or which of the finds that look alike. */
import { element } from "./element.js";
import { letter } from "./keys.js";
import { counted, number, term, word } from "./words.js";

/**
 * Asks for a reason by one digit, with words beside it if wanted.
 * @param {HTMLDialogElement} dialog @param {{take: (mode: any) => () => void}} keys
 * @param {string} title @param {{id: string}[]} reasons
 * @param {{comment?: string, problem?: string}} [start]
 * @returns {Promise<{reason: string, comment?: string} | undefined>}
 */
export function choose(dialog, keys, title, reasons, start = {}) {
  return new Promise((done) => {
    let chosen;
    const label = word("choose.text", { key: letter("comment") });
    const text = element("textarea", { rows: 2, value: start.comment ?? "", "aria-label": label, placeholder: label });
    const take = (at) => {
      const reason = reasons[at]?.id;
      if (reason === undefined) return false;
      chosen = { reason, comment: text.value.trim() || undefined };
      dialog.close();
      return true;
    };
    const rows = reasons.map(({ id: reason }, at) => element("button", { type: "button", onclick: () => take(at) },
      element("kbd", {}, String(at + 1)), ` ${term("reason", reason)}`));
    const give_back = keys.take(({ code, digit }) => {
      if (code === "Escape") dialog.close();
      else if (code === "KeyC") text.focus();
      else if (digit) take(digit - 1);
      return true;
    });
    text.addEventListener("keydown", (event) => {
      if (event.code === "Enter" && !event.shiftKey) {
        event.preventDefault();
        rows[0]?.focus();
      }
    });
    dialog.setAttribute("aria-label", title);
    dialog.replaceChildren(element("h2", {}, title),
      start.problem && element("p", { class: "bad", role: "alert" }, start.problem) || "",
      element("div", { class: "reasons" }, ...rows), text, element("p", { class: "quiet" }, word("choose.hint")));
    dialog.onclose = () => {
      give_back();
      done(chosen);
    };
    dialog.showModal();
    (start.problem ? text : rows[0])?.focus();
  });
}

/**
 * Asks for words. Enter saves them, or nothing where there are none.
 * @param {HTMLDialogElement} dialog @param {{take: (mode: any) => () => void}} keys @param {string} title
 * @returns {Promise<string | undefined>}
 */
export function write(dialog, keys, title) {
  return new Promise((done) => {
    let written;
    const text = element("textarea", { rows: 4, "aria-label": title });
    const give_back = keys.take(({ code }) => {
      if (code === "Escape") dialog.close();
      return true;
    });
    text.addEventListener("keydown", (event) => {
      if (event.code !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      written = text.value.trim() || undefined;
      dialog.close();
    });
    dialog.setAttribute("aria-label", title);
    dialog.replaceChildren(element("h2", {}, title), text,
      element("p", { class: "quiet" }, word("choose.comment_hint")));
    dialog.onclose = () => {
      give_back();
      done(written);
    };
    dialog.showModal();
    text.focus();
  });
}

/**
 * Shows finds that look alike; those that stay ticked are the lot that one reason rejects.
 * @param {HTMLDialogElement} dialog @param {{take: (mode: any) => () => void}} keys @param {string} id
 * @param {{features: any[], by: string}} alike of GET /alike @param {{id: string}[]} reasons
 * @returns {Promise<{reason: string, lot: any[]} | undefined>}
 */
export function choose_alike(dialog, keys, id, { features, by }, reasons) {
  return new Promise((done) => {
    let chosen;
    const out = new Set();
    const lot = () => features.filter((find) => !out.has(find.id));
    const count = element("b", { role: "status" });
    const recount = () => {
      count.textContent = word("alike.lot", { n: lot().length });
    };
    const tiles = features.map((find) => {
      const tile = element("button", { type: "button", "aria-pressed": "true" },
        element("img", { src: find.thumb, alt: find.id, loading: "lazy" }),
        element("small", {}, `${find.item} · ${number(find.confidence, 2)}`));
      tile.addEventListener("click", () => {
        if (!out.delete(find.id)) out.add(find.id);
        tile.setAttribute("aria-pressed", String(!out.has(find.id)));
        recount();
      });
      return tile;
    });
    const take = (at) => {
      if (!reasons[at] || !lot().length) return;
      chosen = { reason: reasons[at].id, lot: lot() };
      dialog.close();
    };
    const give_back = keys.take(({ code, digit }) => {
      if (code === "Escape") dialog.close();
      else if (digit) take(digit - 1);
      return true;
    });
    const title = counted("alike.title", features.length, { id });
    recount();
    dialog.setAttribute("aria-label", title);
    dialog.replaceChildren(element("h2", {}, title, " ", element("small", {}, word(`alike.by.${by.replaceAll(" ", "_")}`))),
      element("div", { class: "lot" }, ...tiles),
      element("p", {}, count, " ", element("span", { class: "quiet" }, word("alike.hint", { key: letter("undo") }))),
      element("div", { class: "reasons" }, ...reasons.map(({ id: reason }, at) => element("button",
        { type: "button", onclick: () => take(at) }, element("kbd", {}, String(at + 1)), ` ${term("reason", reason)}`))));
    dialog.onclose = () => {
      give_back();
      done(chosen);
    };
    dialog.showModal();
    tiles[0]?.focus();
  });
}
