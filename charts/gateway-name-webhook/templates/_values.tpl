{{- define "gateway-name-webhook.port.https" -}}
{{ .Values.ports.https | default 10250 | int }}
{{- end -}}

{{- define "gateway-name-webhook.port.metrics" -}}
{{ .Values.ports.metrics | default 8080 | int }}
{{- end -}}

{{- define "gateway-name-webhook.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ with .Values.image.digest }}@{{ . }}{{ end }}
{{- end -}}

{{/* Helm reads YAML 1.1, where `off` is false. */}}
{{- define "gateway-name-webhook.reverse" -}}
{{ .Values.rule.reverse | default "off" }}
{{- end -}}

{{/* Whether the webhook is enabled: true or empty. */}}
{{- define "gateway-name-webhook.hasWebhook" -}}
{{ if ne .Values.engine "policy" }}true{{ end }}
{{- end -}}

{{/* Whether the policies are enabled: true or empty. */}}
{{- define "gateway-name-webhook.hasPolicy" -}}
{{ if ne .Values.engine "webhook" }}true{{ end }}
{{- end -}}

{{/* Whether the webhook manages its own certificates, for which it calls the API server: true or empty. */}}
{{- define "gateway-name-webhook.isSelf" -}}
{{ if and (include "gateway-name-webhook.hasWebhook" .) (eq .Values.certificates.mode "self") }}true{{ end }}
{{- end -}}

{{/* Security contexts of all Pods: they meet the restricted Pod Security Standard. */}}
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

{{/* Egress of Pods that call the API server. */}}
{{- define "gateway-name-webhook.apiServerEgress" -}}
# KUBERNETES_SERVICE_HOST is usually an address, so no DNS. Policies apply to the API server's own port, not the Service's.
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
