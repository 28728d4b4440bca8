/** A look at the studio in a browser of its own, and everything that must hold of it whatever is done there. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContext, ConsoleMessage, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

export interface VisitOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  /** What the form is filled with beside the prompt, as the studio itself keeps it. */
  readonly draft?: Readonly<Record<string, unknown>>;
}

/** What the browser says by itself of a request that failed: a test that has the server go away expects it. */
const connectionLost = /net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING)/;

export class Visit {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #origin: string;
  readonly #faults: string[] = [];
  #serverMayGo = false;

  private constructor(context: BrowserContext, page: Page, origin: string) {
    this.#context = context;
    this.page = page;
    this.#origin = origin;
    page.on('console', message => this.#onConsole(message));
    page.on('pageerror', error => this.#faults.push(`error: ${error.stack ?? error.message}`));
    page.on('request', request => {
      const url = request.url();
      if (!/^(data|blob):/.test(url) && new URL(url).origin !== this.#origin) this.#faults.push(`asked ${url}`);
    });
  }

  /** @param url the server's origin @param path where to go first */
  static async begin(browser: Browser, url: string, path = '/', options: VisitOptions = {}): Promise<Visit> {
    const { colorScheme = 'light', width = 1280, height = 900, draft = {} } = options;
    const context = await browser.newContext({
      baseURL: url,
      colorScheme,
      viewport: { width, height },
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(30_000);
    await context.addInitScript(measure);
    await context.addInitScript(kept => {
      if (localStorage.getItem('darkroom.draft') === null) localStorage.setItem('darkroom.draft', kept);
    }, JSON.stringify(draft));
    const visit = new Visit(context, await context.newPage(), new URL(url).origin);
    await visit.page.goto(path);
    return visit;
  }

  get prompt(): Locator {
    return this.page.getByRole('textbox', { name: 'Prompt' });
  }

  /** Asks for a picture as most people do. */
  async generate(prompt: string): Promise<void> {
    await this.prompt.fill(prompt);
    await this.page.getByRole('button', { name: 'Generate' }).click();
  }

  /** The picture of a prompt, once it is there and drawn. */
  async picture(prompt: string): Promise<Locator> {
    const picture = this.page.locator(`img[alt=${JSON.stringify(prompt)}]:not(.rough)`).first();
    await picture.waitFor();
    await picture.evaluate((image: HTMLImageElement) => image.decode());
    return picture;
  }

  /** From now on requests may fail because nobody answers. */
  serverMayGo(): void {
    this.#serverMayGo = true;
  }

  /** No violation of WCAG 2.2 A and AA or of best practice that axe can find. */
  async expectAccessible(): Promise<void> {
    await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join('\n  ')}`);
    expect(found).toEqual([]);
  }

  async expectNoSidewaysScrolling(): Promise<void> {
    const beyond = await this.page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      if (scrollWidth <= clientWidth) return [];
      return [...document.querySelectorAll('body *')]
        .filter(element => element.getBoundingClientRect().right > clientWidth + 1)
        .map(element => element.outerHTML.slice(0, 120));
    });
    expect(beyond).toEqual([]);
  }

  /** Milliseconds to the first contentful paint, and all layout shifts so far that no input has caused. */
  figures(): Promise<{ firstPaintMs: number | null; shifts: string[] }> {
    return this.page.evaluate(() => (globalThis as unknown as { seen: Seen }).seen);
  }

  /** Written only where SCREENSHOTS names a folder. */
  async screenshot(name: string): Promise<void> {
    const folder = process.env.SCREENSHOTS;
    if (!folder) return;
    await mkdir(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  /** Ends the visit. Nothing may have been said on the console, refused by the policy, or asked elsewhere. */
  async end(): Promise<void> {
    const violations = await this.page.evaluate(() => (globalThis as unknown as { seen: Seen }).seen.violations);
    await this.#context.close();
    expect([...this.#faults, ...violations]).toEqual([]);
  }

  #onConsole(message: ConsoleMessage): void {
    if (!['error', 'warning'].includes(message.type())) return;
    const text = message.text();
    if (this.#serverMayGo && connectionLost.test(text)) return;
    this.#faults.push(`${message.type()}: ${text} (${message.location().url})`);
  }
}

interface Seen {
  firstPaintMs: number | null;
  /** How much, and what. */
  readonly shifts: string[];
  readonly violations: string[];
}

/** Chromium's, which TypeScript does not know. */
interface LayoutShift extends PerformanceEntry {
  readonly value: number;
  readonly hadRecentInput: boolean;
  readonly sources: readonly { readonly node: Node | null }[];
}

/** Runs in the page before anything else does. */
function measure(): void {
  const seen: Seen = { firstPaintMs: null, shifts: [], violations: [] };
  (globalThis as unknown as { seen: Seen }).seen = seen;
  document.addEventListener('securitypolicyviolation', event => {
    seen.violations.push(`${event.violatedDirective}: ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`);
  });
  new PerformanceObserver(list => {
    for (const entry of list.getEntriesByName('first-contentful-paint')) seen.firstPaintMs = entry.startTime;
  }).observe({ type: 'paint', buffered: true });
  new PerformanceObserver(list => {
    for (const entry of list.getEntries() as LayoutShift[]) {
      if (entry.hadRecentInput) continue;
      const moved = entry.sources.map(({ node }) => (node instanceof Element ? node : node?.parentElement)?.className);
      seen.shifts.push(`${entry.value}: ${moved.join(', ')}`);
    }
  }).observe({ type: 'layout-shift', buffered: true });
}
