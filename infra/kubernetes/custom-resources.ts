// The kinds that other people's controllers add, as far as they are used here; after the CustomResourceDefinitions of AWS Load Balancer Controller 2.8 and
// External Secrets 1.0.

type Schema = Record<string, unknown>

const text = { type: 'string', minLength: 1 }

const shape = (properties: Schema, optional: readonly string[] = []): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
})

/** Of `spec`, by API version and kind. */
export const customResources: Record<string, Schema> = {
  'elbv2.k8s.aws/v1beta1 TargetGroupBinding': shape({
    serviceRef: shape({ name: text, port: { type: ['integer', 'string'] } }),
    targetGroupARN: {
      type: 'string',
      pattern: '^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:targetgroup/',
    },
    targetType: { enum: ['ip', 'instance'] },
  }),
  'external-secrets.io/v1 SecretStore': shape({
    provider: shape({ aws: shape({ service: { enum: ['SecretsManager', 'ParameterStore'] }, region: text }) }),
  }),
  'external-secrets.io/v1 ExternalSecret': shape({
    refreshInterval: { type: 'string', pattern: '^[0-9]+[smh]$' },
    secretStoreRef: shape({ kind: { enum: ['SecretStore', 'ClusterSecretStore'] }, name: text }),
    target: shape({
      name: text,
      creationPolicy: { enum: ['Owner', 'Orphan', 'Merge', 'None'] },
      deletionPolicy: { enum: ['Delete', 'Merge', 'Retain'] },
    }),
    dataFrom: { type: 'array', minItems: 1, items: shape({ extract: shape({ key: text }) }) },
  }),
}
