/* Comfort for those whose browser runs scripts; nothing depends on it. */
"use strict";

// "/" goes to the search field, as on many sites; not while somebody types.
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const field = document.querySelector("main input[type=search]") || document.querySelector("header input[type=search]");
  if (!field || field.offsetParent === null) return;
  event.preventDefault();
  field.focus();
});

// A button that copies shows itself only here, and says that it has copied.
function offerCopies(root) {
  for (const button of root.querySelectorAll("button.copy[hidden]")) button.hidden = !navigator.clipboard;
}

// Beside the button, so that a screen reader hears it; a browser may refuse, then the address is there to be marked.
function sayCopied(button) {
  const said = button.nextElementSibling?.matches(".copied-note") ? button.nextElementSibling : document.createElement("span");
  said.className = "copied-note hint";
  said.setAttribute("role", "status");
  button.after(said);
  requestAnimationFrame(() => { said.textContent = button.dataset.done; });
}

document.addEventListener("click", (event) => {
  const copy = event.target.closest("button.copy");
  if (copy) navigator.clipboard.writeText(copy.dataset.copy).then(() => sayCopied(copy), () => {});
  if (event.target.closest("button.print")) window.print();
});

function offerPrint(root) {
  for (const button of root.querySelectorAll("button.print[hidden]")) button.hidden = false;
}

// An address says what was chosen, and nothing of what was not.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") return;
  for (const [name, value] of [...event.detail.formData]) {
    if (value === "") event.detail.formData.delete(name);
  }
});

// An answer without the part that was asked for takes nothing away from what somebody has typed. Who was signed out
// meanwhile gets the page to sign in, which carries it along.
document.addEventListener("htmx:beforeSwap", (event) => {
  const answer = event.detail;
  const part = answer.requestConfig.elt.closest("[hx-select]")?.getAttribute("hx-select");
  if (!part || new DOMParser().parseFromString(answer.serverResponse, "text/html").querySelector(part)) return;
  if (answer.xhr.status === 401) {
    answer.target = document.querySelector("#content");
    answer.selectOverride = "#content";
  } else {
    answer.shouldSwap = false;
  }
});

// On a board the arrow keys go from bar to bar: along a row, and to the nearest one of the row above or below.
document.addEventListener("keydown", (event) => {
  const link = event.target.closest(".board tbody a");
  if (!link || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const row = link.closest("tr");
  const middle = (one) => { const box = one.getBoundingClientRect(); return box.left + box.width / 2; };
  let next = null;
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    const bars = [...row.querySelectorAll("a")];
    next = bars[bars.indexOf(link) + (event.key === "ArrowRight" ? 1 : -1)];
  } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    const other = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
    const bars = [...(other?.querySelectorAll("a") ?? [])];
    next = bars.sort((one, two) => Math.abs(middle(one) - middle(link)) - Math.abs(middle(two) - middle(link)))[0];
  } else return;
  event.preventDefault();
  next?.focus();
});

// On a phone the row of pages scrolls sideways: the one that is open comes into sight.
document.querySelector(".top nav a[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center", behavior: "instant" });

// What was swapped in: show its buttons, and take the focus to what asks for it (a refusal, a result).
document.addEventListener("htmx:afterSettle", (event) => {
  offerCopies(document);
  offerPrint(document);
  const wanted = event.detail.elt.querySelector("[autofocus]");
  if (wanted) wanted.focus();
});

offerCopies(document);
offerPrint(document);

// Browsers keep pages whole for their Back button, also those of somebody who has signed out since. A page that comes
// back so is shown only to whom it was made for; a form that was half filled is found as it was.
function whoIsHere(now) {
  try {
    if (now !== undefined) localStorage.setItem("who", now);
    return localStorage.getItem("who");
  } catch { return document.body.dataset.who; } // no storage, no cookies: nobody is signed in
}
addEventListener("pageshow", (event) => {
  const who = document.body.dataset.who;
  if (!event.persisted) whoIsHere(who);
  else if (whoIsHere() !== who) { document.body.hidden = true; location.reload(); }
});
