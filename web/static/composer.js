// The composer: Enter sends, drafts are kept per contact, and colleagues and the contact see that somebody writes.

import { draftOf, keepDraft } from "./drafts.js";
import "./suggestions.js";
import "./profile.js";
import "./sending.js";

const TYPING_EVERY_MS = 4_000;
const ENTER = "markdone.enter"; // "line" where a user wants Enter to begin a new line
const BY_ITSELF = matchMedia("(pointer: coarse)").matches ? "line" : "send"; // a phone's keyboard has no Shift+Enter

const enter = () => localStorage.getItem(ENTER) ?? BY_ITSELF;

const form = () => document.getElementById("composer");
const text = () => document.getElementById("text");
const kind = () => form().elements.kind.value;
const contact = () => form().dataset.contact;
const parts = () => document.querySelector("[data-live-parts]")?.dataset.liveParts.split(" ").filter(Boolean);

function begin() {
  if (!form()) return;
  text().value = draftOf(contact(), kind(), parts());
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
  keepDraft(contact(), shownKind, text().value);
  shownKind = kind();
  begin();
}

// ---- writing ----

let typedAt = -TYPING_EVERY_MS;

document.addEventListener("input", (event) => {
  if (event.target !== text()) return;
  keepDraft(contact(), kind(), text().value);
  const now = performance.now();
  if (kind() === "comment" || !text().value.trim() || text().value.startsWith("/") || now - typedAt < TYPING_EVERY_MS) return;
  typedAt = now;
  globalThis.htmx?.ajax("POST", `/conversations/${contact()}/typing`, { source: document.body, swap: "none" });
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

document.addEventListener("markdone:sent", (event) => {
  typedAt = -TYPING_EVERY_MS;
  const isFree = document.activeElement === document.body || form().contains(document.activeElement);
  if (event.detail.kind === "comment" && kind() === "comment" && !text().value) {
    form().querySelector("[name=kind][value=reply]").checked = true;
    changeKind();
  }
  shape();
  if (isFree) text().focus();
  const timeline = document.getElementById("timeline");
  timeline.scrollTop = timeline.scrollHeight;
});

document.addEventListener("markdone:shown", () => {
  shownKind = "reply";
  begin();
});
document.addEventListener("markdone:news", shape);
begin();
