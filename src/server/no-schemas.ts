import type { FastifyServerOptions } from 'fastify';

/**
 * Makes Fastify do without its schema compilers, ajv and fast-json-stringify: no route here has a schema, but they would be
 * loaded anyway. build.ts excludes them from the bundle.
 */
export const NO_SCHEMAS: Pick<FastifyServerOptions, 'schemaController'> = {
  schemaController: { compilersFactory: { buildValidator: refuse, buildSerializer: refuse } },
};

function refuse(): never {
  throw new Error('Cannot compile the schema of a route: no compiler is loaded');
}
