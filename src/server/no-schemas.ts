import type { FastifyServerOptions } from 'fastify';

/**
 * Options by which Fastify does without its compilers of schemas, ajv and fast-json-stringify: no route here has one, and
 * they would be loaded all the same. build.ts leaves them out of the bundle.
 */
export const NO_SCHEMAS: Pick<FastifyServerOptions, 'schemaController'> = {
  schemaController: { compilersFactory: { buildValidator: refuse, buildSerializer: refuse } },
};

function refuse(): never {
  throw new Error('Cannot compile the schema of a route: no compiler is loaded');
}
