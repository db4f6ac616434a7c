import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { definitionOf, type ElementDefinition, jsonName } from '#fhir/types/definitions.ts'
import { ownedTypes, passingTypes } from '#fhir/types/resource-types.ts'
import { validate } from '#fhir/validate.ts'
import { schemaAccepts } from '../fhir-r4.ts'
import { type LeastResource, leastResource, leastValue } from '../least-resource.ts'

// Each type against HL7's JSON schema, which is not ours: what it accepts and refuses, we do; and we say where. It cannot tell that a primitive is missing, that
// something is empty, or that anything but an object stands for one (it does not say that they are objects); there our word stands alone.

const types = [...ownedTypes, ...passingTypes]

interface Member {
  type: string
  element: ElementDefinition
  json: string
  one: unknown
}

/** Every element at the top of a type, in each of its types. */
function membersOf(type: string): Member[] {
  return (definitionOf(type)?.elements ?? []).flatMap((element) =>
    element.types.map((of) => ({ type: of, element, json: jsonName(element, of), one: leastValue(element, of) })),
  )
}

const asListed = ({ element, one }: Member, value = one) => (element.max > 1 ? [value] : value)

/** Other types of the same choice give way. */
function withMember(type: string, member: Member, value: unknown): LeastResource {
  const resource = leastResource(type)
  for (const of of member.element.types) delete resource[jsonName(member.element, of)]
  return { ...resource, [member.json]: value }
}

/** Rules about more than one element are told apart: the least resource with one element more may break them. */
const faultsOf = (resource: unknown) => validate(resource).filter(({ code }) => code !== 'invariant')

function refuses(resource: LeastResource, code: string, expression: string, bySchema = true) {
  const text = JSON.stringify(resource)
  assert.deepEqual(
    faultsOf(resource).map((issue) => [issue.code, ...issue.expression]),
    [[code, expression]],
    text,
  )
  if (bySchema) assert.ok(!schemaAccepts(resource), `HL7's schema accepts ${text}`)
}

/** Of which the schema says that it is a text, a number, true or false. */
const hasKind = ({ type }: Member) => /^[a-z]/.test(type) && type !== 'xhtml'

const isCode = ({ type, element }: Member) => type === 'code' && element.codes !== undefined

/** One test for a rule: a test for each type would be five hundred. */
function each(rule: string, holds: (type: string) => void): void {
  it(rule, () => {
    for (const type of types) holds(type)
  })
}

