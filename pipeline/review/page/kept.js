/** What this browser keeps of decisions until the server has them: a table of IndexedDB. */

const TABLE = "decisions";

const answered = (request) => new Promise((done, failed) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => failed(request.error);
});

export class Kept {
  /** The table; nothing where the browser keeps none, as in some private windows. */
  static async open() {
    try {
      const request = indexedDB.open("rams-review", 1);
      request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { autoIncrement: true });
      return new Kept(await answered(request));
    } catch {
      return undefined;
    }
  }

  constructor(database) {
    this.database = database;
  }

  #table(mode) {
    // On the disk before it counts as kept.
    return this.database.transaction(TABLE, mode, { durability: "strict" }).objectStore(TABLE);
  }

  /** @returns {Promise<number>} its place in the order of all */
  add(entry) {
    return answered(this.#table("readwrite").add(entry));
  }

  /** @param {number} place */
  remove(place) {
    return answered(this.#table("readwrite").delete(place));
  }

  /** All entries with their places, in order. */
  async all() {
    const table = this.#table("readonly");
    const [places, entries] = await Promise.all([answered(table.getAllKeys()), answered(table.getAll())]);
    return places.map((place, at) => ({ place, entry: entries[at] }));
  }
}
