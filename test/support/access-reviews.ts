import type { Answer, ReceivedRequest } from './api-server.ts';

interface ResourceAttributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
}

/** Answers like an API server whose RBAC allows nothing; `asked` lists the requested permissions: `list pods a-namespace`. */
export function forbidding() {
  const asked: string[] = [];
  const refuse = ({ path, body }: ReceivedRequest): Answer => {
    if (path.endsWith('/selfsubjectreviews')) return [201, { status: { userInfo: { username: 'jane' } } }];
    if (!path.endsWith('/selfsubjectaccessreviews')) return [403, { message: 'User "jane" cannot list resource "x"' }];
    const { resourceAttributes } = (body as { spec: { resourceAttributes: ResourceAttributes } }).spec;
    const { verb, group, resource, namespace = '*' } = resourceAttributes;
    asked.push(`${verb} ${resource}${group && `.${group}`} ${namespace}`);
    return [201, { status: { allowed: false } }];
  };
  return { asked, refuse };
}
