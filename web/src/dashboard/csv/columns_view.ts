// The preview of a file, and which of its columns are what.
import { el, field, option } from '../../base/dom';
import { bytes } from '../../base/format';
import { key, type Setup } from '../api';
import { guessText, guessTime } from './guess';
import type { LabelJob } from './labelling';
import { runView } from './run_view';
import { usableNames, type Preview } from './source';

/** What labelling adds; columns of the file that are named so are renamed. */
function addedNames(labels: string[]): string[] {
  return ['label', 'score', 'error', ...labels.map((label) => `score_${label}`)];
}

const SHOWN_ROWS = 5;
const SHOWN_CHARACTERS = 160;

function previewTable(preview: Preview, names: string[]): HTMLElement {
  return el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'The first rows of the file' },
    el('table', { class: 'preview' },
      el('caption', {}, 'The first rows'),
      el('thead', {}, el('tr', {}, ...names.map((name) => el('th', { scope: 'col' }, name)))),
      el('tbody', {}, ...preview.rows.slice(0, SHOWN_ROWS).map((row) =>
        el('tr', {}, ...names.map((_, i) => {
          const cell = row[i] ?? '';
          return el('td', {}, cell.length > SHOWN_CHARACTERS ? `${cell.slice(0, SHOWN_CHARACTERS)} …` : cell);
        }))))));
}

export interface Chosen {
  job: LabelJob;
  time: string;   // a column, or nothing
  group: string;
}

export function columnsView(setup: Setup, preview: Preview, again: (header: boolean) => void): HTMLElement {
  const model = el('select', {}, ...setup.models.map((one) => option(one.name, one.name)));
  const labels = (): string[] => setup.models.find((one) => one.name === model.value)?.labels ?? [];
  const names = usableNames(preview.columns, addedNames(labels()));
  const columns = (chosen: number): HTMLOptionElement[] => names.map((name, i) => option(name, name, i === chosen));
  const text = el('select', {}, ...columns(guessText(preview)));
  const time = el('select', {}, option('', 'none: no trends'), ...columns(guessTime(preview)));
  const group = el('select', {}, option('', 'none'), ...columns(-1));
  const header = el('input', { type: 'checkbox', checked: preview.header, change: () => again(header.checked) });
  const renamed = names.filter((name, i) => name !== preview.columns[i] && preview.columns[i]?.trim());
  const run = el('div', {});
  const start = (handle: FileSystemFileHandle | null): void => {
    const job: LabelJob = {
      file: preview.file, encoding: preview.encoding, delimiter: preview.delimiter, newline: preview.newline, header: preview.header,
      columns: usableNames(preview.columns, addedNames(labels())), textColumn: text.value, model: model.value,
      url: document.baseURI, key: key.get(),
    };
    const shown = runView({ job, time: time.value, group: group.value }, handle, () => form.removeAttribute('inert'));
    form.setAttribute('inert', '');
    run.replaceChildren(shown);
  };
  const onDisk = async (): Promise<void> => {
    try {
      start(await window.showSaveFilePicker!({ suggestedName: labelledName(preview.file.name) }));
    } catch (error) {
      if ((error as Error).name !== 'AbortError') run.replaceChildren(el('p', { class: 'error', role: 'alert' }, (error as Error).message));
    }
  };
  const canSave = typeof window.showSaveFilePicker === 'function';
  const form = el('form', {
    class: 'card', submit: (event: Event) => {
      event.preventDefault();
      start(null);
    },
  },
    el('h3', {}, preview.file.name, ' ', el('span', { class: 'quiet' }, `${bytes(preview.file.size)}, ${preview.encoding === 'utf-8' ? 'UTF-8' : `read as ${preview.encoding}`}`)),
    previewTable(preview, names),
    el('p', { class: 'check' }, el('label', {}, header, ' The first row names the columns')),
    renamed.length > 0 ? el('p', { class: 'warning' }, `Columns that labelling adds have these names already, so they become ${renamed.join(', ')}.`) : null,
    el('div', { class: 'fields' },
      field('Texts', text), field('Times', time), field('Compare by', group),
      setup.models.length > 1 ? field('Model', model) : null),
    el('div', { class: 'buttons' },
      el('button', { type: 'submit', class: 'main' }, 'Label all rows'),
      canSave ? el('button', { type: 'button', click: () => void onDisk() }, 'Label into a file on disk …') : null));
  return el('div', {}, form, run);
}

export function labelledName(name: string): string {
  return `${name.replace(/\.(csv|tsv|txt)$/i, '')}.labelled.csv`;
}

declare global {
  interface Window {
    showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
  }
}
