/** The page in a browser of its own. */
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../chromium.ts';
import type { Orders } from './orders.ts';
import { type PageServer, servePage } from './page-server.ts';

export class ComputingPage {
  readonly #browser: Browser;
  readonly #server: PageServer;
  #page!: Page;
  /** What it complained of. */
  readonly faults: string[] = [];

  private constructor(browser: Browser, server: PageServer) {
    this.#browser = browser;
    this.#server = server;
  }

  /** @param isolated whether the page is isolated from other origins */
  static async open(isolated = true): Promise<ComputingPage> {
    return new ComputingPage(await launchChromium(), await servePage(isolated));
  }

  /** The page's origin. */
  get origin(): string {
    return this.#server.url;
  }

  /** Opens the page, in a window that knows what the browser has kept. @param server the only one that it may ask */
  async visit(server: string): Promise<void> {
    this.#server.allow(server);
    const context = this.#browser.contexts()[0] ?? (await this.#browser.newContext());
    await this.#page?.close();
    this.#page = await context.newPage();
    this.#page.on('console', message => {
      if (message.type() === 'error') this.faults.push(message.text());
    });
    this.#page.on('pageerror', error => this.faults.push(error.stack ?? error.message));
    await this.#page.goto(`${this.origin}/`);
    await this.#page.waitForFunction(() => 'order' in globalThis);
  }

  order<Name extends keyof Orders>(name: Name, given: Orders[Name]['given']): Promise<Orders[Name]['answer']> {
    return this.#page.evaluate(
      order => (globalThis as unknown as { order(order: unknown): Promise<Orders[Name]['answer']> }).order(order),
      { name, given },
    );
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.close();
  }
}
