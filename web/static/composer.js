// The composer: Enter sends, drafts are kept per contact, a message goes out once however often its form is sent, and
// colleagues and the contact see that somebody writes.

import "./suggestions.js";
import "./profile.js";

const TYPING_EVERY_MS = 4_000;
const ENTER = "markdone.enter"; // "line" where a user wants Enter to begin a new line
const BY_ITSELF = matchMedia("(pointer: coarse)").matches ? "line" : "send"; // a phone's keyboard has no Shift+Enter

const enter = () => localStorage.getItem(ENTER) ?? BY_ITSELF;

const form = () => document.getElementById("composer");
const text = () => document.getElementById("text");
const kind = () => form().elements.kind.value;
const draft = (which = kind()) => `markdone.draft.${form().dataset.contact}.${which}`;

function begin() {
  if (!form()) return;
  text().value = sessionStorage.getItem(draft()) ?? "";
  shape();
}

// Says what is written now and what the button does.
function shape() {
  if (!form()) return;
  const isComment = kind() === "comment";
  const state = document.getElementById("composer-state").dataset;
  form().classList.toggle("is-comment", isComment);
  text().placeholder = isComment ? text().dataset.commentHint : state.hint;
  document.getElementById("text-label").textContent = text().placeholder;
  form().querySelector("[data-send-label]").textContent = isComment ? "Comment" : state.send;
  const sends = enter() === "send";
  const hint = form().querySelector("[data-enter-sends]");
  hint.setAttribute("aria-pressed", String(sends));
  hint.firstElementChild.textContent = sends ? "Enter sends" : "Ctrl+Enter sends";
  const files = document.getElementById("files");
  files.replaceChildren(...[...form().elements.file.files].map((file) => Object.assign(document.createElement("li"), { textContent: file.name })));
}

export function write(kindOfText) {
  if (!form()) return;
  const radio = form().querySelector(`[name=kind][value=${kindOfText}]`);
  if (!radio.checked) {
    radio.checked = true;
    changeKind();
  }
  text().focus();
}

let shownKind = "reply";

function changeKind() {
  if (text().value) sessionStorage.setItem(draft(shownKind), text().value);
  else sessionStorage.removeItem(draft(shownKind));
  shownKind = kind();
  begin();
}

// ---- writing ----

let typedAt = -TYPING_EVERY_MS;

document.addEventListener("input", (event) => {
  if (event.target !== text()) return;
  if (text().value) sessionStorage.setItem(draft(), text().value);
  else sessionStorage.removeItem(draft());
  // After a try whose answer was lost, another text is another message.
  if (form().dataset.isTried) newOperation();
  const now = performance.now();
  if (kind() === "comment" || !text().value.trim() || text().value.startsWith("/") || now - typedAt < TYPING_EVERY_MS) return;
  typedAt = now;
  globalThis.htmx?.ajax("POST", `/conversations/${form().dataset.contact}/typing`, { source: document.body, swap: "none" });
});

document.addEventListener("keydown", (event) => {
  if (event.target !== text() || event.key !== "Enter" || event.defaultPrevented || event.isComposing || event.shiftKey) return;
  const sends = enter() === "send" || event.ctrlKey || event.metaKey;
  if (!sends) return;
  event.preventDefault();
  form().requestSubmit();
});

document.addEventListener("change", (event) => {
  if (event.target.form !== form() || !form()) return;
  if (event.target.name === "kind") {
    changeKind();
    text().focus();
  } else if (event.target.name === "file") shape();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-enter-sends]")) return;
  localStorage.setItem(ENTER, enter() === "line" ? "send" : "line");
  shape();
});

document.addEventListener("paste", (event) => {
  if (event.target !== text() || !event.clipboardData?.files.length) return;
  event.preventDefault();
  form().elements.file.files = event.clipboardData.files;
  shape();
});

// ---- sending ----

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt !== form()) return;
  if (!text().value.trim() && !form().elements.file.files.length) event.preventDefault();
  else form().dataset.isTried = "1";
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt !== form() || !event.detail.successful) return;
  sessionStorage.removeItem(draft());
  text().value = "";
  form().elements.file.value = "";
  typedAt = -TYPING_EVERY_MS;
  newOperation();
  if (kind() === "comment") write("reply");
  shape();
  text().focus();
  const timeline = document.getElementById("timeline");
  timeline.scrollTop = timeline.scrollHeight;
});

function newOperation() {
  delete form().dataset.isTried;
  form().elements.operation.value = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

document.addEventListener("markdone:shown", () => {
  shownKind = "reply";
  begin();
});
document.addEventListener("markdone:news", shape);
begin();
