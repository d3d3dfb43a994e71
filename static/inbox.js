/* The inbox by keys: j and k go from letter to letter, a, r and l answer, x selects, u undoes, ? tells. */
(() => {
  "use strict";
  const OFF = "inbox-keys-off";
  const ANSWERS = { a: "accepted", r: "rejected", l: "pending" };
  const dialog = () => document.getElementById("keys");
  const words = () => document.getElementById("keys-words").dataset;
  const letters = () => [...document.querySelectorAll("[data-letters] .letter")];
  const current = () => document.activeElement?.closest?.("[data-letters] .letter");
  let place = -1; // of the letter that was answered, among those on the page

  // 1. Whether they are on is kept in this browser. Where nothing can be kept, they are.
  const isOff = () => { try { return localStorage.getItem(OFF) === "yes"; } catch { return false; } };
  const setOff = (off) => { try { off ? localStorage.setItem(OFF, "yes") : localStorage.removeItem(OFF); } catch { /* not kept */ } };

  const say = (text) => {
    const announcer = document.getElementById("announcer");
    announcer.textContent = "";
    setTimeout(() => { announcer.textContent = text; }, 60);
  };
  const goTo = (letter) => {
    letter.querySelector(".letter-subject a").focus();
    letter.scrollIntoView({ block: "nearest" });
  };

  // 2. What each does.
  const step = (by) => {
    const all = letters();
    const here = all.indexOf(current());
    const next = here < 0 ? (by > 0 ? 0 : all.length - 1) : here + by;
    if (all[next]) return goTo(all[next]);
    if (all.length) say(next < 0 ? words().first : words().last);
  };
  const select = () => {
    const box = current()?.querySelector("[name=image]");
    if (box) box.click();
    else say(words().none);
  };
  const answer = (status) => {
    const form = document.querySelector("form[data-letters]");
    if (!form) return;
    const chosen = form.querySelector("[name=image]:checked, [name=every]:checked");
    const from = chosen ? form.querySelector(".toolbar") : current();
    if (!from) return say(words().none);
    const button = from.querySelector(`button[name=status][value=${status}]`);
    place = letters().indexOf(current());
    // What stands in this drawer already has no such button.
    if (button) button.click();
  };
  const undo = () => [...document.querySelectorAll("#messages .undo")].at(-1)?.click();
  const show = () => {
    if (!dialog()) return;
    dialog().querySelector("[data-keys-on]").checked = !isOff();
    dialog().showModal();
  };

  // 3. When they are keys, and when letters.
  const isTyping = (element) => element.isContentEditable || element.matches?.("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])");
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isOff() || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const { key } = event;
    const act = key === "j" ? () => step(1) : key === "k" ? () => step(-1) : key === "x" ? select : key === "u" ? undo : key === "?" ? show : Object.hasOwn(ANSWERS, key) ? () => answer(ANSWERS[key]) : null;
    if (!act || !dialog()) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-keys]")) show(); });
  document.addEventListener("change", (event) => { if (event.target.matches("[data-keys-on]")) setOff(!event.target.checked); });

  // 4. After an answer by key one is at the letter that came into its place.
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (place < 0 || (detail.elt.id !== "tray" && detail.elt.id !== "main")) return;
    const all = letters();
    const letter = all[Math.min(place, all.length - 1)];
    place = -1;
    if (letter) goTo(letter);
  });
})();
