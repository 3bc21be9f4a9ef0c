// Rows of the Run dialog can be moved: dragged, by their buttons, or by Alt and the arrow keys. The order of the rows is the order that the form sends.
"use strict";

(function () {
  const body = () => document.getElementById("run-rows");
  const rowsOf = (tbody) => Array.from(tbody.rows);

  // What happened to a row, for people who do not see it.
  function tell(row) {
    const rows = rowsOf(row.parentElement);
    const said = document.getElementById("run-said");
    if (said) {
      said.textContent = row.dataset.name + " is number " + (rows.indexOf(row) + 1) + " of " + rows.length + " now.";
    }
    syncEnds(row.parentElement);
  }

  // The first row cannot move up, the last not down.
  function syncEnds(tbody) {
    const rows = rowsOf(tbody);
    rows.forEach((row, i) => {
      row.querySelector("button[name=up]").setAttribute("aria-disabled", String(i === 0));
      row.querySelector("button[name=down]").setAttribute("aria-disabled", String(i === rows.length - 1));
    });
  }

  function move(row, step) {
    const focused = document.activeElement;
    if (step < 0 && row.previousElementSibling) {
      row.parentElement.insertBefore(row, row.previousElementSibling);
    } else if (step > 0 && row.nextElementSibling) {
      row.parentElement.insertBefore(row.nextElementSibling, row);
    }
    if (focused && row.contains(focused)) {
      focused.focus();
    }
    tell(row);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("#run-rows button[name=up], #run-rows button[name=down]");
    if (button) {
      event.preventDefault();
      move(button.closest("tr"), button.name === "up" ? -1 : 1);
    }
  });

  document.addEventListener("keydown", (event) => {
    const row = event.altKey && event.target.closest && event.target.closest("#run-rows tr");
    if (row && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      move(row, event.key === "ArrowUp" ? -1 : 1);
    }
  });

  document.addEventListener("dualwrite:sync", () => {
    const tbody = body();
    if (tbody && !tbody.dataset.sortable) {
      tbody.dataset.sortable = "yes";
      for (const button of tbody.querySelectorAll("button[name=up], button[name=down]")) {
        button.disabled = false;
      }
      syncEnds(tbody);
      Sortable.create(tbody, { handle: ".grip", forceFallback: true, animation: 0, ghostClass: "ghost", onEnd: (event) => tell(event.item) });
    }
  });
})();
