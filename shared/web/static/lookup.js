/* Lookup fields (R23): a select's list as a combobox that is searched by typing, as ARIA's authoring practices have it. */
(() => {
  "use strict";

  const TAKEN_OVER = ["aria-describedby", "aria-invalid", "aria-required"];
  const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();

  const made = (tag, attributes, text = "") => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  };

  class Lookup {
    constructor(select) {
      this.select = select;
      this.stray = "typed" in select.dataset ? select.selectedOptions[0] : undefined;
      this.options = [...select.options].filter((option) => option.value && option !== this.stray);
      this.build(select.id, document.querySelector(`label[for="${CSS.escape(select.id)}"]`).textContent.trim());
      this.show();
      this.input.addEventListener("input", () => this.typed());
      this.input.addEventListener("keydown", (event) => this.pressed(event));
      this.input.addEventListener("click", () => this.open());
      this.input.addEventListener("blur", () => this.left());
      this.list.addEventListener("mousedown", (event) => this.picked(event));
      window.addEventListener("pageshow", () => this.show());
      document.addEventListener("postulo:filled", () => this.show());
    }

    /* The input takes the select's id, so that its label and the links of the error summary lead to it. */
    build(id, label) {
      const wrong = this.select.matches(".govuk-select--error") ? " govuk-input--error" : "";
      this.input = made("input", {
        id, type: "text", class: `govuk-input${wrong}`, role: "combobox", autocomplete: "off", spellcheck: "false",
        "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${id}-list`,
      });
      for (const name of TAKEN_OVER) {
        if (this.select.hasAttribute(name)) this.input.setAttribute(name, this.select.getAttribute(name));
      }
      this.list = made("ul", { id: `${id}-list`, role: "listbox", class: "postulo-lookup__list", "aria-label": label });
      this.list.hidden = true;
      this.remedy = made("p", { class: "govuk-hint postulo-lookup__remedy", "aria-live": "polite" });
      const frame = made("div", { class: "postulo-lookup" });
      frame.append(this.input, this.list, this.remedy);
      this.select.id = `${id}-select`;
      this.select.hidden = true;
      this.select.after(frame);
    }

    get chosen() {
      const [option] = this.select.selectedOptions;
      return option?.value ? option : undefined;
    }

    show() {
      this.input.value = this.chosen?.text ?? "";
    }

    typed() {
      this.take();
      this.open(this.input.value);
    }

    /* What is typed is what is kept: a value of the list, or words outside it, so that saving loses nothing. */
    take() {
      const text = this.input.value.trim();
      if ((this.chosen?.text ?? "") === text) return;
      const known = this.options.find((option) => folded(option.text) === folded(text));
      if (text) (known ?? this.outside(text)).selected = true;
      else this.select.value = "";
      this.select.dispatchEvent(new Event("change", { bubbles: true }));
    }

    outside(text) {
      this.stray ??= this.select.appendChild(made("option", {}));
      this.stray.value = this.stray.text = text;
      return this.stray;
    }

    /* All of the list, or what has these words in it. */
    open(words = "") {
      this.found = this.options.filter((option) => folded(option.text).includes(folded(words)));
      const rows = this.found.map((option, number) =>
        made("li", { id: `${this.list.id}-${number}`, role: "option", "aria-selected": "false" }, option.text));
      this.list.replaceChildren(...rows);
      this.list.hidden = !rows.length;
      this.input.setAttribute("aria-expanded", String(!this.list.hidden));
      this.remedy.textContent = rows.length ? "" : this.select.dataset.lookup;
      this.mark(words ? -1 : this.found.indexOf(this.chosen));
    }

    close() {
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
      option.selected = true;
      this.show();
      this.close();
      this.remedy.textContent = "";
      this.select.dispatchEvent(new Event("change", { bubbles: true }));
    }

    pressed(event) {
      const { key } = event;
      const step = { ArrowDown: 1, ArrowUp: -1 }[key];
      if (step) this.move(step);
      else if (key === "Enter" && !this.list.hidden && this.found[this.at]) this.choose(this.found[this.at]);
      else if (key === "Escape") this.escape();
      else return;
      event.preventDefault();
    }

    move(step) {
      if (this.list.hidden) return this.open(this.chosen ? "" : this.input.value);
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

    /* The field is left as the list spells it; what is not in the list stays, with the remedy beside it. */
    left() {
      this.take();
      this.show();
      this.close();
      this.remedy.textContent = this.chosen && this.chosen === this.stray ? this.select.dataset.lookup : "";
    }
  }

  document.querySelectorAll("select[data-lookup]").forEach((select) => new Lookup(select));
})();
