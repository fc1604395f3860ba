{{/*
One MutatingAdmissionPolicy and its binding: {context, direction, has, lacks, managed}. It is the entry of the
configuration said in CEL. Every default of the API is written out.
*/}}
{{- define "gateway-name-webhook.policy" -}}
{{- $values := .context.Values -}}
{{- $name := printf "%s-%s" (include "gateway-name-webhook.fullname" .context) .direction -}}
apiVersion: admissionregistration.k8s.io/v1
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
    # The API server refuses the object for such a value; or it is empty, and names no Gateway.
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
  # The second time there would be nothing to do: the object has both labels then.
  reinvocationPolicy: Never
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata:
  name: {{ $name | quote }}
  {{- include "gateway-name-webhook.metadata" (dict "context" .context) | nindent 2 }}
spec:
  policyName: {{ $name | quote }}
{{- end -}}
