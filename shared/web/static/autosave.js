/* Forms that save themselves, and whatever leaves their page: nothing that was typed is lost (R20). */
(() => {
  "use strict";

  const LARGEST = 60000; // bytes that a browser still sends for a page that is gone: 64 KiB, the headers' words included
  const PATIENCE = 4000; // milliseconds that a link waits for the save
  const RETRY = 5000;

  const main = document.getElementById("main-content");
  const refused = "refused" in document.body.dataset;
  const pressed = unsent.pressed();
  const [came] = performance.getEntriesByType("navigation");
  const reread = ["reload", "back_forward"].includes(came?.type);
  const loginPage = (url) => new URL(url, location.href).pathname.startsWith("/identity/login");
  const post = (url, body) => fetch(url, {
    method: "POST",
    body,
    credentials: "same-origin",
    headers: { "Postulo-Autosave": "1" },
    keepalive: body.toString().length <= LARGEST,
  }).catch(() => null);
  const arrived = (answer) => Boolean(answer?.ok) && !loginPage(answer.url);

  /* What was typed: without files, and without our own hidden fields. */
  const typedIn = (form) => [...new FormData(form)].filter(([name, value]) => name[0] !== "_" && typeof value === "string");
  const same = (one, other) => {
    const [first, second] = [one, other].map((fields) => JSON.stringify(
      fields.map(([name, value]) => [name, value.replace(/\r\n?/g, "\n").trim()]).filter(([, value]) => value).sort(),
    ));
    return first === second;
  };

  const isDefault = (control) => {
    if (["checkbox", "radio"].includes(control.type)) return control.checked === control.defaultChecked;
    if (control.tagName !== "SELECT") return control.value === control.defaultValue;
    return control.selectedIndex === Math.max(0, [...control.options].findIndex((option) => option.defaultSelected));
  };
  const fieldsOf = (form) => [...form.elements].filter((control) =>
    control.name && control.name[0] !== "_" && !["hidden", "file", "submit", "button"].includes(control.type));

  const put = (control, values) => {
    if (["checkbox", "radio"].includes(control.type)) {
      control.checked = values.includes(control.value);
      return;
    }
    const value = values.shift() ?? "";
    const listed = control.tagName !== "SELECT" || [...control.options].some((option) => option.value === value);
    if (!listed) control.add(new Option(value, value));
    control.value = value;
  };

  /* Puts these values into the form, and has the rest of the page notice. */
  const fill = (form, fields) => {
    const values = {};
    for (const [name, value] of fields) (values[name] ??= []).push(value);
    for (const control of fieldsOf(form)) {
      const [before, ticked] = [control.value, control.checked];
      put(control, values[control.name] ?? []);
      if (control.value === before && control.checked === ticked) continue;
      control.dispatchEvent(new Event("input", { bubbles: true }));
    }
    form.dispatchEvent(new Event("change", { bubbles: true }));
    document.dispatchEvent(new Event("postulo:filled"));
  };

  /* The longest text among these values that the form does not show. */
  const longest = (form, fields) => {
    const shown = new Set(typedIn(form).map(([, value]) => value));
    const texts = new Set(fieldsOf(form).filter((control) => control.matches("textarea, [type=text]")).map(({ name }) => name));
    const found = fields.filter(([name, value]) => texts.has(name) && !shown.has(value)).map(([, value]) => value);
    return found.sort((one, other) => other.length - one.length)[0] ?? "";
  };

  /* Two seconds after the last keystroke, at most four after the first unsaved one. */
  class Saver {
    constructor(form) {
      this.form = form;
      this.path = new URL(form.action).pathname;
      this.ids = new Set([`${Date.now()}-${Math.random()}`]);
      [this.id] = this.ids;
      this.typed = 0;
      this.saved = 0;
      this.status = document.createElement("p");
      this.status.className = "postulo-saved";
      this.status.setAttribute("role", "status");
      form.append(this.status);
      this.begin();
      form.addEventListener("input", (event) => this.changed(event));
      form.addEventListener("change", (event) => this.changed(event));
      form.addEventListener("submit", (event) => this.submitted(event));
      this.offers = this.found();
      this.offer();
    }

    get version() {
      return this.form.elements._version;
    }

    get dirty() {
      return this.typed > this.saved;
    }

    get busy() {
      return !this.stopped && (this.dirty || Boolean(this.saving));
    }

    /* Whether the browser can be left with it. */
    get sendable() {
      return navigator.onLine && !this.failed && this.body().toString().length <= LARGEST;
    }

    /* A browser fills a form that is read again with what stood in it, whatever the server says by now: not this one.
       What was typed before the script came counts as typed. */
    begin() {
      if (this.version) this.version.value = this.version.dataset.version;
      if (reread) {
        this.form.reset();
        document.dispatchEvent(new Event("postulo:filled"));
      } else if (!fieldsOf(this.form).every(isDefault)) {
        this.changed();
      }
      if ("unsaved" in this.form.dataset) this.typed += 1;
      if (refused && pressed?.path === this.path) pressed.ids.forEach((id) => this.ids.add(id));
    }

    changed(event) {
      if (event?.target.type === "file") return;
      unsent.reopen();
      this.stopped = false;
      this.typed += 1;
      this.since ??= Date.now();
      this.plan(Math.max(0, Math.min(2000, this.since + 4000 - Date.now())));
    }

    plan(milliseconds) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), milliseconds);
    }

    /* A save on its way is waited for: else the form would be taken for an older version than the one just saved. */
    submitted(event) {
      clearTimeout(this.timer);
      if (this.saving) {
        event.preventDefault();
        this.saving.then(() => this.form.requestSubmit(event.submitter));
        return;
      }
      if (this.dirty) this.keep();
      unsent.press(this.path, this.ids);
      this.stopped = true;
    }

    body() {
      const data = new FormData(this.form);
      for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
      return new URLSearchParams(data);
    }

    /* One request at a time. Resolves to whether it was saved. */
    save() {
      clearTimeout(this.timer);
      this.saving ??= this.send().finally(() => { this.saving = undefined; });
      return this.saving;
    }

    async send() {
      const sent = this.typed;
      this.since = undefined;
      this.failed = false;
      this.pending = typedIn(this.form);
      this.say("saving");
      const answer = navigator.onLine ? await post(this.form.action, this.body()) : null;
      this.pending = undefined;
      this.failed = !arrived(answer);
      if (this.failed) this.notSaved(answer);
      else this.wasSaved(answer, sent);
      return !this.failed;
    }

    wasSaved(answer, sent) {
      const version = answer.headers.get("Postulo-Version");
      if (version && this.version) this.version.value = version;
      this.saved = sent;
      document.dispatchEvent(new Event("postulo:saved"));
      this.say("saved", { time: words.clock(new Date()) });
      if (this.dirty) this.plan(document.hidden ? 0 : 2000);
      else unsent.drop(this.path, this.ids);
    }

    notSaved(answer) {
      this.typed = Math.max(this.typed, this.saved + 1);
      this.keep();
      if (answer && (loginPage(answer.url) || answer.status === 401)) return this.say("expired");
      if (answer?.status === 409) return this.say(answer.headers.has("Postulo-Made-For") ? "another" : "conflict");
      if (answer?.status === 422) return this.say("invalid");
      this.say("failed");
      if (!answer || answer.status >= 500 || answer.status === 429) this.plan(RETRY);
      return undefined;
    }

    say(what, values = {}) {
      this.status.textContent = words.filled(this.form.dataset[what], values);
    }

    /* All that was typed, also while a save was on its way. Whether everything is saved. */
    async settle() {
      while (this.dirty || this.saving) if (!(await this.save())) return false;
      return true;
    }

    /* Into the browser's storage. Whether that worked. */
    keep() {
      const entry = {
        id: this.id,
        at: Date.now(),
        title: document.querySelector("h1")?.textContent ?? "",
        version: this.version?.value,
        fields: typedIn(this.form),
        pending: this.pending,
        sent: this.sendable,
      };
      return unsent.keep(this.path, entry, this.ids);
    }

    /* The page goes, or goes to sleep and may never wake. */
    part(gone) {
      if (!this.busy) return;
      this.keep();
      if (gone ? this.sendable : !this.failed) this.save();
    }

    /* What an earlier visit left here: kept entries that say something else than the form. `base` is the version that
       one was typed over; a save on its way then was ours too. */
    found() {
      const now = typedIn(this.form);
      const version = this.version?.value;
      const others = [];
      for (const entry of unsent.of(this.path)) {
        if (same(entry.fields, now)) this.ids.add(entry.id);
        else if (!this.ids.has(entry.id)) {
          others.push({ ...entry, base: entry.pending && same(entry.pending, now) ? version : entry.version });
        }
      }
      if (!this.dirty) unsent.drop(this.path, this.ids);
      return others;
    }

    /* What the browser was left with to send, over the version that is saved, is put back at once: the page may have
       been asked for before it arrived. Anything else is offered. */
    offer() {
      const last = this.offers.at(-1);
      const notice = this.form.previousElementSibling;
      if (last?.sent && last.base === this.version?.value && !this.dirty) {
        this.offers.pop();
        this.putBack(last);
        return this.offer();
      }
      notice.hidden = !last;
      if (!last) return undefined;
      const [when, excerpt] = notice.querySelectorAll("p");
      const text = longest(this.form, last.fields);
      when.textContent = words.filled(when.dataset.words, { time: words.moment(new Date(last.at)) });
      excerpt.textContent = text.length > 300 ? `${text.slice(0, 300)}…` : text;
      excerpt.hidden = !text;
      notice.querySelector("[data-put-back]").onclick = () => this.accept(this.offers.pop());
      notice.querySelector("[data-discard]").onclick = () => this.discard(this.offers.pop());
      return undefined;
    }

    async accept(entry) {
      await this.settle();
      this.putBack(entry);
      this.offer();
      const changed = fieldsOf(this.form).find((control) => !isDefault(control) && control.offsetParent);
      (changed ?? main).focus();
    }

    putBack(entry) {
      this.ids.add(entry.id);
      if (this.version && entry.base !== undefined) this.version.value = entry.base;
      fill(this.form, entry.fields);
      this.changed();
      this.save();
    }

    discard(entry) {
      unsent.drop(this.path, new Set([entry.id]));
      this.offer();
      main.focus();
    }
  }

  /* What was posted here has arrived if a redirect led on from it, to a page of its owner's that is no refusal. A page
     that shows it again to let choose leaves it until there is a choice. */
  if (pressed && !refused && came?.redirectCount) unsent.drop(pressed.path, pressed.ids);
  if (pressed && refused) {
    document.querySelectorAll("main form:not([data-autosave])").forEach((form) =>
      form.addEventListener("submit", () => unsent.press(pressed.path, pressed.ids)));
    document.querySelectorAll("a[data-keeps-saved]").forEach((link) =>
      link.addEventListener("click", () => unsent.drop(pressed.path, pressed.ids)));
  }

  const savers = [...document.querySelectorAll("form[data-autosave]")].map((form) => new Saver(form));
  const busy = () => savers.some((saver) => saver.busy);

  /* Saves, then goes; also if it could not be saved, for then it is in the storage. Who presses again goes at once. */
  let leaving;
  const leave = async (go) => {
    const mine = {};
    leaving = mine;
    const saved = Promise.all(savers.map((saver) => saver.settle()));
    await Promise.race([saved, new Promise((done) => { setTimeout(done, PATIENCE); })]);
    if (leaving !== mine) return;
    leaving = undefined;
    go();
  };
  const again = () => {
    const before = leaving;
    leaving = undefined;
    return Boolean(before);
  };

  const leads = (link, event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return false;
    if (!link.protocol.startsWith("http") || link.target || link.hasAttribute("download")) return false;
    return !link.hash || link.href.split("#")[0] !== location.href.split("#")[0];
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || !leads(link, event) || !busy() || again()) return;
    event.preventDefault();
    leave(() => location.assign(link.href));
  });

  let passing;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (savers.some((saver) => saver.form === form)) return;
    if (passing !== form && busy() && !again()) {
      event.preventDefault();
      leave(() => {
        passing = form;
        form.requestSubmit(event.submitter);
        passing = undefined;
      });
    } else if ("forget" in form.dataset) {
      unsent.forget();
    }
  }, { capture: true });

  if (savers.length) {
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) savers.forEach((saver) => saver.part(false));
    });
    window.addEventListener("pagehide", () => savers.forEach((saver) => saver.part(true)));
    window.addEventListener("online", () => savers.filter((saver) => saver.dirty).forEach((saver) => saver.save()));
    window.addEventListener("beforeunload", (event) => {
      if (savers.some((saver) => saver.busy && !saver.keep() && !saver.sendable)) event.preventDefault();
    });
    /* A page that the browser had put aside: somebody else may be logged in by now, another window may have saved. */
    window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }

  /* Where an application is saved as a whole: what is not saved yet is sent, and what cannot be is named. */
  const notice = document.querySelector("[data-unsent-below]");
  if (!notice) return;
  const { unsentBelow } = notice.dataset;

  const list = () => {
    const paths = unsent.below(unsentBelow);
    notice.hidden = !paths.length;
    notice.querySelector("ul").replaceChildren(...paths.map((path) => {
      const item = document.createElement("li");
      const link = item.appendChild(document.createElement("a"));
      link.className = "govuk-link";
      link.href = path;
      link.textContent = unsent.of(path).at(-1).title;
      return item;
    }));
    return paths;
  };

  const sendKept = async (form, path) => {
    const [entry, ...more] = unsent.of(path);
    if (more.length) return;
    const hidden = [...new FormData(form)].filter(([name]) => ["_token", "_for"].includes(name));
    const body = new URLSearchParams([...hidden, ["_version", entry.version ?? ""], ...entry.fields]);
    const answer = navigator.onLine ? await post(path, body) : null;
    if (arrived(answer)) unsent.drop(path, new Set([entry.id]));
  };

  list();
  document.getElementById("save")?.addEventListener("submit", async (event) => {
    const form = event.target;
    const paths = unsent.below(unsentBelow);
    if (!paths.length) return;
    event.preventDefault();
    for (const path of paths) await sendKept(form, path);
    if (list().length) notice.focus();
    else form.requestSubmit(event.submitter);
  });
})();
