/** Keys by their place on the keyboard (`event.code`), so that they are the same in any layout. */
import { element } from "./element.js";
import { word } from "./words.js";

/** Decisions closer to each other than this, milliseconds, are a slip of the finger. */
const GUARD_MS = 250;

/** What a key does: code, and the name of the action. */
export const KEYS = [
  ["KeyA", "accept"],
  ["KeyP", "pass"],
  ["KeyX", "reject"],
  ["KeyD", "defer"],
  ["KeyR", "return"],
  ["KeyE", "modify"],
  ["KeyS", "split"],
  ["KeyM", "merge"],
  ["KeyN", "add"],
  ["KeyU", "undo"],
  ["KeyC", "comment"],
  ["KeyJ", "next"],
  ["KeyK", "previous"],
  ["KeyG", "alike"],
  ["KeyT", "outline"],
  ["KeyH", "hillshade"],
  ["KeyW", "swipe"],
  ["KeyL", "profile"],
  ["KeyF", "fit"],
  ["KeyV", "marks"],
  ["KeyO", "reopen"],
];

/** What keys write on the keyboard at hand, by code, as far as the browser tells. */
const LETTERS = new Map();

/** Learns what stands on the keys: only some browsers tell, and only pages that nobody can change on the way. */
export async function learn_letters() {
  const layout = await navigator.keyboard?.getLayoutMap?.().catch(() => undefined);
  for (const [code, key] of layout ?? []) LETTERS.set(code, key.toUpperCase());
}

/** What stands on the key of an action. @param {string} action */
export function letter(action) {
  const [code] = KEYS.find(([, name]) => name === action);
  return LETTERS.get(code) ?? code.slice(-1);
}

/** The digit of a key of either row, 1 to 9, or `undefined`. */
export function digit(code) {
  const found = /^(?:Digit|Numpad)([1-9])$/.exec(code);
  return found ? Number(found[1]) : undefined;
}

/** Whether an element takes what is typed. */
function takes_text(element) {
  return element instanceof HTMLElement
    && (element.isContentEditable
      || element.matches("textarea, select, input:not([type=range]):not([type=checkbox])"));
}

/**
 * @typedef {(press: {code: string, digit?: number, shift: boolean}) => boolean} Mode
 * what a key does now; whether it did anything
 */
export class Keys {
  /** @param {Mode} base what keys do when no dialog and no tool is open */
  constructor(base) {
    /** @type {Mode[]} the last one has the keys */
    this.modes = [base];
    this.decided_at = -GUARD_MS;
    window.addEventListener("keydown", (event) => this.#press(event));
  }

  /** The action of a key, if it has one. @param {string} code */
  static action(code) {
    return KEYS.find(([key]) => key === code)?.[1];
  }

  /** @param {Mode} mode @returns {() => void} gives the keys back */
  take(mode) {
    this.modes.push(mode);
    return () => {
      this.modes = this.modes.filter((other) => other !== mode);
    };
  }

  /** Whether a decision may be made now; it says so once, and then not for a while. */
  may_decide() {
    const now = performance.now();
    if (now - this.decided_at < GUARD_MS) return false;
    this.decided_at = now;
    return true;
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const { code } = event;
    if (takes_text(event.target) && code !== "Escape") return;
    // What has the focus is pressed by Enter and Space, not the mode.
    const pressed = ["Enter", "NumpadEnter", "Space"].includes(code);
    if (pressed && event.target instanceof Element && event.target.closest("button, summary, a, input")) {
      return;
    }
    const mode = this.modes[this.modes.length - 1];
    if (mode({ code, digit: digit(code), shift: event.shiftKey })) event.preventDefault();
  }
}

/**
 * The bar of keys below.
 * @param {HTMLElement} bar @param {string[]} actions @param {(action: string) => void} act
 */
export function show_keys(bar, actions, act) {
  const button = ([, action]) => element("button",
    { type: "button", "data-action": action, onclick: () => act(action) },
    element("kbd", {}, letter(action)), ` ${word(`do.${action}`)}`);
  bar.replaceChildren(...KEYS.filter(([, action]) => actions.includes(action)).map(button));
}

/**
 * The dialog with all keys that a person may use.
 * @param {HTMLDialogElement} dialog @param {(action: string) => boolean} may
 */
export function show_help(dialog, may) {
  const own = KEYS.filter(([, action]) => may(action));
  const rows = [...own.map(([, action]) => [letter(action), word(`do.${action}`)]),
    [`Shift ${letter("hillshade")}`, word("do.sun")],
    ...(may("verdict") ? [["1 – 9", word("do.seen")], ["Shift 1 – 9", word("do.not_seen")]] : []),
    ["?", word("do.help")]];
  const row = ([key, does]) => element("div", {},
    element("dt", {}, element("kbd", {}, key)), element("dd", {}, does));
  dialog.setAttribute("aria-label", word("help.title"));
  dialog.replaceChildren(element("h2", {}, word("help.title")), element("dl", {}, ...rows.map(row)),
    element("p", {}, word("help.note"), " ",
      element("a", { href: "/assets/ol.LICENSE.md", target: "_blank" }, word("help.licence"))),
    element("button", { type: "button", onclick: () => dialog.close() }, word("help.close")));
  dialog.showModal();
}
