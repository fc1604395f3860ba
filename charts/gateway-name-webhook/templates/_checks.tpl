{{/* Checks that the schema cannot express, or only with an unreadable message. Included once, by the Deployment. */}}
{{- define "gateway-name-webhook.checkValues" -}}
{{- if and (include "gateway-name-webhook.hasPolicy" .) (not (include "gateway-name-webhook.policyVersion" .)) -}}
{{- fail (printf "engine is %s: %s" .Values.engine (include "gateway-name-webhook.whyNoPolicies" .)) -}}
{{- end -}}
{{- if not (has "CREATE" .Values.webhook.operations) -}}
{{- fail "webhook.operations must include CREATE" -}}
{{- end -}}
{{- with .Values.fullnameOverride -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" .) -}}
{{- fail (printf "fullnameOverride is %q: must be lowercase letters, digits and dashes, start with a letter, and not end with a dash" .) -}}
{{- end -}}
{{- end -}}
{{- if include "gateway-name-webhook.hasWebhook" . -}}
{{- include "gateway-name-webhook.checkCertificates" . -}}
{{- include "gateway-name-webhook.checkPods" . -}}
{{- end -}}
{{- end -}}

{{- define "gateway-name-webhook.checkCertificates" -}}
{{- $certificates := .Values.certificates -}}
{{- with .Values.webhook.clientCA -}}
{{- if or (not (hasPrefix "-----BEGIN CERTIFICATE-----" (trim .))) (contains "PRIVATE KEY" .) -}}
{{- fail "webhook.clientCA must be PEM, start with -----BEGIN CERTIFICATE-----, and contain no private key: it is stored in a ConfigMap" -}}
{{- end -}}
{{- end -}}
{{- if eq $certificates.mode "provided" -}}
{{- if not $certificates.provided.secretName -}}
{{- fail "certificates.mode is provided: set certificates.provided.secretName to a Secret with tls.crt and tls.key" -}}
{{- end -}}
{{- if not $certificates.provided.caBundle -}}
{{- fail "certificates.mode is provided: set certificates.provided.caBundle to the CA of the certificate, as PEM" -}}
{{- end -}}
{{- if $certificates.names -}}
{{- fail "certificates.names is not supported with certificates.mode provided: add the names to your certificate" -}}
{{- end -}}
{{- if or (not (hasPrefix "-----BEGIN CERTIFICATE-----" (trim $certificates.provided.caBundle))) (contains "PRIVATE KEY" $certificates.provided.caBundle) -}}
{{- fail "certificates.provided.caBundle must be PEM, start with -----BEGIN CERTIFICATE-----, and contain no private key: it is public" -}}
{{- end -}}
{{- end -}}
{{- range $certificates.names -}}
{{- if not (regexMatch "^[0-9a-z:]([-.:0-9a-z]*[0-9a-z:])?$" .) -}}
{{- fail (printf "certificates.names contains %q: must be a lowercase DNS name or an IP address" .) -}}
{{- end -}}
{{- end -}}
{{- if and $certificates.certManager.issuerRef (not $certificates.certManager.issuerRef.name) -}}
{{- fail "certificates.certManager.issuerRef.name is required" -}}
{{- end -}}
{{- with .Values.webhook.clientConfig.url -}}
{{- if not (regexMatch "^https://([^/:?#@\\[\\]]+|\\[[0-9a-fA-F:.]+\\])(:[0-9]{1,5})?/[^?#]*$" .) -}}
{{- fail (printf "webhook.clientConfig.url is %q: must be an https URL with a host and a path, without user or query, such as https://webhook.example.com:30443/mutate" .) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "gateway-name-webhook.checkPods" -}}
{{- if .Values.hostNetwork -}}
{{- range $name, $what := dict "https" "admission reviews" "metrics" "metrics and probes" -}}
{{- $port := get $.Values.ports $name -}}
{{- if not $port -}}
{{- fail (printf "hostNetwork is true: set ports.%s, for %s, to a port that is free on every node" $name $what) -}}
{{- end -}}
{{- if eq (int $port) 10250 -}}
{{- fail (printf "hostNetwork is true: ports.%s must not be 10250, the port of the kubelet" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if eq (include "gateway-name-webhook.port.https" .) (include "gateway-name-webhook.port.metrics" .) -}}
{{- fail (printf "ports.https and ports.metrics must differ, and both are %s" (include "gateway-name-webhook.port.https" .)) -}}
{{- end -}}
{{- if lt (sub .Values.terminationGracePeriodSeconds 5) (int64 .Values.quietPeriodSeconds) -}}
{{- fail (printf "quietPeriodSeconds is %v: must be at most terminationGracePeriodSeconds - 5, which is %d" .Values.quietPeriodSeconds (sub .Values.terminationGracePeriodSeconds 5)) -}}
{{- end -}}
{{- if and .Values.priorityClassQuota (not .Values.priorityClassName) -}}
{{- fail "priorityClassQuota is true: set priorityClassName" -}}
{{- end -}}
{{- end -}}

{{/*
Values of chart 0.1 that were renamed in 0.2. The schema accepts them, because its error could not contain the new name.
`helm upgrade --reuse-values` sets them, too, and none of the new values.
*/}}
{{- define "gateway-name-webhook.checkRenamed" -}}
{{- range $old, $new := dict "labels" "commonLabels" "annotations" "commonAnnotations" -}}
{{- if hasKey $.Values $old -}}
{{- fail (printf "%s was renamed to %s in chart 0.2. If you did not set it: use --reset-then-reuse-values instead of --reuse-values" $old $new) -}}
{{- end -}}
{{- end -}}
{{- end -}}
