// Asks for the server's key.
import { el, field } from '../base/dom';
import { key } from './api';

let open: Promise<void> | null = null;

/** Shows the box until a key was given; questions that come meanwhile share it. */
export function askForKey(why: string): Promise<void> {
  open ??= show(why).finally(() => (open = null));
  return open;
}

function show(why: string): Promise<void> {
  return new Promise((resolve) => {
    const input = el('input', { type: 'password', autocomplete: 'off', required: true, spellcheck: 'false' });
    const submit = (event: Event): void => {
      event.preventDefault();
      if (!input.value.trim()) return;
      key.set(input.value.trim());
      box.close();
    };
    const box = el('dialog', { class: 'box', 'aria-labelledby': 'key-title' },
      el('h2', { id: 'key-title' }, 'This server asks for a key'),
      why ? el('p', { class: 'error', role: 'alert' }, why) : null,
      el('form', { submit },
        field('Key', input, 'It is kept in this tab alone, until you close it.'),
        el('div', { class: 'buttons' }, el('button', { type: 'submit', class: 'main' }, 'Go on'))));
    box.addEventListener('cancel', (event) => event.preventDefault());
    box.addEventListener('close', () => {
      box.remove();
      resolve();
    });
    document.body.append(box);
    box.showModal();
    input.focus();
  });
}
