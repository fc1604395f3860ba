{{/*
Command lines of the webhook, as JSON. No other template knows its flags. The kubelet expands $(POD_NAMESPACE), so a tool
that moves the objects to another namespace does not need to know the flags either.
*/}}
{{- define "gateway-name-webhook.serveArguments" -}}
{{- $arguments := list
  "serve"
  (printf "--listen=:%s" (include "gateway-name-webhook.port.https" .))
  (printf "--metrics-listen=:%s" (include "gateway-name-webhook.port.metrics" .))
  (printf "--names=%s" (include "gateway-name-webhook.names" (dict "context" . "namespace" "$(POD_NAMESPACE)") | fromJsonArray | join ","))
  (printf "--reverse=%s" (include "gateway-name-webhook.reverse" .))
  (printf "--log-level=%s" .Values.logLevel)
  (printf "--quiet-period=%v" .Values.quietPeriodSeconds)
  (printf "--grace-period=%d" (sub .Values.terminationGracePeriodSeconds 5))
-}}
{{- if include "gateway-name-webhook.isSelf" . -}}
{{- $arguments = concat $arguments (list
  "--certificate-mode=self"
  (printf "--ca-secret=$(POD_NAMESPACE)/%s" (include "gateway-name-webhook.caSecret" .))
  (printf "--webhook-configuration=%s" (include "gateway-name-webhook.webhookConfiguration" .))
) -}}
{{- else -}}
{{- $arguments = concat $arguments (list "--certificate-mode=files" "--certificates=/certificates") -}}
{{- end -}}
{{- if .Values.webhook.clientCA -}}
{{- $arguments = append $arguments "--client-ca=/client-ca/ca.crt" -}}
{{- end -}}
{{- toJson $arguments -}}
{{- end -}}

{{- define "gateway-name-webhook.verifyArguments" -}}
{{- list
  "doctor"
  "--only=call"
  (printf "--webhook-configuration=%s" (include "gateway-name-webhook.webhookConfiguration" .))
  | toJson -}}
{{- end -}}
