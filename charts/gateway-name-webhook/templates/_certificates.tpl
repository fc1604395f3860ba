{{- define "gateway-name-webhook.tlsSecret" -}}
{{ include "gateway-name-webhook.fullname" . }}-tls
{{- end -}}

{{- define "gateway-name-webhook.caConfigMap" -}}
{{ include "gateway-name-webhook.fullname" . }}-ca-bundle
{{- end -}}

{{/* Mode provided: the PEM that is registered and mounted. */}}
{{- define "gateway-name-webhook.caBundle" -}}
{{ trim .Values.certificates.provided.caBundle }}
{{ end -}}

{{/* CAs of the clients to accept. */}}
{{- define "gateway-name-webhook.clientCAConfigMap" -}}
{{ include "gateway-name-webhook.fullname" . }}-client-ca
{{- end -}}

{{/* The CA that the chart creates in mode cert-manager: name of its Issuer, Certificate and Secret. */}}
{{- define "gateway-name-webhook.certManagerCA" -}}
{{ include "gateway-name-webhook.fullname" . }}-cert-manager-ca
{{- end -}}
