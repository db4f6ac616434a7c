import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv, type ValidateFunction } from 'ajv'
import { k8s } from 'cdk8s-plus-33'
import ts from 'typescript'
import type { Thing } from '#infra/release/cluster/kubernetes.ts'
import { customResources } from './custom-resources.ts'

// The schema of each kind, from Kubernetes' own, which cdk8s keeps as type declarations. Unlike the API server this refuses fields that it does not know,
// so that a misspelt one is not merely ignored.

type Schema = Record<string, unknown>

const isKind = (value: unknown): value is { name: string; GVK: { apiVersion: string; kind: string } } =>
  typeof value === 'function' && 'GVK' in value

/** `apps/v1 Deployment` → `KubeDeployment`. */
const classes = new Map(
  Object.values(k8s as Record<string, unknown>)
    .filter(isKind)
    .map(({ name, GVK: { apiVersion, kind } }) => [`${apiVersion} ${kind}`, name]),
)

const either: Schema = { type: ['string', 'number'] }
/** What JSON has in place of a class. */
const NAMED: Record<string, Schema> = {
  IntOrString: either,
  Quantity: {
    anyOf: [{ type: 'number' }, { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$' }],
  },
  Date: { type: 'string' },
}

let declared: Map<string, ts.InterfaceDeclaration> | undefined

function declarations(): Map<string, ts.InterfaceDeclaration> {
  if (declared) return declared
  const path = createRequire(import.meta.url)
    .resolve('cdk8s-plus-33')
    .replace(/index\.js$/, 'imports/k8s.d.ts')
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest)
  declared = new Map(source.statements.filter(ts.isInterfaceDeclaration).map((one) => [one.name.text, one]))
  return declared
}

function schemaOf(type: ts.TypeNode, definitions: Schema): Schema {
  if (type.kind === ts.SyntaxKind.StringKeyword) return { type: 'string' }
  if (type.kind === ts.SyntaxKind.NumberKeyword) return { type: 'number' }
  if (type.kind === ts.SyntaxKind.BooleanKeyword) return { type: 'boolean' }
  if (type.kind === ts.SyntaxKind.AnyKeyword) return {}
  if (ts.isArrayTypeNode(type)) return { type: 'array', items: schemaOf(type.elementType, definitions) }
  if (ts.isTypeLiteralNode(type)) {
    const [index] = type.members.filter(ts.isIndexSignatureDeclaration)
    if (index) return { type: 'object', additionalProperties: schemaOf(index.type, definitions) }
  }
  if (ts.isTypeReferenceNode(type) && ts.isIdentifier(type.typeName)) return reference(type.typeName.text, definitions)
  throw new Error(`a declaration of a sort that this does not know: ${ts.SyntaxKind[type.kind]}`)
}

function reference(name: string, definitions: Schema): Schema {
  const known = NAMED[name]
  if (known) return known
  if (!definitions[name]) {
    const declaration = declarations().get(name)
    if (!declaration) return { type: 'string' } // an enumeration
    definitions[name] = {}
    definitions[name] = objectSchema(declaration, definitions)
  }
  return { $ref: `#/definitions/${name}` }
}

function objectSchema({ members }: ts.InterfaceDeclaration, definitions: Schema): Schema {
  const fields = members.filter(ts.isPropertySignature).map((field) => {
    const name = (field.name as ts.Identifier | ts.StringLiteral).text
    return { name, required: !field.questionToken, schema: schemaOf(field.type as ts.TypeNode, definitions) }
  })
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
    required: fields.filter(({ required }) => required).map(({ name }) => name),
  }
}

const validators = new Map<string, ValidateFunction>()

function validatorOf(type: string): ValidateFunction | undefined {
  const known = validators.get(type)
  if (known) return known
  const name = classes.get(type)
  const definitions: Schema = {}
  const custom = customResources[type]
  if (!name && !custom) return undefined
  const metadata = reference('ObjectMeta', definitions)
  const own = name
    ? objectSchema(declarations().get(`${name}Props`) as ts.InterfaceDeclaration, definitions)
    : { type: 'object', additionalProperties: false, properties: { metadata, spec: custom }, required: ['spec'] }
  const { properties, required } = own as { properties: Schema; required: string[] }
  const schema = {
    ...own,
    properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, ...properties },
    required: ['apiVersion', 'kind', 'metadata', ...required],
    definitions,
  }
  const validate = new Ajv({ allErrors: true, strict: false }).compile(schema)
  validators.set(type, validate)
  return validate
}

/** What is wrong with these objects; each line names the object and the field. */
export function schemaProblems(objects: readonly Thing[]): string[] {
  return objects.flatMap((object) => {
    const name = `${object.kind} ${object.metadata?.name}`
    const validate = validatorOf(`${object.apiVersion} ${object.kind}`)
    if (!validate) return [`${name}: nobody knows ${object.apiVersion} ${object.kind}`]
    if (validate(object)) return []
    return (validate.errors ?? []).map(({ instancePath, message, params }) => {
      const field = 'additionalProperty' in params ? ` '${params.additionalProperty}'` : ''
      return `${name}: ${instancePath || '/'} ${message}${field}`
    })
  })
}
