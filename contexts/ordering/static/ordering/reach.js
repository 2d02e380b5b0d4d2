// Only what goes to the chosen country is offered for shipping. Without this, the shop says so after the form was sent.
"use strict";

(() => {
  const form = document.querySelector("form[data-reach]");
  const country = form.elements.country;
  const reach = JSON.parse(form.dataset.reach);
  const ways = [...form.querySelectorAll("[name=shipping_method]")];
  // What the shopper wants, taken up again when the country is one where it goes.
  let wanted = ways.find((way) => way.checked);

  function offer() {
    const offered = ways.filter((way) => !country.value || reach[way.value].includes(country.value));
    for (const way of ways) {
      way.disabled = !offered.includes(way);
      way.closest("label").hidden = way.disabled;
    }
    const chosen = offered.includes(wanted) ? wanted : offered[0];
    if (chosen) chosen.checked = true;
  }

  // Before others hear of it: the sum is asked for with what is chosen then.
  form.addEventListener("change", ({ target }) => {
    if (ways.includes(target)) wanted = target;
    if (target === country) offer();
  }, true);
  // A browser that comes back to the page fills in what was chosen before.
  addEventListener("pageshow", () => {
    wanted = ways.find((way) => way.checked) || wanted;
    offer();
  });
  offer();
})();
