{{/*
Annotations of the objects of `helm test`. Helm does not delete hooks on uninstall, so all of them are deleted after the test,
whatever its result, and the Pod's log is printed.
*/}}
{{- define "gateway-name-webhook.testAnnotations" -}}
helm.sh/hook: test
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded,hook-failed
helm.sh/hook-output-log-policy: hook-succeeded,hook-failed
{{- end -}}

{{- define "gateway-name-webhook.test" -}}
{{ include "gateway-name-webhook.fullname" . }}-test
{{- end -}}
