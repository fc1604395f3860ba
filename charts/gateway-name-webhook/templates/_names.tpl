{{/*
The name of all objects, one of a Service among them: at most 63 characters, which begin with a letter before Kubernetes
1.37. An alias of the chart, as a dependency, may have capital letters and underscores; it is .Chart.Name then.
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

{{/* The second Deployment and its Service, beside those that have the name of all objects: see _replicas.tpl. */}}
{{- define "gateway-name-webhook.twin" -}}
{{ regexReplaceAll "-+$" (trunc 58 (include "gateway-name-webhook.fullname" .)) "" }}-twin
{{- end -}}

{{- define "gateway-name-webhook.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "gateway-name-webhook.fullname" .) }}
{{- end -}}

{{/* The Secret of mode self. The webhook puts its CAs into it. */}}
{{- define "gateway-name-webhook.caSecret" -}}
{{ include "gateway-name-webhook.fullname" . }}-ca
{{- end -}}

{{/*
In mode provided the configuration has a name of its own. There the chart owns the caBundle, elsewhere the webhook or
cert-manager does: under one name, an upgrade from one mode to the other would be refused for the conflict over the
field, or, forced, be undone by a replica of before the upgrade that repairs what it takes for damage.
*/}}
{{- define "gateway-name-webhook.webhookConfiguration" -}}
{{ include "gateway-name-webhook.fullname" . }}{{ if eq .Values.certificates.mode "provided" }}-provided{{ end }}
{{- end -}}

{{/*
The names of the serving certificate, as JSON: the one by which API servers call first. Those of both Services are always
among them, so that a URL can be taken away again, or replicas be added, without a failed call: {context, namespace}.
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
