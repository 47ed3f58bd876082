/** Where a person stands in a review: all that changes while the page is open, but for what is drawn. */

import { term, word } from "./words.js";

/** What went through all stages, as the queue calls it. */
export const VERIFIED = "verified";

/** What whoever may look may do. */
const LOOK = ["next", "previous", "fit", "hillshade", "swipe", "profile", "marks"];

export class State {
  /** @param {any} me of GET /me */
  constructor(me) {
    this.me = me;
    /** What the queue shows. */
    this.stage = me.my_stages[0] ?? me.stages[0].id;
    this.order = "threat";
    this.category = "";
    this.land_class = "";
    /** By stage: how many wait, are deferred, went on. */
    this.counts = {};
    /** The open area, of GET /items, and since when it is open. */
    this.item = undefined;
    this.opened_at = 0;
    /** The end of the log. */
    this.head = me.head;
    /** Areas of own decisions of this session that can be taken back, the latest last. */
    this.made = [];
  }

  /** @param {any} item of GET /items, or nothing */
  open(item) {
    this.item = item;
    this.opened_at = performance.now();
  }

  /** For how long the area was open, to a tenth of a second. */
  get seconds_open() {
    return Math.round((performance.now() - this.opened_at) / 100) / 10;
  }

  /** At which stage decisions are made: what went through all of them, the last one reopens. */
  get acting() {
    const { stages } = this.me;
    return this.stage === VERIFIED ? stages[stages.length - 1].id : this.stage;
  }

  get may_act() {
    return this.me.my_stages.includes(this.acting);
  }

  /** Whether a person may do something at some stage. @param {string} action */
  ever_may(action) {
    return this.me.my_stages.length > 0 || LOOK.includes(action);
  }

  /** How far an area may be: each stage, and past all of them; ids, each with its words. */
  get places() {
    return [...this.me.stages.map(({ id }) => [id, term("stage", id)]), [VERIFIED, word("state.verified")]];
  }

  /** The stage after the one that is shown, and how many wait there. */
  get next_stage() {
    const { stages } = this.me;
    const at = stages.findIndex(({ id }) => id === this.stage);
    const next = at < 0 ? undefined : stages[at + 1];
    return next && { ...next, waiting: this.counts[next.id]?.waiting ?? 0 };
  }

  /**
   * What may be done with the open area at this stage.
   * @param {boolean} has_proposal whether the doctrine drew another outline for it
   */
  actions(has_proposal) {
    const { item, me, acting: stage } = this;
    if (!this.may_act || item?.second_look) return LOOK;
    const [first, second] = me.stages;
    const look = ["alike", ...LOOK];
    const says = stage === first.id || stage === second?.id;
    const can_return = stage !== first.id;
    if (!item) return ["add", "undo", ...look];
    if (item.stage !== stage || ["verified", "superseded"].includes(item.state)) {
      const reopens = item.state === "verified" && stage === me.stages[me.stages.length - 1].id;
      return [...(reopens ? ["reopen"] : []), "comment", "undo", ...look];
    }
    return [...(says ? ["accept", "reject"] : ["pass"]), "defer", ...(can_return ? ["return"] : []),
      ...(says ? ["modify", "split", "merge", "add"] : []), "undo", "comment", "verdict",
      ...(says && has_proposal ? ["outline"] : []), ...look];
  }

  /** An own decision to take back: the last of this session, or one on the open area. */
  last_own() {
    const made = this.made.pop();
    if (made) return made;
    return this.item?.history.some(({ who }) => who === this.me.name) ? this.item.id : undefined;
  }
}
