// Label a file: choose it, choose its columns, watch, download, see its trends.
import { el } from '../../base/dom';
import type { Setup } from '../api';
import type { Place } from '../place';
import { columnsView } from './columns_view';
import { previewOf } from './source';

export const filePlace: Place = { id: 'file', title: 'Label a file', make };

/** Where the file goes, as it is. */
function promise(setup: Setup): string {
  const here = ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);
  const way = here
    ? 'The file never leaves this machine: it goes from your browser to the server on it and nowhere else'
    : `The file goes from your browser to the server ${location.hostname} and nowhere else`;
  if (!setup.store) return `${way}, and the server does not keep it.`;
  return `${way}. The server keeps the labels${setup.store_texts ? ' and the texts' : ', not the texts,'} in its store.`;
}

function make(setup: Setup): HTMLElement {
  const stage = el('div', {});
  const told = el('div', { 'aria-live': 'polite' });
  const input = el('input', { type: 'file', accept: '.csv,.tsv,.txt,text/csv,text/tab-separated-values', class: 'hidden', id: 'file-input' });
  const drop = el('label', { class: 'drop', for: 'file-input' },
    el('strong', {}, 'Drop a CSV file here'), ' or ', el('span', { class: 'as-link' }, 'choose one'),
    el('span', { class: 'hint' }, promise(setup)));

  let turn = 0;
  const open = async (file: File, header: boolean): Promise<void> => {
    const mine = ++turn;
    told.replaceChildren();
    try {
      const preview = await previewOf(file, header);
      if (mine !== turn) return;
      stage.replaceChildren(columnsView(setup, preview, (other) => void open(file, other)));
    } catch (error) {
      if (mine !== turn) return;
      stage.replaceChildren();
      told.replaceChildren(el('p', { class: 'error', role: 'alert' }, `${file.name}: ${(error as Error).message}`));
    }
  };
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    input.value = '';  // so that the same file can be chosen again
    if (file) void open(file, true);
  });
  const section = el('section', { class: 'file' }, el('h2', {}, 'Label a file'), input, drop, told, stage);
  for (const name of ['dragenter', 'dragover'])
    section.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add('over');
    });
  for (const name of ['dragleave', 'drop']) section.addEventListener(name, () => drop.classList.remove('over'));
  section.addEventListener('drop', (event) => {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) void open(file, true);
  });
  return section;
}
