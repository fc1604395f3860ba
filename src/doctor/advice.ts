import type { Fault, Judgement } from './check.ts';

/** What to do if a call of the webhook fails, by the class of the failure. */
export function callAdvice(fault: Fault): Pick<Judgement, 'advice' | 'details'> {
  return CALL_ADVICE[fault];
}

const CALL_ADVICE: Readonly<Record<Fault, Pick<Judgement, 'advice' | 'details'>>> = {
  refused: {
    advice:
      'Nothing is listening there: check that the Pods are ready and listen on ports.https, and read their logs. ' +
      'See docs/runbooks.md, GatewayNameWebhookDown.',
  },
  timeout: {
    advice:
      'Allow traffic from the control plane to the Pods, or use hostNetwork or webhook.clientConfig.url. ' +
      'See docs/runbooks.md, GatewayNameWebhookFailOpen.',
    details: [
      'likely causes:',
      "a private cluster's firewall that only allows ports 443 and 10250 on nodes (ports.https is 10250 by default)",
      'a network plugin that keeps the control plane from reaching Pods: use hostNetwork, with dedicated ports',
      'a NetworkPolicy in the namespace: API servers are not Pods, so only a rule with an ipBlock or without `from` admits them',
      'a replica that hangs: read its log and restart it',
    ],
  },
  tls: {
    advice:
      'The served certificate does not match the caBundle: in mode self, `gateway-name-webhook certs status` compares them. ' +
      'Nothing in between may terminate TLS. See docs/runbooks.md, GatewayNameWebhookRejectedRequests.',
  },
  'wrong-answer': {
    advice:
      'Something else answers there: check the selector and port of the Service, the path, and proxies in between.',
  },
  forbidden: { advice: 'Get the permission granted: see the section permissions.' },
  missing: {
    advice: 'Run `helm upgrade` to restore what the chart created. If no Pod is ready, see `kubectl get pods`.',
  },
  changed: { advice: 'See the section configuration.' },
};
