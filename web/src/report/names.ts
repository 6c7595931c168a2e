// Names of periods, groups and labels for people.
import type { Group, Label, Period, Report } from './model';
import { styleOf } from '../base/labels';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** "2025-09" is "Sep 2025", "2025-W03" "Week 3, 2025", "2025-01-31" "31 Jan 2025", "2025-Q1" "Q1 2025". */
export function periodName(period: Period): string {
  const day = /^(\d{4})-(\d\d)-(\d\d)$/.exec(period.name);
  if (day) return `${Number(day[3])} ${MONTHS[Number(day[2]) - 1]} ${day[1]}`;
  const month = /^(\d{4})-(\d\d)$/.exec(period.name);
  if (month) return `${MONTHS[Number(month[2]) - 1]} ${month[1]}`;
  const week = /^(\d{4})-W(\d\d)$/.exec(period.name);
  if (week) return `Week ${Number(week[2])}, ${week[1]}`;
  const quarter = /^(\d{4})-(Q\d)$/.exec(period.name);
  return quarter ? `${quarter[2]} ${quarter[1]}` : period.name;
}

/** Short, for an axis: the year stands where it begins. */
export function tickName(period: Period, before: Period | undefined): string {
  const year = period.name.slice(0, 4);
  const short = periodName(period).replace(/^Week /, 'W').replace(/,? ?\d{4}$/, '');
  return before?.name.slice(0, 4) === year ? short : `${short} ${year}`;
}

export function groupName(group: Group, report: Report): string {
  if (group.kind === 'all') return 'All rows';
  if (group.kind === 'other') return 'All others';
  return report.options.group_column && group.name === '' ? '(empty)' : group.name;
}

/** The class of styles of a label: the report knows better than a name does what a label is worth. */
export function labelStyle(label: Label, report: Report): string {
  if (label.class === null) return styleOf(label.name, report.labels.map((one) => one.name)).replace(/label-\w+/, 'label-other');
  const same = report.labels.filter((one) => one.class === label.class);
  if (label.class === 'negative') same.sort((a, b) => (a.worth ?? 0) - (b.worth ?? 0));
  else same.sort((a, b) => (b.worth ?? 0) - (a.worth ?? 0));
  return `label-${label.class} nth-${same.indexOf(label) % 8}`;
}
