// What was written and not sent yet, kept per contact and kind as long as the tab is open.

const key = (contact, kind) => `markdone.draft.${contact}.${kind}`;

// parts: contacts that were merged into this one, perhaps while somebody wrote to them: their drafts go on here.
export function draftOf(contact, kind, parts = []) {
  for (const part of parts) {
    const draft = draftOf(part, kind);
    if (!draft || draftOf(contact, kind)) continue;
    keepDraft(contact, kind, draft);
    keepDraft(part, kind, "");
  }
  return sessionStorage.getItem(key(contact, kind)) ?? "";
}

export function keepDraft(contact, kind, text) {
  if (text) sessionStorage.setItem(key(contact, kind), text);
  else sessionStorage.removeItem(key(contact, kind));
}
