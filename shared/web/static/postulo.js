/* What pages do better with a script: they save themselves, count, warn, and know the reader's own clock. */
(() => {
  "use strict";

  const language = document.documentElement.lang;
  const locale = language === "en" ? "en-GB" : language;
  const MINUTE = 60000;
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const clock = (date) => date.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
  const loginPage = (url) => new URL(url, location.href).pathname.startsWith("/identity/login");

  document.body.classList.add("js-enabled", "govuk-frontend-supported");

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
      .map((control) => control.value);

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
    const options = { dateStyle: "long", timeStyle: "short" };
    const inWords = (moment) => {
      const words = moment.toLocaleString(locale, options);
      return language === "fr" ? words.replace(/^1 /, "1er ") : words;
    };
    for (const element of root.querySelectorAll("time[data-local]")) {
      element.textContent = inWords(new Date(element.dateTime));
      element.removeAttribute("data-local");
    }
    for (const element of root.querySelectorAll("time[data-deadline]")) {
      const moment = new Date(element.dateTime);
      const yours = filled(document.body.dataset.yours, { time: inWords(moment) });
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
    const words = minutes > 0 ? filled(text.dataset.minutes, { count: minutes }) : text.dataset.ended;
    warning.hidden = minutes > 5;
    warning.querySelector("button").hidden = minutes <= 0;
    if (!warning.hidden && text.textContent !== words) text.textContent = words;
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

  /* Forms that save themselves: two seconds after the last keystroke, at most four after the first unsaved one. */
  class Saver {
    constructor(form) {
      this.form = form;
      this.status = document.createElement("p");
      this.status.className = "postulo-saved";
      this.status.setAttribute("role", "status");
      form.append(this.status);
      form.addEventListener("input", (event) => this.changed(event));
      form.addEventListener("change", (event) => this.changed(event));
      form.addEventListener("submit", (event) => this.submitted(event));
    }

    changed(event) {
      if (event.target.type === "file") return;
      clearTimeout(this.timer);
      this.since ??= Date.now();
      this.timer = setTimeout(() => this.save(), Math.max(0, Math.min(2000, this.since + 4000 - Date.now())));
    }

    /* A save on its way is waited for: else the form would be taken for an older version than the one just saved. */
    submitted(event) {
      clearTimeout(this.timer);
      this.stopped = true;
      if (!this.saving) return;
      event.preventDefault();
      this.saving.then(() => this.form.requestSubmit(event.submitter));
    }

    body() {
      const data = new FormData(this.form);
      for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
      return new URLSearchParams(data);
    }

    async save() {
      if (this.saving || this.stopped) return;
      this.saving = this.send();
      await this.saving;
      this.saving = undefined;
      if (this.since && !this.stopped) this.timer = setTimeout(() => this.save(), 2000);
    }

    async send() {
      this.since = undefined;
      this.say("saving");
      try {
        this.done(await fetch(this.form.action, {
          method: "POST", body: this.body(), credentials: "same-origin", headers: { "Postulo-Autosave": "1" },
        }));
      } catch {
        this.again();
      }
    }

    done(answer) {
      if (loginPage(answer.url) || answer.status === 401) return this.say("expired");
      if (answer.status === 409) return this.say("conflict");
      if (answer.status >= 500 || answer.status === 429) return this.again();
      if (!answer.ok && answer.status !== 422) return this.say("failed");
      const version = answer.headers.get("Postulo-Version");
      if (version && this.form.elements._version) this.form.elements._version.value = version;
      alive();
      return this.say("saved", { time: clock(new Date()) });
    }

    again() {
      this.say("failed");
      this.since ??= Date.now();
      setTimeout(() => this.save(), 5000);
    }

    say(what, values = {}) {
      this.status.textContent = filled(this.form.dataset[what], values);
    }
  }

  document.querySelectorAll("form[data-autosave]").forEach((form) => new Saver(form));

  /* One press sends once. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented) return undefined;
    if (form.dataset.sent && Date.now() - Number(form.dataset.sent) < 2000) return event.preventDefault();
    form.dataset.sent = String(Date.now());
    return undefined;
  });

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
