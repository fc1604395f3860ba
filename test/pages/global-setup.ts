import type { TestProject } from 'vitest/node';
import { setup as setUpChart } from '../chart/global-setup.ts';

/** More than the other tests have: pages create Jobs, and uninstall what has Pods. */
const CONTROLLERS = 'deployment-controller,replicaset-controller,job-controller,garbage-collector-controller';

/** Gives the tests of pages a control plane of their own: commands with `-A` see and change every object in it. */
export function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  return setUpChart(project, CONTROLLERS);
}
