// How long somebody waits, told anew while the page is open; the same words as the server's.

setInterval(() => {
  for (const since of document.querySelectorAll("[data-since]")) since.textContent = ago(Date.now() - since.dataset.since);
}, 20_000);

function ago(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  for (const [unit, name, below, belowName] of [[86400, "d", 3600, "h"], [3600, "h", 60, "min"]]) {
    const rest = Math.floor((s % unit) / below);
    if (s >= unit) return `${Math.floor(s / unit)} ${name}${rest && s < 3 * unit ? ` ${rest} ${belowName}` : ""}`;
  }
  return s >= 60 ? `${Math.floor(s / 60)} min` : `${s} s`;
}
