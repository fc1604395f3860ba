{{/* What the schema cannot say, or cannot say readably. Included once, by the Deployment. */}}
{{- define "gateway-name-webhook.checkValues" -}}
{{- $certificates := .Values.certificates -}}
{{- if eq $certificates.mode "provided" -}}
{{- if not $certificates.provided.secretName -}}
{{- fail "certificates.mode is provided: certificates.provided.secretName must name a Secret with tls.crt and tls.key" -}}
{{- end -}}
{{- if not $certificates.provided.caBundle -}}
{{- fail "certificates.mode is provided: certificates.provided.caBundle must hold the CA of the certificate, as PEM" -}}
{{- end -}}
{{- if $certificates.names -}}
{{- fail "certificates.names is for the certificates that are made in the cluster: with certificates.mode provided, put the names into yours" -}}
{{- end -}}
{{- if or (not (hasPrefix "-----BEGIN CERTIFICATE-----" (trim $certificates.provided.caBundle))) (contains "PRIVATE KEY" $certificates.provided.caBundle) -}}
{{- fail "certificates.provided.caBundle must be PEM, begin with -----BEGIN CERTIFICATE-----, and hold no private key: it is public" -}}
{{- end -}}
{{- end -}}
{{- range $certificates.names -}}
{{- if not (regexMatch "^[0-9a-z:]([-.:0-9a-z]*[0-9a-z:])?$" .) -}}
{{- fail (printf "certificates.names has %q: expected a DNS name in lower case, or an IP address" .) -}}
{{- end -}}
{{- end -}}
{{- if and $certificates.certManager.issuerRef (not $certificates.certManager.issuerRef.name) -}}
{{- fail "certificates.certManager.issuerRef needs a name" -}}
{{- end -}}
{{- with .Values.webhook.clientConfig.url -}}
{{- if not (regexMatch "^https://([^/:?#@\\[\\]]+|\\[[0-9a-fA-F:.]+\\])(:[0-9]{1,5})?/[^?#]*$" .) -}}
{{- fail (printf "webhook.clientConfig.url is %q: expected https, a host and a path, no user, no query, such as https://webhook.example.com:30443/mutate" .) -}}
{{- end -}}
{{- end -}}
{{- if and (include "gateway-name-webhook.hasPolicy" .) (not (include "gateway-name-webhook.policyVersion" .)) -}}
{{- fail (printf "engine is %s: %s" .Values.engine (include "gateway-name-webhook.whyNoPolicies" .)) -}}
{{- end -}}
{{- if not (has "CREATE" .Values.webhook.operations) -}}
{{- fail "webhook.operations must hold CREATE, with or without UPDATE" -}}
{{- end -}}
{{- with .Values.fullnameOverride -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" .) -}}
{{- fail (printf "fullnameOverride is %q: expected lower-case letters, digits and dashes, a letter first and no dash last" .) -}}
{{- end -}}
{{- end -}}
{{- if .Values.hostNetwork -}}
{{- range $name, $what := dict "https" "admission reviews" "metrics" "metrics and probes" -}}
{{- $port := get $.Values.ports $name -}}
{{- if not $port -}}
{{- fail (printf "hostNetwork is true: ports.%s must be given, a port for %s that is free on every node" $name $what) -}}
{{- end -}}
{{- if eq (int $port) 10250 -}}
{{- fail (printf "hostNetwork is true: ports.%s cannot be 10250, the kubelet has it on every node" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if eq (include "gateway-name-webhook.port.https" .) (include "gateway-name-webhook.port.metrics" .) -}}
{{- fail (printf "ports.https and ports.metrics are both %s: they must differ" (include "gateway-name-webhook.port.https" .)) -}}
{{- end -}}
{{- end -}}

{{- define "gateway-name-webhook.port.https" -}}
{{ .Values.ports.https | default 10250 | int }}
{{- end -}}

{{- define "gateway-name-webhook.port.metrics" -}}
{{ .Values.ports.metrics | default 8080 | int }}
{{- end -}}

{{- define "gateway-name-webhook.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ with .Values.image.digest }}@{{ . }}{{ end }}
{{- end -}}

{{/* In YAML 1.1, which Helm reads, `off` is false. */}}
{{- define "gateway-name-webhook.reverse" -}}
{{ .Values.rule.reverse | default "off" }}
{{- end -}}

{{/* Whether the webhook is among the engines: true or empty. */}}
{{- define "gateway-name-webhook.hasWebhook" -}}
{{ if ne .Values.engine "policy" }}true{{ end }}
{{- end -}}

{{/* Whether the policies are among the engines: true or empty. */}}
{{- define "gateway-name-webhook.hasPolicy" -}}
{{ if ne .Values.engine "webhook" }}true{{ end }}
{{- end -}}

{{/* Whether the webhook keeps its certificates itself, and calls the API server for that: true or empty. */}}
{{- define "gateway-name-webhook.isSelf" -}}
{{ if and (include "gateway-name-webhook.hasWebhook" .) (eq .Values.certificates.mode "self") }}true{{ end }}
{{- end -}}

{{/* What every container of the chart may do: nothing that the restricted Pod Security Standard forbids. */}}
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

{{/* What NetworkPolicies allow to Pods that call the API server. */}}
{{- define "gateway-name-webhook.apiServerEgress" -}}
# The API server, by KUBERNETES_SERVICE_HOST: no DNS. Policies see the port of an API server, not of its Service.
- ports:
    {{- range .Values.networkPolicy.apiServerPorts }}
    - port: {{ . }}
      protocol: TCP
    {{- end }}
{{- end -}}
