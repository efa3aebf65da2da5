// Sends what the composer holds: a message goes out once, however often its form is sent, and what is typed while it is
// on its way stays. All of it is known by contact: another one may be shown when the answer comes. markdone:sent says
// that something went out to the contact that is shown.

import { draftOf, keepDraft } from "./drafts.js";
import { notify } from "./page.js";

const tried = new Map(); // what may have arrived although the answer was lost; the same has the same key
const underWay = new Map();
const waiting = new Map(); // what was sent while something else was under way

const composer = () => document.getElementById("composer");

function read(form) {
  const { kind, file } = form.elements;
  return { contact: form.dataset.contact, kind: kind.value, text: form.elements.text.value, files: [...file.files] };
}

function isSame(one, other) {
  if (!one || !other || one.kind !== other.kind || one.text !== other.text || one.files.length !== other.files.length) return false;
  return one.files.every((file, i) => file === other.files[i]);
}

// Before htmx, which would drop what is sent while something is under way.
document.addEventListener("submit", (event) => {
  if (event.target !== composer()) return;
  const now = read(event.target);
  const before = underWay.get(now.contact);
  const isEmpty = !now.text.trim() && !now.files.length;
  if (isEmpty || before) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!isEmpty && !isSame(now, before)) waiting.set(now.contact, now);
    return;
  }
  if (!isSame(now, tried.get(now.contact))) tried.set(now.contact, { ...now, operation: newKey() });
  event.target.elements.operation.value = tried.get(now.contact).operation;
}, true);

document.addEventListener("htmx:beforeSend", ({ detail: { elt: form, xhr } }) => {
  if (form !== composer()) return;
  const sent = read(form);
  underWay.set(sent.contact, sent);
  // Not an event of htmx: those of a form that is gone by then reach nobody, and its answer has no place.
  form.addEventListener("htmx:beforeOnLoad", leaveWhenGone);
  xhr.addEventListener("loadend", () => end(form, sent, xhr.status >= 200 && xhr.status < 400));
});

function leaveWhenGone(event) {
  if (!event.currentTarget.isConnected) event.preventDefault();
}

// Who types on keeps what stands behind the message; who writes another text in its place keeps all of it.
document.addEventListener("input", (event) => {
  if (event.target.id !== "text") return;
  const now = read(composer());
  const sent = underWay.get(now.contact);
  if (sent?.kind === now.kind && !now.text.startsWith(sent.text)) sent.isReplaced = true;
});

function end(form, sent, isSent) {
  const { contact, kind } = sent;
  const next = waiting.get(contact);
  underWay.delete(contact);
  waiting.delete(contact);
  const shown = composer()?.dataset.contact === contact ? composer() : null;
  if (!isSent) return giveBack(form, sent, shown);
  tried.delete(contact);
  keepDraft(contact, kind, rest(sent, draftOf(contact, kind)));
  if (!shown) return;
  const now = read(shown);
  if (now.kind === kind) {
    const { text, file } = shown.elements;
    text.setRangeText("", 0, now.text.length - rest(sent, now.text).length, "preserve");
    if (isSame({ ...sent, text: "" }, { ...now, text: "" })) file.value = "";
  }
  document.dispatchEvent(new CustomEvent("markdone:sent", { detail: { kind } }));
  // After a comment the reply stands there again: what nobody sent is not sent.
  if (isSame(next, now) && shown.elements.kind.value === next.kind) shown.requestSubmit();
}

function giveBack(form, { contact, kind, text }, shown) {
  const draft = draftOf(contact, kind);
  if (!draft.startsWith(text)) {
    const both = draft ? `${text}\n` : text;
    keepDraft(contact, kind, both + draft);
    if (shown?.elements.kind.value === kind) shown.elements.text.setRangeText(both, 0, 0, "preserve");
  }
  if (form.isConnected) return; // htmx says what is wrong
  const name = form.closest(".conversation")?.querySelector("#conversation-title").textContent;
  notify(`What you wrote to ${name} was not sent. It is still there, as a draft.`, "bad");
}

const rest = (sent, text) => (!sent.isReplaced && text.startsWith(sent.text) ? text.slice(sent.text.length) : text);
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
