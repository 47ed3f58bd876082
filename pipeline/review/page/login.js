/** Signing in by name and password: at the start, and again when a session has ended. */
import { request, session } from "./api.js";
import { by_id } from "./element.js";
import { fault, word } from "./words.js";

/**
 * Asks for a name and its password until they fit.
 * @param {string} [problem] why @param {string} [name] the only one that may go on with this page
 * @returns {Promise<void>}
 */
export function sign_in(problem, name) {
  const [dialog, error, known, password] = ["sign-in", "sign-error", "sign-name", "sign-password"].map(by_id);
  error.textContent = problem ?? "";
  if (name) known.value = name;
  known.readOnly = Boolean(name);
  password.value = "";
  return new Promise((done) => {
    let is_in = false;
    // Keys of the dialog are not those of the page behind it.
    dialog.onkeydown = (event) => event.stopPropagation();
    dialog.onclose = () => (is_in ? done() : dialog.showModal());
    dialog.onsubmit = async (event) => {
      event.preventDefault();
      try {
        await request("POST", "/session", { name: known.value.trim(), password: password.value });
        is_in = true;
        dialog.close();
      } catch (refused) {
        error.textContent = refused.status === 401 ? word("sign.refused") : fault(refused);
        password.select();
      }
    };
    dialog.showModal();
    (name ? password : known).focus();
  });
}

/**
 * Has the person of this page sign in again when the session has ended: requests wait for that, and
 * none is made in another's name.
 * @param {string} name
 */
export function keep_signed_in(name) {
  let asking;
  session.renew = () => {
    asking ??= sign_in(word("sign.ended"), name).finally(() => {
      asking = undefined;
    });
    return asking;
  };
}
