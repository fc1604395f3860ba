{{/*
How replicas are divided, as JSON. A call that failed is made again, to the Service of the other Deployment: for certain
not to the replica that just failed, which one Service of all replicas could lead to once more. Where API servers do not
call a Service, or where a Pod can only be replaced by taking it away first, which two Deployments would do at once, all
replicas are in one.
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

{{/* What one Deployment and its Service select by: {context, component}. It must never change: a Deployment's selector cannot. */}}
{{- define "gateway-name-webhook.selectorLabels" -}}
app.kubernetes.io/name: {{ .context.Chart.Name }}
app.kubernetes.io/instance: {{ .context.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* What selects all replicas. */}}
{{- define "gateway-name-webhook.replicaSelector" -}}
matchLabels:
  app.kubernetes.io/name: {{ .Chart.Name }}
  app.kubernetes.io/instance: {{ .Release.Name | quote }}
matchExpressions:
  - { key: app.kubernetes.io/component, operator: In, values: [webhook, webhook-twin] }
{{- end -}}

{{/*
Where replicas would rather not run: beside those of the other Deployment, with which they would be lost. Within a
Deployment topologySpreadConstraints see to it: {context, other}.
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
