// The answer to a text as it is shown: scores, words, windows.
import { el, newId } from '../base/dom';
import { count, percent, plural, signed } from '../base/format';
import { inOrder, styleOf } from '../base/labels';
import type { Score } from './api';

/** What POST /ui/explain answers; places are counted in code points. */
export interface Explanation {
  model: string;
  label: string;
  scores: Score[];
  tokens: number;
  truncated: boolean;
  words_in_a_part: number;
  parts: { start: number; stop: number; change: number }[];
  windows: { start: number; stop: number; scores: Score[] }[];
}

/** Changes of a score below this, or below this part of the strongest one, are not worth a mark. */
const LEAST_CHANGE = 0.005;
const LEAST_PART = 0.08;

const strongestOf = (answer: Explanation): number =>
  answer.parts.reduce((most, part) => Math.max(most, Math.abs(part.change)), LEAST_CHANGE);
const leastOf = (answer: Explanation): number => Math.max(LEAST_CHANGE, LEAST_PART * strongestOf(answer));

/** A share of 1 as a bar; numbers that are no shares (regression) have none. */
export function bar(score: number, style: string): HTMLElement {
  const fill = el('span', { class: `bar-fill ${style}` });
  fill.style.width = `${Math.max(0, Math.min(1, score)) * 100}%`;
  return el('span', { class: 'bar', 'aria-hidden': 'true' }, fill);
}

function scoreText(score: number): string {
  return score >= 0 && score <= 1 ? percent(score) : score.toFixed(3);
}

function scoresTable(answer: Explanation, explain: (label: string) => void): HTMLElement {
  const labels = answer.scores.map((one) => one.label);
  const scores = new Map(answer.scores.map((one) => [one.label, one.score]));
  const rows = inOrder(labels).map((label) => {
    const shown = label === answer.label;
    return el('tr', shown ? { class: 'shown' } : {},
      el('th', { scope: 'row' },
        el('button', { type: 'button', class: 'link', 'aria-pressed': shown, click: () => explain(label) }, label)),
      el('td', { class: 'wide' }, bar(scores.get(label)!, styleOf(label, labels))),
      el('td', { class: 'number' }, scoreText(scores.get(label)!)));
  });
  return el('table', { class: 'scores' },
    el('caption', {}, 'Scores; choose a label to see its words'),
    el('thead', { class: 'hidden' },
      el('tr', {}, el('th', { scope: 'col' }, 'Label'), el('th', { scope: 'col' }, 'Bar'), el('th', { scope: 'col' }, 'Score'))),
    el('tbody', {}, ...rows));
}

/** What a box needs that may have to be scrolled, to be reached from the keyboard. */
function scrolling(characters: number, name: string): Record<string, string | number> {
  return characters > 500 ? { tabindex: 0, role: 'region', 'aria-label': name } : {};
}

function markedText(text: string, answer: Explanation): HTMLElement {
  const characters = Array.from(text);
  const slice = (start: number, stop: number): string => characters.slice(start, stop).join('');
  const most = strongestOf(answer);
  const least = leastOf(answer);
  const style = styleOf(answer.label, answer.scores.map((one) => one.label));
  const box = el('p', { class: `words ${style}`, ...scrolling(characters.length, 'The text with its words marked') });
  let at = 0;
  for (const part of answer.parts) {
    if (part.start > at) box.append(slice(at, part.start));
    const word = slice(part.start, part.stop);
    at = part.stop;
    if (Math.abs(part.change) < least) {
      box.append(word);
      continue;
    }
    const mark = el('mark', {
      class: part.change > 0 ? 'for' : 'against',
      title: `${signed(part.change)} ${part.change > 0 ? 'for' : 'against'} ${answer.label}`,
    }, word);
    mark.style.setProperty('--weight', (0.15 + 0.6 * Math.abs(part.change) / most).toFixed(2));
    box.append(mark);
  }
  box.append(slice(at, characters.length));
  return box;
}

function wordsTable(text: string, answer: Explanation): HTMLElement {
  const characters = Array.from(text);
  const strongest = [...answer.parts]
    .filter((part) => Math.abs(part.change) >= leastOf(answer))
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change))
    .slice(0, 50);
  return el('details', {},
    el('summary', {}, 'The words as a table'),
    el('table', {},
      el('caption', { class: 'hidden' }, `Words that moved the score of ${answer.label} most`),
      el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Words'), el('th', { scope: 'col', class: 'number' }, `Change of ${answer.label}`))),
      el('tbody', {}, ...strongest.map((part) =>
        el('tr', {},
          el('th', { scope: 'row' }, characters.slice(part.start, part.stop).join('')),
          el('td', { class: 'number' }, signed(part.change, 3)))))));
}

function windowsView(text: string, answer: Explanation): HTMLElement {
  const characters = Array.from(text);
  const labels = answer.scores.map((one) => one.label);
  const items = answer.windows.map((window) => {
    const best = window.scores[0]!;
    const shown = characters.slice(window.start, window.stop).join('');
    return el('li', {},
      el('details', {},
        el('summary', {},
          el('span', { class: `chip ${styleOf(best.label, labels)}` }, best.label), ` ${scoreText(best.score)} `,
          el('span', { class: 'quiet' }, `characters ${count(window.start + 1)} to ${count(window.stop)}`)),
        el('p', { class: 'excerpt', ...scrolling(window.stop - window.start, 'The text of the window') }, shown)));
  });
  const title = newId('windows');
  return el('section', { 'aria-labelledby': title },
    el('h3', { id: title }, plural(answer.windows.length, 'window')),
    el('p', {}, 'The text is longer than the model reads at a time: it was read in overlapping windows, and the scores are their average, by length.'),
    el('ol', { class: 'windows' }, ...items));
}

export function explanationView(text: string, answer: Explanation, explain: (label: string) => void): HTMLElement {
  const best = answer.scores[0]!;
  const labels = answer.scores.map((one) => one.label);
  const moved = answer.parts.some((part) => Math.abs(part.change) >= LEAST_CHANGE);
  return el('div', { class: 'card' },
    el('p', { class: 'verdict' },
      el('span', { class: `chip large ${styleOf(best.label, labels)}` }, best.label),
      el('span', { class: 'score' }, ` ${scoreText(best.score)}`),
      el('span', { class: 'quiet' }, ` ${answer.model}, ${plural(answer.tokens, 'token')}`)),
    answer.truncated ? el('p', { class: 'warning' }, 'The text was cut off: its end was not read.') : null,
    scoresTable(answer, explain),
    el('h3', {}, `What moved ${answer.label}`),
    markedText(text, answer),
    el('p', { class: 'legend' },
      el('mark', { class: `for ${styleOf(answer.label, labels)}` }, 'filled'), ' speaks for it, ',
      el('mark', { class: 'against' }, 'dashed'), ' speaks against it: without the word the score would be lower, or higher. ',
      answer.words_in_a_part > 1 ? `The text is long, so ${answer.words_in_a_part} words are left out at a time.` : ''),
    moved ? wordsTable(text, answer) : el('p', { class: 'quiet' }, 'No single word moves the score much.'),
    answer.windows.length > 1 ? windowsView(text, answer) : null);
}
