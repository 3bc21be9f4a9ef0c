// Makes the pages smoother. Everything works without it: each action is a form or a link.
"use strict";

(function () {
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));

  // Times are sent in UTC and shown in the reader's zone.
  function localTimes(root) {
    for (const element of all("time[datetime]", root)) {
      const at = new Date(element.dateTime);
      if (!Number.isNaN(at.getTime())) {
        element.textContent = at.toLocaleString(undefined, { dateStyle: "short", timeStyle: element.closest(".dense") ? "short" : "medium" });
        element.title = element.dateTime;
      }
    }
  }

  // A tick in a table's head ticks all rows.
  function syncHeads() {
    for (const head of all("input[data-check-all]")) {
      const boxes = rowBoxes(head);
      const ticked = boxes.filter((box) => box.checked).length;
      head.hidden = boxes.length === 0;
      head.checked = boxes.length > 0 && ticked === boxes.length;
      head.indeterminate = ticked > 0 && ticked < boxes.length;
    }
  }

  function rowBoxes(head) {
    return all(head.dataset.checkAll, head.closest("table")).filter((box) => !box.disabled);
  }

  // Copying takes a script.
  function offerCopies() {
    all("button[data-copy]").forEach((button) => { button.hidden = false; });
  }

  // Where the clipboard is closed to the page, what it selects can still be copied.
  async function copy(text) {
    window.getSelection().selectAllChildren(text);
    let done = false;
    try {
      await navigator.clipboard.writeText(text.textContent);
      done = true;
    } catch {
      done = document.execCommand("copy");
    }
    say(done ? "ok" : "warning", done ? "Copied." : "The text is selected: copy it with the keyboard.");
  }

  function sync(root) {
    localTimes(root);
    offerCopies();
    syncHeads();
    document.dispatchEvent(new Event("dualwrite:sync"));
  }

  // A short message in the page's live region.
  function say(level, text) {
    const region = document.getElementById("alerts");
    if (region) {
      const message = document.createElement("p");
      message.className = "message";
      message.dataset.level = level;
      message.textContent = text;
      region.replaceChildren(message);
    }
  }

  document.addEventListener("change", (event) => {
    const target = event.target;
    if (target.matches("input[data-check-all]")) {
      rowBoxes(target).forEach((box) => { box.checked = target.checked; });
    }
    if (target.matches("[data-submit]")) {
      target.form.requestSubmit();
    }
    syncHeads();
    document.dispatchEvent(new Event("dualwrite:sync"));
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-copy]");
    if (button) {
      copy(button.parentElement.querySelector("pre"));
    }
  });

  document.addEventListener("click", (event) => {
    const panel = document.getElementById("panel");
    if (panel && panel.open && (event.target === panel || event.target.closest("[data-close]"))) {
      event.preventDefault();
      panel.close();
    }
  });

  // Before anybody can see the difference.
  document.addEventListener("htmx:afterSwap", () => localTimes());

  document.addEventListener("htmx:afterSettle", (event) => {
    sync();
    const panel = document.getElementById("panel");
    if (panel && panel.contains(event.detail.elt) && !panel.open) {
      panel.showModal();
      panel.scrollTop = 0; // what gets the focus may be far below the heading
    }
  });

  // What happened while no event stream was open, also between the page and its first one, is fetched when one opens.
  let streamed = false;
  document.addEventListener("htmx:sseOpen", () => {
    if (streamed) {
      document.getElementById("alerts").replaceChildren();
    }
    all("[hx-trigger^='sse:']").forEach((element) => htmx.trigger(element, element.getAttribute("hx-trigger")));
    streamed = true;
  });
  // A stream that the server refuses: an ordinary request finds out whether one has to sign in again.
  document.addEventListener("htmx:sseError", (event) => {
    if (event.detail.source.readyState === EventSource.CLOSED) {
      htmx.ajax("GET", "/maps/rows", { target: "#alerts", swap: "none", headers: { "X-Background": "1" } });
    }
  });
  document.addEventListener("htmx:responseError", (event) => {
    say("error", "The server refused this (" + event.detail.xhr.status + "). Reload the page and try again.");
  });
  document.addEventListener("htmx:sendError", () => {
    say("warning", "The server does not answer. What you see may be out of date.");
  });

  sync();
})();
