// Try a text: its label, all scores, and which words moved them.
import { el, field, option } from '../base/dom';
import { plural } from '../base/format';
import { askJson, type Setup } from './api';
import { explanationView, type Explanation } from './explanation';
import type { Place } from './place';

export const tryPlace: Place = { id: 'try', title: 'Try a text', make };

const EXAMPLES = [
  'The new version is a joy to use.',
  'It crashes whenever I open a second window, and nobody answers my mails.',
  'Delivery came on Tuesday as announced.',
];

function make(setup: Setup): HTMLElement {
  const text = el('textarea', { rows: 3, maxlength: 100_000, placeholder: EXAMPLES[0], spellcheck: 'false' });
  const model = el('select', {}, ...setup.models.map((one) => option(one.name, one.name)));
  const button = el('button', { type: 'submit', class: 'main' }, 'Label it');
  const result = el('div', { class: 'result', 'aria-live': 'polite' });
  let running: AbortController | null = null;

  const run = async (label?: string): Promise<void> => {
    if (!text.value.trim()) {
      result.replaceChildren(el('p', { class: 'error' }, 'Write or paste a text first.'));
      text.focus();
      return;
    }
    running?.abort();
    const mine = (running = new AbortController());
    result.setAttribute('aria-busy', 'true');
    button.disabled = true;
    const asked = text.value;
    try {
      const body = { text: asked, model: model.value, ...(label ? { label } : {}) };
      const answer = await askJson<Explanation>('ui/explain', body, mine.signal);
      result.replaceChildren(explanationView(asked, answer, (other) => void run(other)));
    } catch (error) {
      if (!mine.signal.aborted) result.replaceChildren(el('p', { class: 'error', role: 'alert' }, (error as Error).message));
    } finally {
      if (running === mine) {
        result.removeAttribute('aria-busy');
        button.disabled = false;
      }
    }
  };

  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void run();
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    void run();
  };
  const examples = EXAMPLES.map((example) =>
    el('button', {
      type: 'button', class: 'link', click: () => {
        text.value = example;
        void run();
      },
    }, example));
  return el('section', { class: 'try' },
    el('h2', {}, 'Try a text'),
    el('form', { submit },
      field('Text', text, 'Ctrl and Enter label it.'),
      setup.models.length > 1 ? field('Model', model) : null,
      el('div', { class: 'buttons' }, button)),
    result,
    el('div', { class: 'examples' },
      el('h3', {}, `${plural(EXAMPLES.length, 'example')} to start with`),
      el('ul', {}, ...examples.map((example) => el('li', {}, example)))));
}
