"use strict";
// The switch between the system's theme, dark and light.
(() => {
  const names = ["", "dark", "light"];
  const told = ["as the system", "dark", "light"];
  const button = document.getElementById("theme");
  button.addEventListener("click", () => {
    const next = (names.indexOf(document.documentElement.dataset.theme || "") + 1) % names.length;
    document.documentElement.dataset.theme = names[next];
    button.textContent = `Theme: ${told[next]}`;
  });
})();
