// The JSON report as docs/trends.md describes it.

export interface Change {
  difference: number;
  z: number | null;
  p: number | null;
  q: number | null;
  significant: boolean;
}
export interface LabelCell {
  count: number;
  share: number | null;
  low: number | null;
  high: number | null;
  change: Change | null;
}
export interface Polarity {
  mean: number;
  low: number;
  high: number;
  change: number | null;
}
export interface Cell {
  count: number;
  uncertain: boolean;
  compared_with: number | null;
  score: number | null;
  polarity: Polarity | null;
  labels: LabelCell[];
  flags: string[];
}
export interface Group {
  name: string;
  kind: 'all' | 'value' | 'other';
  count: number;
  cells: Cell[];
}
export interface Label {
  name: string;
  class: 'negative' | 'neutral' | 'positive' | null;
  worth: number | null;
  count: number;
}
export interface Period {
  name: string;
  start: string;
  end: string;
}
export interface Term {
  term: string;
  z: number;
  log_odds: number;
  count: number;
  count_before: number;
}
export interface Typical {
  text: string;
  cut: boolean;
  time: string;
  line: number;
  weight: number;
}
export interface Flagged {
  group: number;
  period: number;
  label: number;
  direction: 'up' | 'down';
  reasons: string[];
  before: { first: number; last: number };
  words: { now: Term[]; before: Term[] } | null;
  texts: Typical[] | null;
}
export interface Report {
  format: string;
  version: number;
  program: string;
  made_at: string;
  title: string;
  source: { name: string; format: string; model: string | null };
  options: {
    period: string;
    time_zone: string;
    time_column: string | null;
    group_column: string | null;
    date_format: string;
    min_count: number;
    alpha: number;
    level: number;
    polarity: 'scores' | 'labels' | null;
  };
  rows: { read: number; used: number; skipped: number; outside: number };
  skipped: { reason: string; meaning: string; count: number; examples: { line: number; value: string }[] }[];
  labels: Label[];
  periods: Period[];
  groups: Group[];
  drift: { group: number; label: number; period: number; since: number; direction: 'up' | 'down' }[];
  flagged: Flagged[];
  figures: { comparisons: number; significant: number };
  notes: string[];
  methods: Record<string, string>;
}

/** The report in `text`. Throws an Error for people. */
export function readReport(text: string): Report {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw new Error('The data of this report are damaged: they are not JSON.');
  }
  const report = found as Partial<Report> | null;
  if (report?.format !== 'valence-trends') throw new Error('There are no data of a report in this page.');
  if (report.version !== 1) throw new Error(`The report has layout ${report.version}; this page knows layout 1.`);
  return report as Report;
}
