{{/*
How replicas are split across Deployments, as JSON. A failed call is retried through the Service of the other Deployment, so
never with the replica that just failed: a single Service could select it again. There is one Deployment only if API servers
do not call a Service, or if a Pod must be deleted before its replacement starts (hostNetwork), which two Deployments would
do at the same time.
*/}}
{{- define "gateway-name-webhook.deployments" -}}
{{- $replicas := int .Values.replicas -}}
{{- $hasTwin := and (gt $replicas 1) (not .Values.webhook.clientConfig.url) (not .Values.hostNetwork) -}}
{{- $ofTwin := ternary (div $replicas 2) 0 $hasTwin -}}
{{- $deployments := list (dict
  "name" (include "gateway-name-webhook.fullname" .) "component" "webhook" "other" "webhook-twin" "replicas" (sub $replicas $ofTwin)
) -}}
{{- if $hasTwin -}}
{{- $deployments = append $deployments (dict
  "name" (include "gateway-name-webhook.twin" .) "component" "webhook-twin" "other" "webhook" "replicas" $ofTwin
) -}}
{{- end -}}
{{- toJson $deployments -}}
{{- end -}}

{{/* Selector of one Deployment and its Service: {context, component}. It must never change: a Deployment's selector is immutable. */}}
{{- define "gateway-name-webhook.selectorLabels" -}}
app.kubernetes.io/name: {{ .context.Chart.Name }}
app.kubernetes.io/instance: {{ .context.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Selector of all replicas. */}}
{{- define "gateway-name-webhook.replicaSelector" -}}
matchLabels:
  app.kubernetes.io/name: {{ .Chart.Name }}
  app.kubernetes.io/instance: {{ .Release.Name | quote }}
matchExpressions:
  - { key: app.kubernetes.io/component, operator: In, values: [webhook, webhook-twin] }
{{- end -}}

{{/*
Prefer nodes without replicas of the other Deployment, so that a lost node takes only one of them: {context, other}. Within a
Deployment, topologySpreadConstraints spread the replicas.
*/}}
{{- define "gateway-name-webhook.podAntiAffinity" -}}
preferredDuringSchedulingIgnoredDuringExecution:
  - weight: 100
    podAffinityTerm:
      topologyKey: kubernetes.io/hostname
      labelSelector:
        matchLabels:
          {{- include "gateway-name-webhook.selectorLabels" (dict "context" .context "component" .other) | nindent 10 }}
{{- end -}}
