import '../style/base.css';
import '../style/charts.css';
import '../style/dashboard.css';
import { el } from '../base/dom';
import { askJson, onKeyNeeded, type Setup } from './api';
import { askForKey } from './key_box';
import type { Place } from './place';
import { filePlace } from './csv/file_place';
import { livePlace } from './live/live_place';
import { tryPlace } from './try_text';

const places: Place[] = [tryPlace, filePlace, livePlace];

function need(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
}

function wanted(): Place {
  return places.find((place) => `#${place.id}` === location.hash) ?? places[0]!;
}

async function start(): Promise<void> {
  onKeyNeeded(askForKey);
  const main = need('main');
  const links = new Map<string, HTMLAnchorElement>();
  for (const place of places) {
    const link = el('a', { href: `#${place.id}` }, place.title);
    links.set(place.id, link);
    need('places').append(link);
  }
  const setup = await askJson<Setup>('ui/setup');
  need('version').textContent = `Valence ${setup.version}.`;
  const made = new Map<string, HTMLElement>();
  const show = (): void => {
    const place = wanted();
    if (!made.has(place.id)) made.set(place.id, place.make(setup));
    main.replaceChildren(made.get(place.id)!);
    document.title = `${place.title} – Valence`;
    for (const [id, link] of links)
      if (id === place.id) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
  };
  window.addEventListener('hashchange', () => {
    if (location.hash === '#main') return;
    show();
    main.focus();
  });
  show();
}

start().catch((error: Error) =>
  need('main').replaceChildren(el('p', { class: 'error', role: 'alert' }, error.message)));
