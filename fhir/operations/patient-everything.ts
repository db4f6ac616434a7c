import type { FaceOperation } from '#platform/fhir-face.ts'
import type { Interaction } from '../interactions/asked.ts'
import { nowhere } from '../interactions/read.ts'
import { COMPARTMENT } from '../store/change.ts'
import { maySeePatient } from '../store/everything.ts'
import { everythingOf } from './everything.ts'
import { everythingParameters } from './everything-parameters.ts'

/** hl7.org/fhir/R4/patient-operation-everything.html. The patient need not be kept here: whoever may see their record may ask for it. */
export const patientEverything: Interaction = (ctx, asked, face) =>
  everythingOf(ctx, asked, face, {
    itself: { type: 'Patient', id: asked.id },
    references: (type) => [`${type}.${COMPARTMENT}=${asked.id}`],
    async admit(seer, found) {
      if (!found && !(await maySeePatient(ctx.db, asked.id, seer))) throw nowhere()
    },
  })

export const patientEverythingDefinition: FaceOperation = {
  id: 'Patient-everything',
  name: 'Everything',
  description:
    'All that is kept here in the compartment of one patient and that whoever asks may see, of the types that the token lets them read.',
  ...{ affectsState: false, code: 'everything', resource: ['Patient'], type: false, instance: true },
  parameter: everythingParameters,
}
