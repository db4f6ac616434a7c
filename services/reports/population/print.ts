import type { Context } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import type { Language } from '#platform/language.ts'
import { ages, sexes } from '../contract/population.ts'
import type { Block, PrintedDocument } from '../printing/printed-document.ts'
import type { Report } from './activity-report.ts'
import { type Words, words } from './words.ts'

const HIDDEN = '–'
const said = (count: number | undefined) => (count === undefined ? HIDDEN : String(count))

export function printed(
  report: Report,
  name: string,
  { config, now }: Pick<Context, 'config' | 'now'>,
  language: Language,
): PrintedDocument {
  const say = words[language]
  return {
    ...{
      id: newId(),
      language,
      title: say.title,
      version: 1,
      about: { name, facts: [{ term: say.month, value: report.month }] },
    },
    issued: { at: now(), zone: 'UTC', by: [new URL(config.PUBLIC_URL).host] },
    sections: [
      {
        heading: say.activity,
        blocks: [
          {
            kind: 'terms',
            terms: [
              { term: say.consultations, value: said(report.consultations) },
              { term: say.patients, value: said(report.patients) },
            ],
          },
        ],
      },
      { heading: say.groups, blocks: [groupsOf(report, say), { kind: 'paragraph', text: say.hidden }] },
      { heading: say.problems, blocks: [problemsOf(report, say)] },
    ],
  }
}

function groupsOf(report: Report, say: Words): Block {
  const countOf = (age: string, sex: string) =>
    said(report.groups.find((one) => one.age === age && one.sex === sex)?.patients)
  return {
    kind: 'table',
    columns: [say.age, ...sexes.map((sex) => say[sex]), say.all],
    rows: [
      ...ages.map((age, n) => [
        age === 'unknown' ? say.unknown : age,
        ...sexes.map((sex) => countOf(age, sex)),
        said(report.ages[n]?.patients),
      ]),
      [say.all, ...report.sexes.map(({ patients }) => said(patients)), said(report.patients)],
    ],
  }
}

const problemsOf = ({ problems }: Report, say: Words): Block =>
  problems.length === 0
    ? { kind: 'none', text: HIDDEN }
    : {
        kind: 'table',
        columns: [say.code, say.patients],
        rows: problems.map(({ system, code, patients }) => [`${code} (${system})`, String(patients)]),
      }
