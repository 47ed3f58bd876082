/** People decide: opens a session, or asks who comes, and begins the review. */
import { get, request } from "./api.js";
import { learn_letters } from "./keys.js";
import { keep_signed_in, sign_in } from "./login.js";
import { Review } from "./review.js";
import { speak, word } from "./words.js";

async function start() {
  await Promise.all([speak(), learn_letters()]);
  const token = location.hash.slice(1).replace(/^token=/, "");
  if (token) {
    // It works once, and must not stay in the history of the browser.
    history.replaceState(null, "", location.pathname);
    await request("POST", "/session", { token }).catch(() => undefined);
  }
  let me;
  try {
    me = await get("/me");
  } catch (error) {
    await sign_in(token ? word("sign.token") : undefined);
    me = await get("/me");
  }
  keep_signed_in(me.name);
  document.body.classList.add("open");
  await new Review(me).begin();
}

start();
