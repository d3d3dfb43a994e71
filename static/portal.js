/* What JavaScript adds to pages that work without it. */
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  // 1. The viewer's time zone, so that the server can write times in it.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) document.cookie = `tz=${zone}; path=/; max-age=31536000; SameSite=Lax${location.protocol === "https:" ? "; Secure" : ""}`;

  const announcer = () => document.getElementById("announcer");
  const announce = (text) => {
    const place = announcer();
    if (!place || !text) return;
    place.textContent = "";
    setTimeout(() => { place.textContent = text; }, 60);
  };

  // 2. Times: what is younger than a day keeps its relative words fresh. Older words come from the server.
  const words = new Intl.RelativeTimeFormat(root.lang || "en", { numeric: "always" });
  const refreshTimes = () => {
    for (const time of document.querySelectorAll("time[data-relative]")) {
      const minutes = Math.trunc((Date.parse(time.dateTime) - Date.now()) / 60000);
      const age = Math.abs(minutes);
      if (!age || age >= 1440) continue;
      time.textContent = age < 60 ? words.format(minutes, "minute") : words.format(Math.trunc(minutes / 60), "hour");
    }
  };
  setInterval(refreshTimes, 60000);

  // 3. Copy buttons.
  const copy = async (button) => {
    const text = button.dataset.copy || button.parentElement.querySelector("code").textContent;
    try { await navigator.clipboard.writeText(text); } catch { if (!copyBySelection(text)) return; }
    button.classList.add("copied");
    announce(announcer()?.dataset.copied);
    setTimeout(() => button.classList.remove("copied"), 1600);
  };
  // The clipboard API is only there over HTTPS and on localhost.
  const copyBySelection = (text) => {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "visually-hidden";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };

  // 4. Select all, and how many are selected.
  const boxes = (form, name) => [...form.elements].filter((box) => box.type === "checkbox" && box.name === name);
  const showSelection = (form) => {
    for (const all of form.querySelectorAll("[data-select-all]")) {
      const every = boxes(form, all.dataset.selectAll);
      const ticked = every.filter((box) => box.checked).length;
      all.checked = ticked > 0 && ticked === every.length;
      all.indeterminate = ticked > 0 && ticked < every.length;
      for (const place of form.querySelectorAll(`[data-selected-count="${CSS.escape(all.dataset.selectAll)}"]`)) {
        place.textContent = `${ticked} ${announcer()?.dataset.selected || ""}`;
      }
    }
  };

  // 5. A line at the top while something is under way.
  let underWay = 0;
  const busy = (change) => {
    underWay = Math.max(0, underWay + change);
    root.classList.toggle("busy", underWay > 0);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest?.("details.menu[open], details.confirm[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("change", (event) => {
    const { target } = event;
    const form = target.form;
    if (!form) return;
    if (target.dataset.selectAll) for (const box of boxes(form, target.dataset.selectAll)) box.checked = target.checked;
    showSelection(form);
    if ("autosubmit" in form.dataset && target.matches("select, [type=checkbox], [type=radio]")) form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented) return;
    if (form.dataset.sent) return event.preventDefault();
    if (form.method === "post") {
      form.dataset.sent = "yes";
      setTimeout(() => delete form.dataset.sent, 8000);
    }
    busy(1);
    const button = event.submitter;
    if (button && form.dataset.busyLabel) button.textContent = form.dataset.busyLabel;
  });
  addEventListener("pageshow", (event) => {
    underWay = 0;
    busy(0);
    if (event.persisted) for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // What can be undone stays in sight as long as it can.
  document.addEventListener("animationend", ({ animationName, target }) => { if (animationName === "undo-gone") target.classList.add("gone"); });

  // 6. htmx: whole pages go into #main, focus goes where the eye should.
  const isPage = (text) => /^\s*<!doctype/i.test(text || "");
  // What the header asks by itself shows no line, is not read out and takes no focus.
  const isQuiet = (place) => place?.dataset && "quiet" in place.dataset;
  document.addEventListener("htmx:beforeRequest", ({ detail: { target } }) => { if (!isQuiet(target)) busy(1); });
  document.addEventListener("htmx:afterRequest", ({ detail: { target, xhr } }) => {
    if (!isQuiet(target)) busy(-1);
    if (isLate(target) && !isGood(xhr)) target.dataset.late = "failed";
  });
  // What follows by itself takes nothing away when it fails.
  const isLate = (place) => place?.dataset && "late" in place.dataset;
  const isGood = ({ status }) => status >= 200 && status < 400;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (isLate(detail.target) && !isGood(detail.xhr)) {
      detail.shouldSwap = false;
      return;
    }
    if (detail.boosted || !isPage(detail.serverResponse)) return;
    detail.target = document.getElementById("main");
    detail.swapOverride = "outerHTML";
    detail.selectOverride = "#main";
    detail.isPage = true;
  });
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    const place = detail.elt;
    retitle();
    if (isQuiet(place)) return;
    for (const form of place.closest?.("form") ? [place.closest("form")] : place.querySelectorAll("form")) {
      delete form.dataset.sent;
      showSelection(form);
    }
    const isNews = !isLate(detail.target);
    if (isNews) focusOn(place);
    announce([...(isNews ? document.querySelectorAll("#messages .notice") : []), ...place.querySelectorAll("[data-announce]")].map((one) => one.textContent.trim()).join(". "));
  });
  const focusOn = (place) => {
    const wrong = place.querySelector("[data-errors]") || place.querySelector("[aria-invalid=true]");
    if (wrong) wrong.focus();
    else if (place.id === "main" || !document.activeElement || document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: place.id !== "main" });
  };

  // 7. How much waits stands before the title, too.
  const waiting = () => { const count = document.getElementById("waiting")?.dataset.count; return count ? `(${count}) ` : ""; };
  let before = waiting();
  const retitle = () => {
    const bare = document.title.startsWith(before) ? document.title.slice(before.length) : document.title;
    before = waiting();
    document.title = before + bare;
  };

  refreshTimes();
  document.querySelectorAll("form").forEach(showSelection);
  document.querySelector("[data-errors]")?.focus();
})();
