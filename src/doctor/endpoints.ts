import type { Outcome } from '../installation/outcome.ts';
import type { Judgement } from './check.ts';
import { faultOf } from './fault.ts';

/** The fields of a Service that are read. */
export interface StoredService {
  readonly spec: {
    readonly clusterIP?: string;
    readonly ports?: readonly { readonly port: number }[];
  };
}

export interface EndpointsReading {
  readonly namespace: string;
  readonly name: string;
  /** The port that the API server calls; undefined if it calls a URL. */
  readonly port: number | undefined;
  /** Undefined if it cannot be read. */
  readonly service: Outcome<StoredService | undefined> | undefined;
  /** Names of the Pods. Undefined if they cannot be read. */
  readonly readyPods: Outcome<readonly string[]> | undefined;
}

/** Judges whether there are endpoints to call. */
export function judgeEndpoints({ namespace, name, port, service, readyPods }: EndpointsReading): Judgement[] {
  const found = service && judgeService({ namespace, name, port, service, readyPods });
  // Without a Service there are no Pods, and that was reported.
  if (found && found.status !== 'ok') return [found];
  const ready = readyPods && judgePods({ namespace, name }, readyPods);
  return [found, ready].filter((judgement) => judgement !== undefined);
}

function judgeService({
  namespace,
  name,
  port,
  service: { problem, value },
}: EndpointsReading & { readonly service: Outcome<StoredService | undefined> }): Judgement {
  const full = `Service ${namespace}/${name}`;
  if (problem) return { name: 'service', status: 'failure', class: faultOf(problem), message: problem.message };
  if (!value) {
    return port === undefined
      ? { name: 'service', status: 'note', message: `${full} not found: the API server calls the webhook by URL` }
      : {
          name: 'service',
          status: 'failure',
          class: 'missing',
          message: `${full} not found: the API server cannot call the webhook`,
          advice: 'Run `helm upgrade` to restore it.',
        };
  }
  const ports = value.spec.ports?.map((one) => one.port) ?? [];
  if (port !== undefined && !ports.includes(port)) {
    return {
      name: 'service',
      status: 'failure',
      class: 'missing',
      message: `${full} has no port ${port}: the API server cannot call the webhook`,
      advice: 'Run `helm upgrade` to restore it.',
    };
  }
  return { name: 'service', status: 'ok', message: full };
}

function judgePods(
  service: Omit<ServicePods, 'pods'>,
  { problem, value: pods }: Outcome<readonly string[]>,
): Judgement {
  if (!problem) return judgeReadyPods({ ...service, pods });
  return { name: READY_PODS, status: 'failure', class: faultOf(problem), message: problem.message };
}

const READY_PODS = 'ready-pods';

interface ServicePods {
  readonly namespace: string;
  readonly name: string;
  readonly pods: readonly string[];
}

/** Judges whether a Service has ready Pods. */
export function judgeReadyPods({ namespace, name, pods }: ServicePods): Judgement {
  if (pods.length === 0) {
    return {
      name: READY_PODS,
      status: 'failure',
      class: 'missing',
      message: `Service ${namespace}/${name} has no ready Pod`,
      advice: `See \`kubectl get pods -n ${namespace}\`, the Pods' logs, and docs/runbooks.md, GatewayNameWebhookDown.`,
    };
  }
  return { name: READY_PODS, status: 'ok', message: `${pods.length} ready ${pods.length === 1 ? 'Pod' : 'Pods'}` };
}
