// The lines of the timeline: which stand together, and how they change without a jump.

const TOGETHER_MS = 5 * 60_000;

export const lines = () => document.getElementById("lines");
export const isBefore = (one, other) => one && one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;

// Of the contact's own timeline: what was merged into it has other numbers.
export const ownNumbers = () => all().map((line) => Number(line.id.slice(2))).filter(Number.isInteger);

const all = () => [...lines().querySelectorAll("[id^=e-]")];

// Changes lines so that those in view stay where they are.
export function keepStill(box, change) {
  const edge = box.getBoundingClientRect().top;
  const inView = all().filter((line) => line.getBoundingClientRect().bottom > edge);
  // Not the first: that one may lose the name above it.
  const id = (inView[1] ?? inView[0])?.id;
  const before = id && document.getElementById(id).getBoundingClientRect().top;
  change();
  const still = id && document.getElementById(id);
  if (still) box.scrollTop += still.getBoundingClientRect().top - before;
}

// Messages of one sender stand together, wherever a stretch of lines began.
export function group() {
  for (const line of lines().querySelectorAll("[data-group]")) {
    const above = line.previousElementSibling;
    const isSame = above?.dataset.group === line.dataset.group && line.dataset.at - above.dataset.at < TOGETHER_MS;
    line.classList.toggle("follows", isSame);
  }
}
