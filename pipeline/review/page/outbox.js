/** Decisions that must not be lost on the way. */
import { Refused, request } from "./api.js";
import { Kept } from "./kept.js";

/** Milliseconds to the next try when the network is gone. */
const RETRY_MS = [500, 1000, 2000, 5000];
/** Answers after which the same is tried again: those of a proxy without the server. */
const AGAIN = [502, 503, 504];
/** Decisions that leave an area where it is. */
const STAYS = ["comment", "verdict", "undo"];

/**
 * Sends decisions one after another in the order in which they were made. Until the server has it, the
 * browser keeps each with the name of who made it and a key of its own, through all tries and through
 * reloads of the page: one that arrived before the network dropped counts once.
 */
export class Outbox {
  /** @param {{who: string, survey: string}} of whose decisions on what */
  constructor(of) {
    this.of = of;
    /** @type {(how: "saved"|"saving"|"offline", waiting: number) => void} */
    this.changed = () => {};
    /** What is on its way. */
    this.entries = new Set();
    this.tail = Promise.resolve();
    /** Versions as this page shows them, and those that own decisions made. */
    this.versions = new Map();
    this.made = new Map();
  }

  get waiting() {
    return this.entries.size;
  }

  /** Whether what waits outlives the page. */
  get is_kept() {
    return this.kept !== undefined;
  }

  /** Sends what was left of this person on this survey. @returns {Promise<{decision: any, sent: Promise<any>}[]>} */
  async resume() {
    this.kept = await Kept.open();
    const { who, survey } = this.of;
    const left = (await this.kept?.all() ?? []).filter(({ entry }) => entry.who === who && entry.survey === survey);
    return left.map(({ place, entry }) => (
      { decision: entry.decision, sent: this.#queue(entry, Promise.resolve(place)) }));
  }

  /** @param {{id: string, version: number}[]} items as the page shows them */
  learn(items) {
    for (const { id, version } of items) this.versions.set(id, version);
  }

  /** Whether a decision on its way takes an area out of the queue. @param {string} id */
  takes_out(id) {
    return [...this.entries].some(({ decision: { item, items = [], kind } }) => (
      !STAYS.includes(kind) && (item === id || items.includes(id))));
  }

  /**
   * @param {any} decision as of POST /decisions
   * @returns {Promise<any>} the server's answer, or `Refused`
   */
  send(decision) {
    const version = this.versions.get(decision.item);
    const entry = { ...this.of, key: crypto.randomUUID(), decision, version };
    return this.#queue(entry, this.kept?.add(entry).catch(() => undefined));
  }

  /** @param {any} entry @param {Promise<number | undefined> | undefined} place where it is kept */
  #queue(entry, place) {
    this.entries.add(entry);
    this.changed("saving", this.waiting);
    const sent = this.tail.then(() => place).then(() => this.#try(entry));
    const settled = async () => {
      this.entries.delete(entry);
      this.changed(this.waiting ? "saving" : "saved", this.waiting);
      const kept_at = await place;
      if (kept_at !== undefined) await this.kept.remove(kept_at).catch(() => undefined);
    };
    this.tail = sent.then(settled, settled);
    return sent;
  }

  async #try({ key, who, decision, version: seen }) {
    const headers = { "Idempotency-Key": key };
    // What the person saw, or what their own earlier decisions have made of that since.
    const version = Math.max(seen ?? -1, this.made.get(decision.item) ?? -1);
    if (version >= 0) headers["If-Match"] = `"${version}"`;
    for (let tries = 0; ; tries += 1) {
      try {
        const answer = await request("POST", "/decisions", { ...decision, who }, headers);
        this.learn(answer.items);
        for (const item of answer.items) this.made.set(item.id, item.version);
        return answer;
      } catch (error) {
        if (error instanceof Refused && !AGAIN.includes(error.status)) throw error;
        this.changed("offline", this.waiting);
        await new Promise((go) => setTimeout(go, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]));
      }
    }
  }
}
