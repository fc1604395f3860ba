{{/*
The annotations of what `helm test` makes. All of it is gone afterwards, whether the test passed or not: Helm does not
take hooks along when it uninstalls. So the Pod's log is printed instead of kept.
*/}}
{{- define "gateway-name-webhook.testAnnotations" -}}
helm.sh/hook: test
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded,hook-failed
helm.sh/hook-output-log-policy: hook-succeeded,hook-failed
{{- end -}}

{{- define "gateway-name-webhook.test" -}}
{{ include "gateway-name-webhook.fullname" . }}-test
{{- end -}}
