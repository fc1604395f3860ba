{{/* Label matchers for this release's own metrics: the ServiceMonitor names the job after the release. */}}
{{- define "gateway-name-webhook.series" -}}
job="{{ .Release.Name }}",namespace="{{ .Release.Namespace }}"
{{- end -}}

{{/*
How much a counter grew within a window: {series, window}. A counter with labels first appears with a value, not at zero,
and increase() ignores that value: a series that did not exist before the window counts in full. "Before" is another window
of the same length, because a failed scrape at the start of the window would make an old counter look new.
*/}}
{{- define "gateway-name-webhook.growth" -}}
(({{ .series }} unless last_over_time({{ .series }}[{{ .window }}] offset {{ .window }})) or increase({{ .series }}[{{ .window }}]))
{{- end -}}

{{/*
Days before expiry at which renewal is overdue (warning) or urgent (critical), by mode, for the serving certificate and the
CA. Each is well below the time left at a normal renewal, so a slightly late one does not alert.
*/}}
{{- define "gateway-name-webhook.daysLeft" -}}
{{- if eq .Values.certificates.mode "self" -}}
{{- /* Serving: valid 24 h, renewed 8 h before expiry, minus jitter. CA: valid 365 d, replaced 122 d before expiry. */ -}}
serving: { warning: 0.25, critical: 0.08 }
ca: { warning: 90, critical: 14 }
{{- else if eq .Values.certificates.mode "cert-manager" -}}
{{- /* Serving: valid 90 d, renewed 30 d before expiry. CA: valid 365 d, renewed 122 d before, mounted up to 60 d later. */ -}}
serving: { warning: 21, critical: 3 }
ca: { warning: 45, critical: 7 }
{{- else -}}
serving: { warning: {{ .Values.monitoring.prometheusRule.providedDaysLeft }}, critical: 1 }
ca: { warning: {{ .Values.monitoring.prometheusRule.providedDaysLeft }}, critical: 1 }
{{- end -}}
{{- end -}}
