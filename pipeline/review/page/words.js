/** What the page says: one table for each language, all of them with the same keys. */
import en from "./words_en.js";

/** Languages that can be chosen, each by its own name. */
export const LANGUAGES = {
  en: "English", az: "Azərbaycanca", uk: "Українська", ru: "Русский", fr: "Français", ar: "العربية",
};
const RIGHT_TO_LEFT = ["ar"];
/** Those that a native speaker has read. */
const READ = ["en"];
/** Where a browser keeps what was chosen in it. */
const KEPT = "rams-review-language";

let language = "en";
let table = en;
let plurals = new Intl.PluralRules(language);

/** The language chosen in this browser, else the first of the browser's own that there is. */
function preferred() {
  const own = navigator.languages.map((tag) => tag.split("-")[0]);
  return [localStorage.getItem(KEPT), ...own].find((one) => Object.hasOwn(LANGUAGES, one)) ?? "en";
}

/** Speaks the language of this browser. */
export async function speak() {
  language = preferred();
  if (language !== "en") table = (await import(`./words_${language}.js`)).default;
  plurals = new Intl.PluralRules(language);
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(language) ? "rtl" : "ltr";
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = word(element.dataset.word);
  }
  for (const select of document.querySelectorAll("select.language")) offer(select);
  for (const note of document.querySelectorAll(".unread")) note.hidden = READ.includes(language);
}

/** @param {HTMLSelectElement} select to choose the language with; the page is then read anew */
function offer(select) {
  select.setAttribute("aria-label", word("top.language"));
  select.replaceChildren(...Object.entries(LANGUAGES).map(([id, name]) => {
    const option = new Option(name, id, id === language, id === language);
    option.lang = id;
    return option;
  }));
  select.addEventListener("change", () => {
    localStorage.setItem(KEPT, select.value);
    location.reload();
  });
}

/**
 * @param {string} key
 * @param {Record<string, string|number>} [values] for the `{names}` in the text
 */
export function word(key, values = {}) {
  const text = table[key] ?? en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => isolated(values[name] ?? ""));
}

/** What others wrote, or a number, within a text that runs from right to left: it keeps its own order. */
function isolated(value) {
  return document.documentElement.dir === "rtl" ? `\u2068${value}\u2069` : String(value);
}

/**
 * A text with a count, in the form that the language has for it.
 * @param {string} key without the form @param {number} count the `{n}` in the text
 * @param {Record<string, string|number>} [values]
 */
export function counted(key, count, values = {}) {
  return word(`${key}.${plurals.select(count)}`, { n: number(count), ...values });
}

/** What is wrong with a drawing, or to be known of it. @param {{code: string}} problem with its values */
export function shape({ code, ...values }) {
  const written = ([name, value]) => [name,
    typeof value === "number" ? number(value, Number.isInteger(value) ? 0 : 3) : value];
  return word(`shape.${code}`, Object.fromEntries(Object.entries(values).map(written)));
}

/**
 * The name of a class of finds; one that another model gave it stays as it is.
 * @param {{id: string, label: string, other_than?: {id: string, label: string}[]}} known
 * `other_than` where it stands for all of its kind but these
 */
export function class_name({ id, label, other_than }) {
  const name = en[`find.${id}`] === label ? word(`find.${id}`) : label;
  if (!other_than) return name;
  const list = new Intl.ListFormat(language, { type: "disjunction" });
  return word("evidence.other_than", { kind: name, known: list.format(other_than.map(class_name)) });
}

/** What went wrong. The server says it in English; other languages have words for its kind. */
export function fault(error) {
  if (error.body?.problem) return shape(error.body.problem);
  const key = `error.${error.status ?? "network"}`;
  const kind = word(key);
  return language === "en" || kind === key ? error.message : `${kind}: ${isolated(error.message)}`;
}

/** A term of the vocabulary; one that has no words here is named by its own. */
export function term(group, value) {
  const key = `${group}.${value}`;
  const text = word(key);
  return text === key ? String(value ?? "").replaceAll("_", " ") : text;
}

/** @param {number} value @param {number} [digits] after the point */
export function number(value, digits = 0) {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  // Keys and ids are written in these digits, too.
  return new Intl.NumberFormat(`${language}-u-nu-latn`, options).format(value);
}

/** Square metres, in hectares from one on. */
export function area(m2) {
  return m2 >= 10_000
    ? word("unit.ha", { n: number(m2 / 10_000, 2) })
    : word("unit.m2", { n: number(m2) });
}

/** Longer and shorter side: centimetres below two metres. */
export function size([longer, shorter]) {
  const in_cm = longer < 2;
  const side = (metres) => (in_cm ? number(metres * 100) : number(metres, 1));
  return word(in_cm ? "unit.cm2d" : "unit.m2d", { a: side(longer), b: side(shorter) });
}

/** Shortest and longest size of a class. */
export function range([least, most]) {
  const in_cm = most < 2;
  const side = (metres) => (in_cm ? number(metres * 100) : number(metres, 1));
  return word(in_cm ? "unit.cmrange" : "unit.mrange", { a: side(least), b: side(most) });
}

/** A time of the log as people read it: the day and the minute, UTC. */
export function time(rfc3339) {
  return `${String(rfc3339).slice(0, 16).replace("T", " ")} UTC`;
}

/** A probability in words. */
export function likelihood(p) {
  const steps = [[0.9, "very"], [0.7, "likely"], [0.5, "more"], [0.3, "possible"], [0, "doubtful"]];
  return word(`likelihood.${steps.find(([least]) => p >= least)[1]}`);
}
