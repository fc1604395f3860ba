{{/*
Name of all objects, including a Service: at most 63 characters, and before Kubernetes 1.37 it must start with a letter.
.Chart.Name can be the alias of a dependency, with uppercase letters and underscores.
*/}}
{{- define "gateway-name-webhook.fullname" -}}
{{- $name := .Values.fullnameOverride -}}
{{- if not $name -}}
{{- $name = ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) -}}
{{- end -}}
{{- $name = $name | lower | replace "." "-" | replace "_" "-" -}}
{{- if regexMatch "^[0-9]" $name -}}
{{- $name = printf "release-%s" $name -}}
{{- end -}}
{{- regexReplaceAll "-+$" (trunc 63 $name) "" -}}
{{- end -}}

{{/* Name of the second Deployment and its Service: see _replicas.tpl. */}}
{{- define "gateway-name-webhook.twin" -}}
{{ regexReplaceAll "-+$" (trunc 58 (include "gateway-name-webhook.fullname" .)) "" }}-twin
{{- end -}}

{{- define "gateway-name-webhook.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "gateway-name-webhook.fullname" .) }}
{{- end -}}

{{/* Secret of mode self, where the webhook stores its CAs. */}}
{{- define "gateway-name-webhook.caSecret" -}}
{{ include "gateway-name-webhook.fullname" . }}-ca
{{- end -}}

{{/*
In mode provided the configuration has a different name. There the chart owns the caBundle, in the other modes the webhook
or cert-manager does. With one name, an upgrade between modes would fail with a conflict over the field or, if forced, be
reverted by an old replica that repairs the caBundle.
*/}}
{{- define "gateway-name-webhook.webhookConfiguration" -}}
{{ include "gateway-name-webhook.fullname" . }}{{ if eq .Values.certificates.mode "provided" }}-provided{{ end }}
{{- end -}}

{{/*
Names in the serving certificate, as JSON: {context, namespace}. The name that API servers use comes first. Both Services are
always included, so that the URL can be removed, or replicas added, without a failed call.
*/}}
{{- define "gateway-name-webhook.names" -}}
{{- $names := list -}}
{{- with .context.Values.webhook.clientConfig.url -}}
{{- $host := regexReplaceAll "^https://(\\[[^\\]]*\\]|[^/:]+).*$" . "${1}" -}}
{{- $names = append $names ($host | trimPrefix "[" | trimSuffix "]" | lower) -}}
{{- end -}}
{{- range $service := list "fullname" "twin" -}}
{{- $names = append $names (printf "%s.%s.svc" (include (printf "gateway-name-webhook.%s" $service) $.context) $.namespace) -}}
{{- end -}}
{{- concat $names .context.Values.certificates.names | uniq | toJson -}}
{{- end -}}
