import type { Static } from 'typebox'
import { coreTypes } from '#fhir/documents/core.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { issueFhirHealthCards } from '../contract/sharing.ts'
import { issuedCards, wantedCards } from '../health-cards/issue-parameters.ts'
import type { ReportsTables } from '../tables.ts'
import { issue } from './issue-cards.ts'

type Body = Static<typeof issueFhirHealthCards.body>

const CLAIM = 'includeIdentityClaim'
/** What cards say of patients. */
const IDENTITY = ['Patient.name', 'Patient.birthDate']

export async function issueByFhir(
  ctx: Context<ReportsTables>,
  patient: string,
  body: Body,
): Promise<Static<typeof issueFhirHealthCards.response>> {
  const wanted = wantedCards(body)
  if (!wanted) throw refused('The parameters are not those of $health-cards-issue.', body, undefined)
  if (wanted.valueSets.length > 0) throw refused('Ask without a value set, and choose.', body, 'credentialValueSet')
  // A card that says of nobody that it is theirs is valid in anybody's hand.
  const { identityClaims } = wanted
  if (identityClaims.length > 0 && !IDENTITY.every((one) => identityClaims.includes(one)))
    throw refused(`A card says whose it is: ask for ${IDENTITY.join(' and ')}, or for neither.`, body, CLAIM)
  // What nobody here puts on cards there is none of, as the specification has it.
  if (!wanted.types.every((type) => coreTypes.includes(type))) return shown([])
  const { cards } = await issue(ctx, {
    ...{ patient, types: wanted.types, since: wanted.since === undefined ? undefined : new Date(wanted.since) },
  })
  // Of several types a card has to hold all.
  const ofAll = cards.filter(({ held }) => wanted.types.every((type) => held.some((one) => one.resourceType === type)))
  return shown(ofAll.map(({ jws }) => jws))
}

const shown = (cards: readonly string[]) => issuedCards(cards) as Static<typeof issueFhirHealthCards.response>

function refused(message: string, { parameter }: Body, name: string | undefined): Problem {
  const at = name === undefined ? 0 : parameter.findIndex((one) => one.name === name)
  return new Problem('business-rule', message, {
    errors: [{ pointer: `/body/parameter/${at}`, detail: 'is not what can be asked for' }],
  })
}
