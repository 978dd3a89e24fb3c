// All parts together.
function fromAddress() {
  const missing = readHash();
  update();
  if (missing !== null) say(t("no_paragraph", { place: plain(missing, 40) }));
  if (state.target !== null) showTarget();
}

// Links to parts of the page scroll and leave the address, where the filters are, alone.
function startLinks() {
  for (const link of document.querySelectorAll(".contents a, .skip"))
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const target = $(link.hash.slice(1));
      target.tabIndex = -1;
      goTo(target);
    });
}

startCharts();
startMatrix();
startChips();
startReader();
startFilters();
startDownloads();
startPrinting();
startLinks();
redrawn.push(drawFilters, drawMatrix, () => {
  if (root.dataset.ready) drawResults();
});
startSwitches();
if (location.hash.includes("=")) fromAddress();
else {
  const part = location.hash;
  update();
  if (part && $(part.slice(1))) history.replaceState(null, "", addressOf(part.slice(1)));
}
addEventListener("hashchange", () => {
  if (location.hash.includes("=") || !location.hash) fromAddress();
});
root.dataset.ready = "yes";
