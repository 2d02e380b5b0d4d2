/* Fetches every part of a customer's data and makes one file of them. Without this file each part has its own link. */
(() => {
  "use strict";
  const box = document.querySelector("[data-own-data]");
  if (!box) return;
  const said = box.querySelector("[data-own-data-said]");
  const links = [...document.querySelectorAll("[data-own-data-part]")];
  box.hidden = false;
  box.querySelector("button").addEventListener("click", async ({ currentTarget: button }) => {
    button.disabled = true;
    const whole = {};
    try {
      for (const link of links) {
        const answer = await fetch(link.href);
        if (!answer.ok || answer.redirected) throw new Error(link.dataset.ownDataPart);
        whole[link.dataset.ownDataPart] = await answer.json();
        said.textContent = said.dataset.progress
          .replace("{done}", Object.keys(whole).length)
          .replace("{all}", links.length);
      }
      const file = document.createElement("a");
      file.href = URL.createObjectURL(new Blob([JSON.stringify(whole, null, 2)], { type: "application/json" }));
      file.download = box.dataset.ownData;
      file.click();
      setTimeout(() => URL.revokeObjectURL(file.href), 1000);
      said.textContent = said.dataset.finished;
    } catch (problem) {
      said.textContent = said.dataset.missing;
    }
    button.disabled = false;
  });
})();
