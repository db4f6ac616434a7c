import type { Invariant } from './invariant.ts'
import { areDistinct, below, has, list } from './members.ts'

// Of definitions: the page of each type, under Constraints.

const CHOSEN = 'choice open-choice decimal integer date dateTime time string quantity'.split(' ')
const MEASURED = 'boolean decimal integer string text url open-choice'.split(' ')

export const conformance: readonly Invariant[] = [
  {
    ...{ key: 'cpb-1', on: 'CapabilityStatement', says: 'rest, messaging or document must be there.' },
    holds: (it) => has(it, 'rest') || has(it, 'messaging') || has(it, 'document'),
  },
  {
    ...{ key: 'cpb-2', on: 'CapabilityStatement', says: 'a description, software or implementation must be there.' },
    holds: (it) => has(it, 'description') || has(it, 'software') || has(it, 'implementation'),
  },
  {
    ...{ key: 'cpb-14', on: 'CapabilityStatement', says: 'an instance has an implementation.' },
    holds: (it) => it.kind !== 'instance' || has(it, 'implementation'),
  },
  {
    ...{ key: 'cpb-15', on: 'CapabilityStatement', says: 'a capability has software, and no implementation.' },
    holds: (it) => it.kind !== 'capability' || (!has(it, 'implementation') && has(it, 'software')),
  },
  {
    ...{ key: 'cpb-16', on: 'CapabilityStatement', says: 'requirements have neither software nor implementation.' },
    holds: (it) => it.kind !== 'requirements' || (!has(it, 'implementation') && !has(it, 'software')),
  },
  {
    ...{ key: 'cpb-9', on: 'CapabilityStatement.rest', says: 'each type is there once.' },
    holds: (it) => areDistinct(list(it.resource).map(({ type }) => type)),
  },
  {
    ...{ key: 'cpb-12', on: 'CapabilityStatement.rest.resource', says: 'each search parameter is there once.' },
    holds: (it) => areDistinct(list(it.searchParam).map(({ name }) => name)),
  },
  {
    ...{ key: 'csd-1', on: 'CodeSystem', says: 'each code is there once.' },
    holds: (it) => areDistinct(below(it, 'concept').map(({ code }) => code)),
  },
  {
    ...{ key: 'opd-1', on: 'OperationDefinition.parameter', says: 'a type or parts must be there.' },
    holds: (it) => has(it, 'type') || has(it, 'part'),
  },
  {
    ...{ key: 'opd-2', on: 'OperationDefinition.parameter', says: 'only a string has a searchType.' },
    holds: (it) => !has(it, 'searchType') || it.type === 'string',
  },
  {
    ...{ key: 'opd-3', on: 'OperationDefinition.parameter', says: 'only a reference has a targetProfile.' },
    holds: (it) => !has(it, 'targetProfile') || it.type === 'Reference' || it.type === 'canonical',
  },
  {
    ...{ key: 'que-1', on: 'Questionnaire.item', says: 'a group has items, and a display none.' },
    holds: (it) => (it.type !== 'group' || has(it, 'item')) && (it.type !== 'display' || !has(it, 'item')),
  },
  {
    ...{ key: 'que-2', on: 'Questionnaire', says: 'each linkId is there once.' },
    holds: (it) => areDistinct(below(it, 'item').map(({ linkId }) => linkId)),
  },
  {
    ...{ key: 'que-3', on: 'Questionnaire.item', says: 'a display has no code.' },
    holds: (it) => it.type !== 'display' || !has(it, 'code'),
  },
  {
    ...{ key: 'que-4', on: 'Questionnaire.item', says: 'either answerOption or answerValueSet.' },
    holds: (it) => !has(it, 'answerOption') || !has(it, 'answerValueSet'),
  },
  {
    ...{ key: 'que-5', on: 'Questionnaire.item', says: 'an item of this type has no answers to choose from.' },
    holds: (it) => CHOSEN.includes(String(it.type)) || (!has(it, 'answerOption') && !has(it, 'answerValueSet')),
  },
  {
    ...{ key: 'que-6', on: 'Questionnaire.item', says: 'a display is neither required nor repeated.' },
    holds: (it) => it.type !== 'display' || (!has(it, 'required') && !has(it, 'repeats')),
  },
  {
    ...{ key: 'que-7', on: 'Questionnaire.item.enableWhen', says: 'whether there is an answer is true or false.' },
    holds: (it) => it.operator !== 'exists' || it.answerBoolean !== undefined,
  },
  {
    ...{ key: 'que-8', on: 'Questionnaire.item', says: 'a group or a display has no initial value.' },
    holds: (it) => (it.type !== 'group' && it.type !== 'display') || !has(it, 'initial'),
  },
  {
    ...{ key: 'que-9', on: 'Questionnaire.item', says: 'a display is not said to be readOnly.' },
    holds: (it) => it.type !== 'display' || !has(it, 'readOnly'),
  },
  {
    ...{ key: 'que-10', on: 'Questionnaire.item', says: 'an item of this type has no maxLength.' },
    holds: (it) => !has(it, 'maxLength') || MEASURED.includes(String(it.type)),
  },
  {
    ...{ key: 'que-11', on: 'Questionnaire.item', says: 'what is chosen at first is marked in answerOption.' },
    holds: (it) => !has(it, 'answerOption') || !has(it, 'initial'),
  },
  {
    ...{ key: 'que-12', on: 'Questionnaire.item', says: 'more than two conditions need an enableBehavior.' },
    holds: (it) => list(it.enableWhen).length <= 2 || has(it, 'enableBehavior'),
  },
  {
    ...{ key: 'que-13', on: 'Questionnaire.item', says: 'only what repeats has more than one initial value.' },
    holds: (it) => it.repeats === true || list(it.initial).length <= 1,
  },
  {
    ...{ key: 'spd-1', on: 'SearchParameter', says: 'an xpath needs its xpathUsage.' },
    holds: (it) => !has(it, 'xpath') || has(it, 'xpathUsage'),
  },
  {
    ...{ key: 'spd-2', on: 'SearchParameter', says: 'only a reference has a chain.' },
    holds: (it) => !has(it, 'chain') || it.type === 'reference',
  },
  {
    ...{ key: 'sdf-4', on: 'StructureDefinition', says: 'what is not abstract has a baseDefinition.' },
    holds: (it) => it.abstract === true || has(it, 'baseDefinition'),
  },
  {
    ...{ key: 'sdf-5', on: 'StructureDefinition', says: 'an extension says where it may be used.' },
    holds: (it) => it.type !== 'Extension' || it.derivation === 'specialization' || has(it, 'context'),
  },
  {
    ...{ key: 'sdf-6', on: 'StructureDefinition', says: 'a snapshot or a differential must be there.' },
    holds: (it) => has(it, 'snapshot') || has(it, 'differential'),
  },
  {
    ...{ key: 'vsd-1', on: 'ValueSet.compose.include', says: 'a valueSet or a system must be there.' },
    holds: (it) => has(it, 'valueSet') || has(it, 'system'),
  },
  {
    ...{ key: 'vsd-2', on: 'ValueSet.compose.include', says: 'concepts and filters need their system.' },
    holds: (it) => has(it, 'system') || (!has(it, 'concept') && !has(it, 'filter')),
  },
  {
    ...{ key: 'vsd-3', on: 'ValueSet.compose.include', says: 'either concepts or filters.' },
    holds: (it) => !has(it, 'concept') || !has(it, 'filter'),
  },
  {
    ...{ key: 'vsd-6', on: 'ValueSet.expansion.contains', says: 'a code or a display must be there.' },
    holds: (it) => has(it, 'code') || has(it, 'display'),
  },
  {
    ...{ key: 'vsd-9', on: 'ValueSet.expansion.contains', says: 'only what is abstract has no code.' },
    holds: (it) => has(it, 'code') || it.abstract === true,
  },
  {
    ...{ key: 'vsd-10', on: 'ValueSet.expansion.contains', says: 'a code needs its system.' },
    holds: (it) => !has(it, 'code') || has(it, 'system'),
  },
]
