// Where labelled rows go: a file that the user chose, or the browser's own keeping until they are downloaded.

export interface Sink {
  write(text: string): Promise<void>;
  /** Ends it; whatever was written stays. */
  close(): Promise<Blob>;
}

const PART_CHARACTERS = 4 << 20;

export function blobSink(): Sink {
  const parts: Blob[] = [];
  let pending: string[] = [];
  let length = 0;
  const settle = (): void => {
    if (pending.length > 0) parts.push(new Blob(pending));
    pending = [];
    length = 0;
  };
  return {
    write: async (text) => {
      pending.push(text);
      length += text.length;
      if (length >= PART_CHARACTERS) settle();  // browsers keep large blobs on the disk
    },
    close: async () => {
      settle();
      return new Blob(parts, { type: 'text/csv' });
    },
  };
}

export async function diskSink(handle: FileSystemFileHandle): Promise<Sink> {
  const stream = await handle.createWritable();
  return {
    write: (text) => stream.write(text),
    close: async () => {
      await stream.close();
      return handle.getFile();
    },
  };
}
