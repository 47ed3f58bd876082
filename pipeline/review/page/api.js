/** Requests to the server, and decisions that must not be lost on the way. */

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

/** Milliseconds to the next try when the network is gone. */
const RETRY_MS = [500, 1000, 2000, 5000];

/**
 * Sends decisions one after another in the order in which they were made. A decision keeps its key
 * through all tries, so that one that arrived before the network dropped counts once.
 */
export class Outbox {
  /** @param {(state: "saved"|"saving"|"offline", waiting: number) => void} changed */
  constructor(changed) {
    this.changed = changed;
    this.waiting = 0;
    this.tail = Promise.resolve();
    /** Versions as this page knows them: of what it loaded and what its own decisions made. */
    this.versions = new Map();
  }

  /** @param {{id: string, version: number}[]} items */
  learn(items) {
    for (const { id, version } of items) this.versions.set(id, version);
  }

  /**
   * @param {any} decision as of POST /decisions
   * @returns {Promise<any>} the server's answer, or `Refused`
   */
  send(decision) {
    const key = crypto.randomUUID();
    this.waiting += 1;
    this.changed("saving", this.waiting);
    const sent = this.tail.then(() => this.#try(decision, key));
    const settled = () => {
      this.waiting -= 1;
      this.changed(this.waiting ? "saving" : "saved", this.waiting);
    };
    this.tail = sent.then(settled, settled);
    return sent;
  }

  async #try(decision, key) {
    for (let tries = 0; ; tries += 1) {
      try {
        // The version is that of the moment of sending: own earlier decisions have moved it.
        const version = this.versions.get(decision.item);
        const headers = { "Idempotency-Key": key };
        if (version !== undefined) headers["If-Match"] = `"${version}"`;
        const answer = await request("POST", "/decisions", decision, headers);
        this.learn(answer.items ?? []);
        return answer;
      } catch (error) {
        const again = !(error instanceof Refused) || [502, 503, 504].includes(error.status);
        if (!again) throw error;
        this.changed("offline", this.waiting);
        await new Promise((go) => setTimeout(go, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]));
      }
    }
  }
}
