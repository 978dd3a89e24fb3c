// The language of the interface, and the light or dark look. Both are remembered where the browser allows it.
const texts = read("texts");
let language = "zh";

function t(key, values = {}) {
  return texts[key][language].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// The name asked for, and in the other language; names that are not there are replaced by what is.
function nameOf(thing, fallback) {
  const zh = thing.zh || thing.en || fallback;
  const en = thing.en || thing.zh || fallback;
  return language === "zh" ? { shown: zh, other: en } : { shown: en, other: zh };
}
const labelName = (l) => nameOf(labels[l], labels[l].slug).shown;
const number = (value) => value.toLocaleString("en-US");

function remembered(key) {
  try { return localStorage.getItem(`responsetag-${key}`); } catch { return null; }
}
function remember(key, value) {
  try { localStorage.setItem(`responsetag-${key}`, value); } catch { /* private browsing: not remembered */ }
}

function press(buttons, chosen) {
  for (const button of buttons) button.setAttribute("aria-pressed", String(chosen(button)));
}

// Parts drawn by the script are drawn again when the language changes.
const redrawn = [];
function setLanguage(chosen) {
  language = chosen;
  root.lang = chosen === "zh" ? "zh-Hans" : "en";
  document.title = `${t("title")} ${data.run.date}`;
  for (const element of document.querySelectorAll("[data-aria]"))
    element.setAttribute("aria-label", t(element.dataset.aria));
  press(document.querySelectorAll("[data-language]"), (button) => button.dataset.language === chosen);
  for (const draw of redrawn) draw();
}

function setTheme(chosen) {
  root.dataset.theme = chosen;
  press(document.querySelectorAll("[data-theme-choice]"), (button) => button.dataset.themeChoice === chosen);
}

function startSwitches() {
  for (const button of document.querySelectorAll("[data-language]"))
    button.addEventListener("click", () => {
      setLanguage(button.dataset.language);
      remember("language", language);
    });
  for (const button of document.querySelectorAll("[data-theme-choice]"))
    button.addEventListener("click", () => {
      setTheme(button.dataset.themeChoice);
      remember("theme", button.dataset.themeChoice);
    });
  const theme = remembered("theme");
  setTheme(["light", "dark"].includes(theme) ? theme : "auto");
  const wanted = remembered("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en");
  setLanguage(wanted === "en" ? "en" : "zh");
}
