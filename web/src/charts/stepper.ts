// A chart that one can walk through, period by period: with the pointer, or with the arrow keys as a slider whose
// value is read out. The chart itself is hidden from screen readers: its table stands below.
import { el, svg } from '../base/dom';
import { periodAt, type Frame } from './frame';

export interface Steps {
  label: string;
  count: number;
  /** What is read out and shown for a period. */
  describe: (period: number) => string;
  selected: () => number;
  select: (period: number) => void;
}

export interface Stepper {
  element: HTMLElement;
  /** Draws anew, for a new width or new data. */
  draw(): void;
  /** Shows which period is selected. */
  mark(): void;
}

const MOVES: Record<string, (at: number, last: number) => number> = {
  ArrowRight: (at) => at + 1,
  ArrowUp: (at) => at + 1,
  ArrowLeft: (at) => at - 1,
  ArrowDown: (at) => at - 1,
  PageUp: (at) => at + 6,
  PageDown: (at) => at - 6,
  Home: () => 0,
  End: (_at, last) => last,
};

export function stepper(steps: Steps, paint: (width: number) => Frame): Stepper {
  const box = el('div', { class: 'stepper', tabindex: 0, role: 'slider', 'aria-label': steps.label, 'aria-valuemin': 1 });
  const cursor = svg('rect', { class: 'cursor' });
  let frame: Frame | null = null;

  const mark = (): void => {
    const at = steps.selected();
    box.setAttribute('aria-valuenow', String(at + 1));
    box.setAttribute('aria-valuetext', steps.describe(at));
    if (!frame || at < 0) return;
    cursor.setAttribute('x', String((frame.x(at) ?? 0) - 2));
    cursor.setAttribute('width', String(frame.x.bandwidth() + 4));
    cursor.setAttribute('y', String(frame.top - 3));
    cursor.setAttribute('height', String(frame.bottom - frame.top + 6));
  };
  const draw = (): void => {
    box.setAttribute('aria-valuemax', String(steps.count));
    const width = Math.max(260, Math.floor(box.clientWidth));
    frame = paint(width);
    frame.marks.append(cursor);
    box.replaceChildren(frame.root);
    mark();
  };
  const move = (event: PointerEvent): void => {
    if (!frame) return;
    const period = periodAt(frame, event.clientX - box.getBoundingClientRect().left);
    if (period >= 0 && period !== steps.selected()) steps.select(period);
  };
  box.addEventListener('pointerdown', move);
  box.addEventListener('pointermove', (event) => {
    if (event.pointerType === 'mouse') move(event);
  });
  box.addEventListener('keydown', (event) => {
    const way = MOVES[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const last = steps.count - 1;
    steps.select(Math.max(0, Math.min(last, way(steps.selected(), last))));
  });
  let width = 0;
  new ResizeObserver(() => {
    if (box.clientWidth === width) return;
    width = box.clientWidth;
    draw();
  }).observe(box);
  return { element: box, draw, mark };
}
