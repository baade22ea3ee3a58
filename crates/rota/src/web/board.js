// Asks for the board every two seconds while somebody looks; a selection is left alone.
const board = document.getElementById("board");
const late = document.getElementById("late");
const wide = () => [...board.querySelectorAll(".wide")];

async function ask() {
  if (!document.hidden && getSelection().isCollapsed) {
    try {
      const answer = await fetch("board", { signal: AbortSignal.timeout(10000) });
      if (!answer.ok) throw answer.status;
      const text = await answer.text();
      const scrolled = wide().map((part) => part.scrollLeft);
      const focused = wide().indexOf(document.activeElement);
      board.innerHTML = text;
      wide().forEach((part, at) => { part.scrollLeft = scrolled[at] ?? 0; });
      wide()[focused]?.focus({ preventScroll: true });
      late.hidden = true;
    } catch {
      late.hidden = false;
    }
  }
  setTimeout(ask, 2000);
}

setTimeout(ask, 2000);
