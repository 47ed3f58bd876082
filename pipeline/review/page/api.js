/** Requests to the server. */

/** An answer that is no success. */
export class Refused extends Error {
  /** @param {number} status @param {any} body */
  constructor(status, body) {
    super(body?.error ?? `the server answered ${status}`);
    this.status = status;
    this.body = body ?? {};
  }
}

/** What begins a session again when one has ended: until it has, requests wait. */
export const session = { /** @type {undefined | (() => Promise<void>)} */ renew: undefined };

/**
 * @param {string} method @param {string} path @param {any} [body] sent as JSON
 * @param {Record<string, string>} [headers] @param {AbortSignal} [signal]
 */
export async function request(method, path, body, headers = {}, signal) {
  const init = { method, headers: { ...headers }, signal, credentials: "same-origin" };
  if (body !== undefined) {
    init.headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  const answer = await fetch(path, init);
  if (answer.status === 401 && session.renew && path !== "/session") {
    await session.renew();
    return request(method, path, body, headers, signal);
  }
  const is_json = (answer.headers.get("Content-Type") ?? "").includes("json");
  const content = is_json ? await answer.json() : undefined;
  if (!answer.ok) throw new Refused(answer.status, content);
  return content;
}

/** @param {string} path @param {AbortSignal} [signal] */
export const get = (path, signal) => request("GET", path, undefined, {}, signal);

/** @param {string} path @param {any} body @param {AbortSignal} [signal] */
export const post = (path, body, signal) => request("POST", path, body, {}, signal);
