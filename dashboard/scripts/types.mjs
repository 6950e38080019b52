// Writes src/api/types.ts: the records of docs/openapi.json as TypeScript, and what each route takes and answers.
// With --check it writes nothing, and fails where the file is not what it would write.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..');
const documentFile = join(root, '..', 'docs', 'openapi.json');
const typesFile = join(root, 'src', 'api', 'types.ts');
const methods = ['get', 'post', 'put', 'patch', 'delete'];

/** The text of types.ts for a document. */
export function typesOf(document) {
  const records = Object.entries(document.components.schemas).map(([name, schema]) => declaration(name, schema));
  const routes = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.filter((method) => item[method]).map((method) => routeOf(document, method, path, item, item[method])),
  );
  return `// Made from docs/openapi.json by scripts/types.mjs; a test keeps it so.\n\n${records.join('\n')}\n${routeTable(routes)}`;
}

function routeTable(routes) {
  return `/** What each route takes and answers; null is nothing. */\nexport interface Routes {\n${routes.join('')}}\n`;
}

function declaration(name, schema) {
  const doc = comment(schema.description, '');
  if (schema.type === 'object' && schema.properties) return `${doc}export interface ${name} ${objectOf(schema, '')}\n`;
  return `${doc}export type ${name} = ${typeOf(schema, '')};\n`;
}

function routeOf(document, method, path, item, operation) {
  const full = `${method.toUpperCase()} ${base(document, item, operation)}${path}`;
  const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((one) => resolve(document, one));
  const body = bodyOf(document, operation.requestBody);
  const answers = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));
  const reply = answers.map(([, answer]) => contentOf(resolve(document, answer).content)).find((type) => type !== null) ?? 'null';
  const rows = [`path: ${parametersOf(parameters, 'path')};`, `query: ${parametersOf(parameters, 'query')};`, `body: ${body};`, `reply: ${reply};`];
  return `${comment(operation.summary, '  ')}  '${full}': {\n${rows.map((row) => `    ${row}\n`).join('')}  };\n`;
}

function base(document, item, operation) {
  const server = (operation.servers ?? item.servers ?? document.servers ?? [])[0]?.url ?? '';
  return server.replace(/\/$/, '');
}

function bodyOf(document, body) {
  return (body && contentOf(resolve(document, body).content)) ?? 'null';
}

function contentOf(content) {
  const schema = content?.['application/json']?.schema ?? content?.['application/x-www-form-urlencoded']?.schema;
  return schema ? typeOf(schema, '    ') : null;
}

function parametersOf(parameters, where) {
  const named = parameters.filter((one) => one.in === where);
  if (named.length === 0) return 'null';
  return `{ ${named.map((one) => `${key(one.name)}${one.required ? '' : '?'}: ${typeOf(one.schema, '')}`).join('; ')} }`;
}

function resolve(document, one) {
  return one.$ref
    ? one.$ref
        .slice(2)
        .split('/')
        .reduce((at, part) => at[part], document)
    : one;
}

function typeOf(schema, indent) {
  if (schema.$ref) return schema.$ref.split('/').at(-1);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((word) => (word === null ? 'null' : `'${word}'`)).join(' | ');
  for (const union of [schema.oneOf, schema.anyOf]) if (union) return union.map((one) => typeOf(one, indent)).join(' | ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type }, indent)).join(' | ');
  switch (schema.type) {
    case 'array':
      return arrayOf(typeOf(schema.items ?? {}, indent));
    case 'object':
      return schema.properties
        ? objectOf(schema, indent)
        : `Record<string, ${schema.additionalProperties ? typeOf(schema.additionalProperties, indent) : 'unknown'}>`;
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'integer':
    case 'number':
      return 'number';
    default:
      return 'unknown';
  }
}

function arrayOf(item) {
  return /[ |]/.test(item) ? `(${item})[]` : `${item}[]`;
}

function objectOf(schema, indent) {
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties).map(
    ([name, field]) =>
      `${comment(field.description, `${indent}  `)}${indent}  ${key(name)}${required.has(name) ? '' : '?'}: ${typeOf(field, `${indent}  `)};\n`,
  );
  return `{\n${rows.join('')}${indent}}`;
}

function key(name) {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name}'`;
}

function comment(text, indent) {
  return text ? `${indent}/** ${text.replaceAll('*/', '* /').replace(/\s+/g, ' ')} */\n` : '';
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const text = typesOf(JSON.parse(readFileSync(documentFile, 'utf8')));
  if (process.argv.includes('--check')) {
    if (readFileSync(typesFile, 'utf8') !== text) {
      console.error('src/api/types.ts is not what docs/openapi.json says: run npm run types');
      process.exit(1);
    }
  } else {
    writeFileSync(typesFile, text);
  }
}
