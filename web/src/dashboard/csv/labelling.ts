// Rows to the server and back, in pieces: a browser sends a whole request before it reads the answer, so that one
// endless request would come to a halt. Two pieces are under way at a time, so that the server never waits.
import Papa from 'papaparse';
import { rowBlocks, type RowBlock, type Source } from './source';
import type { Sink } from './sink';

export interface LabelJob extends Source {
  columns: string[];  // as they are sent: usableNames()
  textColumn: string;
  model: string;
  url: string;  // of the page
  key: string;
}

export interface Progress {
  rows: number;
  errors: number;
  bytes: number;  // of the file, about
  counts: Record<string, number>;
  sample: string[][];  // the first labelled rows behind their header
  warnings: string[];
}

const PIECE_ROWS = 400;
const PIECE_CHARACTERS = 200_000;
const UNDER_WAY = 2;
const SAMPLE_ROWS = 8;
const MOST_WARNINGS = 5;
const PATIENCE_SECONDS = 120;  // for a server that has no room

interface Piece {
  rows: string[][];
  characters: number;
  bytes: number;  // of the file up to its end, about
}

async function* piecesOf(blocks: AsyncGenerator<RowBlock>): AsyncGenerator<Piece> {
  let piece: Piece = { rows: [], characters: 0, bytes: 0 };
  for await (const block of blocks)
    for (const row of block.rows) {
      piece.bytes = block.bytes;
      piece.rows.push(row);
      for (const cell of row) piece.characters += cell.length + 1;
      if (piece.rows.length < PIECE_ROWS && piece.characters < PIECE_CHARACTERS) continue;
      yield piece;
      piece = { rows: [], characters: 0, bytes: 0 };
    }
  if (piece.rows.length > 0) yield piece;
}

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}

/** Asks for the labels of a piece; waits where the server has no room. Throws an Error for people. */
async function ask(job: LabelJob, piece: Piece, signal: AbortSignal): Promise<string> {
  const query = new URLSearchParams({ text_column: job.textColumn, all_scores: 'true', model: job.model });
  const headers: Record<string, string> = { 'content-type': 'text/csv' };
  if (job.key) headers.authorization = `Bearer ${job.key}`;
  const body = Papa.unparse([job.columns, ...piece.rows], { newline: '\n' });
  const last = Date.now() + PATIENCE_SECONDS * 1000;
  for (;;) {
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(new URL(`batch?${query}`, job.url), { method: 'POST', headers, body, signal, redirect: 'error' });
      text = await answer.text();
    } catch (error) {
      if (signal.aborted) throw error;
      throw new Error('The connection to the server was lost.');
    }
    if (answer.ok) return text;
    if ((answer.status !== 429 && answer.status !== 503) || Date.now() > last) throw new Error(reasonOf(text, answer.status));
    await pause(Number(answer.headers.get('retry-after') ?? 1), signal);
    signal.throwIfAborted();
  }
}

function reasonOf(text: string, status: number): string {
  try {
    return `The server refuses the rows: ${(JSON.parse(text) as { error: string }).error}.`;
  } catch {
    return `The server refuses the rows, with code ${status}.`;
  }
}

/** What stands behind the first row of CSV. */
function behindHeader(text: string): string {
  let quoted = false;
  for (let i = 0; i < text.length; ++i) {
    if (text[i] === '"') quoted = !quoted;
    else if (text[i] === '\n' && !quoted) return text.slice(i + 1);
  }
  return '';
}

export async function labelRows(
  job: LabelJob, sink: Sink, signal: AbortSignal, tell: (progress: Progress) => void,
): Promise<Progress> {
  const progress: Progress = { rows: 0, errors: 0, bytes: 0, counts: {}, sample: [], warnings: [] };
  const complain = (what: string): void => {
    if (progress.warnings.length < MOST_WARNINGS) progress.warnings.push(what);
  };
  const take = async (piece: Piece, text: string): Promise<void> => {
    const [header = [], ...rows] = Papa.parse<string[]>(text, { delimiter: ',', skipEmptyLines: true }).data;
    if (rows.length !== piece.rows.length)
      throw new Error(`The server sent ${rows.length} rows for ${piece.rows.length}: the file stops here.`);
    await sink.write(progress.rows === 0 ? text : behindHeader(text));
    const [label, error] = [header.indexOf('label'), header.indexOf('error')];
    for (const row of rows) {
      if (row[error]) ++progress.errors;
      const name = row[label];
      if (name) progress.counts[name] = (progress.counts[name] ?? 0) + 1;
    }
    if (progress.sample.length === 0) progress.sample = [header, ...rows.slice(0, SAMPLE_ROWS)];
    progress.rows += rows.length;
    progress.bytes = piece.bytes;
    tell(progress);
  };
  const underWay: { piece: Piece; text: Promise<string> }[] = [];
  const takeFirst = async (): Promise<void> => {
    const { piece, text } = underWay.shift()!;
    await take(piece, await text);
  };
  for await (const piece of piecesOf(rowBlocks(job, complain))) {
    if (underWay.length === UNDER_WAY) await takeFirst();
    signal.throwIfAborted();
    const text = ask(job, piece, signal);
    text.catch(() => {});  // it is told when its turn comes
    underWay.push({ piece, text });
  }
  while (underWay.length > 0) await takeFirst();
  return progress;
}
