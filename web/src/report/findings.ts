// What changed and why: for each flagged period its words and its most typical texts.
import { el, newId } from '../base/dom';
import { count, signed } from '../base/format';
import type { Flagged, Report, Term, Typical } from './model';
import { labelStyle, periodName } from './names';
import { describeBefore, describeFinding, describeReasons } from './sentences';

function termList(terms: Term[]): HTMLElement {
  return el('ul', { class: 'terms' }, ...terms.map((one) =>
    el('li', { title: `z ${signed(one.z, 1)}, log-odds ratio ${signed(one.log_odds)}` },
      one.term, ' ', el('span', { class: 'quiet' }, `${count(one.count)}, before ${count(one.count_before)}`))));
}

function typical(text: Typical): HTMLElement {
  return el('blockquote', { class: 'typical' },
    el('p', {}, text.text, text.cut && !text.text.endsWith('…') ? ' …' : ''),
    el('footer', {}, `${text.time.slice(0, 10)}, line ${count(text.line)}`));
}

function finding(report: Report, found: Flagged, show: (found: Flagged) => void): HTMLElement {
  const title = newId('finding');
  const period = report.periods[found.period];
  const label = report.labels[found.label];
  const words = found.words;
  return el('article', { class: 'finding', 'aria-labelledby': title },
    el('h3', { id: title },
      el('span', { 'aria-hidden': 'true' }, found.direction === 'up' ? '▲ ' : '▼ '),
      `${period ? periodName(period) : ''}: ${describeFinding(report, found)}`),
    el('p', { class: 'quiet' }, describeReasons(found), ' ',
      el('button', { type: 'button', class: 'link no-print', click: () => show(found) }, 'Show it in the charts')),
    words && words.now.length > 0
      ? el('div', {},
        el('p', {}, 'Words of ', label ? el('span', { class: `chip ${labelStyle(label, report)}` }, label.name) : '', ' texts more common now:'),
        termList(words.now))
      : null,
    words && words.before.length > 0
      ? el('div', {}, el('p', {}, `More common ${describeBefore(report, found)}:`), termList(words.before))
      : null,
    !words ? el('p', { class: 'quiet' }, 'There were no texts to find words in.') : null,
    found.texts && found.texts.length > 0
      ? el('div', {}, el('p', {}, 'The most typical texts:'), ...found.texts.map(typical))
      : null);
}

/** The findings of one group, or of all where `group` is 0, all rows. */
export function findings(report: Report, group: number, show: (found: Flagged) => void): HTMLElement[] {
  const shown = report.flagged.filter((found) => group === 0 || found.group === group);
  if (shown.length === 0)
    return [el('p', {}, 'Nothing changed by more than chance explains.')];
  const FIRST = 12;
  const rest = shown.slice(FIRST);
  return [
    ...shown.slice(0, FIRST).map((found) => finding(report, found, show)),
    ...(rest.length > 0
      ? [el('details', {}, el('summary', {}, `${count(rest.length)} more`), ...rest.map((found) => finding(report, found, show)))]
      : []),
  ];
}
