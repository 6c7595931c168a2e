// Rows of a file of the user's, read piece by piece.
import Papa from 'papaparse';

export interface Source {
  file: File;
  encoding: string;
  delimiter: string;
  newline: string;
  /** The first row names the columns. */
  header: boolean;
}

export interface Preview extends Source {
  columns: string[];
  rows: string[][];
}

/** Bytes that are looked at to choose columns. */
const PREVIEW_BYTES = 256 * 1024;
const PREVIEW_ROWS = 20;

const REFUSED: [number[], string][] = [
  [[0x1f, 0x8b], 'This file is packed with gzip: unpack it first.'],
  [[0x50, 0x4b, 0x03, 0x04], 'This is an archive or an Excel workbook: save the sheet as CSV first.'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'This is an Excel workbook: save the sheet as CSV first.'],
  [[0x25, 0x50, 0x44, 0x46], 'This is a PDF: only tables in text form can be read.'],
];

function encodingOf(bytes: Uint8Array, whole: boolean): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !whole });
    return 'utf-8';
  } catch {
    return 'windows-1252';  // what spreadsheets write where they do not write UTF-8
  }
}

/** Names that are all there, once, and none of `taken`. */
export function usableNames(names: string[], taken: string[]): string[] {
  const used = new Set(taken);
  return names.map((name, i) => {
    const wanted = name.trim() === '' ? `column_${i + 1}` : name;
    let free = wanted;
    for (let n = 2; used.has(free); ++n) free = taken.includes(wanted) && n === 2 ? `${wanted}_before` : `${wanted}_${n}`;
    used.add(free);
    return free;
  });
}

/** What the beginning of a file says. Throws an Error for people. */
export async function previewOf(file: File, header: boolean): Promise<Preview> {
  if (file.size === 0) throw new Error('This file is empty.');
  const bytes = new Uint8Array(await file.slice(0, PREVIEW_BYTES).arrayBuffer());
  for (const [magic, why] of REFUSED) if (magic.every((byte, i) => bytes[i] === byte)) throw new Error(why);
  const whole = bytes.length === file.size;
  const encoding = encodingOf(bytes, whole);
  const text = new TextDecoder(encoding).decode(bytes, { stream: !whole });
  if (text.includes('\0')) throw new Error('This is no text file.');
  const parsed = Papa.parse<string[]>(text, { skipEmptyLines: true, preview: PREVIEW_ROWS + 1 });
  const rows = parsed.data;
  if (!rows[0]) throw new Error('This file has no rows.');
  const width = Math.max(...rows.map((row) => row.length));
  const columns = header ? rows[0] : Array.from({ length: width }, () => '');
  const shown = rows.slice(header ? 1 : 0, PREVIEW_ROWS + (header ? 1 : 0));
  if (shown.length === 0) throw new Error('This file has a header and no rows.');
  return { file, encoding, delimiter: parsed.meta.delimiter, newline: parsed.meta.linebreak === '\r' ? '\r' : '\n', header, columns, rows: shown };
}

/** Papa's parser of strings, which can leave a row alone that is not whole yet. */
interface RowParser {
  parse(text: string, base: number, ignoreLastRow: boolean): { data: string[][]; errors: { type: string }[]; meta: { cursor: number } };
}
type ParserConstructor = new (options: { delimiter: string; newline: string }) => RowParser;

export interface RowBlock {
  rows: string[][];
  bytes: number;  // of the file that have been read
}

/** All rows behind the header, some hundreds at a time; the file is read no faster than they are taken. */
export async function* rowBlocks(source: Source, complain: (what: string) => void): AsyncGenerator<RowBlock> {
  const Parser = (Papa as unknown as { Parser: ParserConstructor }).Parser;
  const decoder = new TextDecoder(source.encoding);
  const reader = source.file.stream().getReader();
  let [text, bytes, rowsBefore] = ['', 0, 0];
  let header = source.header;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      bytes += value?.length ?? 0;
      text += decoder.decode(value, { stream: !done });
      const found = new Parser({ delimiter: source.delimiter, newline: source.newline }).parse(text, 0, !done);
      if (found.errors.some((error) => error.type === 'Quotes'))
        complain(`A quote is not closed as it should be, near row ${rowsBefore + 1}`);
      text = done ? '' : text.slice(found.meta.cursor);
      const rows = found.data.map(withoutReturn).filter((row) => row.length > 1 || row[0] !== '');
      const shown = header ? rows.slice(1) : rows;
      if (rows.length > 0) header = false;
      rowsBefore += shown.length;
      if (shown.length > 0) yield { rows: shown, bytes };
      if (done) return;
    }
  } finally {
    await reader.cancel();
  }
}

/** Lines may end with a return and a line feed: the parser looks for the line feed alone. */
function withoutReturn(row: string[]): string[] {
  const last = row[row.length - 1];
  return last?.endsWith('\r') ? [...row.slice(0, -1), last.slice(0, -1)] : row;
}
