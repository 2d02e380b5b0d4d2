/* Tradepost: what is nicer with JavaScript. Every page works without this file. */
(() => {
  "use strict";
  const root = document.documentElement;

  /* The theme follows the system until somebody chooses; the choice is a cookie, so that the server renders it. */
  const toggle = document.querySelector("[data-theme-toggle]");
  if (toggle) {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
    const show = () => toggle.setAttribute("aria-pressed", String(isDark()));
    toggle.hidden = false;
    show();
    system.addEventListener("change", show);
    toggle.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
      show();
    });
  }

  /* Quantity: minus and plus around the number field. */
  const enhance = (scope) => {
    for (const stepper of scope.querySelectorAll(".stepper:not([data-ready])")) {
      const input = stepper.querySelector("input");
      if (!input) continue;
      stepper.dataset.ready = "";
      const button = (text, words, change) => {
        const made = document.createElement("button");
        made.type = "button";
        made.className = "stepper__button";
        made.textContent = text;
        made.setAttribute("aria-label", words);
        made.addEventListener("click", () => {
          change();
          input.dispatchEvent(new Event("change", { bubbles: true }));
        });
        return made;
      };
      input.before(button("\u2212", stepper.dataset.less || "One less", () => input.stepDown()));
      input.after(button("+", stepper.dataset.more || "One more", () => input.stepUp()));
    }

    /* Forms that are to be sent as soon as something is chosen hide their button. */
    for (const form of scope.querySelectorAll("form[data-send-on-change]:not([data-ready])")) {
      form.dataset.ready = "";
      form.addEventListener("change", () => form.requestSubmit());
      for (const spare of form.querySelectorAll("[data-without-script]")) spare.hidden = true;
    }
  };
  enhance(document);
  document.addEventListener("htmx:load", (event) => enhance(event.detail.elt.parentNode || document));

  /* A form that was sent is not sent again by a second click. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) button.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  });
})();
