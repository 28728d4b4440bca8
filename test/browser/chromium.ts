/** A real Chromium for tests, from the package registry: nothing has to be installed on the machine. */
import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

/** The package's own arguments switch web security off: these leave it as people have it. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];

const unpack = "await (await import('@sparticuz/chromium')).default.executablePath()";

/** CHROMIUM names another one, where the packed one (Linux on x64) does not run. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? (await unpacked());
  const fonts = process.env.CHROMIUM ? {} : { FONTCONFIG_PATH: join(dirname(executablePath), 'fonts') };
  return chromium.launch({ executablePath, args, env: { ...process.env, ...fonts } });
}

/**
 * Unpacks it once for each version, whole or not at all: several test files may want it at the same moment, and the
 * package takes a file that is still being written for a finished one.
 */
async function unpacked(): Promise<string> {
  const manifest = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '../package.json');
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  const folder = join(tmpdir(), `darkroom-chromium-${version}`);
  const executable = join(folder, 'chromium');
  if (await exists(executable)) return executable;
  const fresh = await mkdtemp(`${folder}-`);
  try {
    // Where the package unpacks to is no option of it, but the temporary folder of a whole process.
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', unpack], {
      cwd: import.meta.dirname,
      env: { ...process.env, TMPDIR: fresh },
    });
    await writeFile(join(fresh, 'fonts/fonts.conf'), fontconfig(folder));
    await rename(fresh, folder);
  } catch (error) {
    if (!(await exists(executable))) throw error;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return executable;
}

/** The package's own names folders of another place; a Chromium without any font dies. */
function fontconfig(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
</fontconfig>
`;
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
