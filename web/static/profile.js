// The contact's profile: says when something in it is not saved yet.

document.addEventListener("input", (event) => {
  const profile = event.target.closest("[data-watched]");
  if (profile) setDirty(profile, true);
});
document.addEventListener("reset", (event) => event.target.matches("[data-watched]") && setDirty(event.target, false));
document.addEventListener("htmx:afterRequest", (event) => {
  const sent = event.detail.elt;
  if (!event.detail.successful || !(sent instanceof HTMLFormElement)) return;
  if (sent.matches("[data-watched]")) setDirty(sent, false);
  if (sent.matches("[data-resets]")) sent.reset();
});

function setDirty(profile, isDirty) {
  profile.toggleAttribute("data-dirty", isDirty);
  profile.querySelector(".profile-save").hidden = !isDirty;
}
