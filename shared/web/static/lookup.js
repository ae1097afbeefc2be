/* Lookup fields (R23): a list as a combobox that is searched by typing, as ARIA's authoring practices have it.

   The list is a select's, or, if it is too long for a page, fetched; the field is then an input already. What is typed
   answers to a name as in shared/vocabulary/naming.py. */
(() => {
  "use strict";

  const TAKEN_OVER = ["aria-describedby", "aria-invalid", "aria-required"];
  const MOST = 300;
  const LEAST = 4;
  const CONNECTING = ["and", "et"];
  const LETTERS = { "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "ß": "ss" };

  const folded = (text) => text.normalize("NFKD").toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "")
    .replace(/[œæøłđıß]/g, (letter) => LETTERS[letter]);
  const key = (text) => {
    const words = folded(text).match(/[\p{L}\p{N}]+/gu) ?? [];
    const counting = words.filter((word) => !CONNECTING.includes(word));
    return (counting.length ? counting : words).join(" ");
  };
  /* A key with what it is compared by, made once for each name of a list. */
  const filed = (name) => {
    const words = name.split(" ");
    return { words, joined: words.join(""), sorted: [...words].sort().join(" ") };
  };
  const same = (typed, name) => typed.joined === name.joined || typed.sorted === name.sorted;

  /* The words, without a last one that may become "and". */
  const begun = (words) => {
    const unfinished = words.length > 1 && CONNECTING.some((word) => word.startsWith(words.at(-1)));
    return unfinished ? words.slice(0, -1) : words;
  };
  const rankOf = (typed, name) => {
    if (same(typed, name)) return 0;
    if (name.joined.startsWith(typed.start)) return 1;
    if (typed.begun.every((word) => name.words.some((each) => each.startsWith(word)))) return 2;
    return name.joined.includes(typed.start) ? 3 : Infinity;
  };
  const rank = (typed, names) =>
    Math.min(...names.map((name, number) => 2 * rankOf(typed, name) + (number > 0 ? 1 : 0)));

  const found = (text, options) => {
    const asked = key(text);
    if (!asked) return options;
    const typed = { ...filed(asked), begun: begun(asked.split(" ")) };
    typed.start = typed.begun.join("");
    return options.map((option) => [rank(typed, option.keys), option]).filter(([place]) => place < Infinity)
      .sort(([one], [other]) => one - other).map(([, option]) => option);
  };

  /* The only one that this fits: its label, another name of it, or whole words that stand in no other's names. */
  const meant = (text, options) => {
    const asked = key(text);
    if (!asked) return undefined;
    const typed = filed(asked);
    const within = (name) => typed.joined.length >= LEAST && typed.words.every((word) => name.words.includes(word));
    for (const fits of [
      ({ keys: [label] }) => same(typed, label),
      ({ keys }) => keys.some((name) => same(typed, name)),
      ({ keys }) => keys.some(within),
    ]) {
      const fitting = options.filter(fits);
      if (fitting.length) return fitting.length === 1 ? fitting[0] : undefined;
    }
    return undefined;
  };
  const keysOf = (names) => names.split("|").filter(Boolean).map(filed);

  const made = (tag, attributes, text = "") => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  };

  /* Each list once a page, however many fields pick from it. */
  const lists = new Map();
  const listed = (address) => {
    if (!lists.has(address)) lists.set(address, fetch(address).then((answer) => answer.json()).catch(() => []));
    return lists.get(address);
  };

  /* What holds the value: the select, hidden, or the input itself, which sends words. */
  class Select {
    constructor(select) {
      this.element = select;
      this.stray = "typed" in select.dataset ? select.selectedOptions[0] : undefined;
      this.options = [...select.options].filter((option) => option.value && option !== this.stray)
        .map((option) => ({ value: option.value, text: option.text, keys: [filed(key(option.text))], option }));
    }

    /* The input takes the select's id, so that its label and the links of the error summary lead to it. */
    input() {
      const { id } = this.element;
      const wrong = this.element.matches(".govuk-select--error") ? " govuk-input--error" : "";
      const input = made("input", { id, type: "text", class: `govuk-input${wrong}` });
      for (const name of TAKEN_OVER) {
        if (this.element.hasAttribute(name)) input.setAttribute(name, this.element.getAttribute(name));
      }
      this.element.id = `${id}-select`;
      this.element.hidden = true;
      return input;
    }

    learn(rows) {
      const names = new Map(rows.map(([value, , keys]) => [value, keys]));
      for (const each of this.options) each.keys.push(...keysOf(names.get(each.value) ?? ""));
    }

    get text() {
      const [option] = this.element.selectedOptions;
      return option?.value ? option.text : "";
    }

    set(option, text) {
      if (option) option.option.selected = true;
      else if (text) this.outside(text).selected = true;
      else this.element.value = "";
    }

    outside(text) {
      this.stray ??= this.element.appendChild(made("option", {}));
      this.stray.value = this.stray.text = text;
      return this.stray;
    }
  }

  class Typed {
    constructor(input) {
      this.element = input;
      this.options = undefined;
      this.text = input.value;
    }

    input() {
      return this.element;
    }

    learn(rows) {
      this.options = rows.map(([value, text, keys]) => ({ value, text, keys: [filed(key(text)), ...keysOf(keys)] }));
    }

    set(option, text) {
      this.text = option ? option.text : text;
      this.element.dataset.code = option ? option.value : "";
    }
  }

  class Lookup {
    constructor(field) {
      this.field = field.matches("select") ? new Select(field) : new Typed(field);
      this.advice = field.dataset.lookup;
      this.build(document.querySelector(`label[for="${CSS.escape(field.id)}"]`).textContent.trim());
      this.show();
      this.input.addEventListener("input", () => this.typed());
      this.input.addEventListener("keydown", (event) => this.pressed(event));
      this.input.addEventListener("click", () => this.open());
      this.input.addEventListener("blur", () => this.left());
      this.list.addEventListener("mousedown", (event) => this.picked(event));
      window.addEventListener("pageshow", () => this.show());
      document.addEventListener("postulo:filled", () => this.show());
      if (field.dataset.list) listed(field.dataset.list).then((rows) => this.learn(rows));
    }

    build(label) {
      this.input = this.field.input();
      const { id } = this.input;
      const attributes = {
        role: "combobox", autocomplete: "off", spellcheck: "false",
        "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${id}-list`,
      };
      for (const [name, value] of Object.entries(attributes)) this.input.setAttribute(name, value);
      this.list = made("ul", { id: `${id}-list`, role: "listbox", class: "postulo-lookup__list", "aria-label": label });
      this.list.hidden = true;
      this.remedy = made("p", { class: "govuk-hint postulo-lookup__remedy", "aria-live": "polite" });
      const frame = made("div", { class: "postulo-lookup" });
      this.field.element.after(frame);
      frame.append(this.input, this.list, this.remedy);
    }

    /* The other names came: what is open is searched anew, unless somebody is choosing from it. */
    learn(rows) {
      this.field.learn(rows);
      if (this.input !== document.activeElement || this.at >= 0) return;
      if (this.words) this.open(this.words);
      else if (!this.list.hidden) this.open();
    }

    show() {
      this.input.value = this.field.text;
    }

    typed() {
      this.take();
      this.open(this.input.value);
    }

    /* What is typed is what is kept: a value of the list, or words outside it, so that saving loses nothing. */
    take() {
      const text = this.input.value.trim();
      const option = text && text !== this.field.text ? meant(text, this.field.options ?? []) : undefined;
      if ((option?.text ?? text) !== this.field.text) this.choice(option, text);
    }

    choice(option, text) {
      this.field.set(option, text);
      this.field.element.dispatchEvent(new Event("change", { bubbles: true }));
    }

    /* All of the list, or what answers to these words. */
    open(words = "") {
      this.words = words;
      this.found = found(words, this.field.options ?? []).slice(0, MOST);
      const rows = this.found.map((option, number) =>
        made("li", { id: `${this.list.id}-${number}`, role: "option", "aria-selected": "false" }, option.text));
      this.list.replaceChildren(...rows);
      this.list.hidden = !rows.length;
      this.input.setAttribute("aria-expanded", String(!this.list.hidden));
      this.remedy.textContent = rows.length || !this.field.options ? "" : this.advice;
      this.mark(words ? -1 : this.found.findIndex((option) => option.text === this.field.text));
    }

    close() {
      this.words = "";
      this.list.hidden = true;
      this.input.setAttribute("aria-expanded", "false");
      this.mark(-1);
    }

    mark(number) {
      this.at = number;
      for (const row of this.list.querySelectorAll("[aria-selected=true]")) row.setAttribute("aria-selected", "false");
      const row = this.list.children[number];
      if (!row) return this.input.removeAttribute("aria-activedescendant");
      row.setAttribute("aria-selected", "true");
      row.scrollIntoView({ block: "nearest" });
      return this.input.setAttribute("aria-activedescendant", row.id);
    }

    choose(option) {
      this.choice(option, option.text);
      this.show();
      this.close();
      this.remedy.textContent = "";
    }

    pressed(event) {
      const { key: pressed } = event;
      const step = { ArrowDown: 1, ArrowUp: -1 }[pressed];
      if (step) this.move(step);
      else if (pressed === "Enter" && !this.list.hidden && this.found[this.at]) this.choose(this.found[this.at]);
      else if (pressed === "Escape") this.escape();
      else return;
      event.preventDefault();
    }

    move(step) {
      if (this.list.hidden) return this.open();
      const count = this.found.length;
      return this.mark(this.at < 0 && step < 0 ? count - 1 : (this.at + step + count) % count);
    }

    /* Closes the list; pressed again, it clears the field. */
    escape() {
      if (!this.list.hidden) return this.close();
      this.input.value = "";
      return this.take();
    }

    picked(event) {
      event.preventDefault();
      const row = event.target.closest("[role=option]");
      if (row) this.choose(this.found[[...this.list.children].indexOf(row)]);
    }

    get known() {
      return (this.field.options ?? []).some((option) => option.text === this.field.text);
    }

    /* The field is left as the list spells it; what is not in the list stays, with the remedy beside it. */
    left() {
      this.take();
      this.show();
      this.close();
      this.remedy.textContent = this.field.options && this.field.text && !this.known ? this.advice : "";
    }
  }

  document.querySelectorAll("[data-lookup]").forEach((field) => new Lookup(field));
})();
