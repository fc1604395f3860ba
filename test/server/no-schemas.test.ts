import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { NO_SCHEMAS } from '../../src/server/no-schemas.ts';

test.for([
  { what: 'of a body', schema: { body: { type: 'object' } } },
  { what: 'of an answer', schema: { response: { 200: { type: 'object' } } } },
])('NO_SCHEMAS rejects a schema $what at the start of the server', async ({ schema }) => {
  const app = Fastify(NO_SCHEMAS);
  app.post('/', { schema }, async () => ({}));
  await expect(app.ready()).rejects.toThrow('Cannot compile the schema of a route: no compiler is loaded');
});
