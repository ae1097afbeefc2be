/* A password may be looked at while it is typed; it is sent, and left, as a password. */
(() => {
  "use strict";

  for (const button of document.querySelectorAll("button[data-show]")) {
    const field = document.getElementById(button.getAttribute("aria-controls"));
    const [word] = button.children;
    const status = button.parentElement.querySelector("[role=status]");

    const show = (shown) => {
      field.type = shown ? "text" : "password";
      word.textContent = shown ? button.dataset.hide : button.dataset.show;
    };

    button.addEventListener("click", () => {
      const shown = field.type === "password";
      show(shown);
      status.textContent = shown ? button.dataset.shown : button.dataset.hidden;
      field.focus();
    });
    field.form.addEventListener("submit", () => show(false));
    window.addEventListener("pagehide", () => show(false));
    button.hidden = false;
  }
})();
