{{- define "gateway-name-webhook.standardLabel" -}}gateway.networking.k8s.io/gateway-name{{- end -}}
{{- define "gateway-name-webhook.ownerLabel" -}}gateway.envoyproxy.io/owning-gateway-name{{- end -}}
{{- define "gateway-name-webhook.optOutLabel" -}}gateway-name-webhook/ignore{{- end -}}

{{/*
One entry of the configuration: {context, name, twin, last, has, lacks, managed, off}. Every default of the API is written
out. An entry that is off has no rules, not an empty list: the API server stores none, and would see a change at each apply.

Of the two entries of a direction, only the last has the failure policy that the user chose. One asks the Deployment that
has the name of all objects, the other its twin, or the same one again where there is no twin.
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

{{/* Which objects an engine is asked for at all: {context, has, lacks, managed}. */}}
{{- define "gateway-name-webhook.objectSelector" -}}
matchExpressions:
  - { key: {{ .has }}, operator: Exists }
  - { key: {{ .lacks }}, operator: DoesNotExist }
  - { key: {{ include "gateway-name-webhook.optOutLabel" .context }}, operator: DoesNotExist }
  {{- if .managed }}
  - { key: app.kubernetes.io/managed-by, operator: In, values: [envoy-gateway] }
  {{- end }}
{{- end -}}

{{/* What the objectSelector cannot say, as conditions in CEL. */}}
{{- define "gateway-name-webhook.matchConditions" -}}
{{- $optOut := include "gateway-name-webhook.optOutLabel" .context -}}
# On UPDATE the objectSelector takes the old object's labels for as good as the new one's.
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
