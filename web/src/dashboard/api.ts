// Requests to the server that the page came from. URLs are relative, so that any path prefix works.

export class ApiError extends Error {
  constructor(readonly status: number, message: string, readonly retryAfter: number) {
    super(message);
  }
}

const KEY = 'valence-key';

/** The key stays in this tab's memory of the session. */
export const key = {
  get: (): string => sessionStorage.getItem(KEY) ?? '',
  set: (value: string): void => sessionStorage.setItem(KEY, value),
  clear: (): void => sessionStorage.removeItem(KEY),
};

/** What asks a person for the key; resolves once there is one. */
let askForKey: (why: string) => Promise<void> = async () => {};
export function onKeyNeeded(ask: (why: string) => Promise<void>): void {
  askForKey = ask;
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

export async function errorOf(answer: Response): Promise<ApiError> {
  let message = `The server answered with ${answer.status}.`;
  try {
    const body = (await answer.json()) as { error?: string };
    if (typeof body.error === 'string') message = sentence(body.error);
  } catch {
    // Something between the page and the server has answered.
  }
  return new ApiError(answer.status, message, Number(answer.headers.get('retry-after') ?? 1));
}

/** An answer of 2xx; asks for the key where one is needed. Throws ApiError. */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  for (;;) {
    const headers = new Headers(init.headers);
    if (key.get()) headers.set('authorization', `Bearer ${key.get()}`);
    let answer: Response;
    try {
      answer = await fetch(new URL(path, document.baseURI), { ...init, headers, redirect: 'error' });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new ApiError(0, 'The server does not answer. Is it still running?', 1);
    }
    if (answer.ok) return answer;
    const error = await errorOf(answer);
    if (answer.status !== 401) throw error;
    await askForKey(key.get() ? error.message : '');
  }
}

export async function askJson<T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = signal ? { signal } : {};
  if (body !== undefined) {
    init.method = 'POST';
    init.headers = { 'content-type': 'application/json' };
    init.body = JSON.stringify(body);
  }
  return (await (await ask(path, init)).json()) as T;
}

export interface Model {
  name: string;
  labels: string[];
  window: number;
}
export interface Setup {
  version: string;
  models: Model[];
  store: boolean;
  store_texts: boolean;
}
export interface Score {
  label: string;
  score: number;
}
