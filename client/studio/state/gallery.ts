/**
 * The server's generations, newest first, as far as they were asked for. Those that have not ended are followed: a few of
 * them live, the others by asking for all of them together now and then, for a browser keeps only six connections open.
 */
import { CancelledError, type GenerateInput, type Generation, hasEnded, isDarkroomError } from '../../sdk/index.ts';
import { connection } from './connection.ts';
import { darkroom } from './darkroom.ts';
import { Store } from './store.ts';
import { announce } from './toasts.ts';

export interface Gallery {
  readonly generations: readonly Generation[];
  /** How far what is shown goes. */
  readonly phase: 'loading' | 'loaded' | 'failed';
  readonly endCursor: string | null;
  readonly hasMore: boolean;
}

const pageSize = 20;
const mostLive = 2;
const mostAskedAlone = 4;
const askAgainMs = 2_000;
/** How long one that could not be followed is left alone. */
const restMs = 10_000;
const unfinished = ['QUEUED', 'ENCODING', 'DENOISING', 'DECODING', 'SCORING'] as const;

export const gallery = new Store<Gallery>({ generations: [], phase: 'loading', endCursor: null, hasMore: false });

/** What is followed live, with what ends that. */
const live = new Map<string, AbortController>();
/** Those that could not be followed, and when to try again. */
const rested = new Map<string, number>();
/** What was accepted here, whose end is told. */
const ours = new Set<string>();

/** Loads the newest page, and keeps what lies beyond it. */
export async function refresh(): Promise<void> {
  try {
    const { nodes, endCursor, hasNextPage } = await darkroom.generations({ first: pageSize });
    gallery.update(before => {
      const beyond = before.endCursor !== null && before.generations.length > nodes.length && hasNextPage;
      const fresh = new Set(nodes.map(({ id }) => id));
      const older = nodes.at(-1)?.createdAt ?? '';
      const rest = beyond ? before.generations.filter(({ id, createdAt }) => !fresh.has(id) && createdAt < older) : [];
      return {
        generations: [...nodes, ...rest],
        phase: 'loaded',
        endCursor: rest.length > 0 ? before.endCursor : endCursor,
        hasMore: rest.length > 0 ? before.hasMore : hasNextPage,
      };
    });
    followSome();
  } catch {
    gallery.update(before => ({ ...before, phase: before.phase === 'loading' ? 'failed' : before.phase }));
  }
}

let loadingMore = false;

/** Loads the next page, if there is one. @throws DarkroomError */
export async function loadMore(): Promise<void> {
  const { endCursor, hasMore } = gallery.value;
  if (loadingMore || !hasMore || endCursor === null) return;
  loadingMore = true;
  try {
    const page = await darkroom.generations({ first: pageSize, after: endCursor });
    gallery.update(before => {
      const known = new Set(before.generations.map(({ id }) => id));
      return {
        ...before,
        generations: [...before.generations, ...page.nodes.filter(({ id }) => !known.has(id))],
        endCursor: page.endCursor,
        hasMore: page.hasNextPage,
      };
    });
    followSome();
  } finally {
    loadingMore = false;
  }
}

/** Starts a generation, and shows it. @throws DarkroomError where it was not accepted */
export async function start(input: GenerateInput, signal: AbortSignal): Promise<Generation> {
  const generation = await darkroom.generate(input, { signal }).accepted;
  ours.add(generation.id);
  announce(`Accepted: ${generation.prompt}`);
  put(generation);
  followSome();
  return generation;
}

/** @throws DarkroomError */
export async function cancel(id: string): Promise<void> {
  const cancelled = await darkroom.cancel(id);
  if ('images' in cancelled) put(cancelled);
}

/** @throws DarkroomError */
export async function remove(id: string): Promise<void> {
  await darkroom.deleteGeneration(id);
  forget(id);
}

/** Shows a generation as it is now, in its place. */
export function put(generation: Generation): void {
  const before = find(generation.id);
  if (before && hasEnded(before) && !hasEnded(generation)) return;
  gallery.update(shown => {
    const { generations, hasMore } = shown;
    const at = generations.findIndex(({ id }) => id === generation.id);
    if (at >= 0) return { ...shown, generations: generations.with(at, generation) };
    const older = generations.findIndex(({ createdAt }) => createdAt <= generation.createdAt);
    // Its page has not been asked for yet.
    if (older < 0 && hasMore) return shown;
    return { ...shown, generations: generations.toSpliced(older < 0 ? generations.length : older, 0, generation) };
  });
  if (hasEnded(generation) && ours.delete(generation.id)) announce(endOf(generation));
}

export function find(id: string): Generation | null {
  return gallery.value.generations.find(generation => generation.id === id) ?? null;
}

/** Keeps the gallery right for as long as the page is there. */
export function watchGallery(): void {
  void refresh();
  connection.watch(() => {
    if (connection.value === 'there') void refresh();
  });
  // Others, and other programs, make pictures too.
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void refresh();
    else for (const stop of live.values()) stop.abort(new Error('nobody looks'));
  });
  setInterval(() => void askForWaiting(), askAgainMs);
}

function forget(id: string): void {
  live.get(id)?.abort();
  gallery.update(before => ({ ...before, generations: before.generations.filter(other => other.id !== id) }));
}

/** The oldest are worked on first: they are worth being looked at. */
function followSome(): void {
  const running = gallery.value.generations.filter(generation => !hasEnded(generation)).reverse();
  for (const { id } of running) {
    // A page that nobody looks at leaves the connections to others: a browser has six for all of them together.
    if (live.size >= mostLive || document.hidden) return;
    if (!live.has(id) && (rested.get(id) ?? 0) <= performance.now()) void follow(id);
  }
}

function isGone(error: unknown): boolean {
  return error instanceof CancelledError || (isDarkroomError(error) && error.code === 'NOT_FOUND');
}

async function follow(id: string): Promise<void> {
  const stop = new AbortController();
  live.set(id, stop);
  try {
    for await (const snapshot of darkroom.watch(id, { signal: stop.signal })) put(snapshot);
  } catch (error) {
    if (isGone(error)) forget(id);
    else if (!stop.signal.aborted) rested.set(id, performance.now() + restMs);
  } finally {
    live.delete(id);
    if (connection.value === 'there') followSome();
  }
}

/** What waits behind those that are followed live. */
async function askForWaiting(): Promise<void> {
  const waiting = gallery.value.generations.filter(generation => !hasEnded(generation) && !live.has(generation.id));
  if (waiting.length === 0 || document.hidden || connection.value === 'gone') return;
  const page = await darkroom.generations({ first: pageSize, status: unfinished }).catch(() => null);
  if (page === null) return;
  for (const generation of page.nodes) if (find(generation.id)) put(generation);
  const still = new Set(page.nodes.map(({ id }) => id));
  // The oldest of those that are not among them have ended, or wait further back than the page goes.
  const others = waiting.filter(({ id }) => !still.has(id)).slice(-mostAskedAlone);
  for (const { id } of others) {
    const now = await darkroom.generation(id).catch(() => undefined);
    if (now === null) forget(id);
    else if (now) put(now);
  }
  followSome();
}

function endOf({ status, prompt, failure }: Generation): string {
  if (status === 'SUCCEEDED') return `Ready: ${prompt}`;
  return status === 'CANCELLED' ? `Cancelled: ${prompt}` : `Failed: ${prompt}. ${failure?.message ?? ''}`;
}
