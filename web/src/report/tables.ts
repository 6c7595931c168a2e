// The figures behind the charts, as tables.
import { el } from '../base/dom';
import { count, percent, points, signed } from '../base/format';
import type { Report } from './model';
import { groupName, periodName } from './names';

export function groupTable(report: Report, group: number): HTMLElement {
  const one = report.groups[group]!;
  const hasPolarity = one.cells.some((cell) => cell.polarity);
  const head = ['Period', 'Texts', ...report.labels.flatMap((label) => [label.name, `${label.name}, 95 %`, 'Change']),
    ...(hasPolarity ? ['Polarity', 'Polarity, 95 %'] : []), 'Remarks'];
  const rows = one.cells.map((cell, p) => {
    const cells = report.labels.flatMap((_, l) => {
      const share = cell.labels[l];
      if (!share || share.share === null) return ['–', '–', '–'];
      const change = share.change;
      return [
        percent(share.share),
        share.low === null || share.high === null ? '–' : `${percent(share.low)} to ${percent(share.high)}`,
        change ? `${points(change.difference)}${change.significant ? ' *' : ''}` : '–',
      ];
    });
    const polarity = cell.polarity
      ? [signed(cell.polarity.mean), `${signed(cell.polarity.low)} to ${signed(cell.polarity.high)}`]
      : ['–', '–'];
    const remarks = [cell.uncertain && cell.count > 0 ? 'uncertain' : '', ...cell.flags].filter(Boolean).join(', ');
    return el('tr', cell.uncertain ? { class: 'uncertain' } : {},
      el('th', { scope: 'row' }, periodName(report.periods[p]!)),
      el('td', { class: 'number' }, count(cell.count)),
      ...[...cells, ...(hasPolarity ? polarity : [])].map((text) => el('td', { class: 'number' }, text)),
      el('td', {}, remarks));
  });
  return el('details', { class: 'data-table' },
    el('summary', {}, 'All figures as a table'),
    el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of all figures' },
      el('table', {},
        el('caption', {}, `${groupName(one, report)}; * is significant`),
        el('thead', {}, el('tr', {}, ...head.map((name, i) => el('th', { scope: 'col', class: i > 0 && i < head.length - 1 ? 'number' : undefined }, name)))),
        el('tbody', {}, ...rows))));
}

export function skippedView(report: Report): HTMLElement | null {
  if (report.skipped.length === 0) return null;
  return el('details', { class: 'data-table' },
    el('summary', {}, `${count(report.rows.skipped)} of ${count(report.rows.read)} rows could not be used`),
    el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Rows that could not be used' },
      el('table', {},
        el('caption', { class: 'hidden' }, 'Rows that could not be used, with examples'),
        el('thead', {}, el('tr', {}, ...['Why', 'Rows', 'Examples'].map((name) => el('th', { scope: 'col' }, name)))),
        el('tbody', {}, ...report.skipped.map((one) =>
          el('tr', {},
            el('th', { scope: 'row' }, one.meaning),
            el('td', { class: 'number' }, count(one.count)),
            el('td', {}, one.examples.map((example) => `line ${count(example.line)}: ${example.value === '' ? '(empty)' : `“${example.value}”`}`).join('; '))))))));
}

const METHODS: Record<string, string> = {
  share: 'Shares', polarity: 'Polarity', change: 'Changes', drift: 'Drift', words: 'Words', texts: 'Typical texts', score: 'Scores',
};

export function methodsView(report: Report): HTMLElement {
  return el('details', {},
    el('summary', {}, 'How this was computed'),
    el('dl', {}, ...Object.entries(report.methods).flatMap(([name, text]) => [el('dt', {}, METHODS[name] ?? name), el('dd', {}, text)])),
    el('p', { class: 'quiet' }, `${count(report.figures.comparisons)} changes were tested, ${count(report.figures.significant)} are significant.`));
}
