"use strict";
// Steps through a film: layers of one picture of which each moment shows one variant each, and what it says in words.
(() => {
  const film = JSON.parse(document.getElementById("film").textContent);
  const last = film.captions.length - 1;
  const track = document.getElementById("track");
  const count = document.getElementById("count");
  const caption = document.getElementById("caption");
  const layer = (number, variant) => document.getElementById(`l${number}-${variant}`);

  // What each moment shows, from what it changes of the one before: [layer, variant, layer, variant, ...].
  const moments = [];
  for (const changes of film.changes) {
    const shown = moments.length ? [...moments[moments.length - 1]] : [];
    for (let i = 0; i < changes.length; i += 2) shown[changes[i]] = changes[i + 1];
    moments.push(shown);
  }

  let at = last; // what stands in the page is the end, for where no script runs

  function go(step) {
    const next = Math.max(0, Math.min(last, step));
    moments[at].forEach((variant, number) => {
      if (moments[next][number] !== variant) {
        layer(number, variant).classList.add("off");
        layer(number, moments[next][number]).classList.remove("off");
      }
    });
    at = next;
    const lines = film.captions[at];
    caption.replaceChildren(...lines.map((line) => {
      const row = document.createElement("p");
      row.textContent = line;
      return row;
    }));
    caption.classList.toggle("back", film.back[at] === 1);
    track.value = String(at);
    track.setAttribute("aria-valuetext", `step ${at} of ${last}: ${lines[0]}`);
    count.textContent = `step ${at} of ${last}`;
    for (const id of ["first", "back"]) document.getElementById(id).disabled = at === 0;
    for (const id of ["on", "last"]) document.getElementById(id).disabled = at === last;
  }

  const moves = {
    first: () => go(0), back: () => go(at - 1), on: () => go(at + 1), last: () => go(last),
  };
  const keys = { ArrowLeft: "back", ArrowRight: "on", " ": "on", Home: "first", End: "last" };
  for (const [id, move] of Object.entries(moves)) document.getElementById(id).addEventListener("click", move);
  track.max = String(last);
  track.addEventListener("input", () => go(Number(track.value)));
  document.addEventListener("keydown", (event) => {
    const move = keys[event.key];
    if (!move || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === " " && event.target instanceof HTMLButtonElement) return; // it presses the button
    event.preventDefault();
    moves[event.key === " " && event.shiftKey ? "back" : move]();
  });
  go(0);
})();
