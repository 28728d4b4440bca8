/** The page: passes orders on to a worker of its own, one at a time. */
import type { Order } from './orders.ts';

interface PageWorker {
  onmessage: ((event: { data: { answer?: unknown; error?: string } }) => void) | null;
  onerror: ((event: { message: string }) => void) | null;
  postMessage(order: Order): void;
}
declare const Worker: new (url: URL, options: { type: 'module' }) => PageWorker;

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });

Object.assign(globalThis, {
  order: (order: Order) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data: { answer, error } }) =>
        error === undefined ? resolve(answer) : reject(new Error(error));
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(order);
    }),
});
