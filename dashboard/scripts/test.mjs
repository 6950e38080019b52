// Runs every *.test.ts below src, or those whose path has one of the arguments in it.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const named = process.argv.slice(2);
const files = readdirSync(join(root, 'src'), { recursive: true })
  .filter((path) => path.endsWith('.test.ts') && (named.length === 0 || named.some((name) => path.includes(name))))
  .map((path) => join('src', path))
  .sort();

const ran = spawnSync(process.execPath, ['--import', 'tsx', '--test', '--test-reporter=spec', ...files], { cwd: root, stdio: 'inherit' });
process.exit(ran.status ?? 1);
