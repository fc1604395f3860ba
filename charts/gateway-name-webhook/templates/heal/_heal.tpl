{{/* Whether heal is enabled: true or empty. */}}
{{- define "gateway-name-webhook.heals" -}}
{{ if .Values.heal.schedule }}true{{ end }}
{{- end -}}

{{/* Name of all objects of heal. A CronJob's name is limited to 52 characters, because its Jobs append to it. */}}
{{- define "gateway-name-webhook.heal" -}}
{{ include "gateway-name-webhook.fullname" . | trunc 47 | trimSuffix "-" }}-heal
{{- end -}}

{{/* Namespaces to heal, as JSON. Empty: all. */}}
{{- define "gateway-name-webhook.healNamespaces" -}}
{{- if .Values.heal.allNamespaces -}}
[]
{{- else -}}
{{- .Values.heal.namespaces | default (list .Release.Namespace) | toJson -}}
{{- end -}}
{{- end -}}

{{/* Valid schedules of a CronJob: minute, hour, day of month, month and day of week, or a name. */}}
{{- define "gateway-name-webhook.cronPattern" -}}
{{- $fields := list -}}
{{- range list
  "[0-5]?[0-9]"
  "[01]?[0-9]|2[0-3]"
  "0?[1-9]|[12][0-9]|3[01]"
  "0?[1-9]|1[0-2]|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
  "0?[0-6]|(?i:sun|mon|tue|wed|thu|fri|sat)"
-}}
{{- $value := printf "(%s)" . -}}
{{- $part := printf "([*?]|%s(-%s)?)(/0*[1-9][0-9]*)?" $value $value -}}
{{- $fields = append $fields (printf "%s(,%s)*" $part $part) -}}
{{- end -}}
^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|{{ join "[ \\t]+" $fields }})$
{{- end -}}

{{/* Checks that the schema cannot express, or only with an unreadable message. */}}
{{- define "gateway-name-webhook.checkHeal" -}}
{{- with .Values.heal.schedule -}}
{{- if not (regexMatch (include "gateway-name-webhook.cronPattern" $) .) -}}
{{- fail (printf "heal.schedule is %q: must be a cron schedule with five fields, such as */10 * * * *, or a name such as @hourly. Set a time zone in heal.timeZone" .) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.heal.allNamespaces .Values.heal.namespaces -}}
{{- fail "heal.allNamespaces and heal.namespaces are both set: set one of them" -}}
{{- end -}}
{{- end -}}

{{/* Selector of heal's Pods. Their component differs from the webhook's, so no Service and no PodDisruptionBudget selects them. */}}
{{- define "gateway-name-webhook.healSelectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: heal
{{- end -}}

{{/* Permissions that backfill needs, in one namespace or in all: the same that it prints if one is missing. */}}
{{- define "gateway-name-webhook.healRules" -}}
- apiGroups: [""]
  resources: [pods, services, serviceaccounts]
  verbs: [list, get, patch]
# A Pod that matches two budgets cannot be evicted.
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [list]
{{- end -}}

{{- define "gateway-name-webhook.healArguments" -}}
{{- $arguments := list "backfill" -}}
{{- if .Values.heal.allNamespaces -}}
{{- $arguments = append $arguments "--all-namespaces" -}}
{{- with include "gateway-name-webhook.healSelector" . -}}
{{- $arguments = append $arguments (printf "--namespace-selector=%s" .) -}}
{{- end -}}
{{- end -}}
{{- range .Values.heal.namespaces -}}
{{- $arguments = append $arguments (printf "--namespace=%s" .) -}}
{{- end -}}
{{- if .Values.heal.acceptPdbOverlap -}}
{{- $arguments = append $arguments "--accept-pdb-overlap" -}}
{{- end -}}
{{- concat $arguments (list
  (printf "--reverse=%s" (include "gateway-name-webhook.reverse" .))
  (printf "--qps=%v" .Values.heal.qps)
  "--output=log"
  (printf "--log-level=%s" .Values.logLevel)
  "--summary-file=/dev/termination-log"
) | toJson -}}
{{- end -}}

{{/*
webhook.namespaceSelector in the syntax of kubectl's -l, if heal covers all namespaces. Empty: no selector. Label keys and
values contain no characters that need quotes.
*/}}
{{- define "gateway-name-webhook.healSelector" -}}
{{- $requirements := list -}}
{{- if .Values.heal.allNamespaces -}}
{{- range $key, $value := .Values.webhook.namespaceSelector.matchLabels -}}
{{- $requirements = append $requirements (printf "%s=%s" $key $value) -}}
{{- end -}}
{{- range .Values.webhook.namespaceSelector.matchExpressions -}}
{{- if eq .operator "Exists" -}}
{{- $requirements = append $requirements .key -}}
{{- else if eq .operator "DoesNotExist" -}}
{{- $requirements = append $requirements (printf "!%s" .key) -}}
{{- else if has .operator (list "In" "NotIn") -}}
{{- $requirements = append $requirements (printf "%s %s (%s)" .key (lower .operator) (join "," .values)) -}}
{{- else -}}
{{- fail (printf "webhook.namespaceSelector has the operator %q: must be In, NotIn, Exists or DoesNotExist" .operator) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- join "," $requirements -}}
{{- end -}}
