/** From a key to the server: what is decided, asked, drawn, taken back, and refused. */
import { get } from "./api.js";
import { choose, choose_alike, write } from "./dialogs.js";
import { by_id } from "./element.js";
import { letter } from "./keys.js";
import { counted, fault, word } from "./words.js";

/** How long the hand rests before the queue is counted again. */
const REST_MS = 400;

export class Decisions {
  /** @param {import("./review.js").Review} review */
  constructor(review) {
    this.review = review;
  }

  /** @param {string} action that may be done now */
  async make(action) {
    const { keys, state, tool, evidence } = this.review;
    const { item } = state;
    switch (action) {
      case "accept": case "pass": case "reopen":
        this.#send({ kind: action }, item);
        break;
      case "reject": case "defer": case "return":
        await this.#with_reason(action, item);
        break;
      case "comment": {
        const comment = await write(by_id("chooser"), keys, word("choose.comment", { item: item.id }));
        if (comment) this.#send({ kind: "comment", comment }, item);
        break;
      }
      case "undo":
        await this.#undo();
        break;
      case "outline":
        tool.open("modify", item, evidence.proposal.geometry);
        break;
      default:
        tool.open(action, action === "add" ? undefined : item);
    }
  }

  async #with_reason(kind, item, start) {
    const { keys, state } = this.review;
    const said = await choose(by_id("chooser"), keys, word(`choose.${kind}`), state.me.reasons[kind], start);
    if (!said) return;
    const refused = await this.#send({ kind, ...said }, item);
    // Such as the second return of an area, which needs words.
    if (refused?.status === 422) {
      await this.review.open(item.id);
      const problem = { comment: said.comment, problem: fault(refused) };
      if (state.item?.id === item.id) await this.#with_reason(kind, item, problem);
    }
  }

  /** Sends a decision on an area and goes on to the next at once. */
  async #send(decision, item) {
    const { frame, outbox, queue, review, state } = this.#parts();
    const moves = decision.kind !== "comment";
    const next = queue.beside(item.id, 1) ?? queue.beside(item.id, -1);
    const { acting: stage, seconds_open } = state;
    const sent = outbox.send({ item: item.id, stage, seconds_open, ...decision });
    if (moves) {
      queue.take_out(item.id);
      review.open(next);
    }
    try {
      this.took(await sent, item.id);
      frame.tell(word("message.done", { kind: word(`do.${decision.kind}`), item: item.id }));
      if (!moves && state.item === item) review.again(item.id);
      return undefined;
    } catch (error) {
      await this.refused(error, item.id);
      return error;
    }
  }

  /** A decision of before this page was opened, on its way again. @param {any} decision @param {Promise<any>} sent */
  async resumed(decision, sent) {
    try {
      const answer = await sent;
      this.took(answer, decision.item ?? answer.items[0].id);
    } catch (error) {
      this.review.frame.tell(`${decision.item ?? ""} ${fault(error)}`, true);
    }
  }

  #parts() {
    const { review } = this;
    const { frame, items, map, outbox, queue, state } = review;
    return { frame, items, map, outbox, queue, review, state };
  }

  /** What the server's answer to a decision changes here. */
  took(answer, id) {
    const { items, map, state } = this.#parts();
    state.head = answer.head;
    state.made.push(id);
    for (const item of answer.items) items.forget(item.id);
    map.refresh();
    this.#recount();
  }

  /** Counts again when the hand rests: the open area stays open. */
  #recount() {
    clearTimeout(this.recounting);
    this.recounting = setTimeout(async () => {
      const { outbox, review, state } = this.#parts();
      if (outbox.waiting) return this.#recount();
      await review.fetch_queue().catch(() => undefined);
      return state.item || review.samples.is_looking || review.show_nothing();
    }, REST_MS);
  }

  async refused(error, id) {
    const { frame, review, state } = this.#parts();
    if (review.samples.is_looking) return frame.tell(`${id} ${fault(error)}`, true);
    await review.load();
    await review.again(id);
    if (state.item?.id !== id && !review.tool.is_open) await review.open(id);
    frame.tell(error.status === 412 ? word("message.changed", { item: id }) : fault(error), true);
  }

  /** A drawing: the tool keeps it until this is done. */
  async drawn(decision) {
    const { frame, outbox, queue, review, state } = this.#parts();
    const { acting: stage, seconds_open } = state;
    const { tool } = review;
    try {
      const answer = await outbox.send({ stage, seconds_open, ...decision });
      tool.closed = () => {
        tool.closed = undefined;
        const next = decision.item && queue.beside(decision.item, 1);
        const item = decision.item ?? answer.items[0].id;
        if (decision.item) for (const id of [item, ...(decision.items ?? [])]) queue.take_out(id);
        this.took(answer, item);
        frame.tell(word("message.done", { kind: word(`do.${decision.kind}`), item }));
        review.open(next ?? queue.items[0]?.id);
      };
    } catch (error) {
      if (error.status === 412 && error.body.item) outbox.learn([error.body.item]);
      throw error;
    }
  }

  async verdict(find, verdict) {
    const { map, outbox, review, state } = this.#parts();
    const { item, acting: stage } = state;
    map.set_verdict(find.id, verdict);
    review.show_keys();
    try {
      const answer = await outbox.send({ item: item.id, stage, kind: "verdict", feature: find.id, verdict });
      state.head = answer.head;
      state.made.push(item.id);
    } catch (error) {
      await this.refused(error, item.id);
    }
  }

  /** @param {string | undefined} id of a find */
  async alike(id) {
    const { frame, items, outbox, review, state } = this.#parts();
    if (!id) return frame.tell(word("message.nothing_alike"));
    const found = await get(`/alike?feature=${encodeURIComponent(id)}`);
    if (!found.features.length) return frame.tell(word("alike.none"));
    const chosen = await choose_alike(by_id("alike"), review.keys, id, found, state.me.reasons.feature);
    if (!chosen) return undefined;
    // One decision, which one undo takes back; the server logs each find by itself.
    const { reason, lot } = chosen;
    const { item } = lot[0];
    try {
      const answer = await outbox.send({ item, stage: state.acting, kind: "verdict",
        features: lot.map((find) => find.id), verdict: "not_seen", reason });
      this.took(answer, item);
      lot.forEach((find) => items.forget(find.item));
      frame.tell(counted("message.lot", lot.length, { key: letter("undo") }));
    } catch (error) {
      frame.tell(fault(error), true);
    }
    return state.item && review.again(state.item.id);
  }

  /** Takes the last own decision back; of a lot, all of it. */
  async #undo() {
    const { frame, outbox, queue, review, state } = this.#parts();
    const id = state.last_own();
    if (!id) return frame.tell(word("message.nothing_to_undo"));
    try {
      await outbox.send({ item: id, stage: state.acting, kind: "undo" });
    } catch (error) {
      frame.tell(fault(error), true);
      return undefined;
    }
    await review.load();
    if (state.item?.id === id) await review.again(id);
    else if (queue.at(id) >= 0) await review.open(id);
    return frame.tell(word("message.undone", { item: id }));
  }
}
