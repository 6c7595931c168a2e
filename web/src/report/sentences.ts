// What the charts show, in words: for the readout, for screen readers, for the findings.
import { percent, plural, points, signed } from '../base/format';
import type { Cell, Flagged, Report } from './model';
import { groupName, periodName } from './names';

/** "Sep 2025: 240 texts. NEGATIVE 52.1 % (46 to 58), +14.2 points; ..." */
export function describeCell(report: Report, group: number, period: number): string {
  const cell = report.groups[group]?.cells[period];
  const name = report.periods[period];
  if (!cell || !name) return '';
  if (cell.count === 0) return `${periodName(name)}: no texts.`;
  const shares = report.labels.map((label, l) => {
    const one = cell.labels[l];
    if (!one || one.share === null) return '';
    const interval = one.low === null || one.high === null ? '' : ` (${percent(one.low, 0).replace(' %', '')} to ${percent(one.high, 0)})`;
    const change = one.change?.significant ? `, ${points(one.change.difference)}` : '';
    return `${label.name} ${percent(one.share)}${interval}${change}`;
  });
  const polarity = cell.polarity
    ? ` Polarity ${signed(cell.polarity.mean)} (${signed(cell.polarity.low)} to ${signed(cell.polarity.high)}).`
    : '';
  const flags = describeFlags(cell);
  return `${periodName(name)}: ${plural(cell.count, 'text')}. ${shares.filter(Boolean).join('; ')}.${polarity}${cell.uncertain ? ' Few texts: uncertain.' : ''}${flags}`;
}

export function describeFlags(cell: Cell): string {
  const change = cell.flags.includes('change');
  const drift = cell.flags.includes('drift');
  if (change && drift) return ' A significant change, and a drift.';
  return change ? ' A significant change.' : drift ? ' A drift.' : '';
}

/** "In Sep 2025 the share of NEGATIVE rose from 30.1 % to 45.0 %, in all rows." */
export function describeFinding(report: Report, found: Flagged): string {
  const cells = report.groups[found.group]?.cells ?? [];
  const label = report.labels[found.label];
  const now = cells[found.period]?.labels[found.label]?.share;
  const between = cells.slice(found.before.first, found.before.last + 1);
  const texts = between.reduce((sum, cell) => sum + cell.count, 0);
  const ofLabel = between.reduce((sum, cell) => sum + (cell.labels[found.label]?.count ?? 0), 0);
  const verb = found.direction === 'up' ? 'rose' : 'fell';
  const from = texts > 0 ? ` from ${percent(ofLabel / texts)}` : '';
  const to = now === null || now === undefined ? '' : ` to ${percent(now)}`;
  const group = report.groups[found.group];
  const where = group && group.kind !== 'all' ? ` in ${groupName(group, report)}` : '';
  return `${label?.name ?? ''} ${verb}${from}${to}${where}`;
}

export function describeBefore(report: Report, found: Flagged): string {
  const first = report.periods[found.before.first];
  const last = report.periods[found.before.last];
  if (!first || !last) return 'before';
  return first === last ? `in ${periodName(first)}` : `from ${periodName(first)} to ${periodName(last)}`;
}

export function describeReasons(found: Flagged): string {
  const reasons = found.reasons.map((reason) =>
    reason === 'change' ? 'the change from the period before is significant'
      : reason === 'drift' ? 'the share has drifted away from its first level' : reason);
  const text = reasons.join(', and ');
  return text ? `${text.charAt(0).toUpperCase()}${text.slice(1)}.` : '';
}
