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
      for (const control of form.elements) {
        if (!form.contains(control)) control.addEventListener("change", () => form.requestSubmit());
      }
      for (const spare of form.querySelectorAll("[data-without-script]")) spare.hidden = true;
    }
  };
  enhance(document);
  document.addEventListener("htmx:load", (event) => enhance(event.detail.elt.parentNode || document));

  /* An address says what was chosen and not what was left open. */
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.verb !== "get" || !detail.elt.matches("form")) return;
    for (const name of [...new Set(detail.formData.keys())]) {
      const values = detail.formData.getAll(name).filter((value) => value !== "");
      detail.formData.delete(name);
      for (const value of values) detail.formData.append(name, value);
    }
    if (detail.formData.get("sort") === "new") detail.formData.delete("sort");
  });

  /* Where a part of the page gives way to a newer one, what was unfolded stays unfolded, and whoever was in it without a
     mouse stays at the same thing, or where that is gone, at the part. */
  let unfolded = [];
  let stood = null;
  let known = new Set();
  const wordsOf = (part) => [...part.querySelectorAll("[data-tell]")].map((one) => one.textContent.trim().replace(/\s+/g, " "));
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (!detail.shouldSwap) return;
    unfolded = [...document.querySelectorAll("details[open][id]")].map((box) => box.id);
    stood = detail.target.contains(document.activeElement) ? document.activeElement : null;
    known = new Set(wordsOf(detail.target));
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  });
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    const part = detail.target.id && document.getElementById(detail.target.id);
    if (!part) return;
    if (stood && document.activeElement === document.body) {
      const same = [...part.querySelectorAll(stood.tagName)].find(
        (one) => one.getAttribute("href") === stood.getAttribute("href") && one.textContent === stood.textContent,
      );
      if (!same) part.tabIndex = -1;
      (same || part).focus({ preventScroll: true });
    }
    stood = null;
    tell(wordsOf(part).filter((words) => !known.has(words)));
  });

  /* What moved is said aloud: in a place that stays, because one that comes with its words is not listened to yet. */
  let said = null;
  if (document.querySelector("[data-tell]")) {
    said = document.createElement("p");
    said.className = "visually-hidden";
    said.setAttribute("role", "status");
    document.querySelector("main").append(said);
  }
  const tell = (news) => {
    if (said && news.length) said.textContent = news.map((words) => (/[.!?]$/.test(words) ? words : `${words}.`)).join(" ");
  };

  /* A part that keeps asking says so when it gets no answer, and is itself again with the next one. */
  let unanswered = 0;
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const part = detail.elt;
    if (!part.dataset.away) return;
    unanswered = detail.successful ? 0 : unanswered + 1;
    const notice = part.querySelector("[data-away-notice]");
    if (!unanswered) notice?.remove();
    if (unanswered < 2 || notice) return;
    const made = document.createElement("p");
    made.className = "notice notice--warn";
    made.dataset.awayNotice = "";
    made.textContent = part.dataset.away;
    part.prepend(made);
    tell([part.dataset.away]);
  });

  /* Whoever goes on typing where something was wrong is not told so any more; the server looks at it again. */
  document.addEventListener("input", ({ target }) => {
    const field = target.closest(".field--bad");
    if (!field) return;
    field.classList.remove("field--bad");
    target.removeAttribute("aria-invalid");
    for (const said of field.querySelectorAll(".field__error")) said.hidden = true;
  });

  /* Suggestions under the search: down and up walk through them, Escape or leaving closes them. */
  const found = document.querySelector("[data-suggestions]");
  if (found) {
    const finder = found.closest("form");
    const input = finder.querySelector("input[type=search]");
    const close = () => found.replaceChildren();
    finder.addEventListener("keydown", (event) => {
      const links = [...found.querySelectorAll("a")];
      const at = links.indexOf(document.activeElement);
      if (event.key === "Escape" && links.length) {
        event.preventDefault();
        close();
        input.focus();
      } else if (event.key === "ArrowDown" && links[at + 1]) {
        event.preventDefault();
        links[at + 1].focus();
      } else if (event.key === "ArrowUp" && at >= 0) {
        event.preventDefault();
        (links[at - 1] || input).focus();
      }
    });
    finder.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !finder.contains(event.relatedTarget)) close();
    });
    document.addEventListener("pointerdown", (event) => {
      if (!finder.contains(event.target)) close();
    });
    finder.addEventListener("submit", close);
  }

  /* Pictures: a thumbnail shows itself large at once; the large one opens over the page, where arrows turn the pages. */
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const thumbnail = event.target.closest("[data-picture]");
    const large = event.target.closest("[data-zoom]");
    if (thumbnail) {
      event.preventDefault();
      const gallery = thumbnail.closest("[data-gallery]");
      const main = gallery.querySelector("[data-zoom]");
      main.href = main.querySelector("img").src = thumbnail.dataset.picture;
      for (const other of gallery.querySelectorAll("[data-picture]")) other.removeAttribute("aria-current");
      thumbnail.setAttribute("aria-current", "true");
    } else if (large && window.HTMLDialogElement) {
      event.preventDefault();
      zoom(large);
    }
  });
  const zoom = (large) => {
    const pictures = [...large.closest("[data-gallery]").querySelectorAll("[data-picture]")];
    let at = Math.max(0, pictures.findIndex((picture) => picture.hasAttribute("aria-current")));
    const dialog = document.createElement("dialog");
    dialog.className = "zoom";
    const stage = document.createElement("div");
    stage.className = "zoom__stage";
    const image = document.createElement("img");
    stage.append(image);
    const bar = document.createElement("div");
    bar.className = "zoom__bar";
    const turn = (by) => {
      at = (at + by + pictures.length) % pictures.length;
      image.src = pictures[at].dataset.picture;
      image.alt = pictures[at].querySelector("img").alt;
      dialog.setAttribute("aria-label", image.alt);
    };
    const button = (text, words, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "btn";
      made.textContent = text;
      if (words) made.setAttribute("aria-label", words);
      made.addEventListener("click", act);
      bar.append(made);
      return made;
    };
    button("\u2190", large.dataset.before, () => turn(-1));
    const closing = button(large.dataset.close, "", () => dialog.close());
    button("\u2192", large.dataset.after, () => turn(1));
    stage.addEventListener("click", () => stage.toggleAttribute("data-close"));
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "ArrowLeft") turn(-1);
      if (event.key === "ArrowRight") turn(1);
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      pictures[at].click();
      large.focus();
    });
    dialog.append(stage, bar);
    document.body.append(dialog);
    turn(0);
    dialog.showModal();
    closing.focus();
  };

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
