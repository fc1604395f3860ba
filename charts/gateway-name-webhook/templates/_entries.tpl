{{- define "gateway-name-webhook.standardLabel" -}}gateway.networking.k8s.io/gateway-name{{- end -}}
{{- define "gateway-name-webhook.ownerLabel" -}}gateway.envoyproxy.io/owning-gateway-name{{- end -}}
{{- define "gateway-name-webhook.optOutLabel" -}}gateway-name-webhook/ignore{{- end -}}

{{/*
One entry of the MutatingWebhookConfiguration: {context, name, twin, last, has, lacks, managed, off}. Every API default is
written out. A disabled entry has no rules field rather than an empty list: the API server drops an empty list, so every
apply would see a change.

Only the last of the two entries of a direction has the user's failure policy. One calls the Deployment that has the name of
all objects, the other its twin, or the same Deployment again if there is no twin.
*/}}
{{- define "gateway-name-webhook.entry" -}}
{{- $values := .context.Values -}}
{{- $deployments := include "gateway-name-webhook.deployments" .context | fromJsonArray -}}
{{- $asked := ternary (last $deployments) (first $deployments) .twin -}}
{{- $seconds := int $values.webhook.timeoutSeconds -}}
{{- $seconds = ternary (div (add $seconds 1) 2) (div $seconds 2) .last -}}
name: {{ .name }}
admissionReviewVersions: [v1]
clientConfig:
  {{- if eq $values.certificates.mode "provided" }}
  caBundle: {{ include "gateway-name-webhook.caBundle" .context | b64enc }}
  {{- end }}
  {{- with $values.webhook.clientConfig.url }}
  url: {{ . | quote }}
  {{- else }}
  service:
    name: {{ $asked.name | quote }}
    namespace: {{ .context.Release.Namespace | quote }}
    path: /mutate
    port: 443
  {{- end }}
failurePolicy: {{ ternary $values.webhook.failurePolicy "Ignore" .last }}
matchPolicy: Equivalent
namespaceSelector: {{ toJson $values.webhook.namespaceSelector }}
# No Pod of the webhook itself, of the control plane or of the network matches: it cannot keep a cluster from starting.
objectSelector:
  {{- include "gateway-name-webhook.objectSelector" . | nindent 2 }}
# The second call would find nothing to do: the object has both labels then.
reinvocationPolicy: Never
{{- if not .off }}
rules:
  - apiGroups: [""]
    apiVersions: [v1]
    operations: {{ toJson $values.webhook.operations }}
    resources: [serviceaccounts, pods, services]
    scope: Namespaced
{{- end }}
sideEffects: None
timeoutSeconds: {{ max 1 $seconds }}
{{- if has "UPDATE" $values.webhook.operations }}
matchConditions:
  {{- include "gateway-name-webhook.matchConditions" . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Objects that an engine is called for: {context, has, lacks, managed}. */}}
{{- define "gateway-name-webhook.objectSelector" -}}
matchExpressions:
  - { key: {{ .has }}, operator: Exists }
  - { key: {{ .lacks }}, operator: DoesNotExist }
  - { key: {{ include "gateway-name-webhook.optOutLabel" .context }}, operator: DoesNotExist }
  {{- if .managed }}
  - { key: app.kubernetes.io/managed-by, operator: In, values: [envoy-gateway] }
  {{- end }}
{{- end -}}

{{/* Conditions that the objectSelector cannot express, in CEL. */}}
{{- define "gateway-name-webhook.matchConditions" -}}
{{- $optOut := include "gateway-name-webhook.optOutLabel" .context -}}
# On UPDATE, the objectSelector also matches if only the old object has the labels.
- name: object-lacks-the-label
  expression: >-
    has(object.metadata.labels) &&
    '{{ .has }}' in object.metadata.labels &&
    !('{{ .lacks }}' in object.metadata.labels) &&
    !('{{ $optOut }}' in object.metadata.labels)
    {{- if .managed }} &&
    'app.kubernetes.io/managed-by' in object.metadata.labels &&
    object.metadata.labels['app.kubernetes.io/managed-by'] == 'envoy-gateway'
    {{- end }}
- name: object-is-not-being-deleted
  expression: "!has(object.metadata.deletionTimestamp)"
- name: object-is-no-mirror-pod
  expression: "!has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)"
{{- end -}}
