"use strict";
const STEP = 1.25, LARGEST = 4; // of the zoom: a press of a key, and how many pixels a unit of the picture may take
const READ = 0.75; // pixels of a unit below which nothing is read: a picture that fits only so begins at its first node
const PAN = 80, NEARLY = 8, WITHIN = 60; // pixels: a press of a key; of a node from the edge, before and after it is moved
const GLIDE = 280; // milliseconds

// Which part of a picture a box of the page shows: `scale` pixels to a unit, the point (x, y) at its left top corner.
function viewOf(box, picture) {
  const whole = picture.viewBox.baseVal;
  const wide = whole.width, high = whole.height;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const held = new Map(); // pointers that are down, and where
  let at = { scale: 1, x: 0, y: 0 }, fitted = true, glide = 0;

  function show(next) {
    at = next;
    const width = box.clientWidth / at.scale, height = box.clientHeight / at.scale;
    picture.setAttribute("viewBox", `${at.x} ${at.y} ${width} ${height}`);
  }
  function fits() {
    return Math.min(box.clientWidth / wide, box.clientHeight / high, LARGEST);
  }
  function centred(scale, x, y) {
    return { scale, x: x - box.clientWidth / scale / 2, y: y - box.clientHeight / scale / 2 };
  }
  function fit() {
    cancelAnimationFrame(glide);
    fitted = true;
    show(centred(fits(), wide / 2, high / 2));
  }
  function zoom(factor, px = box.clientWidth / 2, py = box.clientHeight / 2) {
    cancelAnimationFrame(glide);
    const scale = Math.min(Math.max(at.scale * factor, Math.min(fits(), 1) / 2), LARGEST);
    fitted = false;
    show({ scale, x: at.x + px / at.scale - px / scale, y: at.y + py / at.scale - py / scale });
  }
  function pan(dx, dy) {
    cancelAnimationFrame(glide);
    fitted = false;
    show({ scale: at.scale, x: at.x - dx / at.scale, y: at.y - dy / at.scale });
  }
  function moved(from, to, first, last) { // by how much a view must move to hold all from `first` to `last`
    const edge = NEARLY / at.scale;
    if (first - edge >= from && last + edge <= to) return 0;
    const within = Math.max(0, Math.min(WITHIN / at.scale, (to - from - (last - first)) / 2));
    const begin = first - within - from;
    return begin < 0 ? begin : Math.min(begin, last + within - to);
  }
  function together(places) { // what holds the first place, and of the others each with which it still fits
    const most = [box.clientWidth, box.clientHeight].map((length) => (length - 2 * NEARLY) / at.scale);
    return places.reduce((held, [x, y, w, h]) => {
      const left = Math.min(held[0], x), top = Math.min(held[1], y);
      const wide = Math.max(held[0] + held[2], x + w) - left, high = Math.max(held[1] + held[3], y + h) - top;
      return wide <= most[0] && high <= most[1] ? [left, top, wide, high] : held;
    });
  }
  function reveal(places) {
    if (!places.length || fitted || held.size) return;
    const [x, y, w, h] = together(places);
    const dx = moved(at.x, at.x + box.clientWidth / at.scale, x, x + w);
    const dy = moved(at.y, at.y + box.clientHeight / at.scale, y, y + h);
    if (!dx && !dy) return;
    cancelAnimationFrame(glide);
    const from = at, begun = performance.now();
    const go = (now) => {
      const share = still.matches ? 1 : Math.min(1, Math.max(0, (now - begun) / GLIDE));
      const eased = share * share * (3 - 2 * share);
      show({ scale: from.scale, x: from.x + dx * eased, y: from.y + dy * eased });
      if (share < 1) glide = requestAnimationFrame(go);
    };
    go(begun);
  }
  function begin(place) {
    fit();
    if (!place || at.scale >= READ) return;
    fitted = false;
    show(centred(1, place[0] + place[2] / 2, place[1] + place[3] / 2));
  }

  box.addEventListener("wheel", (event) => {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    const corner = box.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015)), event.clientX - corner.left, event.clientY - corner.top);
  }, { passive: false });
  box.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 && event.button !== 1) return;
    held.set(event.pointerId, [event.clientX, event.clientY]);
    box.setPointerCapture(event.pointerId);
    box.classList.add("held");
  });
  box.addEventListener("pointermove", (event) => {
    const before = held.get(event.pointerId);
    if (!before) return;
    const now = [event.clientX, event.clientY], other = [...held].find(([id]) => id !== event.pointerId);
    if (other) { // two fingers: what lies between them stays there
      const [ox, oy] = other[1], corner = box.getBoundingClientRect();
      const apart = (point) => Math.hypot(point[0] - ox, point[1] - oy) || 1;
      zoom(apart(now) / apart(before), (now[0] + ox) / 2 - corner.left, (now[1] + oy) / 2 - corner.top);
    }
    const share = other ? 0.5 : 1;
    pan((now[0] - before[0]) * share, (now[1] - before[1]) * share);
    held.set(event.pointerId, now);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    box.addEventListener(name, (event) => {
      held.delete(event.pointerId);
      box.classList.toggle("held", held.size > 0);
    });
  }
  addEventListener("resize", () => fitted ? fit() : show(at));
  return { fit, zoom, pan, reveal, begin };
}

// Steps through a film: layers of one picture of which each moment shows one variant each, and what it says in words.
(() => {
  const film = JSON.parse(document.getElementById("film").textContent);
  const last = film.captions.length - 1;
  const track = document.getElementById("track");
  const count = document.getElementById("count");
  const caption = document.getElementById("caption");
  const follow = document.getElementById("follow");
  const view = viewOf(document.getElementById("view"), document.getElementById("picture"));
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
    if (follow.checked) view.reveal(film.places[at]);
  }

  const moves = {
    first: () => go(0), back: () => go(at - 1), on: () => go(at + 1), last: () => go(last),
    in: () => view.zoom(STEP), out: () => view.zoom(1 / STEP), fit: () => view.fit(),
  };
  const keys = {
    ArrowLeft: "back", ArrowRight: "on", " ": "on", Home: "first", End: "last",
    "+": "in", "=": "in", "-": "out", "−": "out", "0": "fit",
  };
  const pans = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  for (const [id, move] of Object.entries(moves)) document.getElementById(id).addEventListener("click", move);
  track.max = String(last);
  track.addEventListener("input", () => go(Number(track.value)));
  document.addEventListener("keydown", (event) => {
    const move = keys[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.shiftKey && pans[event.key]) {
      event.preventDefault();
      view.pan(...pans[event.key].map((way) => way * PAN));
      return;
    }
    if (!move) return;
    const presses = event.target instanceof HTMLButtonElement || event.target === follow;
    if (event.key === " " && presses) return; // it presses the button
    event.preventDefault();
    moves[event.key === " " && event.shiftKey ? "back" : move]();
  });
  go(0);
  view.begin(film.places.find((places) => places.length)?.[0]);
})();
