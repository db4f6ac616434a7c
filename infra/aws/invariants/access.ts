import { at, listAt, resources, type Templates } from '../template.ts'
import type { Invariant } from './invariant.ts'

interface Statement {
  where: string
  statement: unknown
}

/** Of what roles may do, not of who may take them. */
function permissions(templates: Templates): Statement[] {
  const policies = resources(templates, 'AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy').flatMap(
    ({ where, properties }) =>
      listAt(properties, 'PolicyDocument', 'Statement').map((statement) => ({ where, statement })),
  )
  const inline = resources(templates, 'AWS::IAM::Role').flatMap(({ where, properties }) =>
    listAt(properties, 'Policies').flatMap((policy) =>
      listAt(policy, 'PolicyDocument', 'Statement').map((statement) => ({ where, statement })),
    ),
  )
  return [...policies, ...inline]
}

const trusts = (templates: Templates): Statement[] =>
  resources(templates, 'AWS::IAM::Role').flatMap(({ where, properties }) =>
    listAt(properties, 'AssumeRolePolicyDocument', 'Statement').map((statement) => ({ where, statement })),
  )

const actions = ({ statement }: Statement) => listAt(statement, 'Action').map(String)
const LOOKS = /:(BatchGet|Describe|Get|List|Validate)/

const noWildcards: Invariant = {
  name: 'no role may do everything, or everywhere',
  problems: (templates) =>
    permissions(templates).flatMap((each) => {
      const everywhere = listAt(each.statement, 'Resource').includes('*') && !at(each.statement, 'Condition')
      return [
        ...actions(each)
          .filter((action) => action.includes('*'))
          .map((action) => `${each.where}: may ${action}`),
        ...actions(each)
          .filter((action) => everywhere && !LOOKS.test(action))
          .map((action) => `${each.where}: may ${action} on anything`),
      ]
    }),
}

const BROAD = /policy\/(AdministratorAccess|PowerUserAccess|IAMFullAccess|\w+FullAccess)/
const noBroadPolicies: Invariant = {
  name: 'no role has a broad policy of AWS, but for the one that makes an ephemeral environment',
  problems: (templates, { pipeline }) =>
    resources(templates, 'AWS::IAM::Role').flatMap(({ where, properties }) => {
      const broad = BROAD.exec(JSON.stringify(properties.ManagedPolicyArns ?? []))?.[1]
      const permitted = pipeline.provisions && where.startsWith('ground/ProvisionRole') && broad === 'PowerUserAccess'
      return broad && !permitted ? [`${where}: has ${broad}`] : []
    }),
}

const exactSubjects: Invariant = {
  name: 'pipelines are believed for one subject exactly',
  problems: (templates) =>
    trusts(templates)
      .filter(({ statement }) => at(statement, 'Principal', 'Federated'))
      .flatMap(({ where, statement }) => {
        const equals = Object.entries((at(statement, 'Condition', 'StringEquals') ?? {}) as Record<string, unknown>)
        const exact = (ending: string) =>
          equals.some(([key, value]) => key.endsWith(ending) && typeof value === 'string' && !value.includes('*'))
        return exact(':sub') && exact(':aud') ? [] : [`${where}: trusts more than one subject`]
      }),
}

const nobodyElse: Invariant = {
  name: 'roles are taken by services and pipelines only',
  problems: (templates) =>
    trusts(templates)
      .filter(({ statement }) => !at(statement, 'Principal', 'Service') && !at(statement, 'Principal', 'Federated'))
      .map(({ where }) => `${where}: may be taken by an account`),
}

const podsByName: Invariant = {
  name: 'a role of pods is for one service account of one cluster',
  problems: (templates) =>
    trusts(templates)
      .filter(({ statement }) => at(statement, 'Principal', 'Service') === 'pods.eks.amazonaws.com')
      .filter(({ statement }) =>
        ['eks-cluster-arn', 'kubernetes-namespace', 'kubernetes-service-account'].some(
          (tag) => !at(statement, 'Condition', 'StringEquals', `aws:RequestTag/${tag}`),
        ),
      )
      .map(({ where }) => `${where}: is for any pod`),
}

export const accessInvariants: Invariant[] = [noWildcards, noBroadPolicies, exactSubjects, nobodyElse, podsByName]
