// Selecting several conversations, and what was done to them.

const rows = document.getElementById("rows");
const bulk = document.getElementById("bulk");

export function countPicks() {
  const count = rows.querySelectorAll("input:checked").length;
  bulk.hidden = count === 0;
  bulk.querySelector("[data-picked-count]").textContent = `${count} selected`;
}

rows.addEventListener("change", (event) => {
  forget(event.target);
  countPicks();
});
bulk.querySelector("[data-clear-picks]").addEventListener("click", clearPicks);
document.getElementById("picks").addEventListener("htmx:afterRequest", (event) => {
  for (const dialog of event.currentTarget.querySelectorAll("dialog[open]")) dialog.close();
  if (event.detail.successful) clearPicks();
  document.dispatchEvent(new CustomEvent("markdone:picked"));
});

function clearPicks() {
  for (const box of rows.querySelectorAll("input:checked")) {
    box.checked = false;
    forget(box);
  }
  countPicks();
  (rows.querySelector(".current .row-link") ?? rows.querySelector(".row-link"))?.focus({ preventScroll: true });
}

// A row that came anew while it was ticked is seen as it is now.
function forget(box) {
  if (box.checked || !box.dataset.fresh) return;
  box.value = box.dataset.fresh;
  delete box.dataset.fresh;
}
