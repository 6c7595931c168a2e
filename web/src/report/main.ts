import '../style/base.css';
import '../style/charts.css';
import '../style/report.css';
import { el } from '../base/dom';
import { readReport } from './model';
import { reportView } from './view';

const main = document.getElementById('main')!;
try {
  const report = readReport(document.getElementById('data')?.textContent ?? '');
  document.title = `Trends: ${report.title}`;
  main.replaceChildren(
    el('header', {}, el('h1', {}, `Trends: ${report.title}`)),
    reportView(report));
  // A printed report shows what is folded away on the screen.
  const folds = (): HTMLDetailsElement[] => Array.from(document.querySelectorAll('details:not([open])'));
  let opened: HTMLDetailsElement[] = [];
  window.addEventListener('beforeprint', () => {
    opened = folds();
    for (const fold of opened) fold.open = true;
  });
  window.addEventListener('afterprint', () => {
    for (const fold of opened) fold.open = false;
  });
} catch (error) {
  main.replaceChildren(el('h1', {}, 'Trends'), el('p', { class: 'error', role: 'alert' }, (error as Error).message));
}
