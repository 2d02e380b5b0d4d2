/* Counts down while goods are held: "4:32" instead of "until 14:32:10". The server's clock counts, not the browser's. */
(() => {
  "use strict";
  const prepared = new WeakMap();

  const prepare = (time) => {
    const ends = Date.parse(time.dateTime);
    const ahead = Date.now() - Date.parse(time.dataset.now);
    const words = time.previousSibling;
    if (words && time.dataset.words) words.textContent = `${time.dataset.words} `;
    /* A screen reader would otherwise read every second aloud. */
    time.setAttribute("aria-live", "off");
    prepared.set(time, () => Math.max(0, Math.round((ends - Date.now() + ahead) / 1000)));
  };

  const tick = () => {
    for (const time of document.querySelectorAll("time[data-countdown]")) {
      if (!prepared.has(time)) prepare(time);
      const left = prepared.get(time)();
      time.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    }
  };

  tick();
  setInterval(tick, 1000);
})();
