import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

const { typesOf } = (await import(new URL('../../scripts/types.mjs', import.meta.url).href)) as { typesOf(document: unknown): string };
const document = JSON.parse(readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8'));
const file = new URL('./types.ts', import.meta.url);

test('types.ts is what docs/openapi.json says', () => {
  const text = typesOf(document);
  if (process.env.CLAUDEMESH_ACCEPT_GOLDEN === '1') writeFileSync(file, text);
  assert.equal(readFileSync(file, 'utf8'), text, 'run npm run types');
});

test('A record that is not required is optional, one that may be null says so, and a route is named by its whole path', () => {
  const text = typesOf({
    servers: [{ url: '/api/v1' }],
    components: {
      schemas: {
        Word: { type: 'string', enum: ['a', 'b'] },
        Thing: {
          type: 'object',
          description: 'One */ thing.',
          properties: { id: { type: 'string' }, at: { type: ['string', 'null'] }, words: { type: 'array', items: { $ref: '#/components/schemas/Word' } } },
          required: ['id'],
        },
      },
    },
    paths: {
      '/things/{id}': {
        get: {
          parameters: [
            { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
            { name: 'limit', in: 'query', schema: { type: 'integer' } },
          ],
          responses: { 200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } } },
        },
      },
    },
  });
  assert.match(text, /export type Word = 'a' \| 'b';/);
  assert.match(text, /\/\*\* One \* \/ thing\. \*\//);
  assert.match(text, / {2}id: string;\n {2}at\?: string \| null;\n {2}words\?: Word\[\];/);
  assert.match(text, /'GET \/api\/v1\/things\/\{id\}': \{\n {4}path: \{ id: string \};\n {4}query: \{ limit\?: number \};\n {4}body: null;\n {4}reply: Thing;/);
});
