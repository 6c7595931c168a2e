// A whole report: charts that go together, findings, tables. Shown by the report's page and by the dashboard.
import { el, field, newId, option } from '../base/dom';
import { count, plural } from '../base/format';
import { bandedLine, rangeOf } from '../charts/lines';
import { stackedShares } from '../charts/stacked';
import { stepper, type Stepper } from '../charts/stepper';
import { findings } from './findings';
import type { Report } from './model';
import { linePoints, metricFormat, metricStyle, multiples, type Metric } from './multiples';
import { groupName, labelStyle, periodName, tickName } from './names';
import { describeCell } from './sentences';
import { groupTable, methodsView, skippedView } from './tables';

/** What is selected; a view that takes another's place goes on with it. */
export interface Selection {
  group: number;
  period: number;  // -1: the last one
  metric: Metric | null;  // null: polarity, where there is one
}

function key(report: Report): HTMLElement {
  const uncertain = report.groups.some((group) => group.cells.some((cell) => cell.uncertain && cell.count > 0));
  return el('ul', { class: 'key' },
    ...report.labels.map((label) => el('li', {}, el('span', { class: `swatch ${labelStyle(label, report)}` }), label.name)),
    el('li', {}, '▾ a period in which something changed'),
    uncertain ? el('li', {}, `pale, or a hollow point: fewer than ${count(report.options.min_count)} texts, uncertain`) : null);
}

function figure(title: string, hint: string, chart: HTMLElement): HTMLElement {
  return el('figure', {}, el('figcaption', {}, title, ' ', el('span', { class: 'quiet' }, hint)), chart);
}

function facts(report: Report): HTMLElement {
  const first = report.periods[0];
  const last = report.periods[report.periods.length - 1];
  const span = first && last ? `, ${periodName(first)}${first === last ? '' : ` to ${periodName(last)}`}` : '';
  const by = report.options.group_column ? `, by ${report.options.group_column}` : '';
  return el('p', { class: 'quiet' }, `${plural(report.rows.used, 'text')}${span}${by}. ${report.options.polarity === 'labels' ? 'Polarity is that of the labels: there were no scores of all classes. ' : ''}`);
}

/** The view of a report; it draws itself anew when its width changes. */
export function reportView(report: Report, state: Selection = { group: 0, period: -1, metric: null }): HTMLElement {
  if (report.periods.length === 0 || report.groups.length === 0)
    return el('div', {}, el('p', { class: 'warning' }, 'There are no rows with a date and a label, so there is no trend to show.'), skippedView(report));
  const hasPolarity = report.options.polarity !== null && report.groups[0]!.cells.some((cell) => cell.polarity);
  const last = report.periods.length - 1;
  if (state.group >= report.groups.length) state.group = 0;
  const metric = (): Metric =>
    state.metric === null || (state.metric === 'polarity' ? !hasPolarity : state.metric >= report.labels.length)
      ? hasPolarity ? 'polarity' : 0
      : state.metric;
  const at = (): number => (state.period < 0 || state.period > last ? last : state.period);
  const charts: Stepper[] = [];
  const readout = el('p', { class: 'readout' });
  const found = el('div', {});
  const table = el('div', {});

  const select = (period: number): void => {
    state.period = period === last ? -1 : period;
    readout.textContent = describeCell(report, state.group, period);
    for (const chart of charts) chart.mark();
  };
  const steps = (label: string) => ({
    label, count: report.periods.length, select,
    describe: (period: number) => describeCell(report, state.group, period),
    selected: at,
  });
  charts.push(stepper(steps('Shares of the labels, period by period'), (width) => {
    const cells = report.groups[state.group]!.cells;
    return stackedShares(
      report.labels.map((label) => ({ name: label.name, style: labelStyle(label, report) })),
      cells.map((cell, p) => ({
        tick: tickName(report.periods[p]!, report.periods[p - 1]), shares: cell.labels.map((label) => label.share),
        uncertain: cell.uncertain, flagged: cell.flags.length > 0,
      })), width);
  }));
  charts.push(stepper(steps('The chosen figure with its interval, period by period'), (width) => {
    const points = linePoints(report, state.group, metric());
    return bandedLine(points, {
      width, height: 220, domain: rangeOf(points, metric() === 'polarity' ? -1 : 0, 1),
      format: metricFormat(metric()), style: metricStyle(report, metric()),
    });
  }));

  const groupBox = el('select', { change: () => showGroup(Number(groupBox.value)) },
    ...report.groups.map((group, g) => option(String(g), `${groupName(group, report)} (${count(group.count)})`)));
  const metricBox = el('select', { change: () => showMetric(metricBox.value) },
    hasPolarity ? option('polarity', 'Polarity') : null,
    ...report.labels.map((label, l) => option(String(l), `Share of ${label.name}`)));
  const small = multiples(report, (group) => showGroup(group));

  const redraw = (): void => {
    for (const chart of charts) chart.draw();
    small.draw(metric(), state.group);
    select(at());
  };
  const showGroup = (group: number): void => {
    state.group = group;
    groupBox.value = String(group);
    found.replaceChildren(...findings(report, group, (one) => {
      if (one.group !== state.group) showGroup(one.group);
      select(one.period);
      charts[0]!.element.scrollIntoView({ block: 'center' });
      charts[0]!.element.focus();
    }));
    table.replaceChildren(groupTable(report, group));
    redraw();
  };
  const showMetric = (value: string): void => {
    state.metric = value === 'polarity' ? 'polarity' : Number(value);
    redraw();
  };

  const several = report.groups.length > 1;
  const groupsTitle = newId('groups');
  const view = el('div', { class: 'report' },
    facts(report),
    ...report.notes.map((note) => el('p', { class: 'warning' }, note)),
    el('div', { class: 'fields no-print' }, several ? field('Rows', groupBox) : null, field('Figure', metricBox)),
    figure('Shares of the labels', 'Arrow keys or the pointer go through the periods.', charts[0]!.element),
    key(report),
    figure(hasPolarity ? 'Polarity, or the share of a label' : 'Share of a label', 'with its 95 % interval', charts[1]!.element),
    readout,
    table,
    several
      ? el('section', { 'aria-labelledby': groupsTitle },
        el('h2', { id: groupsTitle }, `By ${report.options.group_column ?? 'group'}`),
        el('p', { class: 'quiet no-print' }, 'All on one scale. Choose one to see it above.'),
        small.element)
      : null,
    el('h2', {}, 'What changed, and why'),
    found,
    el('h2', {}, 'About these figures'),
    skippedView(report),
    methodsView(report),
    el('p', { class: 'quiet' }, `Made by ${report.program} at ${report.made_at.replace('T', ' ').replace('Z', ' UTC')}; days of ${report.options.time_zone}.`));
  metricBox.value = String(metric());
  showGroup(state.group);
  return view;
}
