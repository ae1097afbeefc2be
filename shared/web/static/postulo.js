/* What pages do better with a script: they count, warn, and know the reader's own clock. */
(() => {
  "use strict";

  const { locale, filled } = words;
  const MINUTE = 60000;

  document.body.classList.add("js-enabled", "govuk-frontend-supported");

  /* The zone, for times that are no element of their own, such as those in a list to choose from. */
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) document.cookie = `__Host-zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; secure; samesite=lax`;

  /* The error summary has the focus, so that a screen reader starts there; its links put the cursor into the field. */
  const summary = document.querySelector("[data-error-summary]");
  if (summary) {
    summary.focus();
    summary.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='#']");
      const target = link && document.getElementById(link.hash.slice(1));
      if (!target) return;
      event.preventDefault();
      for (let part = target.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
      (target.closest(".govuk-form-group") || target).scrollIntoView();
      target.focus({ preventScroll: true });
    });
  }

  /* Fields that count only while another has a certain value. */
  const chosen = (form, name) =>
    [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)]
      .filter((control) => !["radio", "checkbox"].includes(control.type) || control.checked)
      .map((control) => control.dataset.code ?? control.value);

  const arrange = (root) => {
    for (const part of root.querySelectorAll("[data-when]")) {
      const values = part.dataset.values.split("|");
      const form = part.closest("form") || document;
      const said = chosen(form, part.dataset.when);
      part.hidden = !(said.length ? said : [""]).some((value) => values.includes(value));
    }
  };

  /* How many characters are left. */
  const count = (area) => {
    const message = document.getElementById(`${area.id}-count`);
    if (!message) return;
    const left = Number(area.dataset.count) - [...area.value].length;
    message.textContent = filled(left < 0 ? message.dataset.over : message.dataset.left, { count: Math.abs(left).toLocaleString(locale) });
    message.toggleAttribute("data-too-many", left < 0);
  };

  /* Times in the reader's own zone, and what is left until a deadline. */
  const remaining = (milliseconds) => {
    if (milliseconds <= 0) return document.body.dataset.leftNone;
    const relative = new Intl.RelativeTimeFormat(locale);
    const minutes = Math.floor(milliseconds / MINUTE);
    if (minutes >= 48 * 60) return relative.format(Math.floor(minutes / (24 * 60)), "day");
    return minutes >= 60 ? relative.format(Math.floor(minutes / 60), "hour") : relative.format(minutes, "minute");
  };

  const localise = (root) => {
    for (const element of root.querySelectorAll("time[data-local]")) {
      element.textContent = words.moment(new Date(element.dateTime));
      element.removeAttribute("data-local");
    }
    for (const element of root.querySelectorAll("time[data-deadline]")) {
      const moment = new Date(element.dateTime);
      const yours = filled(document.body.dataset.yours, { time: words.moment(moment) });
      element.append(` – ${yours} (${remaining(moment - Date.now())})`);
      element.removeAttribute("data-deadline");
    }
  };

  /* The session: a warning five minutes ahead. Every background save begins its time anew. */
  const warning = document.querySelector("[data-session]");
  const idle = warning ? Number(warning.dataset.session) * 1000 : 0;
  let ends = Date.now() + idle;

  const warn = () => {
    const text = warning.querySelector("p");
    const minutes = Math.ceil((ends - Date.now()) / MINUTE);
    const left = minutes === 1 ? text.dataset.minute : filled(text.dataset.minutes, { count: minutes });
    const said = minutes > 0 ? left : text.dataset.ended;
    warning.hidden = minutes > 5;
    warning.querySelector("button").hidden = minutes <= 0;
    if (!warning.hidden && text.textContent !== said) text.textContent = said;
  };

  const alive = (seconds = idle / 1000) => {
    if (!warning) return;
    ends = Date.now() + seconds * 1000;
    warn();
  };

  if (warning) {
    setInterval(warn, 15000);
    warn();
    warning.querySelector("button").addEventListener("click", async () => {
      const answer = await fetch("/identity/api/session", { credentials: "same-origin" }).catch(() => null);
      if (answer?.ok) alive((await answer.json()).expires_in);
      else if (answer?.status === 401) alive(0);
    });
  }

  document.addEventListener("postulo:saved", () => alive());

  /* One press sends once. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented) return undefined;
    if (form.dataset.sent && Date.now() - Number(form.dataset.sent) < 2000) return event.preventDefault();
    form.dataset.sent = String(Date.now());
    return undefined;
  });

  for (const button of document.querySelectorAll("[data-print]")) {
    button.addEventListener("click", () => window.print());
    button.hidden = false;
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-count]")) count(event.target);
  });
  document.addEventListener("change", () => arrange(document));

  const prepare = (root) => {
    arrange(root);
    localise(root);
    root.querySelectorAll("[data-count]").forEach(count);
  };
  prepare(document);
  /* What htmx fetches: an address that says only what was asked, a history without every letter that was typed. */
  document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
    if (ctx.request.method !== "GET") return;
    for (const [name, value] of [...ctx.request.body]) if (value === "") ctx.request.body.delete(name);
    if (ctx.sourceEvent?.type === "input") Object.assign(ctx, { push: null, replace: "true" });
  });

  /* A button that leads away from a form which otherwise stays where it is. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-plain]");
    if (!button) return;
    event.preventDefault();
    location.assign(`${button.form.action}?${new URLSearchParams(new FormData(button.form, button))}`);
  });

  const failed = (shown) => document.querySelectorAll("[data-failed]").forEach((part) => {
    part.hidden = !shown;
    if (shown) part.setAttribute("role", "alert");
  });

  /* A page that is not the one asked for takes nothing away; without an answer, the reader is told. */
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx, tasks } = event.detail;
    if (!ctx.select || tasks.some((task) => task.fragment.childElementCount)) return;
    event.preventDefault();
    failed(true);
  });
  document.addEventListener("htmx:error", () => failed(true));

  /* Who pressed a link or a button goes on reading at what came; who ticks or types stays there. */
  const arrive = (event) => {
    if (!["click", "submit"].includes(event?.type)) return;
    document.querySelector("[data-error-summary], [data-arrive]")?.focus();
  };

  const relink = () => document.querySelectorAll("a[hreflang][rel=alternate]").forEach((link) => {
    const query = new URLSearchParams(location.search);
    query.set("lang", link.hreflang);
    link.href = `${location.pathname}?${query}`;
  });

  document.addEventListener("htmx:after:swap", (event) => {
    prepare(document);
    if (!event.detail.ctx.select) return;
    alive();
    relink();
    arrive(event.detail.ctx.sourceEvent);
  });
})();
