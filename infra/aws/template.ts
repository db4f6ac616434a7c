/** A template of CloudFormation, as far as we look into it. */
export interface Template {
  Resources: Record<string, Resource>
  Outputs?: Record<string, { Value: unknown; Export?: { Name: string } }>
  Parameters?: Record<string, object>
}

export interface Resource {
  Type: string
  Properties?: Properties
  DeletionPolicy?: string
  DependsOn?: string | string[]
}

/** Of whatever shape: rules look for what they know, and complain of what they do not find. */
export type Properties = Record<string, unknown>

/** By the stack's short name, such as network. */
export type Templates = Record<string, Template>

export interface Found {
  /** `<stack>/<logical id>` */
  where: string
  properties: Properties
  deletionPolicy: string | undefined
}

/** All resources of these types, in all stacks. */
export function resources(templates: Templates, ...types: string[]): Found[] {
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources)
      .filter(([, { Type }]) => types.includes(Type))
      .map(([id, { Properties = {}, DeletionPolicy }]) => ({
        where: `${stack}/${id}`,
        properties: Properties,
        deletionPolicy: DeletionPolicy,
      })),
  )
}

/** What is at the end of a path of names, or undefined. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value)
}

export const listAt = (value: unknown, ...path: (string | number)[]): unknown[] => {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : found === undefined ? [] : [found]
}
