{{/* The webhook's command lines, as JSON. Nothing else of the chart knows its flags. */}}
{{- define "gateway-name-webhook.serveArguments" -}}
{{- $arguments := list
  "serve"
  (printf "--listen=:%s" (include "gateway-name-webhook.port.https" .))
  (printf "--metrics-listen=:%s" (include "gateway-name-webhook.port.metrics" .))
  (printf "--names=%s" (include "gateway-name-webhook.names" . | fromJsonArray | join ","))
  (printf "--reverse=%s" (include "gateway-name-webhook.reverse" .))
  (printf "--log-level=%s" .Values.logLevel)
  "--quiet-period=5"
  "--grace-period=25"
-}}
{{- if include "gateway-name-webhook.isSelf" . -}}
{{- $arguments = concat $arguments (list
  "--certificate-mode=self"
  (printf "--ca-secret=%s/%s" .Release.Namespace (include "gateway-name-webhook.caSecret" .))
  (printf "--webhook-configuration=%s" (include "gateway-name-webhook.webhookConfiguration" .))
) -}}
{{- else -}}
{{- $arguments = concat $arguments (list "--certificate-mode=files" "--certificates=/certificates") -}}
{{- end -}}
{{- toJson $arguments -}}
{{- end -}}

{{- define "gateway-name-webhook.verifyArguments" -}}
{{- list
  "verify"
  (printf "--namespace=%s" .Release.Namespace)
  (printf "--webhook-configuration=%s" (include "gateway-name-webhook.webhookConfiguration" .))
  | toJson -}}
{{- end -}}
