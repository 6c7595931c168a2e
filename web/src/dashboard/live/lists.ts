// Answers worth a look: those that the model was not sure of, and the negative ones.
import { el, newId } from '../../base/dom';
import { percent, signed } from '../../base/format';
import { styleOf } from '../../base/labels';
import { askJson } from '../api';
import type { LiveState } from './live_place';

interface Row {
  id: number;
  time: string;
  model: string;
  label: string;
  score: number;
  polarity: number | null;
  text: string | null;
  source: string;
}

const SHOWN = 25;

function table(title: string, rows: Row[], state: LiveState): HTMLElement {
  const names = ['Time (UTC)', 'Label', 'Score', 'Polarity', ...(state.models.length > 1 ? ['Model'] : []), ...(state.texts ? ['Text'] : [])];
  return el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title },
    el('table', { class: 'preview' },
      el('caption', { class: 'hidden' }, title),
      el('thead', {}, el('tr', {}, ...names.map((name) => el('th', { scope: 'col' }, name)))),
      el('tbody', {}, ...rows.map((row) =>
        el('tr', {},
          el('td', {}, row.time.replace('T', ' ').replace('Z', '')),
          el('td', {}, el('span', { class: `chip ${styleOf(row.label, state.labels)}` }, row.label)),
          el('td', { class: 'number' }, row.score >= 0 && row.score <= 1 ? percent(row.score) : row.score.toFixed(3)),
          el('td', { class: 'number' }, row.polarity === null ? '–' : signed(row.polarity)),
          state.models.length > 1 ? el('td', {}, row.model) : null,
          state.texts ? el('td', { class: 'text', title: row.text ?? '' }, row.text ?? '') : null)))));
}

export interface Lists {
  element: HTMLElement;
  load(filters: Record<string, string>, state: LiveState): Promise<void>;
}

export function listsView(): Lists {
  const low = el('div', {});
  const negative = el('div', {});
  const lowHint = el('p', { class: 'quiet' });
  const part = (title: string, hint: HTMLElement, box: HTMLElement): HTMLElement => {
    const id = newId('list');
    return el('section', { class: 'card', 'aria-labelledby': id }, el('h3', { id }, title), hint, box);
  };
  const show = (box: HTMLElement, title: string, rows: Row[], state: LiveState): void =>
    box.replaceChildren(rows.length > 0 ? table(title, rows, state) : el('p', {}, 'None.'));
  const load = async (filters: Record<string, string>, state: LiveState): Promise<void> => {
    const query = (list: string): string => `ui/live/rows?${new URLSearchParams({ ...filters, list, limit: String(SHOWN) })}`;
    const [unsure, bad] = await Promise.all([
      askJson<{ rows: Row[] }>(query('low')), askJson<{ rows: Row[] }>(query('negative')),
    ]);
    lowHint.textContent = `Scores below ${percent(state.low_score, 0)}, the newest first.`;
    show(low, 'Answers with a low score', unsure.rows, state);
    show(negative, 'Negative answers', bad.rows, state);
  };
  return {
    element: el('div', {},
      part('Negative of late', el('p', { class: 'quiet' }, 'The newest first.'), negative),
      part('Not sure', lowHint, low)),
    load,
  };
}
