import { asking, of, plain, type Rows, readers } from './row.ts'

const holders = ['self', 'full'] as const
const note = { note: 'Asleep' }

export const careTasks: Record<string, Rows> = {
  listPatientCareTasks: asking(({ saba }) => ({ params: { id: saba } }), readers),
  listCareTasks: { ...plain, shows: { of: ({ givenTask }) => givenTask, to: ['full'] } },
  doCareTask: [of('careTask', ['self'], {}), of('givenTask', holders, {})],
  skipCareTask: [of('leftTask', ['self'], note), of('givenTask', holders, note)],
  undoCareTask: [of('careTask', ['self']), of('givenTask', holders)],
  readAdherence: of('plannedPlan', readers),
}
