{{- define "gateway-name-webhook.tlsSecret" -}}
{{ include "gateway-name-webhook.fullname" . }}-tls
{{- end -}}

{{- define "gateway-name-webhook.caConfigMap" -}}
{{ include "gateway-name-webhook.fullname" . }}-ca-bundle
{{- end -}}

{{/* Mode provided: the PEM as it is registered and mounted. */}}
{{- define "gateway-name-webhook.caBundle" -}}
{{ trim .Values.certificates.provided.caBundle }}
{{ end -}}

{{/* The CAs whose clients are served. */}}
{{- define "gateway-name-webhook.clientCAConfigMap" -}}
{{ include "gateway-name-webhook.fullname" . }}-client-ca
{{- end -}}

{{/* The CA that the chart brings in mode cert-manager: the name of its Issuer, its Certificate and its Secret. */}}
{{- define "gateway-name-webhook.certManagerCA" -}}
{{ include "gateway-name-webhook.fullname" . }}-cert-manager-ca
{{- end -}}