describe('a resource of each type', () => {
  each('is accepted with what must be there and no more', (type) => {
    assert.deepEqual(validate(leastResource(type)), [])
    assert.ok(schemaAccepts(leastResource(type)))
  })

  each('is accepted with each of its elements, in each of their types', (type) => {
    for (const member of membersOf(type)) {
      const resource = withMember(type, member, asListed(member))
      assert.deepEqual(faultsOf(resource), [], member.json)
      assert.ok(schemaAccepts(resource), `HL7's schema refuses ${JSON.stringify(resource)}`)
    }
  })

  each('is refused without each element that must be there', (type) => {
    for (const { element, type: of } of membersOf(type).filter(({ element }) => element.min > 0)) {
      const resource = leastResource(type)
      for (const of of element.types) delete resource[jsonName(element, of)]
      // The schema lets an extension stand for any primitive, and knows of no choice that must be made.
      const bySchema = /^[A-Z]/.test(of) && !element.isChoice
      refuses(resource, 'required', `${type}.${element.name}`, bySchema)
    }
  })

  each('is refused with an element that the type does not have', (type) => {
    refuses({ ...leastResource(type), notOfR4: 'x' }, 'structure', `${type}.notOfR4`)
  })

  each('is refused with a list for a single value, and a single value for a list', (type) => {
    for (const member of membersOf(type)) {
      const isList = member.element.max > 1
      const wrong = isList ? member.one : [member.one]
      const place = `${type}.${member.element.name}`
      refuses(withMember(type, member, wrong), 'structure', place, isList || hasKind(member))
    }
  })

  each('is refused with values of another kind', (type) => {
    for (const member of membersOf(type)) {
      const wrong = typeof member.one === 'string' ? 7 : 'seven'
      const at = member.element.max > 1 ? '[0]' : ''
      refuses(
        withMember(type, member, asListed(member, wrong)),
        'structure',
        `${type}.${member.element.name}${at}`,
        hasKind(member),
      )
    }
  })

  each('is refused with what is empty', (type) => {
    for (const member of membersOf(type)) {
      const { element, one } = member
      const place = `${type}.${element.name}`
      if (element.max > 1) refuses(withMember(type, member, []), 'structure', place, false)
      const at = element.max > 1 ? `${place}[0]` : place
      refuses(withMember(type, member, asListed(member, null)), 'structure', at, false)
      if (typeof one === 'string') refuses(withMember(type, member, asListed(member, '')), 'value', at, false)
      if (typeof one === 'object')
        assert.ok(
          faultsOf(withMember(type, member, asListed(member, {}))).some(({ expression }) =>
            expression[0]?.startsWith(at),
          ),
          at,
        )
    }
  })

  each('is accepted with each code of a value set, and refused with another', (type) => {
    for (const member of membersOf(type).filter(isCode)) {
      const at = member.element.max > 1 ? '[0]' : ''
      const resource = withMember(type, member, asListed(member, 'no-such-code'))
      // The schema lists only codes that one element alone is bound to.
      refuses(resource, 'code-invalid', `${type}.${member.element.name}${at}`, false)
      for (const code of member.element.codes?.values().flatMap((all) => all.values()) ?? [])
        assert.ok(schemaAccepts(withMember(type, member, asListed(member, code))), `HL7's schema refuses ${code}`)
    }
  })

  each('is refused with a part that has an element too many, and without what a part must have', (type) => {
    for (const member of membersOf(type).filter(({ type: of }) => of.startsWith(`${type}.`))) {
      const place = `${type}.${member.element.name}${member.element.max > 1 ? '[0]' : ''}`
      const part = member.one as object
      const more = withMember(type, member, asListed(member, { ...part, notOfR4: 'x' }))
      refuses(more, 'structure', `${place}.notOfR4`)
      for (const { element, json } of membersOf(member.type).filter(({ element }) => element.min > 0)) {
        const less = withMember(type, member, asListed(member, { ...part, id: 'a', [json]: undefined }))
        const faults = faultsOf(JSON.parse(JSON.stringify(less))).map(({ expression: [at] }) => at)
        if (!element.isChoice) assert.deepEqual(faults, [`${place}.${element.name}`])
      }
    }
  })
})

interface Structure {
  name: string
  derivation?: string
  snapshot?: { element: { path: string; type?: { code: string; targetProfile?: string[] }[] }[] }
}

/** HL7's own definitions, of the package hl7.fhir.r4.examples (CC0): what ours are made from is another. */
async function structures(): Promise<Structure[]> {
  const folder = fileURLToPath(new URL('./', import.meta.resolve('hl7.fhir.r4.examples/package.json')))
  const files = (await readdir(folder)).filter((file) => file.startsWith('StructureDefinition-'))
  const all = await Promise.all(files.map(async (file) => JSON.parse(await readFile(`${folder}/${file}`, 'utf8'))))
  return (all as Structure[]).filter(({ name, derivation }) => derivation === 'specialization' && definitionOf(name))
}

describe('what references lead to', () => {
  it('is what HL7 permits, in each element of each type', async () => {
    let count = 0
    for (const { snapshot } of await structures())
      for (const { path, type = [] } of snapshot?.element ?? []) {
        const at = path.lastIndexOf('.')
        const name = path.slice(at + 1).replace('[x]', '')
        const ours = definitionOf(path.slice(0, at))?.elements.find((one) => one.name === name)?.targets ?? []
        const profiles = type.flatMap(({ code, targetProfile = [] }) => (code === 'Reference' ? targetProfile : []))
        const targets = new Set(profiles.map((profile) => profile.split('/').at(-1)))
        assert.deepEqual(new Set(ours), targets.has('Resource') ? new Set() : targets, path)
        if (ours.length > 0) count++
      }
    assert.ok(count > 600, String(count))
  })
})
