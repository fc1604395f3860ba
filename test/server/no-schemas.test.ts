import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { NO_SCHEMAS } from '../../src/server/no-schemas.ts';

test.for([
  { what: 'of a body', schema: { body: { type: 'object' } } },
  { what: 'of an answer', schema: { response: { 200: { type: 'object' } } } },
])('NO_SCHEMAS refuses a schema $what when the server starts', async ({ schema }) => {
  const app = Fastify(NO_SCHEMAS);
  app.post('/', { schema }, async () => ({}));
  await expect(app.ready()).rejects.toThrow('Cannot compile the schema of a route: no compiler is loaded');
});
