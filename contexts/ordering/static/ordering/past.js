// The slider through an order's past shows each version as it is reached. Without this, its button does.
"use strict";

(() => {
  let wanted = 0;

  async function show(url) {
    const mine = ++wanted;
    const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok || mine !== wanted) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-past]")) {
      const fresh = page.querySelector(`[data-past="${part.dataset.past}"]`);
      if (fresh) part.replaceWith(fresh);
    }
    history.replaceState(null, "", url);
  }

  document.addEventListener("input", (event) => {
    const slider = event.target.closest("[data-past-slider]");
    if (!slider) return;
    const url = new URL(slider.form.action || location.href, location.href);
    url.search = new URLSearchParams({ version: slider.value });
    show(url);
  });

  for (const button of document.querySelectorAll("[data-past-button]")) button.hidden = true;
})();
