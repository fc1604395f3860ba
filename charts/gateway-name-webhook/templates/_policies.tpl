{{- define "gateway-name-webhook.policyGroup" -}}admissionregistration.k8s.io{{- end -}}

{{/*
Version of MutatingAdmissionPolicy to render: the newest that the cluster serves, or none. Without a cluster
(`helm template`), Helm knows API groups but no kinds, not even Pods: then use v1, unless --api-versions has v1beta1.
*/}}
{{- define "gateway-name-webhook.policyVersion" -}}
{{- $served := .Capabilities.APIVersions -}}
{{- $group := include "gateway-name-webhook.policyGroup" . -}}
{{- if $served.Has (printf "%s/v1/MutatingAdmissionPolicy" $group) -}}
v1
{{- else if $served.Has (printf "%s/v1beta1/MutatingAdmissionPolicy" $group) -}}
v1beta1
{{- else if not ($served.Has "v1/Pod") -}}
v1
{{- end -}}
{{- end -}}

{{/* What to do if the cluster serves no version of it. */}}
{{- define "gateway-name-webhook.whyNoPolicies" -}}
{{- $version := .Capabilities.KubeVersion.Version -}}
{{- if semverCompare "<1.34.0-0" $version -}}
MutatingAdmissionPolicy needs Kubernetes 1.34 or newer, and the cluster runs {{ $version }}: set engine=webhook
{{- else if semverCompare "<1.36.0-0" $version -}}
Kubernetes {{ $version }} does not serve MutatingAdmissionPolicy by default: start the API server with --feature-gates=MutatingAdmissionPolicy=true and --runtime-config={{ include "gateway-name-webhook.policyGroup" . }}/v1beta1=true, or set engine=webhook
{{- else -}}
MutatingAdmissionPolicy is disabled in this cluster (Kubernetes {{ $version }} serves it by default): enable it, or set engine=webhook
{{- end -}}
{{- end -}}

{{/*
One MutatingAdmissionPolicy and its binding: {context, direction, has, lacks, managed}. It is the configuration's entry in
CEL. Every API default is written out.
*/}}
{{- define "gateway-name-webhook.policy" -}}
{{- $values := .context.Values -}}
{{- $name := printf "%s-%s" (include "gateway-name-webhook.fullname" .context) .direction -}}
{{- $apiVersion := printf "%s/%s" (include "gateway-name-webhook.policyGroup" .context) (include "gateway-name-webhook.policyVersion" .context) -}}
apiVersion: {{ $apiVersion }}
kind: MutatingAdmissionPolicy
metadata:
  name: {{ $name | quote }}
  {{- include "gateway-name-webhook.metadata" (dict "context" .context) | nindent 2 }}
spec:
  failurePolicy: {{ $values.webhook.failurePolicy }}
  matchConstraints:
    matchPolicy: Equivalent
    namespaceSelector: {{ toJson $values.webhook.namespaceSelector }}
    objectSelector:
      {{- include "gateway-name-webhook.objectSelector" . | nindent 6 }}
    resourceRules:
      - apiGroups: [""]
        apiVersions: [v1]
        operations: {{ toJson $values.webhook.operations }}
        resources: [serviceaccounts, pods, services]
        scope: Namespaced
  matchConditions:
    {{- include "gateway-name-webhook.matchConditions" . | nindent 4 }}
    # Other values are invalid, and the API server rejects the object; or empty, which names no Gateway.
    - name: value-is-usable
      expression: >-
        object.metadata.labels['{{ .has }}'].size() <= 63 &&
        object.metadata.labels['{{ .has }}'].matches('^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$')
  mutations:
    - patchType: JSONPatch
      jsonPatch:
        expression: >-
          [JSONPatch{
            op: "add",
            path: "/metadata/labels/" + jsonpatch.escapeKey("{{ .lacks }}"),
            value: object.metadata.labels["{{ .has }}"]
          }]
  # A second run has nothing to do: the object has both labels.
  reinvocationPolicy: Never
---
apiVersion: {{ $apiVersion }}
kind: MutatingAdmissionPolicyBinding
metadata:
  name: {{ $name | quote }}
  {{- include "gateway-name-webhook.metadata" (dict "context" .context) | nindent 2 }}
spec:
  policyName: {{ $name | quote }}
{{- end -}}
