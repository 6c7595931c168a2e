// Small multiples: one figure of every group, all on the same scale.
import { el } from '../base/dom';
import { percent, plural, signed } from '../base/format';
import { bandedLine, rangeOf, type LinePoint } from '../charts/lines';
import type { Report } from './model';
import { groupName, labelStyle, tickName } from './names';

/** What is shown of a group: the polarity, or the share of a label (its place). */
export type Metric = 'polarity' | number;

export function linePoints(report: Report, group: number, metric: Metric): LinePoint[] {
  return report.groups[group]!.cells.map((cell, p) => {
    const figure = metric === 'polarity' ? cell.polarity : cell.labels[metric];
    const value = metric === 'polarity' ? cell.polarity?.mean : cell.labels[metric]?.share;
    return {
      tick: tickName(report.periods[p]!, report.periods[p - 1]),
      value: value ?? null,
      low: figure?.low ?? null,
      high: figure?.high ?? null,
      uncertain: cell.uncertain,
      flagged: cell.flags.length > 0,
    };
  });
}

export const metricStyle = (report: Report, metric: Metric): string =>
  metric === 'polarity' ? 'label-plain' : labelStyle(report.labels[metric]!, report);

export const metricFormat = (metric: Metric) => (value: number, step: number): string =>
  metric === 'polarity' ? signed(value, step < 0.09 ? 2 : 1) : percent(value, step < 0.009 ? 1 : 0);

export interface Multiples {
  element: HTMLElement;
  draw(metric: Metric, selected: number): void;
}

const WIDTH = 232;

export function multiples(report: Report, choose: (group: number) => void): Multiples {
  const list = el('ul', { class: 'multiples' });
  const draw = (metric: Metric, selected: number): void => {
    const points = report.groups.map((_, g) => linePoints(report, g, metric));
    const domain = rangeOf(points.flat().filter((point) => !point.uncertain), metric === 'polarity' ? -1 : 0, 1);
    const focused = list.contains(document.activeElement);
    list.replaceChildren(...report.groups.map((group, g) => {
      const frame = bandedLine(points[g]!, {
        width: WIDTH, height: 104, domain, format: metricFormat(metric), style: metricStyle(report, metric), small: true,
      });
      return el('li', {},
        el('button', { type: 'button', class: 'multiple', 'aria-pressed': String(g === selected), click: () => choose(g) },
          el('span', { class: 'name' }, groupName(group, report), el('span', { class: 'quiet' }, plural(group.count, 'text'))),
          frame.root));
    }));
    if (focused) list.querySelectorAll('button')[selected]?.focus();
  };
  return { element: list, draw };
}
