/** People decide: opens a session, or asks who comes, and begins the review. */
import { get, request } from "./api.js";
import { by_id } from "./element.js";
import { Review } from "./review.js";
import { fault, speak, word } from "./words.js";

/** The name and password of a user, where no session is open. */
function sign_in(problem) {
  const form = by_id("sign-in");
  form.hidden = false;
  by_id("sign-error").textContent = problem ?? "";
  by_id("sign-name").focus();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await request("POST", "/session", { name: by_id("sign-name").value, password: by_id("sign-password").value });
      location.reload();
    } catch (error) {
      by_id("sign-error").textContent = error.status === 401 ? word("sign.refused") : fault(error);
    }
  });
}

async function start() {
  await speak();
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
    sign_in(token ? word("sign.token") : undefined);
    return;
  }
  document.body.classList.add("open");
  await new Review(me).begin();
}

start();
