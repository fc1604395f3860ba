{{- define "gateway-name-webhook.port.https" -}}
{{ .Values.ports.https | default 10250 | int }}
{{- end -}}

{{- define "gateway-name-webhook.port.metrics" -}}
{{ .Values.ports.metrics | default 8080 | int }}
{{- end -}}

{{- define "gateway-name-webhook.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ with .Values.image.digest }}@{{ . }}{{ end }}
{{- end -}}

{{/* In YAML 1.1, which Helm reads, `off` is false. */}}
{{- define "gateway-name-webhook.reverse" -}}
{{ .Values.rule.reverse | default "off" }}
{{- end -}}

{{/* Whether the webhook is among the engines: true or empty. */}}
{{- define "gateway-name-webhook.hasWebhook" -}}
{{ if ne .Values.engine "policy" }}true{{ end }}
{{- end -}}

{{/* Whether the policies are among the engines: true or empty. */}}
{{- define "gateway-name-webhook.hasPolicy" -}}
{{ if ne .Values.engine "webhook" }}true{{ end }}
{{- end -}}

{{/* Whether the webhook keeps its certificates itself, and calls the API server for that: true or empty. */}}
{{- define "gateway-name-webhook.isSelf" -}}
{{ if and (include "gateway-name-webhook.hasWebhook" .) (eq .Values.certificates.mode "self") }}true{{ end }}
{{- end -}}

{{/* What every container of the chart may do: nothing that the restricted Pod Security Standard forbids. */}}
{{- define "gateway-name-webhook.podSecurityContext" -}}
runAsNonRoot: true
{{- with .Values.runAsUser }}
runAsUser: {{ int64 . }}
runAsGroup: {{ int64 . }}
fsGroup: {{ int64 . }}
{{- end }}
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "gateway-name-webhook.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* What NetworkPolicies allow to Pods that call the API server. */}}
{{- define "gateway-name-webhook.apiServerEgress" -}}
# The API server, by KUBERNETES_SERVICE_HOST, usually an address. Policies see the port of an API server, not of its Service.
- ports:
    {{- range .Values.networkPolicy.apiServerPorts }}
    - port: {{ . }}
      protocol: TCP
    {{- end }}
{{- if .Values.networkPolicy.dns }}
- ports:
    - { port: 53, protocol: UDP }
    - { port: 53, protocol: TCP }
{{- end }}
{{- end -}}
