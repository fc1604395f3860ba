import type { Fault, Judgement } from './check.ts';

/** What is to be done where a call of the webhook fails, by what keeps it from succeeding. */
export function callAdvice(fault: Fault): Pick<Judgement, 'advice' | 'details'> {
  return CALL_ADVICE[fault];
}

const CALL_ADVICE: Readonly<Record<Fault, Pick<Judgement, 'advice' | 'details'>>> = {
  refused: {
    advice:
      'Nobody listens there: see whether the Pods are ready, and their log, and that ports.https is what they listen on. ' +
      'docs/runbooks.md, GatewayNameWebhookDown.',
  },
  timeout: {
    advice:
      'Let the control plane reach the port of the Pods, or give it another way: hostNetwork, webhook.clientConfig.url. ' +
      'docs/runbooks.md, GatewayNameWebhookFailOpen.',
    details: [
      'likely causes:',
      "a private cluster's firewall: to nodes it lets only the ports 443 and 10250 through (ports.https is 10250 by default)",
      'a network plugin by which the control plane reaches no Pods: hostNetwork, with ports of its own, is for that',
      'a NetworkPolicy of the namespace: API servers are no Pods, so that only a rule without `from` lets them in',
      'a replica that hangs: see its log, and restart it',
    ],
  },
  tls: {
    advice:
      'What is served and the caBundle do not fit: `gateway-name-webhook certs status` compares them in mode self. TLS must ' +
      'end at the webhook, not before it. docs/runbooks.md, GatewayNameWebhookRejectedRequests.',
  },
  'wrong-answer': {
    advice:
      'Somebody else answers there: look at the selector and the port of the Service, at the path, and at what is in between.',
  },
  forbidden: { advice: 'Have the right granted, see the section rights; or let somebody run this who has it.' },
  missing: { advice: '`helm upgrade` brings back what the chart made. See `kubectl get pods` for why none is ready.' },
  changed: { advice: 'See the section configuration.' },
};
