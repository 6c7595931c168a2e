// Which columns of a preview are likely the texts and the times.
import type { Preview } from './source';

const TEXT_NAMES = /^(text|texts|comment|comments|review|message|body|content|feedback|description|answer|tweet|post)$/i;
const TIME_NAMES = /(^|_|\b)(date|time|created|created_at|timestamp|day|when|datum|posted)(_at)?$/i;
const TIME_VALUE = /^\s*(\d{4}-\d{1,2}(-\d{1,2})?([T ].*)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}.*|\d{9,13}|(\w{3},? )?\d{1,2}[ -]\w{3,9}[ -]\d{4}.*|\w{3,9} \d{1,2},? \d{4}.*)\s*$/;

function column(preview: Preview, i: number): string[] {
  return preview.rows.map((row) => row[i] ?? '');
}

/** The place of the column of texts: by its name, else the one with the longest cells. */
export function guessText(preview: Preview): number {
  const named = preview.columns.findIndex((name) => TEXT_NAMES.test(name.trim()));
  if (named >= 0) return named;
  const lengths = preview.columns.map((_, i) => column(preview, i).reduce((sum, cell) => sum + cell.length, 0));
  return lengths.indexOf(Math.max(...lengths));
}

/** The place of the column of times, -1 where none looks like one. */
export function guessTime(preview: Preview): number {
  const looks = preview.columns.map((_, i) => {
    const cells = column(preview, i).filter((cell) => cell.trim() !== '');
    return cells.length > 0 && cells.every((cell) => TIME_VALUE.test(cell));
  });
  const named = preview.columns.findIndex((name, i) => TIME_NAMES.test(name.trim()) && looks[i]);
  return named >= 0 ? named : looks.indexOf(true);
}
