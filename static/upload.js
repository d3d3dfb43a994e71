/* A form with a file: sent by itself, with progress, time left and cancel. Without this the form works as it is. */
(() => {
  "use strict";
  const size = (bytes) => (bytes / 1048576).toFixed(bytes < 104857600 ? 1 : 0) + " MiB";
  const time = (seconds) => (seconds >= 90 ? `${Math.round(seconds / 60)} min` : `${Math.max(1, Math.round(seconds))} s`);
  const token = (form) => form.querySelector("[name=csrfmiddlewaretoken]").value;

  // The page that came instead of the expected one: a form with its mistakes, or what went wrong.
  const show = (html) => {
    const main = new DOMParser().parseFromString(html, "text/html").getElementById("main");
    if (!main) return location.reload();
    document.getElementById("main").replaceWith(main);
    (main.querySelector("[data-errors]") || main).focus();
  };

  // The image's page, once the image is made; empty when the answer was another page.
  const create = async (form) => {
    const data = new FormData(form);
    data.delete("file");
    data.append("file_follows", "yes");
    const answer = await fetch(form.action, { method: "POST", body: data });
    if (/\/images\/[0-9a-f-]{36}\/$/.test(new URL(answer.url).pathname) && answer.ok) return answer.url;
    if (answer.redirected) location.assign(answer.url); // the sign-in: what was typed is kept
    else show(await answer.text());
    return "";
  };

  const send = (form, page, file) => {
    const box = form.querySelector("[data-upload-progress]");
    const [bar, text, said] = [box.querySelector("progress"), box.querySelector("[data-upload-text]"), box.querySelector("[data-upload-said]")];
    const request = new XMLHttpRequest();
    const started = Date.now();
    let tenth = 0;
    const end = (words) => {
      text.textContent = said.textContent = words;
      removeEventListener("beforeunload", ask);
      setTimeout(() => location.assign(page), 2500);
    };
    const ask = (event) => event.preventDefault();
    addEventListener("beforeunload", ask);
    request.upload.onprogress = ({ loaded, total }) => {
      const left = ((Date.now() - started) / 1000 / loaded) * (total - loaded);
      bar.value = (100 * loaded) / total;
      text.textContent = loaded === total ? text.dataset.ending : `${size(loaded)} / ${size(total)} · ${time(left)} ${text.dataset.left}`;
      if (Math.floor(bar.value / 10) > tenth) said.textContent = `${(tenth = Math.floor(bar.value / 10))}0 %`;
    };
    request.onload = () => {
      removeEventListener("beforeunload", ask);
      if (request.status < 400 && request.responseURL !== page) return location.assign(page);
      history.replaceState(null, "", page);
      return show(request.responseText);
    };
    request.onerror = request.ontimeout = () => end(text.dataset.broken);
    request.onabort = () => end(text.dataset.cancelled);
    box.querySelector("[data-upload-cancel]").addEventListener("click", () => request.abort(), { once: true });
    box.hidden = false;
    request.open("PUT", new URL("data/", page));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-CSRFToken", token(form));
    request.send(file);
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const file = form.elements.file?.files[0];
    const isUrl = form.elements.source?.value === "url";
    if (!("upload" in form.dataset) || isUrl || !file || !file.size) return;
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    try {
      const isNew = !form.action.endsWith("/data/");
      const page = isNew ? await create(form) : new URL("../", form.action).href;
      if (page) send(form, page, file);
    } catch {
      button.disabled = false;
      form.submit();
    }
  }, true);
})();
