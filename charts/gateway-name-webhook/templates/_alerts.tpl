{{/* The label matchers of this release's own metrics: the ServiceMonitor names the job for the release. */}}
{{- define "gateway-name-webhook.series" -}}
job="{{ .Release.Name }}",namespace="{{ .Release.Namespace }}"
{{- end -}}

{{/*
How much a counter has grown in a window: {series, window}. A counter with labels is first seen with a value, not at
zero, and increase() takes that value for nothing: what was not there before the window counts in full. Before means at
any time in as long again: a scrape that failed at the window's start would make an old counter a new one.
*/}}
{{- define "gateway-name-webhook.growth" -}}
(({{ .series }} unless last_over_time({{ .series }}[{{ .window }}] offset {{ .window }})) or increase({{ .series }}[{{ .window }}]))
{{- end -}}

{{/*
Days that a certificate has left when renewing it is overdue, and when it is urgent, by mode: serving certificate and CA.
Each is well below what is left at the usual renewal, so that a late one does not alert.
*/}}
{{- define "gateway-name-webhook.daysLeft" -}}
{{- if eq .Values.certificates.mode "self" -}}
{{- /* Serving: lives 24 h, renewed with 8 h left, less a jitter. CA: lives 365 d, replaced with 122 d left. */ -}}
serving: { warning: 0.25, critical: 0.08 }
ca: { warning: 90, critical: 14 }
{{- else if eq .Values.certificates.mode "cert-manager" -}}
{{- /* Serving: lives 90 d, renewed with 30 d left. CA: lives 365 d, renewed with 122 d left, mounted up to 60 d later. */ -}}
serving: { warning: 21, critical: 3 }
ca: { warning: 45, critical: 7 }
{{- else -}}
serving: { warning: {{ .Values.monitoring.prometheusRule.providedDaysLeft }}, critical: 1 }
ca: { warning: {{ .Values.monitoring.prometheusRule.providedDaysLeft }}, critical: 1 }
{{- end -}}
{{- end -}}
