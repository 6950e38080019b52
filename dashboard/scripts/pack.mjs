// Packs what vite made, once, as small as it goes: the broker answers with these bytes as they are.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = join(import.meta.dirname, '..', 'dist');
const packable = /\.(html|js|css|svg|json|txt)$/;

for (const path of readdirSync(dist, { recursive: true })) {
  const file = join(dist, path);
  if (!statSync(file).isFile() || !packable.test(file)) continue;

  const bytes = readFileSync(file);
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  writeFileSync(`${file}.br`, brotli);
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
}
