{{- define "gateway-name-webhook.ownLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{/* metadata.labels of every object: {context, labels}, where labels are of one object. Users cannot replace the chart's labels. */}}
{{- define "gateway-name-webhook.labels" -}}
{{- $own := include "gateway-name-webhook.ownLabels" .context | fromYaml -}}
{{- toYaml (merge $own (.labels | default dict) .context.Values.commonLabels) -}}
{{- end -}}

{{/* metadata.labels and metadata.annotations of an object: {context, labels, annotations}. */}}
{{- define "gateway-name-webhook.metadata" -}}
labels:
  {{- include "gateway-name-webhook.labels" . | nindent 2 }}
{{- with merge (.annotations | default dict) .context.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* metadata.labels of the webhook's Pods, {context, component}, and of heal's Pods. */}}
{{- define "gateway-name-webhook.podLabels" -}}
{{- $selector := include "gateway-name-webhook.selectorLabels" . | fromYaml -}}
{{- include "gateway-name-webhook.labelsOfPods" (dict "context" .context "selector" $selector) -}}
{{- end -}}

{{- define "gateway-name-webhook.healPodLabels" -}}
{{- $selector := include "gateway-name-webhook.healSelectorLabels" . | fromYaml -}}
{{- include "gateway-name-webhook.labelsOfPods" (dict "context" . "selector" $selector) -}}
{{- end -}}

{{/* Disables Istio's sidecar: API servers call from outside the mesh, and a Job with a sidecar never completes. */}}
{{- define "gateway-name-webhook.noSidecar" -}}
sidecar.istio.io/inject: "false"
{{- end -}}

{{/* Without the chart version: a new chart alone must not replace Pods. */}}
{{- define "gateway-name-webhook.labelsOfPods" -}}
{{- $own := set .selector "app.kubernetes.io/version" .context.Chart.AppVersion -}}
{{- $own = merge $own (include "gateway-name-webhook.noSidecar" .context | fromYaml) -}}
{{- toYaml (merge $own .context.Values.podLabels .context.Values.commonLabels) -}}
{{- end -}}
