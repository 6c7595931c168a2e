// A file on its way: progress, stop, what came out, the download.
import { el } from '../../base/dom';
import { bytes, count, duration, percent, plural } from '../../base/format';
import { inOrder, styleOf } from '../../base/labels';
import { labelledName, type Chosen } from './columns_view';
import type { Progress } from './labelling';
import { trendsView } from './trends_view';
import type { FromWorker, ToWorker } from './worker';

function countsView(progress: Progress): HTMLElement {
  const labels = inOrder(Object.keys(progress.counts));
  const all = labels.reduce((sum, label) => sum + progress.counts[label]!, 0);
  return el('ul', { class: 'key counts' }, ...labels.map((label) =>
    el('li', {}, el('span', { class: `swatch ${styleOf(label, labels)}` }),
      `${label} ${count(progress.counts[label]!)}`, el('span', { class: 'quiet' }, ` ${percent(progress.counts[label]! / all)}`))));
}

function sampleTable(progress: Progress): HTMLElement {
  const [header = [], ...rows] = progress.sample;
  return el('details', {},
    el('summary', {}, 'The first labelled rows'),
    el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'The first labelled rows' },
      el('table', { class: 'preview' },
        el('caption', { class: 'hidden' }, 'The first labelled rows'),
        el('thead', {}, el('tr', {}, ...header.map((name) => el('th', { scope: 'col' }, name)))),
        el('tbody', {}, ...rows.map((row) => el('tr', {}, ...row.map((cell) => el('td', {}, cell.length > 160 ? `${cell.slice(0, 160)} …` : cell))))))));
}

function endText(end: Extract<FromWorker, { kind: 'end' }>, seconds: number): string {
  const rows = plural(end.progress.rows, 'row');
  const wrong = end.progress.errors > 0 ? ` ${plural(end.progress.errors, 'row')} could not be labelled; the column “error” says why.` : '';
  if (end.how === 'whole') return `${rows} in ${duration(seconds)}.${wrong}`;
  return `Stopped after ${rows}; what is labelled can be kept.${wrong}`;
}

export function runView(chosen: Chosen, handle: FileSystemFileHandle | null, ended: () => void): HTMLElement {
  const { file } = chosen.job;
  const bar = el('progress', { max: file.size, value: 0, 'aria-label': 'Progress' });
  const status = el('p', { class: 'status' }, 'Reading the file …');
  const counts = el('div', {});
  const after = el('div', {});
  const spoken = el('p', { class: 'hidden', role: 'status' });
  const stop = el('button', { type: 'button' }, 'Stop');
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const post = (message: ToWorker): void => worker.postMessage(message);
  const began = performance.now();

  const show = (progress: Progress): void => {
    const seconds = (performance.now() - began) / 1000;
    const share = progress.bytes / file.size;
    bar.value = progress.bytes;
    const left = share > 0.02 ? `, about ${duration(seconds / share - seconds)} left` : '';
    status.textContent = `${plural(progress.rows, 'row')}, ${percent(share, 0)} of ${bytes(file.size)}${left}`;
    counts.replaceChildren(countsView(progress));
  };
  const finish = (end: Extract<FromWorker, { kind: 'end' }>): void => {
    worker.terminate();
    ended();
    const text = endText(end, (performance.now() - began) / 1000);
    if (end.how === 'whole') bar.value = file.size;
    stop.remove();
    status.textContent = text;
    spoken.textContent = text;
    counts.replaceChildren(countsView(end.progress));
    const url = end.result && end.progress.rows > 0 ? URL.createObjectURL(end.result) : '';
    after.replaceChildren(
      ...(end.why ? [el('p', { class: 'error', role: 'alert' }, end.why)] : []),
      ...end.progress.warnings.map((warning) => el('p', { class: 'warning' }, `${warning}.`)),
      handle ? el('p', {}, `The labelled rows are in ${handle.name}.`)
        : url ? el('p', {}, el('a', { class: 'button', href: url, download: labelledName(file.name) }, `Download ${labelledName(file.name)}`)) : '',
      end.progress.sample.length > 0 ? sampleTable(end.progress) : '',
      chosen.time && end.result && end.progress.rows > 0 ? trendsView(chosen, end.result) : '');
  };
  worker.addEventListener('message', (event: MessageEvent<FromWorker>) => {
    if (event.data.kind === 'progress') show(event.data.progress);
    else finish(event.data);
  });
  worker.addEventListener('error', () => finish({
    kind: 'end', how: 'failed', why: 'The part of this page that reads the file could not be started.', result: null,
    progress: { rows: 0, errors: 0, bytes: 0, counts: {}, sample: [], warnings: [] },
  }));
  stop.addEventListener('click', () => {
    stop.disabled = true;
    post({ kind: 'stop' });
  });
  post({ kind: 'start', job: chosen.job, handle });
  return el('div', { class: 'card run' },
    el('h3', {}, `Labelling ${file.name}`), bar, status, spoken, counts, el('div', { class: 'buttons' }, stop), after);
}
