import type { KubeconfigCase } from './case.ts';
import { CONTEXT_CASES } from './contexts.ts';
import { FAILING_PLUGIN_CASES } from './failing-plugins.ts';
import { FILE_CASES } from './files.ts';
import { IMPERSONATION_CASES } from './impersonation.ts';
import { PLUGIN_CASES } from './plugins.ts';
import { PROXY_CASES } from './proxies.ts';
import { PROXY_URL_CASES } from './proxy-urls.ts';
import { SERVER_CASES } from './servers.ts';
import { USER_CASES } from './users.ts';

export const KUBECONFIG_CASES: readonly KubeconfigCase[] = [
  ...FILE_CASES,
  ...CONTEXT_CASES,
  ...SERVER_CASES,
  ...USER_CASES,
  ...IMPERSONATION_CASES,
  ...PROXY_CASES,
  ...PROXY_URL_CASES,
  ...PLUGIN_CASES,
  ...FAILING_PLUGIN_CASES,
];
