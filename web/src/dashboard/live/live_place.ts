// Live: what the server answered, as its store keeps it.
import { el, field, option } from '../../base/dom';
import { count, plural } from '../../base/format';
import { readReport } from '../../report/model';
import { reportView, type Selection } from '../../report/view';
import { ask, askJson, type Setup } from '../api';
import type { Place } from '../place';
import { listsView } from './lists';

export const livePlace: Place = { id: 'live', title: 'Live', make };

/** What GET /ui/live answers. */
export interface LiveState {
  rows: number;
  errors: number;
  first: string | null;
  last: string | null;
  models: string[];
  labels: string[];
  texts: boolean;
  most_rows: number;
  most_days: number;
  low_score: number;
  written: number;
  dropped: number;
  waiting: number;
  trouble: string;
}

const LOOK_SECONDS = 5;
const PERIODS = ['day', 'week', 'month'];
const SPANS: [string, string][] = [['', 'all that is kept'], ['7', 'the last 7 days'], ['30', 'the last 30 days'], ['90', 'the last 90 days']];

function make(setup: Setup): HTMLElement {
  const section = el('section', { class: 'live' }, el('h2', {}, 'Live'));
  if (setup.store) section.append(liveView(section));
  else
    section.append(
      el('p', {}, 'This server keeps no answers, so there is nothing to show. Start it with a store, and this page shows the trend of all that it answers:'),
      el('pre', { tabindex: 0, 'aria-label': 'Command' }, 'valence serve --store results.db'),
      el('p', { class: 'quiet' }, 'The store keeps labels and scores; texts only with --store-texts.'));
  return section;
}

function stateText(state: LiveState): string {
  const kept = `${plural(state.rows, 'answer')} kept${state.errors > 0 ? `, ${plural(state.errors, 'text')} without a label` : ''}`;
  const span = state.first && state.last ? `, ${state.first.slice(0, 10)} to ${state.last.slice(0, 16).replace('T', ' ')} UTC` : '';
  return `${kept}${span}. At most ${count(state.most_rows)} answers of ${plural(state.most_days, 'day')} are kept${state.texts ? '' : ', without texts'}.`;
}

function troubleView(state: LiveState): HTMLElement[] {
  const told: HTMLElement[] = [];
  if (state.trouble)
    told.push(el('p', { class: 'warning' }, `Answers cannot be written to the store now: ${state.trouble}. The server goes on answering; ${plural(state.waiting, 'answer')} wait.`));
  if (state.dropped > 0)
    told.push(el('p', { class: 'warning' }, `${plural(state.dropped, 'answer')} found no room to wait for the store since the server was started, and ${state.dropped === 1 ? 'is' : 'are'} missing here.`));
  return told;
}

function liveView(section: HTMLElement): HTMLElement {
  const filter = (): void => void refresh(true);
  const model = el('select', { change: filter }, option('', 'all'));
  const label = el('select', { change: filter }, option('', 'all'));
  const period = el('select', { change: filter }, ...PERIODS.map((name) => option(name, name)));
  const span = el('select', { change: filter }, ...SPANS.map(([value, text]) => option(value, text)));
  const about = el('p', { class: 'quiet' }, 'Reading the store …');
  const trouble = el('div', { role: 'status' });
  const trend = el('div', {});
  const lists = listsView();
  const exported = el('button', { type: 'button', click: () => void exportAll() }, 'Export as CSV');
  const exportTold = el('span', { role: 'status', class: 'quiet' });
  const selection: Selection = { group: 0, period: -1, metric: null };
  let shown = -1;  // answers written when the trend was drawn
  let busy = false;

  const filters = (): Record<string, string> => ({
    ...(model.value ? { model: model.value } : {}), ...(label.value ? { label: label.value } : {}),
  });
  const choices = (box: HTMLSelectElement, names: string[]): void => {
    const old = Array.from(box.options).slice(1).map((one) => one.value);
    if (old.join('\n') === names.join('\n')) return;
    const value = box.value;
    box.replaceChildren(option('', 'all'), ...names.map((name) => option(name, name, name === value)));
  };
  const loadTrend = async (): Promise<void> => {
    const query = new URLSearchParams({
      period: period.value, ...(model.value ? { model: model.value } : {}), ...(span.value ? { days: span.value } : {}),
    });
    const report = readReport(await (await ask(`ui/live/trends?${query}`)).text());
    trend.replaceChildren(reportView(report, selection));
  };
  const refresh = async (forced: boolean): Promise<void> => {
    if (busy && !forced) return;
    busy = true;
    try {
      const state = await askJson<LiveState>('ui/live');
      about.textContent = stateText(state);
      trouble.replaceChildren(...troubleView(state));
      choices(model, state.models);
      choices(label, state.labels);
      // Not under the hands of somebody who is looking through the charts.
      if (state.rows === 0) {
        trend.replaceChildren(el('p', {}, 'No answers yet. As soon as the server has labelled a text, it is counted here.'));
        lists.element.hidden = true;
        return;
      }
      lists.element.hidden = false;
      const inUse = trend.contains(document.activeElement);
      if (forced || (state.written !== shown && !inUse)) {
        await Promise.all([loadTrend(), lists.load(filters(), state)]);
        shown = state.written;
      }
    } catch (error) {
      trouble.replaceChildren(el('p', { class: 'error' }, (error as Error).message));
    } finally {
      busy = false;
    }
  };
  const exportAll = async (): Promise<void> => {
    exported.disabled = true;
    exportTold.textContent = 'Exporting …';
    try {
      const blob = await (await ask(`ui/live/export?${new URLSearchParams(filters())}`)).blob();
      const link = el('a', { href: URL.createObjectURL(blob), download: 'valence-results.csv' });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      exportTold.textContent = '';
    } catch (error) {
      exportTold.textContent = (error as Error).message;
    }
    exported.disabled = false;
  };

  void refresh(true);
  setInterval(() => {
    if (section.isConnected && !document.hidden) void refresh(false);
  }, LOOK_SECONDS * 1000);
  return el('div', {},
    about, trouble,
    el('div', { class: 'fields' }, field('Model', model), field('Label', label, 'for the lists and the export'), field('Periods', period), field('Time', span)),
    el('div', { class: 'buttons' }, exported, exportTold),
    el('div', { class: 'card' }, el('h3', {}, 'Trend of what was answered'), trend),
    lists.element);
}
