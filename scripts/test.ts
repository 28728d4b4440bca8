/**
 * Runs every test (or those whose path contains the arguments) and ends with the line `N passed, N failed`.
 *
 *     npm test
 *     npm test -- models/schedulers
 */
import { startVitest, type TestModule } from 'vitest/node';
import { buildEdge } from './build.ts';

const filters = process.argv.slice(2);
if (filters.includes('--help')) {
  console.log(
    'npm test [-- PATH_PART …]   runs the tests whose file path contains a PATH_PART; all of them without one',
  );
  process.exit(0);
}

// The end-to-end tests run what would be deployed: the built worker.
await buildEdge();

const counts = { passed: 0, failed: 0, skipped: 0 };
let modules = 0;

const closingLine = {
  onTestRunEnd(testModules: readonly TestModule[], unhandledErrors: readonly unknown[]) {
    modules = testModules.length;
    counts.failed += unhandledErrors.length;
    for (const module of testModules) {
      let tests = 0;
      for (const test of module.children.allTests()) {
        tests++;
        const { state } = test.result();
        if (state === 'passed' || state === 'failed') counts[state]++;
        else counts.skipped++;
      }
      // A file that does not even load has no tests to count.
      if (tests === 0 || module.errors().length > 0) counts.failed++;
    }
  },
};

const vitest = await startVitest('test', filters, { watch: false, reporters: ['default', closingLine] });
await vitest.close();

if (modules === 0) console.error(`No test file matches ${filters.join(', ') || 'the configuration'}.`);
if (counts.skipped > 0) console.log(`\n${counts.skipped} skipped`);
console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed > 0 || counts.passed === 0 ? 1 : 0);
