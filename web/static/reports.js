// Reports: filters are folded on a phone, and the tab that is shown is in view.

const isPhone = matchMedia("(max-width: 760px)");
if (isPhone.matches) for (const part of document.querySelectorAll("[data-folds]:not([data-used])")) part.open = false;
for (const tab of document.querySelectorAll(".report-tabs [aria-current], .presets [aria-current]")) {
  // Not scrollIntoView: it would move the page as well.
  const row = tab.parentElement;
  row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.clientWidth) / 2;
}
