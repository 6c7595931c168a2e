// The trends of a labelled file, computed by the server.
import { el, field, option } from '../../base/dom';
import { readReport } from '../../report/model';
import { reportView } from '../../report/view';
import { ApiError, ask } from '../api';
import type { Chosen } from './columns_view';

const PERIODS = ['month', 'week', 'day', 'quarter'];
const FORMATS: [string, string][] = [
  ['', 'found out by themselves'], ['day-first', 'day first: 31/3/2025'], ['month-first', 'month first: 3/31/2025'],
  ['iso', '2025-03-31'], ['unix', 'Unix seconds'], ['unix-ms', 'Unix milliseconds'],
];

export function trendsView(chosen: Chosen, labelled: Blob): HTMLElement {
  const period = el('select', { change: () => void load() }, ...PERIODS.map((name) => option(name, name)));
  const format = el('select', { change: () => void load() }, ...FORMATS.map(([value, text]) => option(value, text)));
  const shown = el('div', { 'aria-live': 'polite' });
  let running: AbortController | null = null;
  const load = async (): Promise<void> => {
    running?.abort();
    const mine = (running = new AbortController());
    shown.setAttribute('aria-busy', 'true');
    const query = new URLSearchParams({
      title: chosen.job.file.name, time_column: chosen.time, text_column: chosen.job.textColumn, period: period.value,
      ...(chosen.group ? { by: chosen.group } : {}), ...(format.value ? { date_format: format.value } : {}),
    });
    try {
      const answer = await ask(`ui/trends?${query}`, {
        method: 'POST', headers: { 'content-type': 'text/csv' }, body: labelled, signal: mine.signal,
      });
      shown.replaceChildren(reportView(readReport(await answer.text())));
    } catch (error) {
      if (mine.signal.aborted) return;
      const why = error instanceof ApiError || error instanceof Error ? error.message : '';
      shown.replaceChildren(el('p', { class: 'error', role: 'alert' }, `No trends: ${why.replaceAll('--date-format', 'how dates are written (above)')}`));
    } finally {
      if (running === mine) shown.removeAttribute('aria-busy');
    }
  };
  void load();
  return el('section', { class: 'trends', 'aria-label': 'Trends' },
    el('h2', {}, 'Trends'),
    el('div', { class: 'fields' }, field('Periods', period), field('Dates are written', format)),
    shown);
}
