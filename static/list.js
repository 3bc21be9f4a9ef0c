// The command bar over the list of maps follows what is ticked.
"use strict";

(function () {
  const rows = () => document.getElementById("maps-rows");
  const ticked = () => Array.from(rows() ? rows().querySelectorAll("input[name=id]:checked") : []);

  // A command that is not valid stays where it is, can be reached, and says why.
  function allow(button, reason) {
    const tip = document.getElementById(button.getAttribute("aria-describedby"));
    button.title = reason;
    if (tip) {
      tip.textContent = reason;
    }
    if (reason) {
      button.setAttribute("aria-disabled", "true");
    } else {
      button.removeAttribute("aria-disabled");
    }
  }

  function sync() {
    if (!rows()) {
      return;
    }
    const chosen = ticked();
    const note = document.getElementById("selected");
    const text = chosen.length ? chosen.length + " selected" : "";
    if (note.textContent !== text) {
      note.textContent = text;
    }
    for (const button of document.querySelectorAll("button[data-command]")) {
      const valid = chosen.filter((box) => box.dataset.commands.split(",").includes(button.dataset.command)).length;
      button.querySelector(".count").textContent = chosen.length > 1 && valid > 0 ? "(" + valid + " of " + chosen.length + ")" : "";
      if (valid > 0) {
        allow(button, "");
      } else {
        allow(button, chosen.length === 0 ? "Select an entity map first." : "Not for this selection: " + button.dataset.refuse + ".");
      }
    }
    for (const button of document.querySelectorAll("button[data-one]")) {
      allow(button, chosen.length === 1 ? "" : "Select exactly one entity map.");
    }
  }

  // A click on a command that is not valid says why, and does nothing else.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[aria-disabled=true]");
    if (button) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const note = document.getElementById("selected");
      if (note) {
        note.textContent = button.title;
      }
    }
  }, true);

  // Ticks made while a refresh was on its way outlive it.
  let kept = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target && event.detail.target.id === "maps-rows") {
      kept = new Set(ticked().map((box) => box.value));
    }
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (kept && rows()) {
      for (const box of rows().querySelectorAll("input[name=id]")) {
        box.checked = kept.has(box.value);
      }
      kept = null;
    }
  });

  document.addEventListener("dualwrite:sync", sync);
  sync();
})();
