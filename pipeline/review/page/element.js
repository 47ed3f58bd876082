/** Elements of the page, made with text alone. */

/**
 * An element with text, never with markup: what it shows was written by others.
 * @param {string} name @param {Record<string, any>} [properties] @param {...(Node|string|false|null|undefined)} inner
 */
export function element(name, properties = {}, ...inner) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (key === "class") made.className = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key.startsWith("data-") || key.startsWith("aria-") || key === "role") {
      made.setAttribute(key, value);
    } else made[key] = value;
  }
  made.append(...inner.filter((part) => part !== false && part !== null && part !== undefined));
  return made;
}

/** @param {string} id of an element of the page */
export const by_id = (id) => document.getElementById(id);
