/** What the page says: one table for each language, all of them complete. */
import en from "./words_en.js";

const TABLES = { en };
const RIGHT_TO_LEFT = ["ar"];

let language = "en";

/** Languages that can be chosen. */
export const LANGUAGES = Object.keys(TABLES);

/** @param {string} wanted a language of the table; any other stays English */
export function speak(wanted) {
  language = LANGUAGES.includes(wanted) ? wanted : "en";
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(language) ? "rtl" : "ltr";
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = word(element.dataset.word);
  }
}

/**
 * @param {string} key
 * @param {Record<string, string|number>} [values] for the `{names}` in the text
 */
export function word(key, values = {}) {
  const text = TABLES[language][key] ?? TABLES.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
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
  return new Intl.NumberFormat(language, options).format(value);
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
