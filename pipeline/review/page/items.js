/** Areas with all that speaks for them: fetched once, the next ones before they are asked for. */
import { Refused, get, request } from "./api.js";
import { read_geometry } from "./map.js";

/** Areas that are fetched before they are asked for. */
const AHEAD = 2;
/** Chips of an area that are fetched with it. */
const CHIPS_AHEAD = 6;
/** A lease lasts ten minutes; it is renewed while its area is open. */
const LEASE_MS = 4 * 60_000;

export class Items {
  constructor() {
    this.fetched = new Map();
    setInterval(() => this.held && this.#renew(), LEASE_MS);
  }

  /** @param {string} id @returns {Promise<any>} of GET /items */
  fetch(id) {
    if (!this.fetched.has(id)) {
      const item = get(`/items/${encodeURIComponent(id)}`);
      item.catch(() => this.fetched.delete(id));
      this.fetched.set(id, item);
    }
    return this.fetched.get(id);
  }

  /** @param {string} id of an area that has changed */
  forget(id) {
    this.fetched.delete(id);
  }

  forget_all() {
    this.fetched.clear();
  }

  /**
   * @param {string} id the open area @param {import("./queue.js").Queue} queue
   * @param {import("./map.js").ReviewMap} map
   */
  async fetch_ahead(id, queue, map) {
    for (let step = 1; step <= AHEAD; step += 1) {
      const next = queue.beside(id, step);
      if (!next) return;
      const item = await this.fetch(next).catch(() => undefined);
      if (!item) continue;
      map.fetch_ahead(read_geometry(item.boundary).getExtent());
      for (const find of item.features.slice(0, CHIPS_AHEAD)) {
        new Image().src = `/chips/${encodeURIComponent(find.id)}`;
      }
    }
  }

  /**
   * Takes the lease of an area, as long as it is open.
   * @param {string} id @param {(lease: any) => void} taken told where another has it
   */
  hold(id, taken) {
    this.held = { id, taken };
    return this.#renew();
  }

  /** Gives the lease back. */
  leave() {
    if (this.held) request("DELETE", `/leases/${encodeURIComponent(this.held.id)}`).catch(() => {});
    this.held = undefined;
  }

  async #renew() {
    const { held } = this;
    try {
      await request("PUT", `/leases/${encodeURIComponent(held.id)}`);
    } catch (error) {
      const is_taken = error instanceof Refused && error.status === 409;
      if (is_taken && this.held === held) held.taken(error.body);
    }
  }
}
