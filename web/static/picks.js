// Selecting several conversations, and what was done to them.

const rows = document.getElementById("rows");
const bulk = document.getElementById("bulk");

export function countPicks() {
  const count = rows.querySelectorAll("input:checked").length;
  bulk.hidden = count === 0;
  bulk.querySelector("[data-picked-count]").textContent = `${count} selected`;
}

rows.addEventListener("change", countPicks);
bulk.querySelector("[data-clear-picks]").addEventListener("click", clearPicks);
document.getElementById("picks").addEventListener("htmx:afterRequest", (event) => {
  for (const dialog of event.currentTarget.querySelectorAll("dialog[open]")) dialog.close();
  if (event.detail.successful) clearPicks();
  document.dispatchEvent(new CustomEvent("markdone:picked"));
});

function clearPicks() {
  for (const box of rows.querySelectorAll("input:checked")) box.checked = false;
  countPicks();
  (rows.querySelector(".current .row-link") ?? rows.querySelector(".row-link"))?.focus({ preventScroll: true });
}
