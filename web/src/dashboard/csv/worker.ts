// Reads and labels a file beside the page, which stays free for its user.
import { labelRows, type LabelJob, type Progress } from './labelling';
import { blobSink, diskSink } from './sink';

export type ToWorker =
  | { kind: 'start'; job: LabelJob; handle: FileSystemFileHandle | null }
  | { kind: 'stop' };
export type FromWorker =
  | { kind: 'progress'; progress: Progress }
  | { kind: 'end'; how: 'whole' | 'stopped' | 'failed'; why: string; progress: Progress; result: Blob | null };

const TELL_MILLISECONDS = 150;
const port = self as unknown as DedicatedWorkerGlobalScope;
const stopping = new AbortController();
const send = (message: FromWorker): void => port.postMessage(message);

async function run(job: LabelJob, handle: FileSystemFileHandle | null): Promise<void> {
  let latest: Progress = { rows: 0, errors: 0, bytes: 0, counts: {}, sample: [], warnings: [] };
  let told = 0;
  let how: 'whole' | 'stopped' | 'failed' = 'whole';
  let why = '';
  let result: Blob | null = null;
  try {
    const sink = handle ? await diskSink(handle) : blobSink();
    try {
      await labelRows(job, sink, stopping.signal, (progress) => {
        latest = progress;
        if (Date.now() - told < TELL_MILLISECONDS) return;
        told = Date.now();
        send({ kind: 'progress', progress });
      });
    } catch (error) {
      how = stopping.signal.aborted ? 'stopped' : 'failed';
      why = how === 'failed' ? (error as Error).message : '';
    }
    result = await sink.close();
  } catch (error) {
    how = 'failed';
    why = `The labelled file cannot be written: ${(error as Error).message}`;
  }
  send({ kind: 'end', how, why, progress: latest, result });
}

port.addEventListener('message', (event: MessageEvent<ToWorker>) => {
  if (event.data.kind === 'stop') stopping.abort();
  else void run(event.data.job, event.data.handle);
});
